"""How much louder a processor may leave a signal than it came, derived from its definition.

Every bound is on the root of the energy over channels, outlets and time, before the energy rule,
as a factor on that of all inlets but ``sidechain``. Nothing here is measured.

Still filters and loops cannot exceed the largest magnitude of their frequency response. Where a
knob moves, there is none, and the bounds come from what is stored:

* In a trapezoidal filter with integrator gain g and damping k the states' squares grow in a
  sample by 4 g v1 (x - k v1), v1 being the band-pass output. So they are never more than the sum
  of g x^2 / k, which bounds the low-pass output, and g k v1^2 sums up to no more than g v1 x. The
  largest of g, k and the shares are looked for on a grid over where the knobs may stand.
* A line that is read between samples gives at most 1.4 times its peak, whatever the delay does,
  and a sound goes round only as often as the shortest delay fits into the clip.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from scipy.signal import freqz

from graphophone.benchmark.oracles.filters import notches, pairs
from graphophone.dsp import analogue
from graphophone.processors import ALL_SPECS

OVERSHOOT = 178 / 128
"""Sum of the weights' magnitudes of fifth-order Lagrange interpolation, halfway."""

TAPS = 6.3
"""Most that a pitch shifter gives: by Schur's test the root of the weights with which a sample is
made (:data:`OVERSHOOT`) times those with which one is read (two taps, twice each, 7 places)."""

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


STILL = Reach(1.0, 1.0)


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


class Prototype(NamedTuple):
    """A second-order analogue filter, as :func:`graphophone.dsp.analogue.section` takes it."""

    k: float
    through: float = 0.0
    band: float = 0.0
    low: float = 0.0
    shift: float = 1.0
    tune: float = 1.0

    def peak(self) -> float:
        """Return the largest magnitude of the response."""
        s = 1j * np.geomspace(1e-4, 1e4, 20_001)
        response = self.through + (self.band * s + self.low) / (s * s + self.k * s + 1)
        return 1.001 * float(np.abs(response).max())


Shape = Callable[[float, float], tuple[Prototype, ...]]
"""The sections of a filter with a quality factor, and an amplitude root for its gain."""

SHARP = 2 * math.cos(3 * math.pi / 8) * math.sqrt(0.5)
FLAT = 2 * math.cos(math.pi / 8)
HALF = Prototype(math.sqrt(2), low=1), Prototype(math.sqrt(2), 1, -math.sqrt(2), -1)


def _high(k: float) -> Prototype:
    return Prototype(k, 1, -k, -1)


SHAPES: Mapping[str, Shape] = {
    "lowpass": lambda q, a: (Prototype(1 / q, low=1),),
    "bandpass": lambda q, a: (Prototype(1 / q, band=1 / q),),
    "highpass": lambda q, a: (_high(1 / q),),
    "bandreject": lambda q, a: (Prototype(1 / q, 1, -1 / q),),
    "lowpass4": lambda q, a: (Prototype(FLAT, low=1), Prototype(SHARP / q, low=1)),
    "bandpass4": lambda q, a: 2 * (Prototype(1 / q, band=1 / q),),
    "highpass4": lambda q, a: (_high(FLAT), _high(SHARP / q)),
    "bell": lambda q, a: (Prototype(1 / (q * a), 1, (a - 1 / a) / q),),
    "lowshelf": lambda q, a: (Prototype(1 / q, 1, (a - 1) / q, a * a - 1, a**-0.5),),
    "highshelf": lambda q, a: (Prototype(1 / q, a * a, (a - a * a) / q, 1 - a * a, a**0.5),),
}


def _filter(shape: Shape) -> Callable[[Setting], float]:
    """Bound a filter section by section; so, though the peaks of sections may lie apart."""

    def bound(s: Setting) -> float:
        qs, gains = s.knobs.get("q", STILL), s.knobs.get("gain", Reach(0, 0))
        shapes = [
            shape(q, 10 ** (gain / 40))
            for q in set(qs)
            for gain in np.linspace(*gains, 9 if s.moves else 2)
        ]
        if not s.moves:
            return max(math.prod(p.peak() for p in sections) for sections in shapes)
        return math.prod(_moving(s, places) for places in zip(*shapes, strict=True))

    return bound


def _moving(s: Setting, shapes: Iterable[Prototype]) -> float:
    """Bound a section that may be any of some prototypes anywhere in the reach of its corner."""
    ends = (max(f, 1e-3) for f in s.knobs["frequency"])
    frequency = torch.from_numpy(np.geomspace(*ends, 65)).view(1, 1, -1)
    found = [
        torch.stack(
            [
                v.expand(1, 1, 65)
                for v in analogue.section(frequency, **p._asdict(), sample_rate=s.rate)
            ]
        )
        for p in shapes
    ]
    g, k, through, band, low = torch.cat(found, -1).abs().view(5, -1)
    most = float((g / k).max())
    middle, below = math.sqrt(most / float((g * k).min())), math.sqrt(s.samples * most)
    total = float(through.max()) + float(band.max()) * middle + float(low.max()) * below
    return 1.02 * total  # between the points of the grid


def _crossover(s: Setting) -> float:
    bands = (_filter(lambda q, a, one=one: (one, one))(s) for one in HALF)
    return math.hypot(*bands)


def _loop(s: Setting) -> float:
    """Bound a dry signal and an echo that goes round, no louder each time than ``feedback``."""
    mix = s.high("mix")
    return 1 - mix + mix / (1 - s.high("feedback"))


def _phaser(s: Setting) -> float:
    """Bound it still by its magnitudes, which near half the rate are a little more than a loop's,
    and moving as the sections it is run as (see its docstring)."""
    if not s.moves:
        knobs = {name: reach.high for name, reach in s.knobs.items()}
        angle = np.linspace(0, np.pi, 8_193)
        responses = [freqz(row[:3], row[3:], angle)[1] for row in notches(knobs, s.rate)]
        return 1.001 * float(np.abs(np.prod(responses, 0)).max())
    feedback, mix = s.high("feedback"), s.high("mix")
    back = mix - feedback * (1 - mix)
    gain = 1 - mix + mix / (1 - feedback)
    poles = pairs(feedback, 1.0)
    for pole, zero in zip(poles, pairs(-back, 1 - mix + 1e-6), strict=True):
        corner = pole[1]
        k, slope, level = pole[0] / corner, zero[0] / corner, (zero[1] / corner) ** 2
        one = Prototype(k, 1, slope - k, level - 1, corner, min(corner, zero[1]))
        gain *= _moving(s, [one])
    return gain


def _line(s: Setting) -> float:
    if not s.moves:
        return _loop(s)
    mix, round_ = s.high("mix"), OVERSHOOT * s.high("feedback")
    shortest = max(1, math.floor(s.knobs["delay"].low * s.rate) - 2)
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
    **{name: _filter(shape) for name, shape in SHAPES.items()},
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
