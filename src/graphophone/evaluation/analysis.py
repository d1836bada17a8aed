"""What kinds of errors there are: the analyses of section 4.3 of the paper.

"The majority of the errors come from either (i) the wrong order of processors [...] or (ii) some
processors which destroy the signal and make preceding processors harder to notice". The paper
counts neither; here both are counted, each beside what there would be if it meant nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from graphophone.codec.tokens import NODE, Token, Tokens, Vocabulary
from graphophone.evaluation.prototype import Said, said_nodes
from graphophone.evaluation.tally import Tally
from graphophone.graph.canonical import canonical, prototype
from graphophone.graph.compare import iou_by_segment, node_iou
from graphophone.graph.model import Graph, Node
from graphophone.graph.order import decoding_order, segments, topological
from graphophone.processors import SPECS

ANALYSES: Final = (
    "order_only",
    "order_only_free",
    "before_destructive",
    "nodes_before_destructive",
)
"""Names of all shares that :func:`analyses` counts."""

DESTRUCTIVE: Final[Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {
        "bitcrush": ("bit", False),
        "distortion": ("gain", True),
        "mono_reverb": ("mix", True),
        "stereo_reverb": ("mix", True),
    }
)
"""What destroys a signal: a type, its knob, and whether the upper half of its travel does or the
lower. The paper names the bitcrush (Figure 6b)."""


def analyses(
    truth: Graph,
    tokens: Tokens,
    said: Said,
    free: Graph | None,
    vocabulary: Vocabulary,
    *,
    by_track: bool,
) -> dict[str, Tally]:
    """Count the errors of one answer by their kind.

    Args:
        truth: The true graph.
        tokens: Its tokens.
        said: What was said in place of each, teacher-forced, without the mask.
        free: The prototype that was decoded freely, if it is valid.
        vocabulary: What the numbers in tokens mean.
        by_track: Whether an order is one within a track, as for drums.

    Returns:
        ``order_only``: of the wrong node tokens, those that name the type of a node which does
        come, but later, in the same track. ``order_only_free``: of the freely decoded prototypes
        that are not the true one in canonical form, those with the same types of nodes in each
        track; one that is invalid has other ones. ``before_destructive``: of the wrong node
        tokens, those of nodes whose signal goes on through a destructive node, and
        ``nodes_before_destructive``: that share of all nodes, wrong or right.
    """
    place = decoding_order(truth, SPECS).nodes
    track = segments(truth, SPECS) if by_track else (0,) * len(truth)
    upstream = before_destructive(truth)
    kinds = [(track[i], vocabulary.node(truth.nodes[i].kind)) for i in place]
    wrong = list(_wrong(tokens, said))
    order = sum(
        token[0] == NODE and (kinds[number][0], token[1]) in Counter(kinds[number + 1 :])
        for number, token in wrong
        if token[1] != kinds[number][1]
    )
    before = sum(upstream[place[number]] for number, _ in wrong)
    return {
        "order_only": Tally(order, len(wrong)),
        "order_only_free": _order_only_free(truth, free, by_track=by_track),
        "before_destructive": Tally(before, len(wrong)),
        "nodes_before_destructive": Tally(sum(upstream), len(truth)),
    }


def destroys(node: Node) -> bool:
    """Whether a node is set to destroy what goes through it, as :data:`DESTRUCTIVE` says."""
    if node.type not in DESTRUCTIVE:
        return False
    name, upper = DESTRUCTIVE[node.type]
    travel = SPECS[node.type].params[name].to_travel(node.knobs[name])
    return (travel >= 0.5) == upper


def before_destructive(graph: Graph) -> list[bool]:
    """Say of each node whether its audio goes on through a node that destroys it."""
    behind = [False] * len(graph)
    for i in reversed(topological(graph)):
        for edge in graph.edges:
            if edge.source == i and _carries(graph.nodes[edge.target], edge.inlet):
                behind[i] |= behind[edge.target] or destroys(graph.nodes[edge.target])
    return behind


def _carries(node: Node, inlet: str) -> bool:
    """Whether what enters an inlet can leave the node as sound; a sidechain cannot."""
    return any(one.name == inlet and one.required for one in SPECS[node.type].audio_inlets)


def _wrong(tokens: Tokens, said: Said) -> Iterator[tuple[int, Token]]:
    """Yield the number of each node that was said wrongly, and what was said."""
    for number, (true, token) in enumerate(said_nodes(tokens, said)):
        if token != true:
            yield number, token


def _order_only_free(truth: Graph, free: Graph | None, *, by_track: bool) -> Tally:
    if free is None:
        return Tally(0.0, 1.0)
    if canonical(prototype(truth), SPECS) == canonical(prototype(free), SPECS):
        return Tally(0.0, 0.0)
    same = iou_by_segment(truth, free, SPECS) if by_track else node_iou(truth, free)
    return Tally(float(same == 1), 1.0)
