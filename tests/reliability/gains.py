"""How much louder a processor may leave a signal than it came, derived from its definition.

Every bound is on the root of the energy over channels, outlets and time, before the energy rule,
as a factor on that of all inlets but ``sidechain``. Nothing here is measured.

Still filters and loops cannot exceed the largest magnitude of their frequency response. Where a
knob moves, there is none, and the bounds come from what is stored:

* In a trapezoidal filter with integrator gain g and damping k the states' squares grow in a
  sample by 4 g v1 (x - k v1), v1 being the band-pass output. So they are never more than the sum
  of g x^2 / k, and the all-pass x - 2 k v1 has no more energy than x if both are weighted by g / k.
* Likewise g (x^2 - y^2) is what a first-order all-pass stores, so a chain of them, and a loop
  around it, obey the still bound in energies weighted by g.
* A line that is read between samples gives at most 1.25 times its peak, whatever the delay does,
  and a sound goes round only as often as the shortest delay fits into the clip.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from graphophone.processors import ALL_SPECS

OVERSHOOT = 1.25
"""Sum of the weights' magnitudes of third-order Lagrange interpolation, halfway."""

TAPS = 5.0
"""Most that a pitch shifter gives: by Schur's test the root of the weights with which a sample is
made (:data:`OVERSHOOT`) times those with which one is read (two taps, twice each, 5 places)."""

RUNAWAY = 1e3
"""Most that moving knobs may add to the still bound. What can be proven is far above what can be
heard where a clip is long and a feedback over 0.8 could overshoot each time round; this limit is
set, not derived: nothing that we know of comes within 20 dB, and what runs away passes it soon."""

EQUALISER_DB = 18.0
"""Of the graphic equaliser: 12 dB, and what may be between two centres that differ."""


class Reach(NamedTuple):
    """Where a knob may stand during a clip."""

    low: float
    high: float


class Setting(NamedTuple):
    """What a node's bound depends on."""

    knobs: Mapping[str, Reach]
    moves: bool
    rate: int
    samples: int

    def high(self, knob: str) -> float:
        return self.knobs[knob].high

    def amplitude(self, knob: str, per_decade: float = 20.0) -> Reach:
        """Return decibels as a ratio."""
        low, high = self.knobs[knob]
        return Reach(10 ** (low / per_decade), 10 ** (high / per_decade))

    def corner(self) -> Reach:
        """Return the gain of an integrator for each end of ``frequency``."""
        held = (min(f, 0.49 * self.rate) for f in self.knobs["frequency"])
        return Reach(*(math.tan(math.pi * f / self.rate) for f in held))


STILL = Reach(1.0, 1.0)


class Section(NamedTuple):
    """Bounds of the three outputs of a second-order filter, the band's peak being 1."""

    low: float
    band: float
    high: float


def most(
    type_: str, knobs: Mapping[str, float], moved: frozenset[str], rate: int, samples: int
) -> float:
    """Return the most that a node can give for one unit of what it gets.

    Args:
        type_: Type of an audio processor.
        knobs: Its settings.
        moved: Knobs that cables move, which may so stand anywhere at any time.
        rate: Samples per second.
        samples: Length of the clip.
    """
    params = ALL_SPECS[type_].params
    reach = {
        name: Reach(params[name].low, params[name].high) if name in moved else Reach(at, at)
        for name, at in knobs.items()
    }
    still = GAINS[type_](Setting(reach, False, rate, samples))
    if not moved:
        return still
    return min(GAINS[type_](Setting(reach, True, rate, samples)), RUNAWAY * still)


def _section(s: Setting, k: Reach, lean: Reach = STILL) -> Section:
    """Bound a filter whose corner leans by a factor."""
    if not s.moves:
        q = 1 / k.low
        rise = q / math.sqrt(1 - 0.25 / q**2) if q > math.sqrt(0.5) else 1.0
        return Section(rise, 1.0, rise)
    g = s.corner()
    most, least = g.high * lean.high / k.low, g.low * lean.low / k.high
    band, low = math.sqrt(most / least), math.sqrt(s.samples * most)
    return Section(low, band, 1 + band + low)


def _sharp(s: Setting) -> Section:
    q = s.knobs["q"]
    return _section(s, Reach(1 / q.high, 1 / q.low))


def _fourth(s: Setting) -> tuple[Section, Section]:
    """Bound both sections of a fourth-order filter, of which ``q`` scales the second."""
    first, second = (2 * math.cos(n * math.pi / 8) for n in (1, 3))
    q = s.knobs["q"]
    scaled = Reach(*(second * math.sqrt(0.5) / end for end in (q.high, q.low)))
    return _section(s, Reach(first, first)), _section(s, scaled)


