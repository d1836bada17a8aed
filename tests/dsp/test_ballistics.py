"""The smoother under dynamics and envelopes."""

import math

import pytest
import torch
from torch import Tensor

from graphophone.dsp.ballistics import follow

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
