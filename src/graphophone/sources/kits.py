"""A kit of one-shots, and playing it: one track an instrument."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from graphophone.sources.dry import Mono
from graphophone.sources.grooves import Hit
from graphophone.sources.instruments import ARTICULATIONS, INSTRUMENTS, SUBSTITUTES

QUIETEST_DB = -60.0
LAST_ONSET_SECONDS = 0.1
CHOKE_SECONDS = 0.02


@dataclass(frozen=True)
class Layers:
    """One drum from soft to hard.

    Attributes:
        count: How many recordings there are.
        load: Gives the one with an index, 0 being the softest, as (time,) samples.
    """

    count: int
    load: Callable[[int], Mono]


@dataclass(frozen=True)
class Kit:
    """One-shots of one drum kit at one rate.

    Attributes:
        name: For provenance.
        sounds: For each articulation that the kit has, a drum to strike.
    """

    name: str
    sounds: Mapping[str, Layers]

    def find(self, articulation: str) -> str | None:
        """Return the articulation or the nearest one the kit has of that instrument."""
        wanted = (articulation, *SUBSTITUTES[articulation])
        return next((name for name in wanted if name in self.sounds), None)


def play(kit: Kit, hits: Sequence[Hit], samples: int, rate: int, rng: Random) -> dict[str, Mono]:
    """Return the tracks (time,) of the instruments that sound, in the order of INSTRUMENTS.

    Velocity picks the layer, neighbours taking turns by chance, and sets the gain: with the
    square of velocity where a sound has one or two layers, and gently where the layers
    themselves get louder. A hat is silenced by its next stroke. Hits before the segment ring
    into it. An instrument *sounds* if it is struck in the segment, not in its last 100 ms, and
    its track's RMS is above -60 dBFS.
    """
    strokes: dict[str, list[Hit]] = {name: [] for name in INSTRUMENTS}
    for hit in sorted(hits):
        sound = kit.find(hit.articulation)
        if sound is not None:
            strokes[ARTICULATIONS[sound]].append(hit._replace(articulation=sound))
    tracks = {}
    for instrument, played in strokes.items():
        last = samples / rate - LAST_ONSET_SECONDS
        if not any(0 <= hit.time < last for hit in played):
            continue
        track = np.zeros(samples, np.float32)
        starts = [round(hit.time * rate) for hit in played]
        for i, hit in enumerate(played):
            choked = instrument == "hat" and i + 1 < len(played)
            _strike(
                track,
                starts[i],
                _stroke(kit.sounds[hit.articulation], hit.velocity, rng),
                starts[i + 1] - starts[i] if choked else None,
                round(CHOKE_SECONDS * rate),
            )
        if float(np.square(track).mean()) > 10 ** (QUIETEST_DB / 10):
            tracks[instrument] = track
    return tracks


def _stroke(layers: Layers, velocity: float, rng: Random) -> tuple[Mono, float]:
    """Return the recording of a stroke and its gain."""
    position = velocity * layers.count - 0.5 + rng.uniform(-0.75, 0.75) * (layers.count > 1)
    layer = min(max(round(position), 0), layers.count - 1)
    power = 2.0 if layers.count < 3 else 0.75
    return layers.load(layer), max(velocity, 0.05) ** power


def _strike(
    track: Mono, start: int, stroke: tuple[Mono, float], length: int | None, fade: int
) -> None:
    """Add a stroke to a track in place, silenced after ``length`` samples where given."""
    sound, gain = stroke
    skip = max(0, -start)
    stop = min(len(sound), len(track) - start)
    faded = None
    if length is not None and length + fade < stop:
        stop = length + fade
        faded = np.linspace(1, 0, fade, dtype=np.float32)
    if stop <= skip:
        return
    part = sound[skip:stop] * np.float32(gain)
    if faded is not None:
        tail = min(fade, len(part))
        part[len(part) - tail :] *= faded[fade - tail :]
    track[start + skip : start + stop] += part
