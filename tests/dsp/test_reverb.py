"""The tanks: their gradients, their memory and their clips."""

from typing import Any

import pytest
import torch
from torch import Tensor

from graphophone.dsp import reverb
from graphophone.dsp.memory import Memory

KNOBS = ("decay", "smoothing", "width", "mix")


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def knobs(batch: int = 2, *, smoothing: float = 1.0) -> dict[str, Tensor]:
    """A room of its own for each clip."""
    span = torch.linspace(0, 1, batch, dtype=torch.float64).view(-1, 1, 1)
    return {
        "decay": 0.3 + 0.9 * span,
        "scale": 0.2 + 0.4 * span,
        "smoothing": smoothing * (5e-4 + 1e-3 * span),
        "width": 1 - 0.7 * span,
        "mix": 0.4 + 0.3 * span,
    }


def run(audio: Tensor, settings: dict[str, Tensor], rate: int = 1_000) -> Tensor:
    values: dict[str, Any] = settings
    return reverb.mixed(audio, **values, crossfeed=0.2, sample_rate=rate)


@pytest.mark.parametrize("heard_before", [False, True], ids=["cold", "warm"])
def test_gradients_are_those_of_finite_differences(heard_before: bool) -> None:
    settings = knobs()
    free = [settings[name].clone().requires_grad_() for name in KNOBS]

    def block(audio: Tensor, *values: Tensor) -> Tensor:
        memory = Memory()
        if heard_before:
            with memory.block():
                run(noise(2, 2, 70, seed=1), settings)
        with memory.block():
            return run(audio, settings | dict(zip(KNOBS, values, strict=True)))

    assert torch.autograd.gradcheck(block, (noise(2, 2, 40).requires_grad_(), *free))


def test_a_loop_that_does_not_smooth_has_finite_gradients() -> None:
    settings = knobs(smoothing=0.0)
    settings["smoothing"].requires_grad_()
    settings["decay"].requires_grad_()
    run(noise(2, 2, 200), settings).square().sum().backward()
    for name in ("smoothing", "decay"):
        grad = settings[name].grad
        assert grad is not None
        assert grad.isfinite().all()


def test_long_clips_have_the_gradients_of_short_ones() -> None:
    """A clip that is processed in many pieces, against a difference along one direction."""
    settings = knobs()
    audio, weights = noise(2, 2, 9_001), noise(2, 2, 9_001, seed=1)
    towards = {name: noise(2, 1, 1, seed=i) for i, name in enumerate(KNOBS)}
    towards = {name: settings[name] * 0.1 * step for name, step in towards.items()}
    step_audio = noise(2, 2, 9_001, seed=2)
    free = {n: v.clone().requires_grad_(n in KNOBS) for n, v in settings.items()}
    free_audio = audio.clone().requires_grad_()
    (run(free_audio, free) * weights).sum().backward()
    assert free_audio.grad is not None
    slope = (free_audio.grad * step_audio).sum()
    slope += sum((free[n].grad * towards[n]).sum() for n in KNOBS)  # type: ignore[operator]

    def loss(h: float) -> Tensor:
        moved = settings | {n: settings[n] + h * towards[n] for n in KNOBS}
        return (run(audio + h * step_audio, moved) * weights).sum()

    difference = (loss(1e-5) - loss(-1e-5)) / 2e-5
    torch.testing.assert_close(slope.detach(), difference, rtol=1e-6, atol=0)


def test_only_what_is_wanted_gets_a_gradient_and_the_scale_never_does() -> None:
    settings = {name: value.requires_grad_() for name, value in knobs().items()}
    run(noise(2, 2, 50), settings).sum().backward()
    assert settings["scale"].grad is None
    alone = knobs()
    alone["width"].requires_grad_()
    run(noise(2, 2, 50), alone).sum().backward()
    assert torch.equal(alone["width"].grad, settings["width"].grad)  # type: ignore[arg-type]
    assert alone["mix"].grad is None


@pytest.mark.parametrize("block", [1, 7, 512, 1_000, 5_000])
def test_blocks_are_the_whole(block: int) -> None:
    time = 700 if block == 1 else 9_001
    audio, settings, memory = noise(2, 2, time), knobs(), Memory()
    parts = []
    for start in range(0, time, block):
        with memory.block():
            parts.append(run(audio[..., start : start + block], settings, 8_000))
    torch.testing.assert_close(
        torch.cat(parts, -1), run(audio, settings, 8_000), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_a_clip_sounds_the_same_in_any_batch(dtype: torch.dtype) -> None:
    audio, settings = noise(9, 2, 5_000).to(dtype), knobs(9)
    together = run(audio, settings)
    assert together.dtype == dtype
    for i in range(9):
        alone = {name: value[i : i + 1] for name, value in settings.items()}
        assert torch.equal(run(audio[i : i + 1], alone), together[i : i + 1])


def test_results_are_time_major_however_the_signal_lies() -> None:
    rows = noise(2, 2, 300)
    frames = rows.permute(2, 0, 1).contiguous().permute(1, 2, 0)
    for audio in (rows, frames, rows.clone().requires_grad_()):
        out = run(audio, knobs())
        assert out.permute(2, 0, 1).is_contiguous()
        assert torch.equal(out, run(rows, knobs()))
