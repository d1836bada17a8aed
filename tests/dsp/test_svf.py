"""The pieces of the state-variable filter that every filter stands on."""

import math
from typing import Any

import pytest
import torch

from graphophone.dsp import svf
from graphophone.dsp.memory import Memory


def control(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64).view(1, 1, -1)


def gain(frequency: float, rate: int) -> torch.Tensor:
    return control(math.tan(math.pi * frequency / rate))


def test_amplitude_root_squared_is_the_gain() -> None:
    root = svf.amplitude_root(control(-40.0, 0.0, 20.0))
    torch.testing.assert_close(root**2, control(0.01, 1.0, 10.0), rtol=1e-14, atol=0)


def test_reads_audio_however_it_lies_in_memory() -> None:
    audio = torch.randn(300, 2, 1, generator=torch.Generator().manual_seed(0)).permute(2, 1, 0)
    g, k = gain(500.0, 8_000), control(0.7)
    scattered = svf.filtered(audio, g=g, k=k, low=1.0)
    assert torch.equal(scattered, svf.filtered(audio.contiguous(), g=g, k=k, low=1.0))


def test_each_share_may_move_alone() -> None:
    """Moving shares are plain amplitude modulation of three outputs that stay the same."""
    audio = torch.randn(1, 2, 300, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    g, k = gain(500.0, 8_000), control(0.7)
    fade = torch.linspace(-1, 1, 300, dtype=torch.float64).view(1, 1, -1)
    for share in ("through", "band", "low"):
        one: dict[str, Any] = {share: 1.0}
        faded: dict[str, Any] = {share: fade}
        still = svf.filtered(audio, g=g, k=k, **one)
        moved = svf.filtered(audio, g=g, k=k, **faded)
        torch.testing.assert_close(moved, still * fade, rtol=0, atol=1e-15)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("moving", [(), (0,), (1, 3), (0, 1, 2, 3, 4)])
def test_gradients_are_those_of_finite_differences(moving: tuple[int, ...]) -> None:
    audio = noise(2, 2, 24).requires_grad_()
    controls = [
        (noise(2, 1 + i % 2, 24 if i in moving else 1, seed=i).abs() * 0.3 + 0.1).requires_grad_()
        for i in range(5)
    ]

    def run(audio: torch.Tensor, *c: torch.Tensor) -> torch.Tensor:
        return svf.filtered(audio, g=c[0], k=c[1], through=c[2], band=c[3], low=c[4])

    assert torch.autograd.gradcheck(run, (audio, *controls))


@pytest.mark.parametrize("block", [1, 7, 128, 200])
def test_blocks_are_the_whole(block: int) -> None:
    audio, g = noise(2, 2, 300), noise(2, 1, 300, seed=1).abs() * 0.3
    k = control(0.7).expand(2, 1, 1)
    whole, memory = svf.filtered(audio, g=g, k=k, low=1.0, band=0.3), Memory()
    parts = []
    for start in range(0, 300, block):
        span = slice(start, start + block)
        with memory.block():
            parts.append(svf.filtered(audio[..., span], g=g[..., span], k=k, low=1.0, band=0.3))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


def plain(audio: torch.Tensor, g: float, k: float, shares: tuple[float, ...]) -> torch.Tensor:
    """The filter a sample and a channel at a time, by its integrators."""
    through, band, low = shares
    out = torch.zeros_like(audio)
    time = audio.shape[-1]
    for lane, clip in zip(out.view(-1, time), audio.reshape(-1, time), strict=True):
        s1 = s2 = 0.0
        for t, x in enumerate(clip.tolist()):
            v1 = (s1 + g * (x - s2)) / (1 + g * (g + k))
            v2 = s2 + g * v1
            s1, s2 = 2 * v1 - s1, 2 * v2 - s2
            lane[t] = through * x + band * v1 + low * v2
    return out


@pytest.mark.parametrize("clips", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("time", [1, 3, 4, 6, 127, 261])
def test_samples_ahead_and_lanes_together_are_the_plain_filter(clips: int, time: int) -> None:
    audio, shares = noise(clips, 2, time), (0.4, 1.3, -0.7)
    knobs = [control(value).expand(clips, 1, 1) for value in (0.6, 0.9, *shares)]
    g, k, through, band, low = knobs
    still = svf.filtered(audio, g=g, k=k, through=through, band=band, low=low)
    torch.testing.assert_close(still, plain(audio, 0.6, 0.9, shares), rtol=0, atol=1e-13)
    moving = g.expand(clips, 1, time).contiguous()
    moved = svf.filtered(audio, g=moving, k=k, through=through, band=band, low=low)
    torch.testing.assert_close(moved, still, rtol=0, atol=1e-13)


@pytest.mark.parametrize("moving", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_company_changes_no_bit_of_a_clip_or_its_gradients(
    dtype: torch.dtype, moving: bool
) -> None:
    clips, time = 7, 300
    audio = noise(clips, 2, time).to(dtype)
    knobs = [noise(clips, 1, time if moving else 1, seed=i).abs() * 0.3 + 0.1 for i in range(5)]

    def run(rows: slice) -> list[torch.Tensor]:
        leaves = [part[rows].clone().requires_grad_() for part in (audio, *knobs)]
        x, g, k, through, band, low = leaves
        out = svf.filtered(x, g=g, k=k, through=through, band=band, low=low)
        return [out.detach(), *torch.autograd.grad(out.square().sum(), leaves)]

    together = run(slice(None))
    for i in range(clips):
        for part, alone in zip(together, run(slice(i, i + 1)), strict=True):
            assert torch.equal(part[i : i + 1], alone)


def test_gradients_reach_back_over_blocks_of_kept_states() -> None:
    audio = noise(1, 2, 300).requires_grad_()
    knobs = [control(value).requires_grad_() for value in (0.02, 0.3, 0.4, 1.3, -0.7)]

    def run(audio: torch.Tensor, *c: torch.Tensor) -> torch.Tensor:
        out = svf.filtered(audio, g=c[0], k=c[1], through=c[2], band=c[3], low=c[4])
        return out[..., ::37]

    assert torch.autograd.gradcheck(run, (audio, *knobs), fast_mode=True)
    moving = [knobs[0].detach().expand(1, 1, 300).clone().requires_grad_(), *knobs[1:]]
    assert torch.autograd.gradcheck(run, (audio, *moving), fast_mode=True)
