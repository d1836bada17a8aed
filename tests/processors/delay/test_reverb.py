"""Mono and stereo reverb: against their block diagram, and as rooms."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal
import torch

from graphophone.dsp import rooms, tank_loops
from graphophone.processors.delay.mono_reverb import mono_reverb
from graphophone.processors.delay.stereo_reverb import stereo_reverb
from graphophone.spec import AnyProcessor

both = pytest.mark.parametrize(
    ("processor", "crossfeed"),
    [(mono_reverb, 0.5), (stereo_reverb, 0.2)],
    ids=["mono_reverb", "stereo_reverb"],
)
each = pytest.mark.parametrize("processor", [mono_reverb, stereo_reverb], ids=lambda p: p.spec.name)


def comb(x: list[float], delay: int, gain: float, pole: float) -> list[float]:
    """y[n] = what entered ``delay`` samples ago; a one-pole smooths what comes round again."""
    entered: list[float] = []
    y: list[float] = []
    low = 0.0
    for n, sample in enumerate(x):
        y.append(entered[n - delay] if n >= delay else 0.0)
        low = (1 - pole) * y[n] + pole * low
        entered.append(sample + gain * low)
    return y


def allpass(x: list[float], samples: float, gain: float) -> list[float]:
    """y[n] = late w[n] - g w[n], where w[n] = x[n] + g late w[n]: Schroeder's, round a line.

    The line is a whole number of samples, then Thiran's all-pass.
    """
    whole = math.floor(samples - 0.2)
    a = (1 - samples + whole) / (1 + samples - whole)
    y: list[float] = []
    entered: list[float] = []
    x1 = y1 = 0.0
    for n, sample in enumerate(x):
        x0 = entered[n - whole] if n >= whole else 0.0
        x1, y1 = x0, a * (x0 - y1) + x1
        entered.append(sample + gain * y1)
        y.append(y1 - gain * entered[n])
    return y


def oracle(
    x: Any, size: float, damping: float, width: float, mix: float, crossfeed: float, rate: int
) -> Any:
    decay, scale = 0.2 * 30**size, 0.5 + 0.75 * size
    pole = math.exp(-1 / (1e-4 * damping * rate)) if damping else 0.0
    tails = []
    for side in (0, 1):
        delays = [(d + 0.00061 * side) * scale for d in tank_loops.COMBS]
        loudness = sum(1 / (1 - 10 ** (-6 * d / decay)) for d in delays)
        fed = list((1 - crossfeed) * x[side] + crossfeed * x[1 - side])
        tail = np.zeros(len(fed))
        for delay in delays:
            samples = round(delay * rate)
            tail += comb(fed, samples, 10 ** (-3 * samples / rate / decay), pole)
        signal = list(tail / math.sqrt(loudness))
        for d in rooms.ALLPASSES:
            signal = allpass(signal, (d + 0.00061 * side) * scale * rate, 0.5)
        tails.append(np.array(signal))
    middle, apart = (tails[0] + tails[1]) / 2, width * (tails[0] - tails[1]) / 2
    return (1 - mix) * x + mix * np.stack([middle + apart, middle - apart])


@both
@pytest.mark.parametrize(
    "setting", [(0.0, 0.0, 1.0, 1.0), (0.35, 1.0, 0.6, 0.7), (1.0, 0.5, 0.0, 0.4)], ids=str
)
@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float32, 1e-4), (torch.float64, 1e-9)],
    ids=["float32", "float64"],
)
def test_equals_its_block_diagram(
    processor: AnyProcessor,
    crossfeed: float,
    setting: tuple[float, float, float, float],
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    noise = bench.noise(2_400)
    names = ("size", "damping", "width", "mix")
    knobs = bench.knobs(processor, dtype, **dict(zip(names, setting, strict=True)))
    actual = processor(noise.to(dtype), **knobs, sample_rate=8_000)
    expected = oracle(noise[0].numpy(), *setting, crossfeed, 8_000)
    assert error(actual[0], expected) < tolerance


def decay_time(tail: Any, rate: int) -> float:
    """RT60 from the slope of Schroeder's backward integral between -5 and -35 dB."""
    energy = np.cumsum(tail[::-1] ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0])
    begin, end = (int(np.argmax(level < db)) for db in (-5, -35))
    return 2 * (end - begin) / rate


