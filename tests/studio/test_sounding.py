"""What bypass, solo and amount mean, said with sound."""

from dataclasses import replace

import pytest
import torch

from graphophone.errors import GraphError
from graphophone.graph.model import Edge, Graph, Node
from graphophone.graph.rules import check
from graphophone.processors import ALL_SPECS
from graphophone.render.render import freeze, render
from graphophone.studio.patch import Patch
from graphophone.studio.readings import named
from graphophone.studio.sounding import blendable, sounding
from tests.studio.conftest import RATE, heard, noise

DRIVE, ECHO, PLATE = "n1", "n2", "n3"


@pytest.fixture(scope="module")
def patch() -> Patch:
    return Patch(freeze(named(heard()), {"voice": noise()}, RATE))


def sound(patch: Patch) -> torch.Tensor:
    return render(sounding(patch), {"voice": noise()}, RATE, as_is=True)


def without(graph: Graph, name: str) -> Graph:
    """The graph whose node is replaced by a junction, by hand."""
    junction = Node("mix", scale_db=0.0, id=name)
    nodes = [junction if n.id == name else n for n in graph.nodes]
    return graph.with_parts(nodes, graph.edges)


def test_a_patch_that_nothing_was_done_to_is_its_graph(patch: Patch) -> None:
    assert sounding(patch) == patch.graph


@pytest.mark.parametrize("name", [DRIVE, ECHO, PLATE])
def test_a_bypassed_node_passes_on_what_it_gets(patch: Patch, name: str) -> None:
    by_hand = render(without(patch.graph, name), {"voice": noise()}, RATE, as_is=True)
    torch.testing.assert_close(sound(replace(patch, bypassed=frozenset({name}))), by_hand)
    torch.testing.assert_close(sound(replace(patch, amounts={name: 0.0})), by_hand)


@pytest.mark.parametrize("amount", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_amount_is_a_linear_cross_fade(patch: Patch, amount: float) -> None:
    """The last node is blended, so what it gets and gives can be heard at the output."""
    wet = sound(patch)
    dry = sound(replace(patch, bypassed=frozenset({PLATE})))
    blended = sound(replace(patch, amounts={PLATE: amount}))
    torch.testing.assert_close(blended, amount * wet + (1 - amount) * dry, atol=2e-6, rtol=1e-4)


@pytest.mark.parametrize("amount", [0.0, 0.03, 0.5, 0.97, 1.0])
def test_amount_of_the_whole_is_too(patch: Patch, amount: float) -> None:
    blended = sound(replace(patch, amount=amount))
    expected = amount * sound(patch) + (1 - amount) * noise()
    torch.testing.assert_close(blended, expected, atol=2e-6, rtol=1e-4)


def test_solo_is_what_comes_out_of_a_node(patch: Patch) -> None:
    alone = sound(replace(patch, solo=DRIVE, amount=0.5))
    rest = frozenset({ECHO, PLATE})
    torch.testing.assert_close(alone, sound(replace(patch, bypassed=rest)))


def test_loose_nodes_are_not_heard(patch: Patch) -> None:
    graph = patch.graph
    loose = (
        *graph.nodes,
        Node("bell", tuple(ALL_SPECS["bell"].defaults().items()), None, 0.0, "a"),
        Node("midside_merge", (), None, 0.0, "b"),
    )
    merged = Edge(len(graph) + 1, 1)  # with nothing at its inlets
    joined = graph.with_parts(loose, (*graph.edges, merged))
    assert sounding(Patch(joined)) == graph


def test_bypassing_an_oscillator_leaves_its_knob_alone(patch: Patch) -> None:
    graph = patch.graph
    lfo = Node("mono_lfo", tuple(ALL_SPECS["mono_lfo"].defaults().items()), None, None, "lfo")
    low = Node("lowpass", tuple(ALL_SPECS["lowpass"].defaults().items()), None, 0.0, "low")
    last = next(e for e in graph.edges if e.target == graph.output)
    size = len(graph)
    edges = [e for e in graph.edges if e != last]
    edges += [
        replace(last, target=size),
        Edge(size, graph.output),
        Edge(size + 1, size, "lfo", "frequency", depth=0.5),
    ]
    if ALL_SPECS["lowpass"].inlet("frequency") is None:
        pytest.skip("a lowpass cannot be modulated")
    moved = check(graph.with_parts((*graph.nodes, low, lfo), edges), ALL_SPECS)
    still = sounding(Patch(moved, bypassed=frozenset({"lfo"})))
    assert [n.type for n in still.nodes].count("mono_lfo") == 0
    assert check(still, ALL_SPECS) is still


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bypassed": frozenset({"split"})}, "split crossover cannot be bypassed"),
        ({"amounts": {"split": 0.5}}, "split crossover has no amount"),
    ],
)
def test_what_has_two_ways_out_is_not_bypassed(patch: Patch, change: dict, said: str) -> None:
    graph = patch.graph
    split = Node("crossover", tuple(ALL_SPECS["crossover"].defaults().items()), None, 0.0, "split")
    last = next(e for e in graph.edges if e.target == graph.output)
    size = len(graph)
    ways = [Edge(size, graph.output, outlet) for outlet in ("low", "high")]
    edges = [e for e in graph.edges if e != last] + [replace(last, target=size), *ways]
    whole = Patch(graph.with_parts((*graph.nodes, split), edges))
    sounding(whole)
    assert not blendable(split)
    with pytest.raises(GraphError, match=said):
        sounding(replace(whole, **change))


def test_something_has_to_be_heard(patch: Patch) -> None:
    cut = [e for e in patch.graph.edges if e.target != patch.graph.output]
    with pytest.raises(GraphError, match="nothing would reach 'out'"):
        sounding(Patch(patch.graph.with_parts(patch.graph.nodes, cut)))


def test_a_control_signal_cannot_be_heard_alone(patch: Patch) -> None:
    lfo = Node("mono_lfo", tuple(ALL_SPECS["mono_lfo"].defaults().items()), None, None, "lfo")
    graph = patch.graph.with_parts((*patch.graph.nodes, lfo), patch.graph.edges)
    with pytest.raises(GraphError, match="lfo makes a control signal"):
        sounding(Patch(graph, solo="lfo"))
