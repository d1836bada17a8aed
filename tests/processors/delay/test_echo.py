"""Mono and ping-pong delay: echoes at the right time, on the right side, in the right tone."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from graphophone.benchmark.oracles.filters import lead, matched
from graphophone.processors.delay.mono_delay import mono_delay
from graphophone.processors.delay.pingpong_delay import pingpong_delay
from graphophone.spec import AnyProcessor

RATE = 8_000
both = pytest.mark.parametrize("processor", [mono_delay, pingpong_delay], ids=lambda p: p.spec.name)
every_dtype = pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float32, 1e-4), (torch.float64, 1e-9)],
    ids=["float32", "float64"],
)
SETTING = {"delay": 0.0612, "feedback": 0.8, "mix": 0.6, "frequency": 900.0, "q": 0.7}


class BandPass:
    """Direct-form biquad with the magnitudes of ``(s / q) / (s**2 + s / q + 1)``."""

    def __init__(self, frequency: float, q: float, rate: int) -> None:
        self.row = matched("bandpass", {"frequency": frequency, "q": q}, rate)
        self.x = self.y = (0.0, 0.0)

    def __call__(self, x: float) -> float:
        b0, b1, b2, _, a1, a2 = self.row
        y = b0 * x + b1 * self.x[0] + b2 * self.x[1] - a1 * self.y[0] - a2 * self.y[1]
        self.x, self.y = (x, self.x[0]), (y, self.y[0])
        return float(y)


class Line:
    """A whole number of samples, then Thiran's all-pass ``(a + 1 / z) / (1 + a / z)``."""

    def __init__(self, samples: float) -> None:
        whole = math.floor(samples - 0.2)
        self.a = (1 - samples + whole) / (1 + samples - whole)
        self.ring = [0.0] * whole
        self.x1 = self.y1 = 0.0

    def read(self) -> float:
        x = self.ring.pop(0)
        y = self.a * x + self.x1 - self.a * self.y1
        self.x1, self.y1 = x, y
        return y


def mono(x: Any, knobs: dict[str, float], rate: int) -> Any:
    wanted = BandPass(knobs["frequency"], knobs["q"], rate)
    line = Line(knobs["delay"] * rate + lead(knobs, rate))
    out = []
    for sample in x:
        y = wanted(line.read())
        line.ring.append(sample + knobs["feedback"] * y)
        out.append((1 - knobs["mix"]) * sample + knobs["mix"] * y)
    return np.array(out)


def pingpong(x: Any, knobs: dict[str, float], rate: int) -> Any:
    filters = [BandPass(knobs["frequency"], knobs["q"], rate) for _ in range(2)]
    lines = [
        Line(knobs["delay"] * rate * (1 + o) + lead(knobs, rate))
        for o in (0, knobs["stereo_offset"])
    ]
    out = []
    for sample in x.T:
        y = [f(line.read()) for f, line in zip(filters, lines, strict=True)]
        lines[0].ring.append(sample.mean() + knobs["feedback"] * y[1])
        lines[1].ring.append(knobs["feedback"] * y[0])
        out.append((1 - knobs["mix"]) * sample + knobs["mix"] * np.array(y))
    return np.array(out).T


@every_dtype
def test_mono_delay_equals_its_difference_equation(
    dtype: torch.dtype, tolerance: float, bench: Any, error: Callable[[Any, Any], float]
) -> None:
    noise = bench.noise(3_000).to(dtype)
    actual = mono_delay(noise, **bench.knobs(mono_delay, dtype, **SETTING), sample_rate=RATE)
    for channel in (0, 1):
        expected = mono(noise[0, channel].double().numpy(), SETTING, RATE)
        assert error(actual[0, channel], expected) < tolerance


