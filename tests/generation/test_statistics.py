"""Figures of sets, against hand counts, closed forms and NumPy."""

from collections import Counter
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from graphophone.generation.prototype import draw_size, singing_prototype
from graphophone.generation.statistics import REFERENCE, Spread, Tally, statistics
from graphophone.graph.model import Edge, Graph, Node


def chain(*types: str, source: str = "voice") -> Graph:
    nodes = (Node("in", source=source), *map(Node, types), Node("out"))
    return Graph(nodes, tuple(Edge(i, i + 1) for i in range(len(nodes) - 1)))


def test_a_set_that_can_be_counted_by_hand() -> None:
    driven = chain("distortion", source="kick")
    found = statistics([chain(), driven, driven, driven])
    assert (found.graphs, found.nodes, found.edges, found.largest) == (4, 2.75, 1.75, 3)
    assert found.degree == pytest.approx((1 + 3 * 4 / 3) / 4)
    assert found.density == pytest.approx((1 / 2 + 3 * 2 / 6) / 4)
    assert found.spreads["diameter"].mean == found.spreads["depth"].mean == 1.75
    assert (found.small, found.empty) == (1.0, 0.25)
    assert found.types == {"in": 1.0, "out": 1.0, "distortion": 0.75}
    assert found.present == {"in": 1.0, "out": 1.0, "distortion": 0.75}
    assert found.sources == {"kick": 0.75, "voice": 0.25}
    assert found.processors[0] == 0
    assert found.processors[-1] == 1
    table = found.table()
    assert "| no processor | 25.0% |" in table
    assert "| distortion | 0.750 | 75.0% |" in table
    assert "| nodes | 2.75 | 2 | 2.3 | 3 | 3 | 3 | about 14 |" in table
    plain = found.to_json()
    assert plain["types"]["distortion"] == 0.75
    assert plain["spreads"]["nodes"]["deciles"][-1] == 3


def test_one_graph_is_its_own_spread() -> None:
    assert statistics([chain()]).processors == (0,) * 11


def test_a_type_that_stands_twice_counts_twice_but_is_present_once() -> None:
    found = statistics([chain("bell", "bell"), chain()])
    assert (found.types["bell"], found.present["bell"]) == (1.0, 0.5)


@pytest.mark.parametrize("seed", range(20))
def test_means_and_deciles_are_those_of_numpy(seed: int) -> None:
    rng = Random(f"spread {seed}")
    values = [Fraction(rng.randint(0, 9), rng.randint(1, 4)) for _ in range(rng.randint(1, 40))]
    spread = Spread.of(Counter(values))
    floats = np.array(list(map(float, values)))
    assert spread.mean == pytest.approx(floats.mean())
    np.testing.assert_allclose(spread.deciles, np.quantile(floats, np.linspace(0, 1, 11)))


def test_chains_have_the_figures_of_a_path() -> None:
    for count in (1, 5, 20):
        found = statistics([chain(*["bell"] * count)])
        nodes = count + 2
        assert found.degree == pytest.approx(2 * (nodes - 1) / nodes)
        assert found.density == pytest.approx(1 / nodes)
        assert found.spreads["diameter"].mean == found.spreads["depth"].mean == nodes - 1


def test_the_reference_is_that_of_a_graph_of_its_size() -> None:
    nodes, edges = REFERENCE["nodes"], REFERENCE["edges"]
    assert REFERENCE["degree"] == 2 * edges / nodes
    assert REFERENCE["density"] == edges / nodes / (nodes - 1)


def test_order_does_not_matter_and_memory_does_not_grow() -> None:
    rngs = [Random(f"statistics {seed}") for seed in range(25)]
    graphs = [singing_prototype(rng, "wide", draw_size(rng, "wide")).graph for rng in rngs]
    once, often = statistics(graphs), statistics([*graphs[::-1], *graphs, *graphs])
    assert once.types == pytest.approx(often.types)
    for name, spread in once.spreads.items():
        assert spread.mean == pytest.approx(often.spreads[name].mean)
    tally = Tally()
    sizes = []
    for _ in range(3):
        for graph in graphs:
            tally.add(graph)
        sizes.append([len(counts) for counts in tally._figures.values()])
    assert sizes[0] == sizes[1] == sizes[2]


def test_motifs_are_counted_where_they_are_told() -> None:
    tally = Tally()
    tally.add(chain(), ["echo", "echo", "space"])
    tally.add(chain(), [])
    tally.add(chain())
    found = tally.statistics()
    assert found.told == pytest.approx(2 / 3)
    assert found.motifs == {"echo": 1.0, "space": 0.5}
    assert "| echo | 1.000 |" in found.table()
    assert "motif" not in statistics([chain()]).table()
