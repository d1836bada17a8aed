"""A small training set, made from a seed, that the trivial baselines know."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphophone.audio.features import log_mel, pack, unpack
from graphophone.codec.tokens import sequence
from graphophone.codec.travel import edge_param, travels, width
from graphophone.generation.item import Item
from graphophone.graph.canonical import canonical, prototype
from graphophone.graph.compare import node_iou
from graphophone.graph.model import Graph, Node
from graphophone.processors import SPECS
from graphophone.spec import DEPTH

Key = tuple[str, ...]
Array = npt.NDArray[np.float64]


def features(wet: Tensor) -> Array:
    """Describe a recording for a neighbour search: mean and spread over time of each mel band.

    Which sound comes when is the performer's business, so frames are not compared.

    Args:
        wet: Shape (2, time), at the reference level.
    """
    mel = unpack(pack(log_mel(wet[None])))[0]
    return torch.cat([mel.mean(-1).flatten(), mel.std(-1).flatten()]).double().numpy()


@dataclass(frozen=True, slots=True)
class Reference:
    """What the baselines know: graphs of a training set and how their sounds look.

    Attributes:
        graphs: Finished graphs.
        looks: A row of :func:`features` for each.
    """

    graphs: tuple[Graph, ...]
    looks: Array

    @classmethod
    def of(cls, items: Iterable[Item], progress: Callable[[], None] | None = None) -> "Reference":
        """Learn from examples."""
        graphs, looks = [], []
        for item in items:
            graphs.append(item.graph)
            looks.append(features(item.wet))
            if progress:
                progress()
        return cls(tuple(graphs), np.stack(looks))

    def nearest(self, look: Array) -> Graph:
        """Return the graph whose sound looks most like this one (Euclidean distance)."""
        return self.graphs[int(np.square(self.looks - look).sum(1).argmin())]

    def most_frequent(self) -> Graph:
        """Return the most frequent prototype in canonical form.

        Of several, the one whose node types overlap most with all graphs: in a set of large
        graphs every one may be there once.
        """
        forms = [canonical(prototype(graph), SPECS) for graph in self.graphs]
        counts = Counter(forms)
        most = max(counts.values())
        return max(
            (form for form in counts if counts[form] == most),
            key=lambda form: (sum(node_iou(form, other) for other in forms), str(form)),
        )

    def mean_travels(self) -> dict[Key, float]:
        """Return the mean travel of each knob of each node type and each kind of cable.

        Phases are averaged on the circle; dead zones and levels that nobody drew do not count.
        """
        found: dict[Key, list[float]] = {}
        circular: set[Key] = set()
        for graph in self.graphs:
            travel = travels(graph, SPECS)
            for row, keys in enumerate(keys_of(graph), start=1):
                for column, key in enumerate(keys):
                    if travel.live[row, column]:
                        found.setdefault(key, []).append(float(travel.values[row, column]))
                        if travel.circular[row, column]:
                            circular.add(key)
        return {k: _circular_mean(v) if k in circular else _mean(v) for k, v in found.items()}


def mean_values(means: dict[Key, float], graph: Graph) -> Array:
    """Lay mean travels out for the prototype of a graph; half-way where a knob was never seen.

    Returns:
        A row a token, as in :class:`graphophone.codec.travel.Travel`.
    """
    rows = keys_of(graph)
    values = np.full((len(rows) + 2, width(SPECS)), 0.5)
    for row, keys in enumerate(rows, start=1):
        values[row, : len(keys)] = [means.get(key, 0.5) for key in keys]
    return values


def keys_of(graph: Graph) -> list[list[Key]]:
    """Name what each token of a graph sets: knobs by node type, cables by signal and inlet."""
    rows: list[list[Key]] = []
    for item in sequence(graph, SPECS):
        if isinstance(item, Node):
            rows.append([(item.type, name) for name in SPECS[item.type].params])
        elif edge_param(item, graph, SPECS) is DEPTH:
            rows.append([("depth", item.inlet)])
        else:
            rows.append([("gain", item.inlet)])
    return rows


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _circular_mean(values: Sequence[float]) -> float:
    angle = float(np.angle(np.exp(2j * np.pi * np.asarray(values)).sum()))
    return angle / (2 * np.pi) % 1.0