@each
@pytest.mark.parametrize("rate", [22_050, 96_000])
@pytest.mark.parametrize("size", [0.0, 0.5, 0.8])
def test_dies_by_60_db_in_the_decay_time_at_any_rate(
    processor: AnyProcessor, rate: int, size: float, bench: Any
) -> None:
    decay = 0.2 * 30**size
    audio = bench.impulse(int(1.2 * decay * rate))
    knobs = bench.knobs(processor, size=size, damping=0, mix=1)
    tail = processor(audio, **knobs, sample_rate=rate)[0, 0].numpy()
    assert decay_time(tail, rate) == pytest.approx(decay, rel=0.15)


@each
@pytest.mark.parametrize("rate", [22_050, 96_000])
def test_damping_shortens_the_decay_of_high_frequencies_alone(
    processor: AnyProcessor, rate: int, bench: Any
) -> None:
    def measure(band: tuple[float, float], damping: float) -> float:
        audio = bench.impulse(int(1.4 * rate))
        knobs = bench.knobs(processor, size=0.5, damping=damping, mix=1)
        tail = processor(audio, **knobs, sample_rate=rate)[0, 0].numpy()
        sections = scipy.signal.butter(4, band, "bandpass", fs=rate, output="sos")
        return decay_time(scipy.signal.sosfilt(sections, tail), rate)

    low, high = (100, 200), (4_000, 8_000)
    assert measure(high, 1.0) < 0.4 * measure(high, 0.0)
    assert measure(low, 1.0) > 0.85 * measure(low, 0.0)


@each
def test_noise_comes_back_about_as_loud_whatever_the_size(
    processor: AnyProcessor, bench: Any
) -> None:
    audio = bench.impulse(8 * 8_000, right=0.0)  # an impulse has the energy density of noise
    for size in (0.0, 0.5, 1.0):
        knobs = bench.knobs(processor, size=size, damping=0, width=1, mix=1)
        wet = processor(audio, **knobs, sample_rate=8_000)
        fed = 2 * 0.5**2 if processor is mono_reverb else 0.8**2 + 0.2**2
        assert wet.square().sum().item() == pytest.approx(fed, rel=0.15)


@each
def test_no_width_is_mono_and_full_width_is_not(processor: AnyProcessor, bench: Any) -> None:
    audio = bench.impulse(4_000)
    narrow, wide = (
        processor(audio, **bench.knobs(processor, width=w, mix=1), sample_rate=8_000)[0]
        for w in (0, 1)
    )
    assert torch.equal(narrow[0], narrow[1])
    assert not torch.allclose(wide[0], wide[1])
    torch.testing.assert_close(narrow[0], wide.mean(0))


def test_mono_reverb_does_not_care_where_a_sound_comes_from_and_stereo_reverb_does(
    bench: Any,
) -> None:
    def balance(processor: AnyProcessor, **channels: float) -> float:
        audio = bench.impulse(8_000, **channels)
        wet = processor(audio, **bench.knobs(processor, mix=1), sample_rate=8_000)
        left, right = wet[0].square().sum(-1).tolist()
        return 10 * math.log10(left / right)

    assert balance(mono_reverb, right=0.0) == balance(mono_reverb, left=0.0)
    assert balance(stereo_reverb, right=0.0) > 6 > -6 > balance(stereo_reverb, left=0.0)


@each
def test_batch_items_have_their_own_room(processor: AnyProcessor, bench: Any) -> None:
    audio = bench.noise(4_000).repeat(2, 1, 1)
    knobs = {n: k.repeat(2, 1, 1) for n, k in bench.knobs(processor).items()}
    knobs["size"][:, 0, 0] = torch.tensor([0.9, 0.1])
    together = processor(audio, **knobs, sample_rate=8_000)
    for item in (0, 1):
        alone = {n: k[item : item + 1] for n, k in knobs.items()}
        expected = processor(audio[:1], **alone, sample_rate=8_000)
        assert torch.equal(together[item : item + 1], expected)
