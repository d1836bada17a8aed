"""What the nodes of a graph remember at one sample, so that rendering can go on from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from graphophone.dsp.memory import Memory
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS, PROCESSORS
from graphophone.render.stream import Stream

Wiring = tuple[Any, ...]


@dataclass(frozen=True)
class Snapshot:
    """The memories of a graph's nodes after so many samples.

    Attributes:
        sample: How many samples have been heard.
        graph: The graph that has heard them.
        memories: What each node remembers, by its id.
    """

    sample: int
    graph: Graph
    memories: Mapping[str, Memory]

    @classmethod
    def of(cls, stream: Stream, sample: int) -> "Snapshot":
        """Copy what a running stream remembers."""
        graph = stream.plan.graph
        memories = {graph.nodes[i].id: m.copy() for i, m in stream.memories.items()}
        return cls(sample, graph, memories)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(_size(memory.states) for memory in self.memories.values())

    def resumed(self, graph: Graph, rate: int) -> Stream:
        """Return a stream of another graph that goes on from here.

        A node goes on with what it remembers if it is wired as before. What a knob has set the
        length of, such as an echo's line or a room, cannot be stretched: a node on which such
        a knob was turned begins afresh, as hardware does.
        """
        stream = Stream(graph, rate)
        before = {node.id: i for i, node in enumerate(self.graph.nodes)}
        for i, node in enumerate(graph.nodes):
            old = before.get(node.id)
            if old is None or wiring(self.graph, old) != wiring(graph, i):
                continue
            was = self.graph.nodes[old]
            if was.params == node.params or _fits(was.type, was.knobs, node.knobs, rate):
                stream.memories[i] = self.memories[node.id].copy()
        return stream


def wiring(graph: Graph, place: int) -> Wiring:
    """Return what decides how many states a node keeps, and of which shapes, but its knobs."""
    node = graph.nodes[place]
    cables = []
    for e in graph.incoming(place):
        inlet = ALL_SPECS[node.type].inlet(e.inlet)
        moved = inlet is not None and inlet.knob is not None
        cables.append((e.inlet, graph.nodes[e.source].type if moved else ""))
    return node.type, tuple(sorted(set(cables)))


def _fits(kind: str, was: Mapping[str, float], now: Mapping[str, float], rate: int) -> bool:
    """Whether a processor can go on with what it remembers after its knobs were turned.

    Both settings hear one sample of silence: where that leaves them with the same states, the
    knobs have no part in them.
    """
    if kind not in PROCESSORS:
        return True
    return _same(_silent(kind, was, rate), _silent(kind, now, rate))


@torch.inference_mode()
def _silent(kind: str, knobs: Mapping[str, float], rate: int) -> tuple[Any, ...]:
    processor, memory = PROCESSORS[kind], Memory()
    audio = {i.name: torch.zeros(1, 2, 1) for i in processor.spec.audio_inlets if i.required}
    values = {
        name: torch.full((1, 1, 1), value, dtype=torch.float32) for name, value in knobs.items()
    }
    with memory.block():
        processor.outputs(audio, values, sample_rate=rate, samples=1)
    return memory.states


def _same(a: Any, b: Any) -> bool:
    """Whether two states are equal, arrays in them included."""
    if isinstance(a, torch.Tensor):
        return bool(isinstance(b, torch.Tensor) and torch.equal(a, b))
    if isinstance(a, np.ndarray):
        return bool(isinstance(b, np.ndarray) and np.array_equal(a, b))
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if hasattr(a, "__dict__"):
        return _same(list(vars(a).values()), list(vars(b).values()))
    return bool(a == b)


def _size(state: Any) -> int:
    if isinstance(state, torch.Tensor):
        return state.element_size() * state.nelement()
    if isinstance(state, np.ndarray):
        return int(state.nbytes)
    if isinstance(state, tuple | list):
        return sum(map(_size, state))
    return sum(map(_size, vars(state).values())) if hasattr(state, "__dict__") else 8


class Snapshots:
    """Snapshots along one rendering, as dense as a stated amount of memory allows.

    Args:
        every: Samples between two of them, to begin with.
        most_bytes: When they take more, every second one is dropped and the distance doubled.
    """

    def __init__(self, every: int, most_bytes: int) -> None:
        self.every, self.most_bytes = every, most_bytes
        self._kept: list[Snapshot] = []
        self._bytes = 0

    def add(self, stream: Stream, sample: int) -> None:
        """Keep what a stream remembers, if it is time."""
        if self._kept and sample - self._kept[-1].sample < self.every:
            return
        snapshot = Snapshot.of(stream, sample)
        self._kept.append(snapshot)
        self._bytes += snapshot.size
        while self._bytes > self.most_bytes and len(self._kept) > 1:
            self._kept = self._kept[::2]
            self.every *= 2
            self._bytes = sum(s.size for s in self._kept)

    def before(self, sample: int) -> Snapshot | None:
        """Return the last one that is not after a sample."""
        found = [s for s in tuple(self._kept) if s.sample <= sample]
        return found[-1] if found else None