def _lowpass4(s: Setting) -> float:
    first, second = _fourth(s)
    return first.low * second.low


def _highpass4(s: Setting) -> float:
    first, second = _fourth(s)
    return first.high * second.high


def _crossover(s: Setting) -> float:
    one = _section(s, Reach(math.sqrt(2), math.sqrt(2)))
    return math.hypot(one.low**2, one.high**2)


def _bell(s: Setting) -> float:
    q, root = s.knobs["q"], s.amplitude("gain", 40)
    one = _section(s, Reach(1 / (q.high * root.high), 1 / (q.low * root.low)))
    return one.band * max(1.0, root.high**2)


def _highshelf(s: Setting) -> float:
    q, root = s.knobs["q"], s.amplitude("gain", 40)
    one = _section(s, Reach(1 / q.high, 1 / q.low), Reach(root.low**0.5, root.high**0.5))
    return root.high**2 * one.high + root.high * one.band + one.low


def _lowshelf(s: Setting) -> float:
    q, root = s.knobs["q"], s.amplitude("gain", 40)
    one = _section(s, Reach(1 / q.high, 1 / q.low), Reach(root.high**-0.5, root.low**-0.5))
    return one.high + root.high * one.band + root.high**2 * one.low


def _loop(s: Setting) -> float:
    """Bound a dry signal and an echo that goes round, no louder each time than ``feedback``."""
    mix = s.high("mix")
    return 1 - mix + mix / (1 - s.high("feedback"))


def _phaser(s: Setting) -> float:
    if not s.moves:
        return _loop(s)
    g = s.corner()
    return _loop(s) * math.sqrt(g.high / g.low)


def _line(s: Setting) -> float:
    if not s.moves:
        return _loop(s)
    mix, round_ = s.high("mix"), OVERSHOOT * s.high("feedback")
    shortest = max(1, math.floor(s.knobs["delay"].low * s.rate) - 1)
    total = 0.0
    for _ in range(min(s.samples // shortest + 1, 1_000)):  # then it is beyond any limit
        total = 1 + round_ * total
    return 1 - mix + mix * OVERSHOOT * math.sqrt(s.samples) * total


def _pingpong(s: Setting) -> float:
    mix, back = s.high("mix"), s.high("feedback")
    return 1 - mix + mix * math.sqrt((1 + back**2) / 2) / (1 - back**2)


def _reverb(s: Setting) -> float:
    """Eight combs, each at most 1 / (1 - loop), at a level that noise keeps."""
    size, mix = s.high("size"), s.high("mix")
    seconds, decay = 0.0287 * (0.5 + 0.75 * size), 0.2 * 30**size
    loop = 10 ** (-3 * seconds / decay)
    return 1 - mix + mix * math.sqrt(8 * 4 / (1 - loop**2)) * 1.02  # delays are rounded


def _multitap(s: Setting) -> float:
    return 1 + math.sqrt(2) * sum(s.amplitude(f"gain_{n}").high for n in (1, 2, 3, 4))


GAINS: Mapping[str, Callable[[Setting], float]] = {
    "lowpass": lambda s: _sharp(s).low,
    "bandpass": lambda s: _sharp(s).band,
    "highpass": lambda s: _sharp(s).high,
    "bandreject": lambda s: _sharp(s).band,
    "lowpass4": _lowpass4,
    "bandpass4": lambda s: _sharp(s).band,
    "highpass4": _highpass4,
    "lowshelf": _lowshelf,
    "highshelf": _highshelf,
    "bell": _bell,
    "crossover": _crossover,
    "phaser": _phaser,
    "chorus": _line,
    "flanger": _line,
    "vibrato": _line,
    "mono_delay": _loop,
    "pingpong_delay": _pingpong,
    "mono_reverb": _reverb,
    "stereo_reverb": _reverb,
    "distortion": lambda s: s.amplitude("gain").high,  # no slope is over 1
    "bitcrush": lambda s: 2.0,  # half a step becomes a whole one
    "compressor": lambda s: 1.0,
    "noisegate": lambda s: 1.0,
    "expander": lambda s: 1.0,
    "pitchshift": lambda s: TAPS,
    "mix": lambda s: 1.0,
    "panning": lambda s: math.sqrt(2),
    "imager": lambda s: max(1.0, s.high("width")),
    "midside_split": lambda s: 1.0,
    "midside_merge": lambda s: math.sqrt(2),
    "graphic_equaliser": lambda s: 10 ** (EQUALISER_DB / 20),
    "gain_pan": lambda s: math.sqrt(2) * s.amplitude("gain").high,
    "multitap_delay": _multitap,
}
"""The bound of every audio processor."""
