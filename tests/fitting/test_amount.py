"""From bypass to full, as a whole and node by node."""

import pytest
import torch

from graphophone.errors import ParameterError
from graphophone.fitting.amount import with_amount
from graphophone.graph.model import Graph
from graphophone.graph.rules import violations
from graphophone.processors import ALL_SPECS
from graphophone.render.render import freeze, render
from tests.fitting.planted import RATE, chain, performance

DRY = performance(0.5)
GRAPH = freeze(
    chain("bell", "distortion", "mono_delay", "panning", bell_gain=12.0, panning_pan=0.5),
    {"voice": DRY},
    RATE,
)


def sound(graph: Graph) -> torch.Tensor:
    return render(graph, {"voice": DRY}, RATE)


def away(graph: Graph) -> float:
    return float((sound(graph) - DRY).norm() / DRY.norm())


def test_full_is_the_graph_and_nothing_is_the_dry_sound() -> None:
    assert with_amount(GRAPH, 1.0) == GRAPH
    torch.testing.assert_close(sound(with_amount(GRAPH, 0.0)), DRY, rtol=1e-4, atol=1e-6)


def test_more_is_more() -> None:
    """It begins near the dry sound, ends near the whole graph's, and grows on the way."""
    steps = [away(with_amount(GRAPH, share)) for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    assert steps == sorted(steps)
    assert steps[0] < 0.15
    near = sound(with_amount(GRAPH, 0.995)) - sound(GRAPH)
    assert float(near.norm() / sound(GRAPH).norm()) < 0.1


@pytest.mark.parametrize("node", range(1, 5))
def test_a_node_alone(node: int) -> None:
    none, some = with_amount(GRAPH, 0.0, [node]), with_amount(GRAPH, 0.5, [node])
    assert violations(none, ALL_SPECS) == violations(some, ALL_SPECS) == []
    type_ = GRAPH.nodes[node].type
    kinds = [n.type for n in none.nodes]
    if type_ in ("bell", "panning"):
        knob = {"bell": "gain", "panning": "pan"}[type_]
        whole, half = GRAPH.nodes[node].knobs[knob], next(n for n in some.nodes if n.type == type_)
        assert half.knobs[knob] == pytest.approx(whole / 2)
    else:
        assert type_ not in kinds
        assert "mix" in [n.type for n in some.nodes]


def test_a_crossfade_is_a_straight_line_between_both() -> None:
    graph = freeze(chain("distortion"), {"voice": DRY}, RATE)
    middle = with_amount(graph, 0.3)
    expected = 0.7 * DRY + 0.3 * sound(graph)
    torch.testing.assert_close(sound(middle), expected, rtol=1e-3, atol=1e-5)


def test_what_is_no_amount() -> None:
    with pytest.raises(ParameterError, match=r"amount must be in \[0, 1\], got 1.5"):
        with_amount(GRAPH, 1.5)
    with pytest.raises(ParameterError, match="there is no node 9, the graph has 6"):
        with_amount(GRAPH, 0.5, [9])
