"""Grooves from patterns: a bar in sixteenths, played by someone who is not a machine.

A row holds 16 steps (or 12 in a triplet feel): ``X`` is an accent, ``x`` a stroke, ``g`` a
ghost note, ``.`` a rest. The patterns are common stock of drum-set teaching (for instance
G. Chester, The New Breed; J. Riley, The Art of Bop Drumming).
"""

from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from graphophone.sources.feel import humanise
from graphophone.sources.grooves import PREROLL_SECONDS, Groove, Hit

VELOCITIES = {"X": 0.95, "x": 0.7, "g": 0.3}
TIMES = ("hihat_closed", "hihat_half", "ride", "hihat_open")

Pattern = Mapping[str, str]

PATTERNS: Mapping[str, Pattern] = MappingProxyType(
    {
        "rock": {
            "time": "X.x.x.x.X.x.x.x.",
            "snare": "....X.......X...",
            "kick": "X.......X.x.....",
        },
        "four_on_the_floor": {
            "time": "..X...X...X...X.",
            "snare": "....X.......X...",
            "kick": "X...X...X...X...",
        },
        "funk": {
            "time": "XxxxXxxxXxxxXxxx",
            "snare": "....X..g.g..X..g",
            "kick": "X..x......x..x..",
        },
        "half_time": {
            "time": "X.x.x.x.X.x.x.x.",
            "snare": "........X.......",
            "kick": "X.....x......x..",
        },
        "breakbeat": {
            "time": "X.x.X.x.X.x.X.x.",
            "snare": "....X..x.x..X..g",
            "kick": "X.x.......xx....",
        },
        "disco": {
            "time": "x.X.x.X.x.X.x.X.",
            "snare": "....X.......X...",
            "kick": "X...X...X...X...",
            "hihat_open": "..x...x...x...x.",
        },
        "swing": {
            "ride": "X..X.xX..X.x",
            "hihat_pedal": "...X.....X..",
            "snare": ".....g..g...",
            "kick": "x.....g....x",
        },
        "shuffle": {
            "time": "X.xX.xX.xX.x",
            "snare": "..gX.g..gX.g",
            "kick": "X....xX....x",
        },
        "tom_groove": {
            "tom_low": "X..x..x.X..x..x.",
            "tom_mid": "......x.....x...",
            "snare": "....X.......X...",
            "kick": "X...X...X...X...",
        },
        "bossa": {
            "time": "x.x.x.x.x.x.x.x.",
            "sidestick": "X..x..x...x..x..",
            "kick": "X..xX..xX..xX..x",
        },
        "train_beat": {
            "snare": "xxXxxxXxxxXxxxXx",
            "kick": "X...X...X...X...",
            "hihat_pedal": "....x.......x...",
        },
        "trap": {
            "time": "x.x.xxx.x.x.x.xx",
            "snare": "........X.......",
            "kick": "X.....x...x.....",
        },
    }
)

FILLS = ("tom_high", "tom_mid", "tom_low", "snare")


class PatternGrooves:
    """Patterns at 70 to 170 bpm, with crashes and fills, pushed and pulled by a few ms.

    A draw settles on a pattern, a tempo, which cymbal keeps time, how loose the player is
    (a deviation of 1 to 8 ms; velocities vary by 6 %), how often an eighth is left out, and
    where in the bar the segment begins.
    """

    def draw(self, rng: Random, seconds: float) -> Groove:
        """Draw a groove for a segment of this length."""
        name = rng.choice(list(PATTERNS))
        pattern = PATTERNS[name]
        bpm = round(rng.uniform(70, 170), 1)
        keeper = rng.choices(TIMES, (5, 1, 3, 1))[0]
        loose, omit = rng.uniform(0.001, 0.008), rng.uniform(0, 0.1)
        bar = 4 * 60 / bpm
        start = -rng.uniform(0, bar) - PREROLL_SECONDS
        hits: list[Hit] = []
        for index in range(int((seconds - start) / bar) + 1):
            at = start + index * bar
            fill_from = bar * rng.choice((0.5, 0.75)) if rng.random() < 0.3 else bar
            for articulation, steps in pattern.items():
                what = keeper if articulation == "time" else articulation
                for step, sign in enumerate(steps):
                    time = step / len(steps) * bar
                    if sign == "." or time >= fill_from or rng.random() < omit:
                        continue
                    hits.append(Hit(at + time, what, VELOCITIES[sign]))
            if fill_from < bar:
                hits += _fill(rng, at + fill_from, bar - fill_from, bar / 16)
            if rng.random() < 0.25:
                hits.append(Hit(at, rng.choices(("crash", "splash", "china"), (6, 1, 1))[0], 0.9))
        played = humanise(hits, rng, loose)
        inside = tuple(h for h in played if -PREROLL_SECONDS <= h.time < seconds)
        return Groove(inside, {"pattern": name, "bpm": bpm, "keeper": keeper})


def _fill(rng: Random, start: float, length: float, step: float) -> list[Hit]:
    """Return sixteenths that wander down the toms."""
    count = max(1, round(length / step))
    order = sorted(rng.choices(FILLS, k=count), key=FILLS.index)
    return [Hit(start + i * step, what, rng.uniform(0.5, 0.95)) for i, what in enumerate(order)]
