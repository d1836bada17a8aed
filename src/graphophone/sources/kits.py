"""A kit of one-shots, and playing it: one track an instrument."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from graphophone.sources.dry import Mono
from graphophone.sources.grooves import Hit
from graphophone.sources.instruments import ARTICULATIONS, INSTRUMENTS, SUBSTITUTES
from graphophone.sources.shots import Region

QUIETEST_DB = -60.0
LAST_ONSET_SECONDS = 0.1
CHOKE_SECONDS = 0.02


HATS = frozenset(name for name, instrument in ARTICULATIONS.items() if instrument == "hat")


@dataclass(frozen=True)
class Layers:
    """One drum from soft to hard.

    Attributes:
        count: How many recordings there are.
        load: Gives the one with an index, 0 being the softest, as (time,) samples.
        regions: When each recording sounds; nothing where the order is all that is known.
        key: Which of a kit's drums of the kind it is, where there are several.
    """

    count: int
    load: Callable[[int], Mono]
    regions: tuple[Region, ...] = ()
    key: str = ""


@dataclass(frozen=True)
class Kit:
    """One-shots of one drum kit at one rate.

    Attributes:
        name: For provenance.
        sounds: For each articulation that the kit has, a drum to strike.
        chokes: For each articulation that can be silenced, those whose strokes silence it. A
            hat is silenced by any stroke of the hat where the kit says nothing.
    """

    name: str
    sounds: Mapping[str, Layers]
    chokes: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: dict.fromkeys(sorted(HATS), HATS)
    )

    def find(self, articulation: str) -> str | None:
        """Return the articulation or the nearest one the kit has of that instrument."""
        wanted = (articulation, *SUBSTITUTES[articulation])
        return next((name for name in wanted if name in self.sounds), None)


def play(kit: Kit, hits: Sequence[Hit], samples: int, rate: int, rng: Random) -> dict[str, Mono]:
    """Return the tracks (time,) of the instruments that sound, in the order of INSTRUMENTS.

    Where a kit says which recording answers which velocity, that one is played, recordings in
    a round taking turns, with the square of velocity as gain unless the kit
    says otherwise. Else velocity picks the layer,
    neighbours taking turns by chance, never the same of three or more twice in a row, and
    sets the gain: with the square of velocity where a sound has one or two layers, and gently
    where the layers themselves get louder. Strokes silence what they choke. Hits before the
    segment ring into it. An instrument *sounds* if it is struck in the segment, not in its
    last 100 ms, and its track's RMS is above -60 dBFS.
    """
    found = [(hit, kit.find(hit.articulation)) for hit in sorted(hits)]
    played = [hit._replace(articulation=sound) for hit, sound in found if sound is not None]
    struck = {
        ARTICULATIONS[hit.articulation]
        for hit in played
        if 0 <= hit.time < samples / rate - LAST_ONSET_SECONDS
    }
    players: dict[str, Player] = {}
    tracks = {name: np.zeros(samples, np.float32) for name in INSTRUMENTS if name in struck}
    for i, hit in enumerate(played):
        instrument = ARTICULATIONS[hit.articulation]
        if instrument not in struck:
            continue
        if hit.articulation not in players:
            players[hit.articulation] = Player(kit.sounds[hit.articulation], rng)
        start = round(hit.time * rate)
        silencing = kit.chokes.get(hit.articulation, frozenset())
        later = played[i + 1 :] if silencing else ()
        stop = next((h.time for h in later if h.articulation in silencing), None)
        length = None if stop is None else round(stop * rate) - start
        for stroke in players[hit.articulation].strike(hit.velocity):
            _add(tracks[instrument], start, stroke, length, round(CHOKE_SECONDS * rate))
    quietest = 10 ** (QUIETEST_DB / 10)
    return {n: t for n, t in tracks.items() if float(np.square(t).mean()) > quietest}


class Player:
    """Strikes one drum again and again, and remembers what it played."""

    def __init__(self, layers: Layers, rng: Random) -> None:
        self.layers = layers
        self.rng = rng
        self.count = rng.randrange(60) if layers.regions else 0  # every round starts anywhere
        self.last = -1

    def strike(self, velocity: float) -> list[tuple[Mono, float]]:
        """Return the recordings that sound together, and their gains."""
        if self.layers.regions:
            return self._regions(velocity)
        count = self.layers.count
        position = velocity * count - 0.5 + self.rng.uniform(-0.75, 0.75) * (count > 1)
        layer = min(max(round(position), 0), count - 1)
        if layer == self.last and count > 2:
            layer += 1 if (position > layer and layer < count - 1) or layer == 0 else -1
        self.last = layer
        power = 2.0 if count < 3 else 0.75
        return [(self.layers.load(layer), max(velocity, 0.05) ** power)]

    def _regions(self, velocity: float) -> list[tuple[Mono, float]]:
        """Return the recordings whose regions hold the velocity, the turn and the chance."""
        drawn, turn = self.rng.random(), self.count
        self.count += 1
        regions = self.layers.regions
        nearest = min(region.distance(velocity) for region in regions)
        near = [i for i, region in enumerate(regions) if region.distance(velocity) == nearest]
        now = [i for i in near if turn % regions[i].turns == regions[i].turn]
        lucky = [i for i in now or near if regions[i].chance[0] <= drawn < regions[i].chance[1]]
        soft = max(velocity, 0.05)
        return [
            (
                self.layers.load(i),
                soft ** (2 * regions[i].veltrack) * 10 ** (regions[i].gain_db / 20),
            )
            for i in lucky or now[:1] or near[:1]
        ]


def _add(
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
