"""Every filter in motion: the difference equations, walked through sample by sample."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

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


def integrator(frequency: Any) -> Any:
    return np.tan(np.pi * np.minimum(frequency, 0.49 * RATE) / RATE)


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


def second_order(x: Any, g: Any, k: Any, high: Any, band: Any, low: Any) -> Any:
    """Mix the three outputs; everything but the signal may be one number or one a sample."""
    g, k, high, band, low = (np.broadcast_to(v, x.shape) for v in (g, k, high, band, low))
    parts = np.array(list(walk(x, g, k)))
    return high * parts[:, 0] + band * parts[:, 1] + low * parts[:, 2]


def oracle(name: str, x: Any, frequency: Any, q: float, gain: Any) -> Any:
    g, k, a = integrator(frequency), 1 / q, 10 ** (np.asarray(gain) / 40)
    sharp = FLAT[1] * math.sqrt(0.5) / q
    match name:
        case "lowpass":
            return second_order(x, g, k, 0, 0, 1)
        case "highpass":
            return second_order(x, g, k, 1, 0, 0)
        case "bandpass":
            return second_order(x, g, k, 0, k, 0)
        case "bandreject":
            return second_order(x, g, k, 1, 0, 1)
        case "lowpass4":
            return second_order(second_order(x, g, FLAT[0], 0, 0, 1), g, sharp, 0, 0, 1)
        case "highpass4":
            return second_order(second_order(x, g, FLAT[0], 1, 0, 0), g, sharp, 1, 0, 0)
        case "bandpass4":
            return second_order(second_order(x, g, k, 0, k, 0), g, k, 0, k, 0)
        case "bell":
            return second_order(x, g, k / a, 1, k * a, 1)
        case "lowshelf":  # the poles of a shelf lie beside its corner
            return second_order(x, g / np.sqrt(a), k, 1, k * a, a * a)
        case "highshelf":
            return second_order(x, g * np.sqrt(a), k, a * a, k * a, 1)
    raise KeyError(name)


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
        g, k = integrator(f), math.sqrt(2)
        below = second_order(second_order(x, g, k, 0, 0, 1), g, k, 0, 0, 1)
        above = second_order(second_order(x, g, k, 1, 0, 0), g, k, 1, 0, 0)
        assert error(low[0, channel], below) < 1e-9
        assert error(high[0, channel], above) < 1e-9


def phaser_oracle(x: Any, frequency: Any, feedback: float, mix: float) -> Any:
    """Solve each sample's loop with all seven unknowns written down as one linear system."""
    states, out = np.zeros(6), []
    for sample, g in zip(x, integrator(frequency), strict=True):
        pole = g / (1 + g)
        # unknowns: the input of the chain, then each stage's low-pass output
        system, known = np.eye(7), np.zeros(7)
        stage_out = np.zeros((7, 7))  # the chain's signal after n stages, in the unknowns
        stage_out[0, 0] = 1
        for n in range(6):
            system[n + 1] = -pole * stage_out[n]
            system[n + 1, n + 1] += 1
            known[n + 1] = (1 - pole) * states[n]
            stage_out[n + 1] = -stage_out[n]
            stage_out[n + 1, n + 1] += 2
        system[0] -= feedback * stage_out[6]
        known[0] = sample
        solved = np.linalg.solve(system, known)
        states = 2 * solved[1:] - states
        out.append((1 - mix) * sample + mix * stage_out[6] @ solved)
    return np.array(out)


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
