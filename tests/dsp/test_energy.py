"""The energy of clips: right, the same in any batch, and with its gradient."""

import math

import pytest
import torch

from graphophone.dsp.energy import energy


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("samples", [1, 3, 4, 999])
def test_is_the_sum_of_squares(channels: int, samples: int) -> None:
    audio = noise(3, channels, samples)
    expected = [math.fsum(x * x for x in clip.flatten().tolist()) for clip in audio]
    torch.testing.assert_close(
        energy(audio), torch.tensor(expected, dtype=torch.float64), rtol=1e-13, atol=0
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("batch", [2, 5, 19])
def test_is_the_same_to_the_last_bit_in_any_batch_and_layout(
    dtype: torch.dtype, batch: int
) -> None:
    audio = noise(batch, 2, 10_007).to(dtype)
    alone = torch.cat([energy(clip[None]) for clip in audio])
    time_major = audio.permute(2, 0, 1).contiguous().permute(1, 2, 0)
    assert torch.equal(energy(audio), alone)
    assert torch.equal(energy(time_major), alone)


def test_single_precision_is_summed_in_double() -> None:
    audio = torch.full((1, 1, 1_000_001), 0.1)
    assert energy(audio).item() == pytest.approx(1_000_001 * audio[0, 0, 0].item() ** 2, rel=1e-10)


def test_gradient_is_that_of_finite_differences() -> None:
    assert torch.autograd.gradcheck(energy, noise(3, 2, 11).requires_grad_())