@every_dtype
@pytest.mark.parametrize("stereo_offset", [-0.5, 0.0, 0.31])
def test_pingpong_delay_equals_its_difference_equation(
    stereo_offset: float,
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    noise = bench.noise(3_000).to(dtype)
    knobs = SETTING | {"stereo_offset": stereo_offset}
    controls = bench.knobs(pingpong_delay, dtype, **knobs)
    actual = pingpong_delay(noise, **controls, sample_rate=RATE)
    expected = pingpong(noise[0].double().numpy(), knobs, RATE)
    assert error(actual[0], expected) < tolerance


@both
@pytest.mark.parametrize("rate", [22_050, 96_000])
@pytest.mark.parametrize("delay", [0.05, 0.375, 1.0])
def test_nothing_is_heard_before_the_echo_and_then_it_is(
    processor: AnyProcessor, rate: int, delay: float, bench: Any
) -> None:
    audio = bench.impulse(int(1.1 * rate))
    knobs = bench.knobs(processor, delay=delay, mix=1)
    left = processor(audio, **knobs, sample_rate=rate)[0, 0]
    arrival = math.floor(delay * rate - 0.2)  # between samples, so it begins in the one before
    assert not left[:arrival].any()
    assert left[: arrival + 3].max() > 0.5 * left.max()


@both
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 192_000])
@pytest.mark.parametrize("stereo_offset", [0.0, -0.37])
def test_the_tenth_echo_comes_when_it_is_due_at_any_rate(
    processor: AnyProcessor, rate: int, stereo_offset: float, bench: Any
) -> None:
    """Its group delay, where the filter has none: at the centre of a band that is wide."""
    delay, frequency = 0.0633, 1_000.0
    setting = {"delay": delay, "feedback": 0.9, "mix": 1.0, "frequency": frequency, "q": 0.1}
    due = 10 * delay
    if processor is pingpong_delay:
        setting["stereo_offset"], due = stereo_offset, 5 * delay * (2 + stereo_offset)
    out = processor(bench.impulse(rate), **bench.knobs(processor, **setting), sample_rate=rate)[0]
    time = torch.arange(rate, dtype=torch.float64) / rate
    near = (time - due).abs() < 0.3 * delay
    echo = (out[1] * torch.exp(-2j * math.pi * frequency * time))[near]
    late = ((time[near] - due) * echo).sum() / echo.sum()
    passes = 10 * 2 * 0.1 / (2 * math.pi * frequency)  # of the analogue filter, 2 q / w each
    assert abs(late.real.item() - passes) * rate < 0.5


def test_pingpong_bounces_from_side_to_side(bench: Any) -> None:
    """A click on the right comes back left after d, right after 2.5 d, left after 3.5 d ..."""
    audio = bench.impulse(RATE, left=0.0)
    knobs = bench.knobs(pingpong_delay, delay=0.1, stereo_offset=0.5, feedback=0.5, mix=1)
    out = pingpong_delay(audio, **knobs, sample_rate=RATE)[0]
    energy = out.square().reshape(2, -1, RATE // 20).sum(-1)  # in steps of half a delay
    loud = energy > 0.005 * energy.max()
    assert loud[0].nonzero().flatten().tolist()[:2] == [2, 7]
    assert loud[1].nonzero().flatten().tolist()[0] == 5


def test_each_echo_is_weaker_by_feedback_at_the_centre_of_the_band(bench: Any) -> None:
    """There the filter's gain is 1, so the impulse response is a comb of known magnitude."""
    audio = bench.impulse(4 * RATE)
    knobs = bench.knobs(mono_delay, delay=0.1, feedback=0.6, mix=1, frequency=1_000, q=0.5)
    spectrum = torch.fft.rfft(mono_delay(audio, **knobs, sample_rate=RATE)[0, 0])
    assert spectrum[4_000].abs().item() == pytest.approx(1 / (1 - 0.6), rel=1e-3)


@both
@pytest.mark.parametrize("rate", [22_050, 96_000])
def test_sounds_alike_at_any_rate(processor: AnyProcessor, rate: int, bench: Any) -> None:
    """The echo's tone, seen through the whole impulse response at a few frequencies."""
    knobs = bench.knobs(processor, **SETTING | {"delay": 0.06, "mix": 1.0})

    def spectrum(at: int) -> Any:
        out = processor(bench.impulse(at), **knobs, sample_rate=at)
        return torch.fft.rfft(out[0, 0])[[250, 900, 1_500]].abs()

    torch.testing.assert_close(spectrum(rate), spectrum(48_000), rtol=0.05, atol=0.01)


def test_mono_delay_keeps_channels_apart_and_batch_items_have_their_own_delay(bench: Any) -> None:
    audio = bench.impulse(2_000, right=0.0).repeat(2, 1, 1)
    knobs = {n: k.repeat(2, 1, 1) for n, k in bench.knobs(mono_delay, mix=1).items()}
    knobs["delay"][:, 0, 0] = torch.tensor([0.06, 0.2]).double() - 1e-5
    out = mono_delay(audio, **knobs, sample_rate=RATE)
    assert not out[:, 1].any()
    assert [int(out[i, 0].nonzero()[0]) + 1 for i in (0, 1)] == [480, 1_600]
