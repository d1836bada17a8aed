"""Chorus, flanger and vibrato: one modulated line at three lengths."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from graphophone.processors.delay.chorus import chorus
from graphophone.processors.delay.flanger import flanger
from graphophone.processors.delay.vibrato import vibrato
from graphophone.spec import AnyProcessor

RATE = 16_000
every_processor = pytest.mark.parametrize(
    "processor", [chorus, flanger, vibrato], ids=lambda p: p.spec.name
)
every_dtype = pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float32, 1e-4), (torch.float64, 1e-9)],
    ids=["float32", "float64"],
)


def between(line: list[float], position: float) -> float:
    """Fifth-order Lagrange interpolation, through the three samples on either side."""
    first = math.floor(position) - 2
    total = 0.0
    for i in range(first, first + 6):
        weight = 1.0
        for j in range(first, first + 6):
            if j != i:
                weight *= (position - j) / (i - j)
        total += weight * (line[i] if i >= 0 else 0.0)
    return total


def oracle(x: Any, delay: Any, feedback: float, mix: float, rate: int = RATE) -> Any:
    line: list[float] = []
    out = []
    for t, (sample, seconds) in enumerate(zip(x, delay, strict=True)):
        line.append(0.0)  # the present sample, which a delay of three or more does not reach
        y = between(line, t - max(seconds * rate, 3.0))
        line[t] = sample + feedback * y
        out.append((1 - mix) * sample + mix * y)
    return np.array(out)


@every_processor
@every_dtype
def test_each_channel_follows_its_own_delay(
    processor: AnyProcessor,
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    samples = 2_000
    noise = bench.noise(samples).to(dtype)
    knobs = bench.knobs(processor, dtype, feedback=0.75, mix=0.5)
    phase = torch.arange(samples) * torch.tensor([[0.011], [0.017]])
    knobs["delay"] = processor.spec.params["delay"].from_travel(
        (0.5 + 0.5 * torch.sin(phase)).unsqueeze(0).to(dtype)
    )
    actual = processor(noise, **knobs, sample_rate=RATE)
    for channel in (0, 1):
        x, delay = (v[0, channel].double().numpy() for v in (noise, knobs["delay"]))
        assert error(actual[0, channel], oracle(x, delay, 0.75, 0.5)) < tolerance


@every_processor
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_constant_modulation_is_a_static_delay(
    processor: AnyProcessor, rate: int, bench: Any, error: Callable[[Any, Any], float]
) -> None:
    noise = bench.noise(int(0.07 * rate))
    for travel in (0.0, 0.4, 1.0):
        delay = processor.spec.params["delay"].from_travel(travel)
        knobs = bench.knobs(processor, feedback=0.9, delay=delay)
        static = processor(noise, **knobs, sample_rate=rate)
        knobs["delay"] = knobs["delay"].expand(1, 1, noise.shape[-1])
        moved = processor(noise, **knobs, sample_rate=rate)
        assert torch.equal(moved, static)
    mix = processor.spec.params["mix"].default
    expected = oracle(noise[0, 1].numpy(), [delay] * noise.shape[-1], 0.9, mix, rate)
    assert error(static[0, 1], expected) < 1e-9


@every_processor
@pytest.mark.parametrize("rate", [22_050, 96_000])
def test_the_copy_arrives_after_the_delay_at_any_rate(
    processor: AnyProcessor, rate: int, bench: Any
) -> None:
    samples = round(0.02 * rate)
    delay = processor.spec.params["delay"].from_travel(0.3)
    audio = bench.impulse(rate // 10)
    knobs = bench.knobs(processor, delay=delay, feedback=0, mix=1)
    out = processor(audio, **knobs, sample_rate=rate)[0, 0]
    centre = (out * torch.arange(out.numel())).sum() / out.sum()  # exact for this interpolation
    assert centre.item() / rate == pytest.approx(delay, rel=1e-9)
    assert out.sum().item() == pytest.approx(1, rel=1e-12)
    assert out.numel() > samples


def test_delay_ranges_and_defaults_do_not_overlap() -> None:
    spans = [p.spec.params["delay"] for p in (flanger, vibrato, chorus)]
    assert all(a.high < b.low for a, b in pairwise(spans))


def test_flanger_cuts_notches_at_odd_multiples_of_half_the_inverse_delay(bench: Any) -> None:
    """y = (x + x delayed) / 2 is silent at 1 / (2 d), 3 / (2 d) ... and full at 1 / d."""
    audio = bench.impulse(16_000)
    knobs = bench.knobs(flanger, delay=0.002, feedback=0, mix=0.5)
    magnitude = torch.fft.rfft(flanger(audio, **knobs, sample_rate=16_000)[0, 0]).abs()
    assert magnitude[[250, 750, 1250]].max() < 1e-9
    torch.testing.assert_close(magnitude[[500, 1000]], torch.ones(2, dtype=torch.float64))


@pytest.mark.parametrize("slope", [-0.01, 0.005, 0.02])
def test_vibrato_changes_the_pitch_by_what_the_delay_shrinks(slope: float, bench: Any) -> None:
    """A delay that grows by ``slope`` seconds a second plays at ``1 - slope`` times the speed."""
    rate, samples = 16_000, 3_200
    time = torch.arange(samples, dtype=torch.float64) / rate
    knobs = bench.knobs(vibrato)
    knobs["delay"] = (0.00725 + slope * (time - 0.1)).view(1, 1, -1)
    out = vibrato(bench.sine(1_000.0, samples, rate), **knobs, sample_rate=rate)[0, 0, 400:]
    expected = torch.sin(2 * torch.pi * 1_000 * (time - knobs["delay"][0, 0]))[400:] * 0.1
    assert (out - expected).norm() / expected.norm() < 1e-3
    # upward zero crossings count the periods
    rises = torch.nonzero((out[:-1] < 0) & (out[1:] >= 0)).flatten()
    periods, span = rises.numel() - 1, (rises[-1] - rises[0]).item() / rate
    assert periods / span == pytest.approx(1_000 * (1 - slope), rel=5e-4)


def test_interpolation_is_never_louder_than_its_input() -> None:
    """So a loop with feedback below 1 cannot grow, wherever the line is read."""
    turn = np.exp(-1j * np.linspace(0, np.pi, 65))
    for fraction in np.linspace(0, 1, 33):
        taps = [between([float(i == n) for n in range(7)], 2 + fraction) for i in range(7)]
        assert np.abs(np.polyval(taps, turn)).max() <= 1 + 1e-12


def test_interpolation_is_true_below_0_15_of_the_rate() -> None:
    """Within 0.03 dB and 0.01 samples, wherever the line is read."""
    turn = np.exp(-1j * np.linspace(0.01, 0.3 * np.pi, 30))
    for fraction in np.linspace(0, 1, 33):
        taps = [between([float(i == n) for n in range(7)], 2 + fraction) for i in range(7)]
        ratio = np.polyval(taps[::-1], turn) / turn ** (2 + fraction)
        assert np.abs(20 * np.log10(np.abs(ratio))).max() < 0.03
        assert np.abs(np.angle(ratio) / np.angle(turn)).max() < 0.01
