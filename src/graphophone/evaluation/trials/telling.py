"""What an estimate got wrong, node by node, and in a sentence."""

from collections import Counter
from collections.abc import Sequence

from graphophone.evaluation.trials.trial import Marks
from graphophone.graph.compare import match_nodes, node_iou, same_structure
from graphophone.graph.model import Graph
from graphophone.graph.order import segments
from graphophone.processors import SPECS

STRUCTURE = ("in", "out", "mix")
"""Ends and joins: what every graph has, and what follows from how the rest is wired."""
Part = tuple[str, str]


def effects(graph: Graph, *, by_track: bool) -> list[Part | None]:
    """Name each node by its track and its type; nothing for ends and joins."""
    segment = segments(graph, SPECS) if by_track else (0,) * len(graph)
    names = {segment[i]: graph.nodes[i].source or "" for i in graph.inputs if by_track} | {0: ""}
    return [
        None if node.type in STRUCTURE else (names[segment[i]], node.type)
        for i, node in enumerate(graph.nodes)
    ]


def marks(truth: Graph, estimate: Graph, sure: Sequence[float], *, by_track: bool) -> Marks:
    """Say of each effect of an estimate how sure it was, and whether the true graph has it too.

    A type that the estimate has more often than the truth is right as often as the truth has it,
    the surest first.

    Args:
        truth: The true graph.
        estimate: What was estimated.
        sure: Confidence in each node of the estimate.
        by_track: Whether an effect has to be in the right track, as for drums.
    """
    left = Counter(part for part in effects(truth, by_track=by_track) if part)
    said = effects(estimate, by_track=by_track)
    found = []
    for i in sorted(range(len(said)), key=lambda i: (-sure[i], i)):
        if (part := said[i]) is not None:
            right = left[part] > 0
            left[part] -= right
            found.append((float(sure[i]), right))
    return tuple(found)


def unpaired(a: Graph, b: Graph) -> tuple[list[int], list[int]]:
    """Return the nodes that each of two graphs has and the other has not."""
    pairs = match_nodes(a, b)
    ours, theirs = {i for i, _ in pairs}, {j for _, j in pairs}
    return (
        [i for i in range(len(a)) if i not in ours],
        [j for j in range(len(b)) if j not in theirs],
    )


def order_only(truth: Graph, estimate: Graph) -> bool:
    """Whether two graphs have the same types of nodes, wired otherwise."""
    return node_iou(truth, estimate) == 1 and not same_structure(truth, estimate, SPECS)


def explained(truth: Graph, estimate: Graph, sure: Sequence[float] = ()) -> str:
    """Say in a sentence what an estimate missed, and what it has that is not there."""
    missed, added = unpaired(truth, estimate)
    said = []
    if missed:
        said.append("missed: " + ", ".join(_name(truth, i) for i in missed))
    if added:
        shares = (f" ({sure[i]:.0%} sure)" if sure else "" for i in added)
        names = (_name(estimate, i) for i in added)
        said.append("not there: " + ", ".join(n + s for n, s in zip(names, shares, strict=True)))
    if not said:
        same = same_structure(truth, estimate, SPECS)
        said.append("all types are right, the settings are not" if same else
                    "all types are right, but wired otherwise")  # fmt: skip
    text = "; ".join(said)
    return text[:1].upper() + text[1:] + "."


def _name(graph: Graph, i: int) -> str:
    return graph.nodes[i].kind.replace("_", " ")
