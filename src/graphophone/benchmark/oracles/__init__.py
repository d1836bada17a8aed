"""Processors written down a second time, straight from their definition, in double precision.

They share no code with the compiled ones and take their time: whole arrays where a definition
allows, one sample after another where it does not.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from graphophone.benchmark.contender import Array
from graphophone.benchmark.job import Stage
from graphophone.benchmark.oracles import dynamics, filters, lines
from graphophone.processors import ALL_SPECS

Knobs = Mapping[str, float]
Oracle = Callable[[Array], Array]
"""Audio (2, time) in, audio out."""


Make = Callable[[Knobs, int], Oracle]


def _matched(kind: str) -> Make:
    return lambda knobs, rate: filters.filtered([filters.matched(kind, knobs, rate)])


def _bilinear(kind: str) -> Make:
    return lambda knobs, rate: filters.filtered([filters.section(kind, knobs, rate)])


def _distortion(knobs: Knobs, rate: int) -> Oracle:
    hard, offset = knobs["hardness"], np.full((1, 1), float(knobs["asymmetry"]))

    def bent(u: Array) -> Array:
        return (1 - hard) * np.tanh(u) + hard * np.clip(u, -1, 1)

    return lambda x: bent(x * 10 ** (knobs["gain"] / 20) + offset) - bent(offset)


def _bitcrush(knobs: Knobs, rate: int) -> Oracle:
    step = 2.0 ** (1 - knobs["bit"])
    return lambda x: np.round(x / step) * step


def _imager(knobs: Knobs, rate: int) -> Oracle:
    def image(x: Array) -> Array:
        middle, side = x.mean(0), knobs["width"] * (x[0] - x[1]) / 2
        return np.stack([middle + side, middle - side])

    return image


def _gain_pan(knobs: Knobs, rate: int) -> Oracle:
    angle = (knobs["pan"] + 1) * np.pi / 4
    gains = np.sqrt(2) * 10 ** (knobs["gain"] / 20) * np.array([np.cos(angle), np.sin(angle)])
    return lambda x: x * gains[:, None]


OURS: Mapping[str, Make] = {
    **{kind: _matched(kind) for kind in filters.KINDS},
    "phaser": lambda k, rate: filters.filtered(filters.notches(k, rate)),
    "compressor": lambda k, rate: dynamics.steered(dynamics.compressor(k), k, rate, down=True),
    "expander": lambda k, rate: dynamics.steered(dynamics.expander(k), k, rate, down=False),
    "noisegate": lambda k, rate: dynamics.steered(dynamics.expander(k), k, rate, down=False),
    "distortion": _distortion,
    "bitcrush": _bitcrush,
    "mono_delay": lines.toned_echo,
    "stereo_reverb": lambda k, rate: lines.room(k, rate, crossfeed=0.2),
    "imager": _imager,
    "gain_pan": _gain_pan,
}
"""Our processors, by name: they take settings and the sample rate."""

OTHERS: Mapping[str, Make] = {
    **OURS,
    **{kind: _bilinear(kind) for kind in filters.KINDS},
    "phaser": lambda k, rate: filters.phaser(k["frequency"], k["feedback"], k["mix"], rate),
}
"""What the same names mean elsewhere: filters are made digital by the bilinear transform."""


def settings(stage: Stage) -> Knobs:
    """Return all knobs of a stage."""
    return ALL_SPECS[stage.type].defaults() | dict(stage.knobs)


def definition(stages: Iterable[Stage], rate: int, makes: Mapping[str, Make] = OURS) -> Oracle:
    """Return processors one after the other, ours or others'."""
    oracles = [makes[stage.type](settings(stage), rate) for stage in stages]

    def chain(x: Array) -> Array:
        for oracle in oracles:
            x = oracle(x)
        return x

    return chain
