"""How a drummer's strokes differ from the written ones: timing and strength of a human player.

Deviations of skilled players are correlated over many beats, near 1/f, rather than independent
(H. Hennig and others, The nature and perception of fluctuations in human musical rhythms, PLoS ONE
6(10), 2011); each limb also leads or lags by a habit, and every stroke wavers a little.
"""

from collections.abc import Sequence
from random import Random

from graphophone.sources.grooves import Groove, Grooves, Hit
from graphophone.sources.instruments import ARTICULATIONS, INSTRUMENTS

OCTAVES_SECONDS = (0.5, 1.0, 2.0, 4.0)  # noises held this long, of equal power, add up to 1/f
HABIT = 0.6  # a limb's lead or lag, as a share of how loose the player is
DRIFT = 0.7
WAVER = 0.6
SOFTEST = 0.05


def humanise(
    hits: Sequence[Hit], rng: Random, loose: float, uneven: float = 0.06
) -> tuple[Hit, ...]:
    """Return the hits as somebody plays them, in order of time.

    Args:
        hits: Strokes as written.
        rng: Where all chance comes from.
        loose: Standard deviation of times in seconds, about.
        uneven: Standard deviation of velocities.
    """
    habits = {instrument: rng.gauss(0, HABIT * loose) for instrument in INSTRUMENTS}
    phases = [rng.uniform(0, held) for held in OCTAVES_SECONDS]
    held: dict[tuple[int, int], float] = {}
    share = DRIFT * loose / len(OCTAVES_SECONDS) ** 0.5
    played = []
    for hit in sorted(hits):
        drift = 0.0
        for octave, seconds in enumerate(OCTAVES_SECONDS):
            key = (octave, int((hit.time + phases[octave]) // seconds))
            if key not in held:
                held[key] = rng.gauss(0, share)
            drift += held[key]
        time = hit.time + habits[ARTICULATIONS[hit.articulation]] + drift
        velocity = hit.velocity + rng.gauss(0, uneven)
        played.append(
            Hit(
                time + rng.gauss(0, WAVER * loose),
                hit.articulation,
                min(1.0, max(SOFTEST, velocity)),
            )
        )
    return tuple(sorted(played))


class Humanised:
    """Grooves as written (programmed MIDI files, say), played by somebody.

    Args:
        grooves: What is written.
        loose: Lowest and highest standard deviation of times in seconds; a draw picks one.
    """

    def __init__(self, grooves: Grooves, loose: tuple[float, float] = (0.001, 0.008)) -> None:
        self.grooves = grooves
        self.loose = loose

    def draw(self, rng: Random, seconds: float) -> Groove:
        """Draw what is played in a segment; all chance comes from ``rng``."""
        written = self.grooves.draw(rng, seconds)
        loose = round(rng.uniform(*self.loose), 4)
        played = humanise(written.hits, rng, loose)
        return Groove(played, {**written.provenance, "loose": loose})
