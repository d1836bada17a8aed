"""Carry out an edit: from one patch to the next, checked by the rules that hold everywhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graphophone.errors import GraphError, ParameterError, UsageError
from graphophone.graph.fault import Violation, listing
from graphophone.graph.model import Edge, Graph, Node
from graphophone.graph.rules import suggestion, violations
from graphophone.graph.settings import is_scaled
from graphophone.processors import ALL_SPECS
from graphophone.spec import DEPTH, GAIN
from graphophone.studio import edits
from graphophone.studio.board import Board, Cable
from graphophone.studio.patch import Patch
from graphophone.studio.readings import Readings
from graphophone.studio.sounding import sounding

OPEN = ("inlets_are_fed", "every_node_is_connected")
"""Rules that a loose node may break until it is connected; it is not heard before."""
MOST_NODES = 200


class EditError(GraphError):
    """An edit that is refused, with the nodes and cables to point at."""

    def __init__(
        self, said: str, nodes: tuple[str, ...] = (), edges: tuple[Edge, ...] = ()
    ) -> None:
        super().__init__(said)
        self.nodes, self.edges = nodes, edges


def edited(patch: Patch, edit: edits.Edit, readings: Readings) -> Patch:
    """Return the patch after an edit.

    Raises:
        EditError: A rule would be broken; what is loose is no breach.
        GraphError: A node or cable is not there, or nothing would be heard.
        ParameterError: A knob is unknown or a value out of range.
        UsageError: There is no such reading or runner-up.
    """
    board = Board(patch.graph)
    match edit:
        case edits.Adopt():
            patch = readings.reading(edit.reading)
        case edits.Bypass():
            board.node(edit.node)
            off = patch.bypassed - {edit.node}
            patch = replace(patch, bypassed=off | {edit.node} if edit.on else off)
        case edits.Solo():
            if edit.node is not None:
                board.node(edit.node)
            patch = replace(patch, solo=edit.node)
        case edits.SetAmount(node=None):
            patch = replace(patch, amount=edit.amount)
        case edits.SetAmount():
            board.node(str(edit.node))
            patch = replace(patch, amounts={**patch.amounts, str(edit.node): edit.amount})
        case edits.Accept():
            names = [edit.node] if edit.node else [n for n in board.nodes if readings.knows(n)]
            agreed = {board.node(name).id: "accepted" for name in names}
            patch = replace(patch, decisions={**patch.decisions, **agreed})  # type: ignore[dict-item]
        case edits.Swap():
            _swap(board, edit.node, readings)
            decisions = {**patch.decisions, edit.node: "swapped"}
            patch = replace(patch, graph=board.graph(), decisions=decisions)
        case edits.Decline():
            _remove(board, edit)
            decisions = {**patch.decisions, edit.node: "declined"}
            patch = replace(patch, graph=board.graph(), decisions=decisions)
        case _:
            CHANGES[type(edit)](board, edit)
            patch = replace(patch, graph=board.graph())
    return checked(replace(patch.cleaned(), said=said(edit)))


def checked(patch: Patch) -> Patch:
    """Return a patch if it can be worked on and heard.

    Raises:
        EditError: A rule is broken; what is loose is no breach.
        GraphError: Nothing would be heard.
    """
    if broken := [v for v in violations(patch.graph, ALL_SPECS) if v.rule not in OPEN]:
        raise _refusal(patch.graph, broken)
    sounding(patch)
    return patch


def open_ends(graph: Graph) -> dict[str, list[str]]:
    """Return what is still missing at loose nodes, in sentences by node."""
    found: dict[str, list[str]] = {}
    for v in violations(graph, ALL_SPECS):
        for i in v.nodes:
            found.setdefault(graph.nodes[i].id, []).append(v.detail)
    return found


def said(edit: edits.Edit) -> str:
    """Say an edit in a few words, as the history shows it."""
    words = edit.op.replace("_", " ")
    match edit:
        case edits.Add():
            return f"add {edit.type}"
        case edits.SetKnob():
            return f"{edit.node} {edit.knob}"
        case edits.Rewire():
            return f"rewire {edit.cable.source}.{edit.cable.outlet}"
        case edits.Ends():
            return f"{words} {edit.source} -> {edit.target}"
        case edits.Adopt():
            return "start from nothing" if edit.reading is None else f"reading {edit.reading + 1}"
        case edits.SetAmount(node=None) | edits.Accept(node=None):
            return f"{words} of all" if edit.op == "set_amount" else "accept all"
        case edits.Solo(node=None):
            return "solo off"
        case edits.Bypass(on=False):
            return f"bypass off {edit.node}"
        case _:
            return f"{words} {edit.node}"


def _refusal(graph: Graph, broken: list[Violation]) -> EditError:
    nodes = tuple(dict.fromkeys(graph.nodes[i].id for v in broken for i in v.nodes))
    edges = tuple(dict.fromkeys(e for v in broken for e in v.edges))
    return EditError("; ".join(v.detail for v in broken), nodes, edges)


def _add(board: Board, edit: edits.Add) -> None:
    if edit.type not in ALL_SPECS:
        raise GraphError(f"unknown node type {edit.type!r}{suggestion(edit.type, ALL_SPECS)}")
    if len(board.nodes) >= MOST_NODES:
        raise GraphError(f"a graph in the studio may have {MOST_NODES} nodes, it has them already")
    spec = ALL_SPECS[edit.type]
    name = edit.id or board.fresh(edit.source or edit.type)
    if name in board.nodes:
        raise GraphError(f"there is a node {name!r} already")
    scaled = board.like.energy == "frozen" and is_scaled(spec)
    node = Node(
        edit.type,
        tuple(spec.defaults().items()),
        source=edit.source,
        scale_db=0.0 if scaled else None,
    )
    board.put(name, node)
    if edit.into is None:
        return
    cable = board.cable(edit.into.key)
    inlets = [i for i in spec.inlets if i.signal == "audio"]
    outlets = [o for o in spec.outlets if o.signal == "audio"]
    if not inlets or not outlets:
        raise GraphError(f"{edit.type} cannot be put into a cable: it has no audio in and out")
    board.change(cable, target=name, inlet=inlets[0].name)
    board.plug(Cable(name, outlets[0].name, cable.target, cable.inlet))


def _remove(board: Board, edit: edits.Remove | edits.Decline) -> None:
    node = board.node(edit.node)
    if node.type == "out":
        raise GraphError("'out' cannot be removed: the wet signal leaves there")
    main = next((i.name for i in ALL_SPECS[node.type].audio_inlets), None)
    feeds = board.into(edit.node, main) if main else []
    leads = [c for c in board.out_of(edit.node) if _carries_audio(board, c)]
    board.take(edit.node)
    if isinstance(edit, edits.Remove) and not edit.heal:
        return
    for feed in feeds:
        for lead in leads:
            joined = replace(
                lead,
                source=feed.source,
                outlet=feed.outlet,
                gain_db=GAIN.snap(feed.gain_db + lead.gain_db),
                invert=feed.invert != lead.invert,
            )
            if all(c.ends != joined.ends for c in board.cables):
                board.plug(joined)


def _connect(board: Board, edit: edits.Connect) -> None:
    board.node(edit.source), board.node(edit.target)
    board.plug(Cable(*edit.key))


def _disconnect(board: Board, edit: edits.Disconnect) -> None:
    board.unplug(board.cable(edit.key))


def _rewire(board: Board, edit: edits.Rewire) -> None:
    cable = board.cable(edit.cable.key)
    board.node(edit.to.source), board.node(edit.to.target)
    moved = Cable(*edit.to.key, cable.gain_db, cable.invert, cable.depth)
    if _carries_audio(board, moved) != _carries_audio(board, cable):
        moved = Cable(*edit.to.key)
    board.cables[board.cables.index(cable)] = moved


def _set_cable(board: Board, edit: edits.SetCable) -> None:
    cable = board.cable(edit.key)
    audio = _carries_audio(board, cable)
    changed = {
        "gain_db": edit.gain_db,
        "invert": edit.invert,
        "depth": edit.depth,
    }
    wrong = ("depth",) if audio else ("gain_db", "invert")
    for name in wrong:
        if changed[name] is not None:
            kind = "audio" if audio else "control"
            raise ParameterError(f"cable {cable} carries {kind} and has no {name}")
    if edit.gain_db is not None:
        GAIN.check(edit.gain_db, name="gain_db")
    if edit.depth is not None:
        DEPTH.check(edit.depth, name="depth")
    board.change(cable, **{name: v for name, v in changed.items() if v is not None})


def _set_knob(board: Board, edit: edits.SetKnob) -> None:
    node = board.node(edit.node)
    params = ALL_SPECS[node.type].params
    if edit.knob not in params:
        raise ParameterError(
            f"{edit.node} {node.type} has no knob {edit.knob!r} (it has {listing(params)})"
        )
    param = params[edit.knob]
    param.check(edit.value, name=f"{edit.node} {edit.knob}")
    value = param.snap(float(f"{edit.value:.6g}"))  # the digits that a file keeps
    board.put(edit.node, node.with_knobs({**node.knobs, edit.knob: value}))


def _swap(board: Board, name: str, readings: Readings) -> None:
    """Exchange a node's type and settings; cables stay where the other has such a port."""
    old, found = board.node(name), readings.runner_up(name)
    if found is None:
        raise UsageError(f"no other reading has something else in the place of {name}")
    other = found.node
    spec = ALL_SPECS[other.type]
    board.put(name, replace(old, type=other.type, params=other.params, scale_db=other.scale_db))
    for cable in board.into(name):
        if spec.inlet(cable.inlet) is None:
            board.unplug(cable)
    for cable in board.out_of(name):
        if spec.outlet(cable.outlet) is None:
            board.change(cable, outlet=spec.outlets[0].name)


def _carries_audio(board: Board, cable: Cable) -> bool:
    outlet = ALL_SPECS[board.nodes[cable.source].type].outlet(cable.outlet)
    return outlet is None or outlet.signal == "audio"


CHANGES: dict[type, Callable[[Board, Any], None]] = {
    edits.Add: _add,
    edits.Remove: _remove,
    edits.Connect: _connect,
    edits.Disconnect: _disconnect,
    edits.Rewire: _rewire,
    edits.SetCable: _set_cable,
    edits.SetKnob: _set_knob,
}
"""Edits that change the graph itself."""
