"""All settings of a graph as one vector of knob travels, which a gradient can move.

Travel runs from 0 to 1 on every knob, whatever its unit, so one step size suits them all; cables
count too, with their gain or depth.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from graphophone.graph.model import Graph
from graphophone.spec import DEPTH, GAIN, Param, ProcessorSpec


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry of the vector belongs.

    Attributes:
        param: The knob.
        name: Its name; ``gain_db`` or ``depth`` for a cable.
        node: Position of its node, or nothing.
        cable: Position of its cable, or nothing.
    """

    param: Param
    name: str
    node: int | None = None
    cable: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings as execution takes them: one tensor each, of no axis or one entry a clip.

    Attributes:
        knobs: For each node the values of its knobs, in physical units.
        factors: For each cable what its signal is multiplied by.
    """

    knobs: Mapping[int, Mapping[str, Tensor]]
    factors: Mapping[int, Tensor]


class Knobs:
    """The settings of one graph, in a fixed order: nodes first, then cables.

    Args:
        graph: A finished graph.
        specs: What each node type is.

    Attributes:
        places: What each entry is.
        travel: Where everything stands in the graph, shape (count,), float64.
    """

    def __init__(self, graph: Graph, specs: Mapping[str, ProcessorSpec]) -> None:
        self.graph = graph
        places, travel = [], []
        for i, node in enumerate(graph.nodes):
            for name, param in specs[node.type].params.items():
                places.append(Place(param, name, node=i))
                travel.append(param.to_travel(node.knobs[name]))
        for i, e in enumerate(graph.edges):
            control = _is_control(graph, i, specs)
            places.append(
                Place(DEPTH, "depth", cable=i) if control else Place(GAIN, "gain_db", cable=i)
            )
            travel.append(DEPTH.to_travel(e.depth) if control else GAIN.to_travel(e.gain_db))
        self.places = tuple(places)
        self.travel = torch.tensor(travel, dtype=torch.float64)

    def settings(self, travel: Tensor) -> Settings:
        """Return what a renderer needs for some travels.

        Args:
            travel: Shape (count,), or (batch, count) for a batch with a setting a clip.
        """
        knobs: dict[int, dict[str, Tensor]] = {}
        factors: dict[int, Tensor] = {}
        for place, column in zip(self.places, travel.unbind(-1), strict=True):
            value = place.param.from_travel(column)
            if place.node is not None:
                knobs.setdefault(place.node, {})[place.name] = value
            elif place.cable is not None and place.param is DEPTH:
                factors[place.cable] = value
            elif place.cable is not None:
                sign = -1.0 if self.graph.edges[place.cable].invert else 1.0
                factors[place.cable] = sign * torch.exp(value * (math.log(10) / 20))
        return Settings(knobs, factors)

    def written(self, travel: Tensor) -> Graph:
        """Return the graph with settings of these travels, (count,), held within their ranges."""
        nodes, edges = list(self.graph.nodes), list(self.graph.edges)
        for place, position in zip(self.places, travel.tolist(), strict=True):
            value = place.param.snap(place.param.from_travel(min(max(position, 0.0), 1.0)))
            if place.node is not None:
                node = nodes[place.node]
                nodes[place.node] = node.with_knobs({**node.knobs, place.name: value})
            elif place.cable is not None and place.param is DEPTH:
                edges[place.cable] = replace(edges[place.cable], depth=value)
            elif place.cable is not None:
                edges[place.cable] = replace(edges[place.cable], gain_db=value)
        return self.graph.with_parts(nodes, edges)


def moved(param: Param, still: float | Tensor, movement: Tensor) -> Tensor:
    """Return a knob that signals move along its travel, held within its range.

    Args:
        param: The knob.
        still: Travel at which it stands: one value, or one a clip.
        movement: What its cables bring, shape (batch, channel, time).

    Returns:
        Values in physical units, of the dtype of ``movement``.
    """
    if isinstance(still, Tensor):
        still = still.reshape(-1, 1, 1)
    return param.from_travel((movement + still).clamp_(0, 1).to(movement.dtype))


def _is_control(graph: Graph, cable: int, specs: Mapping[str, ProcessorSpec]) -> bool:
    edge = graph.edges[cable]
    outlet = specs[graph.nodes[edge.source].type].outlet(edge.outlet)
    return outlet is not None and outlet.signal == "control"


def precision(param: Param, dtype: torch.dtype) -> torch.dtype:
    """Return the dtype of a knob that stands still, beside audio of another.

    Times stay in double precision: single precision has too few digits for a second in fractions of
    samples. They are few, so nothing slows down.
    """
    return torch.float64 if param.unit == "s" else dtype
