"""Compressor, expander and gate: against a sample-by-sample loop, and against their laws."""

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from graphophone.processors.nonlinear.compressor import compressor
from graphophone.processors.nonlinear.expander import expander
from graphophone.processors.nonlinear.noisegate import noisegate
from graphophone.spec import AnyProcessor

RATE = 8_000
Array = npt.NDArray[np.float64]
every_dynamics = pytest.mark.parametrize(
    "processor", [compressor, expander, noisegate], ids=["compressor", "expander", "noisegate"]
)


def knob(value: float) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=torch.float64)


def run(
    processor: AnyProcessor, audio: Tensor, key: Tensor | None = None, **set_to: float
) -> Tensor:
    knobs = {name: knob(v) for name, v in (processor.spec.defaults() | set_to).items()}
    out: Tensor = processor(audio, key, **knobs, sample_rate=RATE)
    return out


def tone(level_db: float, samples: int = 4_000, frequency: float = 500.0) -> Tensor:
    """A sine whose peaks fall on samples."""
    time = torch.arange(samples, dtype=torch.float64) / RATE
    wave = 10 ** (level_db / 20) * torch.cos(2 * math.pi * frequency * time)
    return wave.expand(1, 2, -1).contiguous()


def bursts(seed: int, samples: int = 2_000) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(1, 2, samples, generator=generator, dtype=torch.float64)
    swell = torch.exp(3 * torch.sin(torch.linspace(0, 20, samples, dtype=torch.float64)) - 4)
    return noise * swell


