"""What diagrams say about a node and a cable."""

from graphophone.codec.boxes import cable_label
from graphophone.graph.model import Edge, Graph
from graphophone.processors import ALL_SPECS


def settings(graph: Graph, node: int) -> list[str]:
    """Return a line for each knob of a node."""
    one = graph.nodes[node]
    params = ALL_SPECS[one.type].params
    return [f"{name.replace('_', ' ')} {params[name].text(value)}" for name, value in one.params]


def title(graph: Graph, node: int) -> str:
    """Return what a node is called in a diagram: its type, or its source."""
    return graph.nodes[node].source or graph.nodes[node].type


def is_control(graph: Graph, edge: Edge) -> bool:
    """Say whether a cable carries a control signal."""
    outlet = ALL_SPECS[graph.nodes[edge.source].type].outlet(edge.outlet)
    return outlet is not None and outlet.signal == "control"


def cable(graph: Graph, edge: Edge) -> str:
    """Return what is written on a cable: ports that are not the only ones, and its setting."""
    several = len(ALL_SPECS[graph.nodes[edge.source].type].outlets) > 1
    outlet = edge.outlet if several else ""
    inlet = "" if edge.inlet == "in" else f"to {edge.inlet}"
    return ", ".join(filter(None, (outlet, inlet, cable_label(edge, is_control(graph, edge)))))
