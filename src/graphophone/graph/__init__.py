"""The graph as a value: model, rules, orders, canonical form and comparison."""

from graphophone.graph.model import Edge, Energy, Graph, Node

__all__ = ["Edge", "Energy", "Graph", "Node"]
