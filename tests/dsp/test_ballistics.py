"""The smoother under dynamics and envelopes."""

import math

import pytest
import torch
from torch import Tensor

from graphophone.dsp.ballistics import follow
from graphophone.dsp.memory import Memory

RATE = 1_000


def still(value: float) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=torch.float64)


def run(target: Tensor, *, attack: float, release: float, start: float = 0.0) -> Tensor:
    return follow(
        target,
        attack=still(attack),
        release=still(release),
        start=still(start),
        sample_rate=RATE,
    )


def steps() -> Tensor:
    target = torch.randn(1, 1, 40, generator=torch.Generator().manual_seed(0)).double()
    return target.repeat_interleave(25, -1)


@pytest.mark.parametrize("start", [0.0, 3.0])
def test_approaches_a_steady_target_exponentially(start: float) -> None:
    out = run(torch.ones(1, 1, 100).double(), attack=0.02, release=0.05, start=start)
    constant = 0.02 if start < 1 else 0.05
    time = torch.arange(1, 101, dtype=torch.float64) / RATE
    torch.testing.assert_close(out[0, 0], 1 + (start - 1) * torch.exp(-time / constant))


def test_never_overshoots() -> None:
    target = steps()
    out = run(target, attack=0.003, release=0.02)
    before = torch.nn.functional.pad(out, (1, 0))[..., :-1]
    assert (out <= torch.maximum(target, before)).all()
    assert (out >= torch.minimum(target, before)).all()


def test_equal_constants_make_it_linear() -> None:
    out = run(steps(), attack=0.01, release=0.01)
    torch.testing.assert_close(run(-2 * steps(), attack=0.01, release=0.01), -2 * out)


def test_turned_upside_down_attack_and_release_change_places() -> None:
    up = run(steps(), attack=0.01, release=0.1)
    torch.testing.assert_close(run(-steps(), attack=0.1, release=0.01), -up)


def test_decays_to_zero_and_not_to_numbers_that_are_slow_to_compute() -> None:
    out = run(torch.zeros(1, 1, 30_000).float(), attack=0.01, release=0.01, start=1.0)[0, 0]
    smallest = out[out > 0].min().item()
    assert out[-1] == 0
    assert smallest > torch.finfo(torch.float32).tiny
    assert out[99].item() == pytest.approx(math.exp(-10), rel=1e-6)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def speeds(batch: int) -> dict[str, Tensor]:
    """Time constants of a few samples, and a start, other ones for each clip."""
    names = ("attack", "release", "start")
    return {n: noise(batch, 1, 1, seed=i).abs() * 0.01 + 0.001 for i, n in enumerate(names)}


def test_gradients_are_those_of_finite_differences() -> None:
    target, knobs = noise(2, 2, 150).requires_grad_(), speeds(2)

    def run(target: Tensor, *values: Tensor) -> Tensor:
        return follow(target, **dict(zip(knobs, values, strict=True)), sample_rate=RATE)[..., ::9]

    values = [k.requires_grad_() for k in knobs.values()]
    assert torch.autograd.gradcheck(run, (target, *values))


@pytest.mark.parametrize("block", [1, 7, 64, 200])
def test_blocks_are_the_whole(block: int) -> None:
    target, knobs = noise(2, 2, 300), speeds(2)
    whole, memory = follow(target, **knobs, sample_rate=RATE), Memory()
    parts = []
    for start in range(0, 300, block):
        with memory.block():
            now = target[..., start : start + block]
            parts.append(follow(now, **knobs, sample_rate=RATE))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


def test_only_the_first_block_has_a_start_to_learn() -> None:
    target, knobs, memory = noise(1, 1, 9), speeds(1), Memory()
    for first in (True, False):
        start = knobs["start"] = knobs["start"].detach().requires_grad_()
        with memory.block():
            follow(target, **knobs, sample_rate=RATE).sum().backward()
        assert (start.grad is not None and bool(start.grad.any())) is first


def by_hand(target: Tensor, attack: Tensor, release: Tensor, start: Tensor) -> Tensor:
    """Smooth one sample after another, as the paper is written."""
    rise, fall = (torch.exp(-1 / (time * RATE)) for time in (attack, release))
    out, last = [], start
    for now in target.split(1, -1):
        share = torch.where(now > last, rise, fall)
        last = share * last + (1 - share) * now
        out.append(last)
    return torch.cat(out, -1)


@pytest.mark.parametrize(("lanes", "samples"), [(1, 4_300), (3, 1_500), (6, 800), (19, 300)])
def test_equals_the_loop_written_by_hand_and_its_gradient(lanes: int, samples: int) -> None:
    """Of as many samples as are more than one tile."""
    target, knobs = noise(lanes, 1, samples).requires_grad_(), speeds(lanes)
    values = [target, *(k.requires_grad_() for k in knobs.values())]
    out, expected = follow(target, **knobs, sample_rate=RATE), by_hand(target, **knobs)
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-12)
    weights = noise(lanes, 1, samples, seed=7)
    wanted = torch.autograd.grad((expected * weights).sum(), values)
    gradients = torch.autograd.grad((out * weights).sum(), values)
    torch.testing.assert_close(gradients, wanted, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_lanes_do_not_hear_each_other(dtype: torch.dtype) -> None:
    target, knobs = noise(19, 1, 5_000).to(dtype).requires_grad_(), speeds(19)

    def outcome(clips: slice) -> tuple[Tensor, ...]:
        values = [target[clips], *(k[clips].requires_grad_() for k in knobs.values())]
        named = dict(zip(knobs, values[1:], strict=True))
        out = follow(values[0], **named, sample_rate=RATE)
        return out, *torch.autograd.grad(out.square().sum(), values)

    together = outcome(slice(None))
    for i in (0, 7, 15, 18):
        alone = outcome(slice(i, i + 1))
        assert all(torch.equal(a, b[i : i + 1]) for a, b in zip(alone, together, strict=True))
