"""Peak level and decibels."""

import pytest
import torch

from graphophone.dsp.level import from_db, peak
from graphophone.dsp.memory import Memory


@pytest.mark.parametrize("samples", [1, 9, 10, 11, 95])
@pytest.mark.parametrize("channels", [1, 2])
def test_peak_is_the_largest_magnitude_of_the_last_ten_milliseconds(
    samples: int, channels: int
) -> None:
    """At 1 kHz the window is ten samples, so blocks begin and end within the clip."""
    generator = torch.Generator().manual_seed(samples)
    audio = torch.randn(3, channels, samples, generator=generator)
    padded = torch.nn.functional.pad(audio.abs().amax(1, keepdim=True), (9, 0))
    expected = padded.unfold(-1, 10, 1).amax(-1)
    assert torch.equal(peak(audio, sample_rate=1_000), expected)


def test_a_peak_rises_at_once_and_is_forgotten_after_ten_milliseconds() -> None:
    audio = torch.zeros(1, 2, 30)
    audio[0, 1, 5] = -0.7
    level = peak(audio, sample_rate=1_000)[0, 0]
    assert level.nonzero().flatten().tolist() == list(range(5, 15))


def test_time_major_memory_is_read_in_place() -> None:
    audio = torch.randn(50, 2, 2, generator=torch.Generator().manual_seed(0)).permute(1, 2, 0)
    expected = peak(audio.contiguous(), sample_rate=1_000)
    assert torch.equal(peak(audio, sample_rate=1_000), expected)


@pytest.mark.parametrize(("db", "amplitude"), [(0.0, 1.0), (20.0, 10.0), (-6.0206, 0.5)])
def test_decibels(db: float, amplitude: float) -> None:
    gain = torch.full((1, 1, 1), db, dtype=torch.float64)
    assert from_db(gain).item() == pytest.approx(amplitude, rel=1e-5)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_the_gradient_goes_to_the_sample_that_is_the_peak(channels: int) -> None:
    audio = noise(3, channels, 47).requires_grad_()
    assert torch.autograd.gradcheck(lambda a: peak(a, sample_rate=1_000), audio)


def test_the_gradient_of_decibels() -> None:
    assert torch.autograd.gradcheck(from_db, noise(2, 1, 9).requires_grad_())


def test_silence_has_no_gradient() -> None:
    audio = torch.zeros(1, 2, 30).requires_grad_()
    peak(audio, sample_rate=1_000).sum().backward()
    assert audio.grad is not None
    assert not audio.grad.any()


@pytest.mark.parametrize(
    ("batch", "samples"), [(1, 9_000), (3, 3_000), (16, 600), (37, 600)], ids=str
)
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_peaks_and_gradients_cross_tiles(batch: int, channels: int, samples: int) -> None:
    """Clips of which some fade and some swell, so that peaks are held for long and not at all."""
    slope = torch.linspace(-3, 3, samples, dtype=torch.float64) * noise(batch, 1, 1, seed=1)
    audio = (noise(batch, channels, samples) * slope.exp()).requires_grad_()
    padded = torch.nn.functional.pad(audio.abs().amax(1, keepdim=True), (440, 0))
    expected, level = padded.unfold(-1, 441, 1).amax(-1), peak(audio, sample_rate=44_100)
    assert torch.equal(level, expected)
    weights = noise(batch, 1, samples, seed=2)
    (wanted,) = torch.autograd.grad((expected * weights).sum(), audio)
    (gradient,) = torch.autograd.grad((level * weights).sum(), audio)
    torch.testing.assert_close(gradient, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("block", [1, 7, 10, 40])
def test_blocks_are_the_whole(block: int) -> None:
    audio = noise(2, 2, 95)
    whole, memory = peak(audio, sample_rate=1_000), Memory()
    parts = []
    for start in range(0, 95, block):
        with memory.block():
            parts.append(peak(audio[..., start : start + block], sample_rate=1_000))
    assert torch.equal(torch.cat(parts, -1), whole)


def test_a_peak_of_the_block_before_has_no_gradient() -> None:
    audio, memory = torch.full((1, 1, 20), 0.5).double(), Memory()
    audio[..., 3] = 1.0
    with memory.block():
        peak(audio[..., :8], sample_rate=1_000)
    rest = audio[..., 8:].clone().requires_grad_()
    with memory.block():
        level = peak(rest, sample_rate=1_000)
    level.sum().backward()
    assert rest.grad is not None
    held = (level == 1).sum()  # the loud sample is heard for five samples of this block
    assert held == 5
    assert rest.grad.sum() == rest.numel() - held


@pytest.mark.parametrize("cut", [1, 300, 441, 700, 5_000])
def test_a_later_block_has_the_gradient_that_the_whole_has_there(cut: int) -> None:
    """The clip fades, so most of its early peaks are those of the block before."""
    fade = torch.linspace(0, -4, 10_000, dtype=torch.float64).exp()
    whole, memory = (noise(2, 2, 10_000) * fade).requires_grad_(), Memory()
    weights = noise(2, 1, 10_000, seed=1)[..., cut:]
    level = peak(whole, sample_rate=44_100)[..., cut:]
    (wanted,) = torch.autograd.grad((level * weights).sum(), whole)
    with memory.block():
        peak(whole[..., :cut].detach(), sample_rate=44_100)
    rest = whole[..., cut:].detach().requires_grad_()
    with memory.block():
        level = peak(rest, sample_rate=44_100)
    (gradient,) = torch.autograd.grad((level * weights).sum(), rest)
    torch.testing.assert_close(gradient, wanted[..., cut:])
