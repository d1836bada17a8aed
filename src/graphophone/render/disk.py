"""Wear a graph on recordings that stay on disk: an hour takes no more memory than a minute."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch

from graphophone.audio.blocks import BLOCK, Progress, Track, Writer, together, writer
from graphophone.audio.level import Meter
from graphophone.dsp.energy import energy
from graphophone.graph.model import Graph
from graphophone.render.ends import TAIL_LIMIT_SECONDS, end_of_sound, restoring
from graphophone.render.render import freeze
from graphophone.render.stream import Stream
from graphophone.tensors import Stereo

FREEZE_SECONDS = 60.0
"""How much of a recording the energy rule is measured on, as all of it is never in memory."""

Stage = Callable[[str], AbstractContextManager[Progress]]
"""Opens what shows the progress of a named part of the work."""


@dataclass(frozen=True)
class Entry:
    """How recordings enter a graph, and how what comes out is brought back.

    Attributes:
        tracks: One for each source of the graph.
        rate: Samples a second at which the graph runs.
        gains: Linear gain of each track.
        undo: Linear gain of the output.
        samples: How many the longest track has at this rate.
    """

    tracks: Mapping[str, Track]
    rate: int
    gains: Mapping[str, float]
    undo: float
    samples: int

    def blocks(self) -> Iterator[dict[str, Stereo]]:
        """Yield what enters the graph."""
        for block in together(self.tracks, self.rate):
            yield {name: clip * self.gains[name] for name, clip in block.items()}


@dataclass(frozen=True)
class Rendered:
    """What was written.

    Attributes:
        samples: How many.
        level_db: RMS level over active frames; ``None`` where there is nothing to hear.
        notes: What was assumed, in sentences.
    """

    samples: int
    level_db: float | None
    notes: tuple[str, ...]


def measure(
    graph: Graph, tracks: Mapping[str, Track], rate: int, stage: Stage, *, as_is: bool = False
) -> Entry:
    """Read recordings to their ends and find the gains that ``render`` would give them.

    What is wrong with a recording is found here, before anything is rendered.

    Args:
        graph: A graph that has exactly these sources.
        tracks: A recording for each.
        rate: Samples a second at which the graph is to run.
        stage: Shows progress.
        as_is: Let the recordings enter at the level they have.

    Raises:
        AudioError: A recording is silent or cannot be read.
    """
    meters = {name: Meter(rate) for name in tracks}
    energies = dict.fromkeys(tracks, 0.0)
    samples = 0
    claimed = max(math.ceil(t.claim * rate / t.rate) for t in tracks.values())
    with stage("measuring") as progress:
        for block in together(tracks, rate):
            for name, clip in block.items():
                meters[name].add(clip)
                energies[name] += float(energy(clip[None])[0])
            samples += next(iter(block.values())).shape[1]
            progress(samples, max(samples, claimed))
    gains, undo = dict.fromkeys(tracks, 1.0), 1.0
    if not as_is:
        for name, meter in meters.items():
            gains[name] = 10 ** ((graph.reference_rms_db - meter.rms_db()) / 20)
        after = sum(energies[name] * gain**2 for name, gain in gains.items())
        undo = restoring(sum(energies.values()), after)
    return Entry(tracks, rate, gains, undo, samples)


def render_to_file(graph: Graph, entry: Entry, out: Path, stage: Stage) -> Rendered:
    """Render recordings block by block, up to the end of the tail.

    Args:
        graph: The graph that the entry was measured for.
        entry: What :func:`measure` found.
        out: Where to; the file appears when it is complete.
        stage: Shows progress.

    Raises:
        GraphError: The graph breaks a rule.
        AudioError: A recording cannot be read any more, or the output cannot be written.
    """
    notes: tuple[str, ...] = ()
    if graph.energy == "normalised":
        graph = freeze(graph, _beginning(entry), entry.rate, as_is=True)
        if entry.samples > FREEZE_SECONDS * entry.rate:
            notes = (
                f"the graph's levels were measured on the first {FREEZE_SECONDS:g} s and kept, "
                "as all of a recording is never in memory (--stream)",
            )
    stream = Stream(graph, entry.rate)
    limit = math.ceil(TAIL_LIMIT_SECONDS * entry.rate)
    most = entry.samples + limit
    with writer(out, entry.rate, most) as wet:
        with stage("rendering") as progress:
            for block in entry.blocks():
                wet.write(stream.process(block) * entry.undo)
                progress(wet.samples, most)
            _write_tail(stream, wet, limit, entry.undo)
        with stage("writing") as progress:
            notes += wet.finish(progress)
        level = wet.meter.rms_db() if wet.meter.power > 0 else None
        return Rendered(wet.samples, level, notes)


def _beginning(entry: Entry) -> dict[str, Stereo]:
    """Return what enters the graph first, as much as the energy rule is measured on."""
    wanted = min(entry.samples, math.floor(FREEZE_SECONDS * entry.rate))
    parts: list[dict[str, Stereo]] = []
    count = 0
    for block in entry.blocks():
        parts.append(block)
        count += next(iter(block.values())).shape[1]
        if count >= wanted:
            break
    return {n: torch.cat([part[n] for part in parts], 1)[:, :wanted] for n in entry.tracks}


def _write_tail(stream: Stream, wet: Writer, limit: int, undo: float) -> None:
    """Run on through silence, and keep what comes up to the last sample that can be heard.

    An echo may follow a long pause, so all that a tail may last is rendered and then cut.
    """
    tail = torch.zeros(2, limit)
    for at in range(0, limit, BLOCK):
        silence = torch.zeros(2, min(BLOCK, limit - at))
        block = stream.process(dict.fromkeys(stream.sources, silence))
        tail[:, at : at + BLOCK] = block * undo
    end = end_of_sound(tail, max(wet.peak, float(tail.abs().max())))
    for at in range(0, end, BLOCK):
        wet.write(tail[:, at : min(end, at + BLOCK)])
