"""Two channels in, two channels out: gradients and memory layout. The laws are the processors'."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from graphophone.dsp import stereo


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def frames(audio: Tensor) -> Tensor:
    return audio.permute(2, 0, 1).contiguous().permute(1, 2, 0)


curves: dict[str, Callable[[Tensor, Tensor], tuple[Tensor, ...]]] = {
    "balance": lambda audio, knob: (stereo.balance(audio, pan=knob),),
    "widen": lambda audio, knob: (stereo.widen(audio, width=knob),),
    "split": lambda audio, _: stereo.split(audio),
    "merge": lambda audio, knob: (stereo.merge(audio, audio * knob),),
}
every = pytest.mark.parametrize("run", curves.values(), ids=curves.keys())


@every
@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 2, 1), (3, 1, 40), (3, 2, 40)], ids=str)
def test_gradients_are_those_of_finite_differences(
    run: Callable[[Tensor, Tensor], tuple[Tensor, ...]], shape: tuple[int, ...]
) -> None:
    knob = torch.tanh(noise(*shape, seed=1)).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda audio, value: tuple(run(audio, value)), (noise(3, 2, 40).requires_grad_(), knob)
    )


@every
@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 2, 1), (3, 1, 40), (3, 2, 40)], ids=str)
@pytest.mark.parametrize("learns", [False, True])
def test_results_are_time_major_when_signals_are(
    run: Callable[[Tensor, Tensor], tuple[Tensor, ...]], shape: tuple[int, ...], learns: bool
) -> None:
    rows, knob = noise(3, 2, 40), torch.tanh(noise(*shape, seed=1))
    audio = frames(rows).requires_grad_(learns)
    for out, expected in zip(run(audio, frames(knob)), run(rows, knob), strict=True):
        assert out.permute(2, 0, 1).is_contiguous()
        torch.testing.assert_close(out, expected, rtol=1e-12, atol=1e-15)


def test_each_channel_may_have_its_own_knob() -> None:
    audio, knob = noise(1, 2, 30), torch.tanh(noise(1, 2, 30, seed=1))
    for run in (curves["balance"], curves["widen"]):
        (both,) = run(audio, knob)
        for side in (0, 1):
            (one,) = run(audio, knob[:, side : side + 1])
            assert torch.equal(both[:, side], one[:, side])
