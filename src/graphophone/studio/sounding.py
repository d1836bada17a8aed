"""From a patch to the graph that is heard: a plain one, which renders alike everywhere.

Bypass and amount are said with what every graph has. A bypassed node is a junction. A node
that is heard by an amount *a* stands beside a junction: *a* of the one and 1 - *a* of the other
meet in a third. This is a linear cross-fade of what the node gets and what it gives, which no
latency disturbs, as processors have none.
"""

import math
from dataclasses import replace

from graphophone.errors import GraphError
from graphophone.graph.model import Graph, Node
from graphophone.graph.rules import check
from graphophone.processors import ALL_SPECS
from graphophone.spec import GAIN
from graphophone.studio.board import Board, Cable
from graphophone.studio.patch import Patch

LEAST, MOST = 0.004, 0.996
"""Beyond these an amount is all or nothing: what is left would be 48 dB down."""


def sounding(patch: Patch) -> Graph:
    """Return the graph that a patch stands for.

    Raises:
        GraphError: Nothing would be heard, or a node cannot be bypassed, blended or soloed.
    """
    board = Board(patch.graph)
    if patch.solo is not None:
        _solo(board, patch.solo)
    prune(board)
    for name in [n for n in board.nodes if n in patch.bypassed]:
        _bypass(board, name)
    for name, amount in patch.amounts.items():
        if name in board.nodes and name not in patch.bypassed:
            _blend(board, name, amount)
    if patch.solo is None:
        _blend_all(board, patch.amount)
    prune(board)
    return check(board.graph(), ALL_SPECS)


def prune(board: Board) -> None:
    """Take away what lies loose: nodes without a cable that they need, or that lead nowhere.

    Raises:
        GraphError: Nothing is left.
    """
    while True:
        fed = {(c.target, c.inlet) for c in board.cables}
        heard = _heard(board)
        loose = [
            name
            for name, node in board.nodes.items()
            if name not in heard
            or any(
                i.required and (name, i.name) not in fed
                for i in ALL_SPECS[node.type].inlets
                if node.type in ALL_SPECS
            )
        ]
        out = {name for name, node in board.nodes.items() if node.type == "out"}
        if out & set(loose):
            raise GraphError("nothing would reach 'out': it has no cable at its inlet 'in'")
        if not loose:
            return
        for name in loose:
            board.take(name)


def blendable(node: Node) -> bool:
    """Whether a node can be bypassed and blended: one way in, one way out, both audio."""
    spec = ALL_SPECS[node.type]
    ways = [i for i in spec.audio_inlets if i.required]
    return (
        spec.group not in ("terminal", "control")
        and len(ways) == 1
        and len(spec.outlets) == 1
        and spec.outlets[0].signal == "audio"
    )


def _heard(board: Board) -> set[str]:
    """Return the nodes from which a way leads to ``out``."""
    heard = {name for name, node in board.nodes.items() if node.type == "out"}
    waiting = list(heard)
    while waiting:
        found = {c.source for c in board.into(waiting.pop())} - heard
        heard |= found
        waiting += found
    return heard


def _solo(board: Board, name: str) -> None:
    outlets = [o.name for o in ALL_SPECS[board.node(name).type].outlets if o.signal == "audio"]
    if board.nodes[name].type == "out":
        return
    if not outlets:
        raise GraphError(f"{name} makes a control signal, which cannot be heard alone")
    out = next(n for n, node in board.nodes.items() if node.type == "out")
    board.unplug(*board.into(out))
    for outlet in outlets:
        board.plug(Cable(name, outlet, out, "in"))


def _bypass(board: Board, name: str) -> None:
    node = board.nodes[name]
    if ALL_SPECS[node.type].group == "control":
        board.take(name)
        return
    if not blendable(node):
        raise GraphError(
            f"{name} {node.type} cannot be bypassed: only a node with one audio inlet and one "
            "audio outlet can"
        )
    board.unplug(*(c for c in board.into(name) if c.inlet != "in"))
    board.put(name, _junction(board))


def _blend(board: Board, name: str, amount: float) -> None:
    node = board.nodes[name]
    if not blendable(node):
        raise GraphError(
            f"{name} {node.type} has no amount: only a node with one audio inlet and one audio "
            "outlet has"
        )
    if amount >= MOST:
        return
    if amount <= LEAST:
        _bypass(board, name)
        return
    dry, meeting = board.fresh(f"{name}-dry"), board.fresh(f"{name}-blend")
    gone = board.out_of(name)
    board.unplug(*gone)
    board.put(meeting, _junction(board))
    board.cables += [replace(c, source=meeting) for c in gone]
    feeds = [replace(c, target=dry) for c in board.into(name, "in")]
    board.put(dry, _junction(board))
    board.cables += feeds
    outlet = ALL_SPECS[node.type].outlets[0].name
    _fade(board, Cable(name, outlet, meeting, "in"), amount)
    _fade(board, Cable(dry, "out", meeting, "in"), 1 - amount)


def _blend_all(board: Board, amount: float) -> None:
    if amount >= MOST:
        return
    out = next(n for n, node in board.nodes.items() if node.type == "out")
    dry, wet = board.fresh("all-dry"), board.fresh("all-wet")
    feeds = board.into(out)
    board.put(dry, _junction(board))
    board.put(wet, _junction(board))
    for name in [n for n, node in board.nodes.items() if node.type == "in"]:
        board.plug(Cable(name, "out", dry, "in"))
    board.unplug(*feeds)
    board.cables += [replace(c, target=wet) for c in feeds]
    if amount > LEAST:
        _fade(board, Cable(wet, "out", out, "in"), amount)
    _fade(board, Cable(dry, "out", out, "in"), 1 - amount)


def _fade(board: Board, cable: Cable, share: float) -> None:
    """Add a cable that carries a share of a signal, with a junction where it cannot say it."""
    gain = 20 * math.log10(share)
    if gain < GAIN.low:
        quiet = board.fresh(f"{cable.source}-quiet")
        board.put(quiet, _junction(board))
        board.plug(replace(cable, target=quiet, gain_db=GAIN.low))
        cable, gain = replace(cable, source=quiet, outlet="out"), gain - GAIN.low
    board.plug(replace(cable, gain_db=min(gain, 0.0)))


def _junction(board: Board) -> Node:
    return Node("mix", scale_db=0.0 if board.like.energy == "frozen" else None)
