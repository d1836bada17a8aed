"""What enters a graph: the signals of a take, with the gains that bring them to its level."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from graphophone.audio.blocks import BLOCK, Progress, track
from graphophone.dsp.energy import energy
from graphophone.errors import UsageError
from graphophone.graph.model import Graph
from graphophone.render.disk import FREEZE_SECONDS
from graphophone.render.ends import restoring
from graphophone.render.render import freeze
from graphophone.report.wear import built_in, bus, sources
from graphophone.studio.signals import Signal, SignalWriter, stereo
from graphophone.tensors import Stereo

WHOLE = ""
"""Name of a take that stands for any source."""


@dataclass(frozen=True)
class Inputs:
    """A take as it enters a graph.

    Attributes:
        tracks: A signal for each source of the graph; some sources may share one.
        gains: Linear gain of each.
        undo: Linear gain of what comes out.
    """

    tracks: Mapping[str, Signal]
    gains: Mapping[str, float]
    undo: float

    @property
    def rate(self) -> int:
        """Samples a second."""
        return next(iter(self.tracks.values())).rate

    @property
    def samples(self) -> int:
        """Samples of the longest track."""
        return max(track.samples for track in self.tracks.values())

    def block(self, start: int, count: int) -> dict[str, Stereo]:
        """Return what enters from a sample on; silence follows the ends of tracks."""
        block = {}
        for name, signal in self.tracks.items():
            clip = stereo(signal.read(start, count)) * self.gains[name]
            block[name] = torch.nn.functional.pad(clip, (0, count - clip.shape[1]))
        return block

    @classmethod
    def of(
        cls, graph: Graph, take: Mapping[str, Signal], *, energies: Mapping[str, float]
    ) -> "Inputs":
        """Match a take to the sources of a graph, and find the gains that ``render`` would give.

        Args:
            graph: A graph.
            take: A signal for each source by name, or one for all under ``WHOLE``.
            energies: The energy of each signal.

        Raises:
            UsageError: A source has no signal.
        """
        names = sources(graph)
        keys = {name: name if name in take else WHOLE for name in names}
        missing = [name for name, key in keys.items() if key not in take]
        if missing:
            given = ", ".join(name or "a take" for name in take) or "none"
            raise UsageError(f"the graph needs a stem for {', '.join(missing)}, got {given}")
        gains, before, after = {}, 0.0, 0.0
        for name, key in keys.items():
            level = take[key].level_db
            gain = 1.0 if level is None else 10 ** ((graph.reference_rms_db - level) / 20)
            before += energies[key]
            after += energies[key] * gain**2
            gains[name] = gain
        tracks = {name: take[key] for name, key in keys.items()}
        return cls(tracks, gains, restoring(before, after))


def store(path: Path, to: Path, name: str, rate: int | None, progress: Progress) -> Signal:
    """Decode a recording into a signal on disk, block by block.

    Args:
        path: The recording.
        to: Where the signal goes.
        name: What it is called.
        rate: Samples a second of the signal; by default those of the recording.
        progress: Called with what is done and all.

    Raises:
        AudioError: The recording cannot be read.
    """
    with track(path) as recording:
        rate = rate or recording.rate
        claimed = math.ceil(recording.claim * rate / recording.rate)
        writer = SignalWriter(to, rate)
        try:
            for block in recording.blocks(rate):
                writer.write(block)
                progress(writer.samples, max(claimed, writer.samples))
        finally:
            writer.close()
        return writer.finish(name, [note.partition(": ")[2] for note in recording.notes])


def store_built_in(graph: Graph, folder: Path, rate: int) -> dict[str, Signal]:
    """Write the built-in voice or kit as a take for a graph."""
    from graphophone.audio.files import resample

    made = built_in(graph)
    take = {}
    for k, (name, clip) in enumerate(made.tracks.items()):
        writer = SignalWriter(folder / f"built-in-{k}.f32", rate)
        writer.write(resample(clip, made.rate, rate))
        take[name] = writer.finish(made.name)
    return take


def energy_of(signal: Signal) -> float:
    """Return the energy of a signal, block by block."""
    return sum(float(energy(block[None])[0]) for block in signal.blocks())


def fitted(graph: Graph, take: Sequence[str]) -> tuple[Graph, tuple[str, ...]]:
    """Return the graph that a take can go through, and what has to be said about it.

    One take on a graph with several sources goes through what they share, the bus.
    """
    names = sources(graph)
    if len(names) > 1 and WHOLE in take and not set(names) <= set(take):
        missing = ", ".join(name for name in names if name not in take)
        note = (
            f"the take has no stem for {missing}: it goes through what all sources share, the "
            "bus; give a stem for each source for all of it"
        )
        return bus(graph), (note,)
    return graph, ()


def frozen(graph: Graph, inputs: Inputs) -> Graph:
    """Measure the energy rule on the beginning of a take, and write it down as gains."""
    count = min(inputs.samples, round(FREEZE_SECONDS * inputs.rate))
    return freeze(graph, inputs.block(0, count), inputs.rate, as_is=True)


def blocks(inputs: Inputs, start: int, end: int, size: int = BLOCK) -> Iterator[dict[str, Stereo]]:
    """Yield what enters a graph between two samples."""
    for place in range(start, end, size):
        yield inputs.block(place, min(size, end - place))
