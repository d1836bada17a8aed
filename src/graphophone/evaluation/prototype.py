"""How far a decoded prototype is from the true one: token by token, and as a whole.

Lee et al. 2023, section 4.2, "Prototype Decoding": "we evaluate the node and edge error rate,
counting each prediction as an error if either token type, node id, or node/edge type is
incorrect"; then the share of invalid graphs and the overlap of node types.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

from graphophone.codec.steps import Step, steps_of
from graphophone.codec.tokens import EDGE, END, NODE, Token, Tokens
from graphophone.evaluation.tally import Tally
from graphophone.graph.compare import iou_by_segment, match_nodes, node_iou
from graphophone.graph.model import Graph
from graphophone.graph.rules import violations
from graphophone.processors import SPECS

SPLITTING = {"has_one_out", "is_acyclic", "ports_exist", "sources_are_named"}
"""Rules without which a graph has no tracks."""
Said: TypeAlias = Sequence[Token] | Sequence[Step]
"""What was said in place of each true token but the start, or of each true step."""


def token_errors(truth: Tokens, said: Said, suffix: str = "") -> dict[str, Tally]:
    """Count wrong tokens of a decoder that was shown the true tokens before each.

    Args:
        truth: The sequence in canonical order, start and end included.
        said: What the decoder said in place of each token but the start; longer is ignored. A
            decoder that writes node by node says steps.
        suffix: Ending of the metrics' names, such as ``_masked``.

    Returns:
        ``node_error`` over the true node tokens and ``edge_error`` over the true edge tokens.
        The end is neither; saying it too early is an error on what should have been said. The
        cables of a step are a set: out of the larger one of what is true and what was said, those
        are wrong that are not in both.
    """
    if said and isinstance(said[0], Step):
        return _step_errors(truth, cast(Sequence[Step], said), suffix)
    said = cast(Sequence[Token], said)
    wrong, seen = {NODE: 0, EDGE: 0}, {NODE: 0, EDGE: 0}
    rows = zip(truth.types, truth.kinds, truth.sources, truth.targets, strict=True)
    next(rows)  # nobody says the start
    for row, token in zip(rows, said, strict=False):
        if row[0] in seen:
            seen[row[0]] += 1
            wrong[row[0]] += tuple(token) != row
    return {
        f"node_error{suffix}": Tally(wrong[NODE], seen[NODE]),
        f"edge_error{suffix}": Tally(wrong[EDGE], seen[EDGE]),
    }


def said_nodes(truth: Tokens, said: Said) -> Iterator[tuple[Token, Token]]:
    """Yield each true node token with what was said in its place."""
    if said and isinstance(said[0], Step):
        pairs = zip(steps_of(truth), cast(Sequence[Step], said), strict=False)
        tokens = [(true.node, one.node) for true, one in pairs]
    else:
        tokens = list(zip(list(truth.rows())[1:], cast(Sequence[Token], said), strict=False))
    for true, token in tokens:
        if true[0] == NODE:
            yield true, token


def _step_errors(truth: Tokens, said: Sequence[Step], suffix: str) -> dict[str, Tally]:
    wrong, seen = {NODE: 0, EDGE: 0}, {NODE: 0, EDGE: 0}
    for true, step in zip(steps_of(truth), said, strict=False):
        if true.node[0] == END:
            continue
        larger = max(len(true.cables), len(step.cables))
        seen[NODE] += 1
        seen[EDGE] += larger
        wrong[NODE] += step.node != true.node
        wrong[EDGE] += larger - len(true.cables & step.cables)
    return {
        f"node_error{suffix}": Tally(wrong[NODE], seen[NODE]),
        f"edge_error{suffix}": Tally(wrong[EDGE], seen[EDGE]),
    }


def free_errors(truth: Graph, decoded: Graph, suffix: str = "") -> dict[str, Tally]:
    """Compare a graph that was decoded freely, whatever its order.

    Nodes of one kind are paired so that their surroundings agree best. A node is right if it
    is paired, a cable if both graphs have it between paired nodes and the same ports. What
    one graph has and the other has not counts as wrong once, out of the larger graph.
    """
    edges = max(len(truth.edges), len(decoded.edges))
    decoded = _plugged(decoded)
    pairs = dict(match_nodes(truth, decoded))
    there = {e.ports for e in decoded.edges}
    right = sum(
        (pairs.get(e.source), e.outlet, pairs.get(e.target), e.inlet) in there for e in truth.edges
    )
    nodes = max(len(truth), len(decoded))
    return {
        f"node_error_free{suffix}": Tally(nodes - len(pairs), nodes),
        f"edge_error_free{suffix}": Tally(edges - right, edges),
    }


def is_valid(decoded: Graph) -> bool:
    """Whether a decoded prototype breaks no rule."""
    return not violations(decoded, SPECS, prototype=True)


def iou(truth: Graph, decoded: Graph, *, by_track: bool) -> Tally:
    """Return the overlap of the node types, which are a multiset.

    Args:
        truth: The true graph.
        decoded: The decoded prototype, valid or not.
        by_track: Average over tracks and bus, as for drums. A graph that is too broken to be
            split into tracks scores 0.
    """
    decoded = _plugged(decoded)
    if not by_track:
        return Tally(node_iou(truth, decoded))
    broken = {v.rule for v in violations(decoded, SPECS, prototype=True)}
    return Tally(0.0 if broken & SPLITTING else iou_by_segment(truth, decoded, SPECS))


def _plugged(decoded: Graph) -> Graph:
    """Leave out cables to nodes that were never decoded."""
    ends = range(len(decoded))
    return decoded.with_parts(
        decoded.nodes, (e for e in decoded.edges if e.source in ends and e.target in ends)
    )
