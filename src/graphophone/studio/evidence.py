"""Why a node is there: what changes when it is not."""

from dataclasses import replace
from typing import Any

from graphophone.errors import GraphError, UsageError
from graphophone.graph.model import Graph
from graphophone.studio import edits
from graphophone.studio.editing import edited
from graphophone.studio.measures import CENTRES, EXCERPT_SECONDS, difference, loudest, rendered
from graphophone.studio.patch import Patch
from graphophone.studio.readings import Readings
from graphophone.studio.signals import Signal
from graphophone.studio.sounding import sounding
from graphophone.studio.takes import Inputs

LEAD_SECONDS = 2.0


def with_and_without(patch: Patch, node: str) -> tuple[Graph, Graph]:
    """Return the graph that sounds, and what it is when a node is taken out of it.

    Raises:
        UsageError: There is no such node.
        GraphError: The graph cannot be without it.
    """
    if all(n.id != node for n in patch.graph.nodes):
        raise UsageError(f"there is no node {node!r}")
    whole = replace(patch, solo=None)
    rest = edited(whole, edits.Remove(op="remove", node=node, heal=True), Readings())
    graphs = sounding(whole), sounding(rest)
    if [n.source for n in graphs[0].nodes if n.type == "in"] != [
        n.source for n in graphs[1].nodes if n.type == "in"
    ]:
        raise GraphError(f"without {node} a source would not be heard")
    return graphs


def evidence(patch: Patch, inputs: Inputs, node: str, dry: Signal | None) -> dict[str, Any]:
    """Render the loudest ten seconds with and without a node, and compare.

    Args:
        patch: What is worked on.
        inputs: What enters it.
        node: Id of the node.
        dry: All of the take together, to find where it is loudest.

    Returns:
        What :func:`graphophone.studio.measures.difference` gives, with ``centres``, or
        ``needed``: a sentence that says why the graph cannot be without the node.
    """
    try:
        graphs = with_and_without(patch, node)
    except GraphError as error:
        return {"needed": str(error)}
    start = loudest(dry) if dry is not None else 0
    count = min(round(EXCERPT_SECONDS * inputs.rate), inputs.samples - start)
    lead = round(LEAD_SECONDS * inputs.rate)
    heard = [rendered(graph, inputs, start, count, lead) for graph in graphs]
    return {"centres": CENTRES, **difference(heard[0], heard[1], inputs.rate)}