def level_db(audio: Tensor) -> float:
    """Level of the second half, in dB of a full-scale sine's peak."""
    half = audio[..., audio.shape[-1] // 2 :]
    return 10 * math.log10(2 * float(half.square().mean()))


def curve(level: float, *, threshold: float, ratio: float, knee: float, up: bool) -> float:
    """Static output level in dB for an input level, in the piecewise form of the paper."""
    over = level - threshold if up else threshold - level
    slope = 1 / ratio - 1 if up else 1 - ratio
    if 2 * over < -knee:
        gain = 0.0
    elif 2 * abs(over) <= knee and knee > 0:
        gain = slope * (over + knee / 2) ** 2 / (2 * knee)
    else:
        gain = slope * over
    return gain if up else max(gain, -80.0)


def by_hand(
    audio: Array, key: Array, *, up: bool, attack: float, release: float, **static: float
) -> Array:
    """Compress (``up``) or expand, one sample after another, as the paper is written."""
    window = round(0.01 * RATE)
    gain = curve(-120.0, up=up, **static)
    out = np.empty_like(audio)
    for t in range(audio.shape[-1]):
        peak = max(np.abs(key[:, max(0, t - window + 1) : t + 1]).max(), 1e-6)
        target = curve(20 * math.log10(peak), up=up, **static)
        more = target < gain if up else target > gain
        alpha = math.exp(-1 / ((attack if more else release) * RATE))
        gain = alpha * gain + (1 - alpha) * target
        out[:, t] = audio[:, t] * 10 ** (gain / 20)
    return out


@every_dynamics
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("with_sidechain", [False, True], ids=["self", "sidechain"])
@pytest.mark.parametrize(
    ("threshold", "attack", "release", "knee"),
    [(-30.0, 0.002, 0.05, 0.0), (-20.0, 0.03, 0.01, 18.0), (-45.0, 0.0001, 0.5, 6.0)],
)
def test_equals_the_loop_written_by_hand(
    processor: AnyProcessor,
    dtype: torch.dtype,
    with_sidechain: bool,
    threshold: float,
    attack: float,
    release: float,
    knee: float,
) -> None:
    audio, other = bursts(0), bursts(1).roll(700, -1)
    key = other if with_sidechain else audio
    settings = {
        "threshold": threshold,
        "ratio": 4.0 if processor is expander else 8.0,
        "attack": attack,
        "release": release,
        "knee": knee,
    }
    up = processor is compressor
    expected = torch.from_numpy(by_hand(audio[0].numpy(), key[0].numpy(), up=up, **settings))
    knobs = {name: knob(value).to(dtype) for name, value in settings.items()}
    sidechain = key.to(dtype) if with_sidechain else None
    actual = processor(audio.to(dtype), sidechain, **knobs, sample_rate=RATE)[0].double()
    assert (actual - expected).norm() < 1e-4 * expected.norm()


@pytest.mark.parametrize("ratio", [1.5, 2.0, 4.0, 20.0])
@pytest.mark.parametrize("above", [3.0, 12.0, 24.0])
def test_a_tone_above_the_threshold_leaves_lower_by_the_ratio(ratio: float, above: float) -> None:
    loud = tone(-30 + above)
    out = run(compressor, loud, threshold=-30, ratio=ratio, attack=0.001, knee=0)
    assert level_db(out) == pytest.approx(-30 + above / ratio, abs=0.02)


@pytest.mark.parametrize(
    ("processor", "ratio"), [(expander, 2.0), (expander, 5.0), (noisegate, 6.0)]
)
@pytest.mark.parametrize("below", [1.0, 6.0, 12.0])
def test_a_tone_below_the_threshold_leaves_lower_by_the_ratio(
    processor: AnyProcessor, ratio: float, below: float
) -> None:
    soft = tone(-20 - below)
    out = run(processor, soft, threshold=-20, ratio=ratio, attack=0.0001, release=0.01, knee=0)
    assert level_db(out) == pytest.approx(-20 - ratio * below, abs=0.05)


def test_a_gate_closes_at_80_db() -> None:
    out = run(noisegate, tone(-60), threshold=-20, ratio=30)
    assert level_db(out) == pytest.approx(-140, abs=0.01)


@every_dynamics
def test_a_tone_on_the_other_side_of_the_knee_passes(processor: AnyProcessor) -> None:
    audio = tone(-40.0 if processor is compressor else -20.0)
    out = run(processor, audio, threshold=-30, knee=18, attack=0.0001)
    assert level_db(out) == pytest.approx(level_db(audio), abs=1e-3)


def test_the_knee_takes_an_eighth_of_its_width_at_the_threshold() -> None:
    """Giannoulis et al., eq. 4 at x = T: (1 - 1/R) W / 8 below the corner."""
    out = run(compressor, tone(-20), threshold=-20, ratio=4, knee=16, attack=0.0001)
    assert level_db(out) == pytest.approx(-20 - 0.75 * 16 / 8, abs=0.02)


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_attack_and_release_reach_63_percent_in_decibels_in_their_time(rate: int) -> None:
    loud, soft = round(0.1 * rate), round(0.2 * rate)
    level = torch.cat((torch.full((loud,), 1.0), torch.full((soft,), 0.01))).double()
    audio = level.expand(1, 2, -1).contiguous()
    knobs = compressor.spec.defaults() | {
        "threshold": -20.0, "ratio": 2.0, "knee": 0.0, "attack": 0.02, "release": 0.05
    }  # fmt: skip
    out = compressor(audio, **{n: knob(v) for n, v in knobs.items()}, sample_rate=rate)
    gain_db = 20 * torch.log10(out / audio)[0, 0]
    attacked = gain_db[round(0.02 * rate) - 1]
    assert attacked.item() == pytest.approx(-10 * (1 - math.exp(-1)), rel=1e-6)
    held = loud + round(0.01 * rate) - 1  # the last loud peak is remembered for 10 ms
    released = gain_db[held + round(0.05 * rate) - 1] / gain_db[held - 1]
    assert released.item() == pytest.approx(math.exp(-1), rel=2 / (0.05 * rate))


def test_a_sidechain_ducks() -> None:
    pad, kick = tone(-40), tone(-6)
    kick[..., :2_000] = 0
    out = run(compressor, pad, kick, threshold=-30, ratio=4, attack=0.001, knee=0)
    assert torch.equal(out[..., :2_000], pad[..., :2_000])
    assert level_db(out[..., 2_000:]) == pytest.approx(-40 - 0.75 * 24, abs=0.05)


@every_dynamics
def test_both_channels_move_together(processor: AnyProcessor) -> None:
    audio = bursts(3) * torch.tensor([[1.0], [0.03]], dtype=torch.float64)
    gain = run(processor, audio, threshold=-30) / audio
    torch.testing.assert_close(gain[:, 0], gain[:, 1])


@every_dynamics
def test_a_steady_low_note_is_not_distorted(processor: AnyProcessor) -> None:
    """All of a 55 Hz tone stays at 55 Hz, however fast the gain can move."""
    note = tone(-25, samples=8_000, frequency=55)
    out = run(processor, note, threshold=-24, attack=0.001, release=0.01, knee=18)
    spectrum = torch.fft.rfft(out[0, 0, 4_000:] * torch.hann_window(4_000, dtype=out.dtype)).abs()
    harmonics = spectrum[60:]  # bins of 2 Hz; the tone and its window end at 60 Hz
    assert harmonics.norm() < 1e-3 * spectrum.norm()


@every_dynamics
def test_silence_before_a_clip_only_delays_it(processor: AnyProcessor) -> None:
    audio = bursts(4)
    late = torch.nn.functional.pad(audio, (640, 0))
    torch.testing.assert_close(run(processor, late)[..., 640:], run(processor, audio))
