"""Compression and expansion: against a plain loop and its gradient, blocks, and memory layout."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from graphophone.dsp.dynamics import compress, expand
from graphophone.dsp.memory import Memory

RATE = 1_000
both = pytest.mark.parametrize("run", [compress, expand])


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def still(value: float) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=torch.float64)


def knobs(batch: int) -> dict[str, Tensor]:
    """Other ones for each clip; thresholds amid the levels of noise."""
    middle = {"threshold": 3.0, "ratio": 3.0, "attack": 0.004, "release": 0.015, "knee": 4.0}
    return {
        name: value * (1 + 0.3 * torch.tanh(noise(batch, 1, 1, seed=i)))
        for i, (name, value) in enumerate(middle.items())
    }


@both
@pytest.mark.parametrize("sidechain", [False, True])
def test_gradients_are_those_of_finite_differences(
    run: Callable[..., Tensor], sidechain: bool
) -> None:
    """Clips of two levels, so that both branches and all parts of the knee are taken."""
    fade = torch.logspace(0.3, -0.6, 45, dtype=torch.float64)
    audio, key = noise(2, 2, 45) * fade, noise(2, 2, 45, seed=9) * fade
    settings = knobs(2)

    def outcome(audio: Tensor, key: Tensor, *values: Tensor) -> Tensor:
        named = dict(zip(settings, values, strict=True))
        return run(audio, key if sidechain else audio, **named, sample_rate=RATE)

    values = (audio, key, *settings.values())
    for value in values:
        value.requires_grad_()
    assert torch.autograd.gradcheck(outcome, values)
    outcome(*values).square().sum().backward()
    assert all(value.grad is not None and value.grad.any() for value in settings.values())


@both
def test_the_knee_has_its_gradient_in_all_three_parts(run: Callable[..., Tensor]) -> None:
    """Steady clips of which three are within the knee and one is on each side of it."""
    level = torch.tensor([-29.0, -22.0, -19.5, -17.5, -12.0], dtype=torch.float64)
    audio = (10 ** (level / 20)).view(-1, 1, 1).expand(-1, 1, 30).contiguous()
    static = {"ratio": 4.0, "attack": 0.001, "release": 0.002}
    others = {name: torch.full((5, 1, 1), value).double() for name, value in static.items()}

    def outcome(threshold: Tensor, knee: Tensor) -> Tensor:
        return run(audio, audio, threshold=threshold, knee=knee, **others, sample_rate=RATE)

    threshold, knee = torch.full((2, 5, 1, 1), -20.0).double()
    knee += 26.0  # 6 dB
    assert torch.autograd.gradcheck(outcome, (threshold.requires_grad_(), knee.requires_grad_()))


def by_hand(
    run: Callable[..., Tensor], audio: Tensor, key: Tensor, knobs: dict[str, Tensor]
) -> Tensor:
    """Steer clips one sample after another, as the paper is written; peaks are held for 10 ms."""
    threshold, ratio, knee = knobs["threshold"], knobs["ratio"], knobs["knee"]
    shares = [torch.exp(-1 / (knobs[name] * RATE)) for name in ("attack", "release")]
    fall, rise = shares if run is compress else reversed(shares)

    def target(level: Tensor) -> Tensor:
        over = level - threshold if run is compress else threshold - level
        slope = 1 / ratio - 1 if run is compress else 1 - ratio
        bent = torch.where(over > knee / 2, over, (over + knee / 2) ** 2 / (2 * knee))
        gain = slope * torch.where(over < -knee / 2, 0.0, bent)
        return gain if run is compress else gain.clamp(min=-80)

    padded = torch.nn.functional.pad(key.abs().amax(1, keepdim=True), (RATE // 100 - 1, 0))
    peaks = padded.unfold(-1, RATE // 100, 1).amax(-1)
    gains, gain = [], target(torch.full_like(threshold, -120.0))
    for wanted in target(20 * torch.log10(peaks.clamp(min=1e-6))).split(1, -1):
        share = torch.where(wanted > gain, rise, fall)
        gain = share * gain + (1 - share) * wanted
        gains.append(gain)
    return audio * 10 ** (torch.cat(gains, -1) / 20)


@both
@pytest.mark.parametrize("sidechain", [False, True])
@pytest.mark.parametrize(
    ("batch", "channels", "samples"),
    [
        (1, 2, 4_300),
        (1, 1, 4_300),
        (3, 2, 1_500),
        (6, 3, 800),
        (16, 2, 300),
        (19, 1, 300),
        (37, 2, 300),
    ],
)
def test_equals_the_loop_written_by_hand_and_its_gradient(
    run: Callable[..., Tensor], batch: int, channels: int, samples: int, sidechain: bool
) -> None:
    """Of as many samples as are more than one tile."""
    swell = torch.sin(torch.linspace(0, 20, samples, dtype=torch.float64)).exp()
    audio = (noise(batch, channels, samples) * swell).requires_grad_()
    key = (
        noise(batch, channels, samples, seed=9).mul(swell.flip(-1)).requires_grad_()
        if sidechain
        else audio
    )
    settings = {name: k.requires_grad_() for name, k in knobs(batch).items()}
    values = [audio, *([key] if sidechain else []), *settings.values()]
    out = run(audio, key, **settings, sample_rate=RATE)
    expected = by_hand(run, audio, key, settings)
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-12)
    weights = noise(batch, channels, samples, seed=7)
    wanted = torch.autograd.grad((expected * weights).sum(), values)
    gradients = torch.autograd.grad((out * weights).sum(), values)
    torch.testing.assert_close(gradients, wanted, rtol=1e-8, atol=1e-9)


@both
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_clips_do_not_hear_each_other(
    run: Callable[..., Tensor], channels: int, dtype: torch.dtype
) -> None:
    """To the last bit, in tiles of other widths and lengths."""
    audio, settings = noise(37, channels, 5_000).to(dtype), knobs(37)

    def outcome(clips: slice) -> tuple[Tensor, ...]:
        named = {name: k[clips].to(dtype).requires_grad_() for name, k in settings.items()}
        heard = audio[clips].clone().requires_grad_()
        out = run(heard, heard, **named, sample_rate=RATE)
        return out, *torch.autograd.grad(out.square().sum(), [heard, *named.values()])

    together = outcome(slice(None))
    for clips in (slice(0, 1), slice(7, 8), slice(30, 37), slice(5, 21)):
        apart = outcome(clips)
        assert all(torch.equal(a, b[clips]) for a, b in zip(apart, together, strict=True))


@both
@pytest.mark.parametrize("batch", [2, 17])
@pytest.mark.parametrize("block", [1, 7, 64, 290])
def test_blocks_are_the_whole(run: Callable[..., Tensor], block: int, batch: int) -> None:
    audio, key, settings = noise(batch, 2, 600), noise(batch, 2, 600, seed=9), knobs(batch)
    whole, memory = run(audio, key, **settings, sample_rate=RATE), Memory()
    parts = []
    for start in range(0, 600, block):
        span = slice(start, start + block)
        with memory.block():
            parts.append(run(audio[..., span], key[..., span], **settings, sample_rate=RATE))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


def test_only_the_first_block_starts_as_silence_makes_it() -> None:
    """A gain that hardly moves has no gradient to what an earlier block began with."""
    memory, values = Memory(), {**knobs(1), "attack": still(1e6), "release": still(1e6)}
    for first in (True, False):
        values["threshold"], values["ratio"] = still(3.0), still(1.2)
        steered = [values[name].requires_grad_() for name in ("threshold", "ratio")]
        with memory.block():
            out = expand(noise(1, 2, 50), noise(1, 2, 50), **values, sample_rate=RATE)
        gradients = torch.autograd.grad(out.abs().sum(), steered)
        assert all((gradient.abs().item() > 1e-3) is first for gradient in gradients)


@both
def test_what_is_not_a_number_is_heard(run: Callable[..., Tensor]) -> None:
    settings = knobs(3)
    settings["threshold"][1] = math.nan
    audio = noise(3, 2, 50)
    out = run(audio, audio, **settings, sample_rate=RATE)
    assert out.isnan().flatten(1).all(1).tolist() == [False, True, False]
    assert out[::2].isfinite().all()


@both
def test_of_no_clips_there_is_no_sound(run: Callable[..., Tensor]) -> None:
    audio = torch.zeros(0, 2, 50, dtype=torch.float64)
    assert run(audio, audio, **knobs(0), sample_rate=RATE).shape == audio.shape


@both
@pytest.mark.parametrize("batch", [1, 3])
def test_time_major_memory_stays_time_major(run: Callable[..., Tensor], batch: int) -> None:
    audio = noise(60, batch, 2).permute(1, 2, 0)
    out = run(audio, audio, **knobs(batch), sample_rate=RATE)
    assert out.permute(2, 0, 1).is_contiguous()
