"""Edits: each does what it says, breaks no rule, and can be undone."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter

from graphophone.errors import GraphError, ParameterError, UsageError
from graphophone.graph.model import Graph
from graphophone.graph.rules import check, violations
from graphophone.processors import ALL_SPECS
from graphophone.render.render import freeze
from graphophone.studio import edits
from graphophone.studio.editing import OPEN, EditError, edited, open_ends
from graphophone.studio.history import TOGETHER_SECONDS, History
from graphophone.studio.patch import Patch
from graphophone.studio.readings import Reading, Readings, named
from graphophone.studio.sounding import sounding
from tests.studio.conftest import RATE, also, heard, noise

EDIT: TypeAdapter[Any] = TypeAdapter(edits.Edit)
DRIVE, ECHO, PLATE = "n1", "n2", "n3"


def frozen(graph: Graph) -> Graph:
    return freeze(named(graph), {"voice": noise(0.2)}, RATE)


@pytest.fixture(scope="module")
def readings() -> Readings:
    graphs = [frozen(heard()), frozen(also())]
    sure = {"nodes": {node.id: 0.7 for node in graphs[0].nodes}}
    return Readings((Reading(graphs[0], 0.7, "a"), Reading(graphs[1], 0.3, "b")), sure)


@pytest.fixture
def patch(readings: Readings) -> Patch:
    return readings.reading(0)


@pytest.fixture
def do(readings: Readings) -> Callable[..., Patch]:
    return lambda patch, op, **fields: edited(
        patch, EDIT.validate_python({"op": op, **fields}), readings
    )


def types(graph: Graph) -> list[str]:
    """Types from 'in' to 'out' along a chain."""
    at, found = graph.inputs[0], []
    while True:
        found.append(graph.nodes[at].type)
        after = graph.outgoing(at)
        if not after:
            return found
        at = after[0].target


def test_insert_and_remove_are_inverse(patch: Patch, do: Callable[..., Patch]) -> None:
    more = do(patch, "add", type="bell", into={"source": DRIVE, "target": ECHO}, id="eq")
    assert types(more.graph)[1:4] == ["distortion", "bell", "pingpong_delay"]
    back = do(more, "remove", node="eq")
    assert back.graph == patch.graph


def test_levels_of_cables_are_joined_when_a_node_goes(
    patch: Patch, do: Callable[..., Patch]
) -> None:
    louder = do(patch, "set_cable", source=DRIVE, target=ECHO, gain_db=-4.0, invert=True)
    louder = do(louder, "set_cable", source=ECHO, target=PLATE, gain_db=-3.0, invert=True)
    joined = next(
        e
        for e in do(louder, "decline", node=ECHO).graph.edges
        if louder.graph.nodes[e.source].type == "distortion"
    )
    assert (joined.gain_db, joined.invert) == (-7.0, False)


def test_a_loose_node_waits_for_its_cables(patch: Patch, do: Callable[..., Patch]) -> None:
    loose = do(patch, "add", type="chorus", id="c")
    assert set(open_ends(loose.graph)) == {"c"}
    assert sounding(loose) == patch.graph
    fed = do(do(loose, "connect", source=DRIVE, target="c"), "connect", source="c", target=PLATE)
    assert open_ends(fed.graph) == {}
    assert len(sounding(fed)) == len(patch.graph) + 1


def test_rewire_takes_the_level_along(patch: Patch, do: Callable[..., Patch]) -> None:
    louder = do(patch, "set_cable", source=DRIVE, target=ECHO, gain_db=-4.0)
    ends = {"source": DRIVE, "target": ECHO}
    moved = do(louder, "rewire", cable=ends, to={"source": DRIVE, "target": PLATE})
    edge = next(e for e in moved.graph.edges if moved.graph.nodes[e.source].id == DRIVE)
    assert (moved.graph.nodes[edge.target].id, edge.gain_db) == (PLATE, -4.0)
    assert set(open_ends(moved.graph)) == {ECHO}


def test_the_runner_up_takes_the_place(patch: Patch, do: Callable[..., Patch]) -> None:
    swapped = do(patch, "swap", node=DRIVE)
    assert types(swapped.graph) == types(also())
    assert swapped.decisions == {DRIVE: "swapped"}
    with pytest.raises(UsageError, match=f"nothing|something else in the place of {ECHO}"):
        do(patch, "swap", node=ECHO)


def test_readings_are_adopted(patch: Patch, do: Callable[..., Patch], readings: Readings) -> None:
    other = do(do(patch, "bypass", node=DRIVE), "adopt", reading=1)
    assert (other.graph, other.bypassed) == (readings.readings[1].graph, frozenset())
    assert types(do(patch, "adopt", reading=None).graph) == ["in", "out"]
    with pytest.raises(UsageError, match="there are 2 readings, got 9"):
        do(patch, "adopt", reading=8)


def test_what_is_declined_is_remembered_until_its_name_is_used_again(
    patch: Patch, do: Callable[..., Patch]
) -> None:
    without = do(patch, "decline", node=PLATE)
    assert without.decisions == {PLATE: "declined"}
    assert PLATE not in [n.id for n in without.graph.nodes]
    assert Patch.from_json(without.to_json()).decisions == without.decisions
    assert do(without, "add", type="bell", id=PLATE).decisions == {}


def test_accepting(patch: Patch, do: Callable[..., Patch]) -> None:
    assert do(patch, "accept", node=DRIVE).decisions == {DRIVE: "accepted"}
    assert set(do(patch, "accept").decisions) == {node.id for node in patch.graph.nodes}


@pytest.mark.parametrize(
    ("edit", "error", "said"),
    [
        ({"op": "connect", "source": PLATE, "target": DRIVE}, EditError, "the graph has a cycle"),
        ({"op": "connect", "source": DRIVE, "target": ECHO}, EditError, "may be there once"),
        ({"op": "connect", "source": DRIVE, "target": "x"}, GraphError, "there is no node 'x'"),
        (
            {"op": "connect", "source": DRIVE, "outlet": "y", "target": PLATE},
            EditError,
            "has no outlet 'y'",
        ),
        ({"op": "disconnect", "source": DRIVE, "target": PLATE}, GraphError, "there is no cable"),
        ({"op": "add", "type": "lowpas"}, GraphError, "did you mean 'lowpass'"),
        ({"op": "add", "type": "bell", "id": DRIVE}, GraphError, "there is a node 'n1' already"),
        ({"op": "add", "type": "out"}, EditError, "exactly one 'out'"),
        ({"op": "add", "type": "in", "source": "voice"}, EditError, "may enter once"),
        (
            {"op": "add", "type": "mono_lfo", "into": {"source": DRIVE, "target": ECHO}},
            GraphError,
            "cannot be put into a cable",
        ),
        ({"op": "set_knob", "node": DRIVE, "knob": "x", "value": 1}, ParameterError, "no knob 'x'"),
        (
            {"op": "set_knob", "node": DRIVE, "knob": "gain", "value": 999},
            ParameterError,
            "n1 gain must be in",
        ),
        (
            {"op": "set_cable", "source": DRIVE, "target": ECHO, "gain_db": 99},
            ParameterError,
            "gain_db must be in",
        ),
        (
            {"op": "set_cable", "source": DRIVE, "target": ECHO, "depth": 0.5},
            ParameterError,
            "carries audio and has no depth",
        ),
        ({"op": "bypass", "node": "x"}, GraphError, "there is no node 'x'"),
        ({"op": "bypass", "node": "n0"}, GraphError, "in cannot be bypassed"),
        ({"op": "disconnect", "source": PLATE, "target": "n4"}, GraphError, "nothing would reach"),
    ],
)
def test_what_breaks_a_rule_is_refused(
    patch: Patch, readings: Readings, edit: dict[str, Any], error: type[Exception], said: str
) -> None:
    ends = {node.type: node.id for node in patch.graph.nodes}
    if edit.get("target") == "n4":
        edit = {**edit, "target": ends["out"]}
    if edit.get("node") == "n0":
        edit = {**edit, "node": ends["in"]}
    with pytest.raises(error, match=said):
        edited(patch, EDIT.validate_python(edit), readings)


def test_a_refusal_points_at_nodes(patch: Patch, do: Callable[..., Patch]) -> None:
    with pytest.raises(EditError) as caught:
        do(patch, "connect", source=PLATE, target=DRIVE)
    assert set(caught.value.nodes) == {DRIVE, ECHO, PLATE}


def draw(rng: Random, patch: Patch) -> dict[str, Any]:
    """Draw an edit that may or may not be legal."""
    ids = [node.id for node in patch.graph.nodes]
    kinds = sorted(ALL_SPECS)
    node = rng.choice(ids)
    spec = ALL_SPECS[next(n.type for n in patch.graph.nodes if n.id == node)]
    cable = rng.choice(patch.graph.edges) if patch.graph.edges else None
    ends = {"source": node, "target": rng.choice(ids)}
    if cable is not None and rng.random() < 0.6:
        ends = {
            "source": ids[cable.source],
            "outlet": cable.outlet,
            "target": ids[cable.target],
            "inlet": cable.inlet,
        }
    choices: list[dict[str, Any]] = [
        {"op": "add", "type": rng.choice(kinds), "into": rng.choice([None, ends])},
        {"op": "remove", "node": node, "heal": rng.random() < 0.5},
        {"op": "connect", **ends, "target": rng.choice(ids)},
        {"op": "disconnect", **ends},
        {"op": "rewire", "cable": ends, "to": {**ends, "target": rng.choice(ids)}},
        {"op": "bypass", "node": node, "on": rng.random() < 0.7},
        {"op": "solo", "node": rng.choice([node, None])},
        {"op": "set_amount", "node": rng.choice([node, None]), "amount": rng.random()},
        {"op": "swap", "node": node},
        {"op": "adopt", "reading": rng.choice([0, 1, None])},
    ]
    if spec.params:
        knob = rng.choice(sorted(spec.params))
        value = spec.params[knob].draw(rng)
        choices.append({"op": "set_knob", "node": node, "knob": knob, "value": value})
    return rng.choice(choices)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_breaks_no_rule_and_can_be_undone(seed: int, readings: Readings) -> None:
    rng = Random(f"edits {seed}")
    start = readings.reading(0)
    history, done = History(start), 0
    for clock in range(60):
        edit = EDIT.validate_python(draw(rng, history.patch))
        try:
            patch = edited(history.patch, edit, readings)
        except (GraphError, ParameterError, UsageError):
            continue
        history.go(patch, edits.gesture(edit), 10.0 * clock)
        done += 1
        check(sounding(patch), ALL_SPECS)
        assert {v.rule for v in violations(patch.graph, ALL_SPECS)} <= set(OPEN)
        again = Patch.from_json(patch.to_json())
        assert again.to_json() == patch.to_json()
    assert done > 10
    last = history.patch
    while history.past:
        history.undo()
    assert history.patch == start
    while history.future:
        history.redo()
    assert history.patch == last


def test_turns_of_one_knob_are_one_step_back(patch: Patch, do: Callable[..., Patch]) -> None:
    history = History(patch)
    for k, gain in enumerate((10.0, 11.0, 12.0)):
        turned = do(history.patch, "set_knob", node=DRIVE, knob="gain", value=gain)
        history.go(turned, "knob", 0.5 * k * TOGETHER_SECONDS)
    assert len(history.past) == 1
    history.go(do(history.patch, "bypass", node=DRIVE), None, 2.0)
    history.undo()
    history.undo()
    assert history.patch == patch
    with pytest.raises(UsageError, match="nothing to undo"):
        history.undo()
    history.redo()
    history.redo()
    with pytest.raises(UsageError, match="nothing to redo"):
        history.redo()
