"""Every filter in motion: the difference equations, walked through sample by sample."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.benchmark.oracles.filters import pairs
from graphophone.dsp.analogue import section
from graphophone.processors.filter.bandpass import bandpass
from graphophone.processors.filter.bandpass4 import bandpass4
from graphophone.processors.filter.bandreject import bandreject
from graphophone.processors.filter.bell import bell
from graphophone.processors.filter.crossover import crossover
from graphophone.processors.filter.highpass import highpass
from graphophone.processors.filter.highpass4 import highpass4
from graphophone.processors.filter.highshelf import highshelf
from graphophone.processors.filter.lowpass import lowpass
from graphophone.processors.filter.lowpass4 import lowpass4
from graphophone.processors.filter.lowshelf import lowshelf
from graphophone.processors.filter.phaser import phaser
from graphophone.spec import AnyProcessor

RATE = 32_000
SAMPLES = 2_000
FLAT = 2 * math.cos(math.pi / 8), 2 * math.sin(math.pi / 8)


def sections(name: str, frequency: Any, q: float, gain: Any) -> list[Any]:
    """Coefficients of each section at each sample, as :func:`section` makes them at rest."""
    a, sharp = 10 ** (np.asarray(gain) / 40), FLAT[1] * math.sqrt(0.5) / q
    k = 1 / q
    made = {
        "lowpass": [dict(k=k, low=1)],
        "highpass": [dict(k=k, through=1, band=-k, low=-1)],
        "bandpass": [dict(k=k, band=k)],
        "bandreject": [dict(k=k, through=1, band=-k)],
        "lowpass4": [dict(k=FLAT[0], low=1), dict(k=sharp, low=1)],
        "highpass4": [dict(k=v, through=1, band=-v, low=-1) for v in (FLAT[0], sharp)],
        "bandpass4": 2 * [dict(k=k, band=k)],
        "bell": [dict(k=k / a, through=1, band=k * a - k / a)],
        "lowshelf": [dict(k=k, through=1, band=k * (a - 1), low=a * a - 1, shift=a**-0.5)],
        "highshelf": [dict(k=k, through=a * a, band=k * (a - a * a), low=1 - a * a, shift=a**0.5)],
        "low": 2 * [dict(k=math.sqrt(2), low=1)],
        "high": 2 * [dict(k=math.sqrt(2), through=1, band=-math.sqrt(2), low=-1)],
    }[name]
    return [static(frequency, knobs) for knobs in made]


def static(frequency: Any, knobs: dict[str, Any]) -> Any:
    wide = np.broadcast_arrays(np.asarray(frequency, dtype=np.float64), *knobs.values())
    one = [torch.tensor(v, dtype=torch.float64).view(-1, 1, 1) for v in wide]
    made = section(one[0], **dict(zip(knobs, one[1:], strict=True)), sample_rate=RATE)
    return [v.expand(len(one[0]), 1, 1).flatten().numpy() for v in made]


def walk(x: Any, gains: Any, dampings: Any) -> Iterator[tuple[float, float, float]]:
    """Give high-pass, band-pass and low-pass outputs, solved for the high-pass one first."""
    s1 = s2 = 0.0
    for sample, g, k in zip(x, gains, dampings, strict=True):
        high = (sample - (k + g) * s1 - s2) / (1 + k * g + g * g)
        band = g * high + s1
        s1 = g * high + band
        low = g * band + s2
        s2 = g * band + low
        yield high, band, low


def second_order(x: Any, g: Any, k: Any, through: Any, band: Any, low: Any) -> Any:
    """Mix the input and two outputs; all but the signal may be one number or one a sample."""
    g, k = (np.broadcast_to(v, x.shape) for v in (g, k))
    parts = np.array(list(walk(x, g, k)))
    return through * x + band * parts[:, 1] + low * parts[:, 2]


def oracle(name: str, x: Any, frequency: Any, q: float, gain: Any) -> Any:
    for coefficients in sections(name, frequency, q, gain):
        x = second_order(x, *coefficients)
    return x


corner_filters = [lowpass, highpass, bandpass, bandreject, lowpass4, highpass4, bandpass4]
bands = [lowshelf, highshelf, bell]
every_dtype = pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float32, 1e-4), (torch.float64, 1e-9)],
    ids=["float32", "float64"],
)
by_name: Any = {"ids": lambda p: p.spec.name}


@pytest.mark.parametrize("processor", corner_filters, **by_name)
@every_dtype
def test_corner_filters_follow_each_channels_own_frequency(
    processor: AnyProcessor,
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    noise, q = bench.noise(SAMPLES).to(dtype), 2.0
    frequency = bench.sweep(processor, "frequency", SAMPLES).to(dtype)
    actual = processor(noise, frequency=frequency, q=bench.knob(q).to(dtype), sample_rate=RATE)
    for channel in (0, 1):
        x, f = noise[0, channel].double().numpy(), frequency[0, channel].double().numpy()
        expected = oracle(processor.spec.name, x, f, q, 0.0)
        assert error(actual[0, channel], expected) < tolerance


@pytest.mark.parametrize("processor", bands, **by_name)
@pytest.mark.parametrize("moving", ["frequency", "gain", "both"])
def test_equaliser_bands_follow_each_channels_own_frequency_and_gain(
    processor: AnyProcessor, moving: str, bench: Any, error: Callable[[Any, Any], float]
) -> None:
    noise, q = bench.noise(SAMPLES), 1.5
    frequency, gain = bench.knob(3_000.0), bench.knob(7.0)
    if moving in ("frequency", "both"):
        frequency = bench.sweep(processor, "frequency", SAMPLES)
    if moving in ("gain", "both"):
        gain = bench.sweep(processor, "gain", SAMPLES).flip(1)
    actual = processor(noise, frequency=frequency, gain=gain, q=bench.knob(q), sample_rate=RATE)
    for channel in (0, 1):
        f, db = (c.expand(1, 2, -1)[0, channel].numpy() for c in (frequency, gain))
        expected = oracle(processor.spec.name, noise[0, channel].numpy(), f, q, db)
        assert error(actual[0, channel], expected) < 1e-9


def test_crossover_follows_its_frequency(bench: Any, error: Callable[[Any, Any], float]) -> None:
    noise, frequency = bench.noise(SAMPLES), bench.sweep(crossover, "frequency", SAMPLES)
    low, high = crossover(noise, frequency=frequency, sample_rate=RATE)
    for channel in (0, 1):
        x, f = noise[0, channel].numpy(), frequency[0, channel].numpy()
        below, above = (oracle(name, x, f, 1.0, 0.0) for name in ("low", "high"))
        assert error(low[0, channel], below) < 1e-9
        assert error(high[0, channel], above) < 1e-9


def phaser_oracle(x: Any, frequency: Any, feedback: float, mix: float) -> Any:
    """The roots of both polynomials as complex numbers, paired by their size."""
    back = mix - feedback * (1 - mix)
    out = x * (1 - mix + mix / (1 - feedback))
    poles, zeros = pairs(feedback, 1.0), pairs(-back, 1 - mix + 1e-6)
    for (slope, corner), (zero_slope, zero_corner) in zip(poles, zeros, strict=True):
        k, b, c = slope / corner, zero_slope / corner, (zero_corner / corner) ** 2
        knobs = dict(k=k, through=1.0, band=b - k, low=c - 1, shift=corner)
        out = second_order(out, *static(frequency, knobs | {"tune": min(corner, zero_corner)}))
    return out


@every_dtype
def test_phaser_follows_each_channels_own_frequency(
    dtype: torch.dtype, tolerance: float, bench: Any, error: Callable[[Any, Any], float]
) -> None:
    noise = bench.noise(SAMPLES).to(dtype)
    frequency = bench.sweep(phaser, "frequency", SAMPLES).to(dtype)
    knobs = {"feedback": bench.knob(0.75), "mix": bench.knob(0.5)}
    actual = phaser(noise, frequency=frequency, **knobs, sample_rate=RATE)
    for channel in (0, 1):
        x, f = noise[0, channel].double().numpy(), frequency[0, channel].double().numpy()
        assert error(actual[0, channel], phaser_oracle(x, f, 0.75, 0.5)) < tolerance


def settings(processor: AnyProcessor, bench: Any) -> dict[str, Tensor]:
    return {name: bench.knob(p.default) for name, p in processor.spec.params.items()}


@pytest.mark.parametrize("processor", [*corner_filters, *bands, crossover, phaser], **by_name)
def test_constant_modulation_changes_nothing(
    processor: AnyProcessor, bench: Any, error: Callable[[Any, Any], float]
) -> None:
    noise, knobs = {"in": bench.noise(SAMPLES)}, settings(processor, bench)
    static = processor.outputs(noise, knobs, sample_rate=RATE, samples=SAMPLES)
    for name, param in processor.spec.params.items():
        if param.inlet:
            held = knobs | {name: knobs[name].expand(1, 1, SAMPLES)}
            moved = processor.outputs(noise, held, sample_rate=RATE, samples=SAMPLES)
            assert all(error(moved[outlet], static[outlet]) < 1e-13 for outlet in static)


@pytest.mark.parametrize("processor", [*corner_filters, *bands, crossover, phaser], **by_name)
def test_stays_bounded_while_a_knob_jumps_over_its_whole_travel(
    processor: AnyProcessor, bench: Any
) -> None:
    generator = torch.Generator().manual_seed(1)
    knobs = settings(processor, bench)
    for name in ("q", "feedback"):
        if name in knobs:
            knobs[name] = bench.knob(processor.spec.params[name].high)
    for name, param in processor.spec.params.items():
        if param.inlet:
            travel = torch.rand(1, 2, 8_000, dtype=torch.float64, generator=generator)
            knobs[name] = param.from_travel(travel)
    loud = {"in": bench.noise(8_000)}
    outlets = processor.outputs(loud, knobs, sample_rate=RATE, samples=8_000)
    assert all(out.abs().max() < 20 for out in outlets.values())
