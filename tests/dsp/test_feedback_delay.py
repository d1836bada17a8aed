"""Echoes: their gradients, and that neither blocks nor neighbours are heard."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from graphophone.dsp import feedback_delay
from graphophone.dsp.memory import Memory


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def knob(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).view(-1, 1, 1)


def settings(batch: int = 2) -> list[Tensor]:
    """Feedback, mix, gain and damping, different in every clip."""
    spread = torch.linspace(0, 1, batch, dtype=torch.float64).view(-1, 1, 1)
    return [0.9 - 0.5 * spread, 0.2 + 0.7 * spread, 0.1 + 0.3 * spread, 0.6 + spread]


def separate(audio: Tensor, lengths: Tensor, *controls: Tensor) -> Tensor:
    feedback, mix, g, k = controls
    return feedback_delay.separate(audio, delay=lengths, feedback=feedback, mix=mix, g=g, k=k)


def crossed(audio: Tensor, lengths: Tensor, *controls: Tensor) -> Tensor:
    feedback, mix, g, k = controls
    return feedback_delay.crossed(
        audio, left=lengths, right=0.7 * lengths, feedback=feedback, mix=mix, g=g, k=k
    )


Effect = Callable[..., Tensor]
both = pytest.mark.parametrize("effect", [separate, crossed], ids=["separate", "crossed"])


def echoes_by_definition(
    audio: Tensor, lengths: tuple[int, int], controls: list[float], crossing: bool
) -> Tensor:
    """Two channels, sample by sample."""
    feedback, mix, g, k = controls
    lines = [[0.0] * length for length in lengths]
    states, out = [[0.0, 0.0], [0.0, 0.0]], []
    for x in audio.double().T.tolist():
        heard = []
        for line, state in zip(lines, states, strict=True):
            v1 = (state[0] + g * (line.pop(0) - state[1])) / (1 + g * (g + k))
            v2 = state[1] + g * v1
            state[:] = 2 * v1 - state[0], 2 * v2 - state[1]
            heard.append(k * v1)
        if crossing:
            lines[0].append((x[0] + x[1]) / 2 + feedback * heard[1])
            lines[1].append(feedback * heard[0])
        else:
            for line, sample, y in zip(lines, x, heard, strict=True):
                line.append(sample + feedback * y)
        out.append([(1 - mix) * sample + mix * y for sample, y in zip(x, heard, strict=True)])
    return torch.tensor(out, dtype=torch.float64).T


@both
@pytest.mark.parametrize("lengths", [(1, 2), (30, 70), (511, 1_700)], ids=str)
@pytest.mark.parametrize(
    ("dtype", "error"),
    [(torch.float32, 1e-5), (torch.float64, 1e-10)],
    ids=["float32", "float64"],
)
def test_echoes_are_their_definition(
    effect: Effect, lengths: tuple[int, int], dtype: torch.dtype, error: float
) -> None:
    audio, controls = noise(2, 2, 2_600).to(dtype), settings()
    out = effect(audio, knob(*lengths), *controls)
    for clip, length in enumerate(lengths):
        crossing = effect is crossed
        sides = (length, max(1, round(0.7 * length)) if crossing else length)
        values = [c[clip].item() for c in controls]
        expected = echoes_by_definition(audio[clip], sides, values, crossing)
        torch.testing.assert_close(out[clip].double(), expected, rtol=error, atol=error)


@both
@pytest.mark.parametrize("lengths", [(1, 2), (7, 12), (5, 500)], ids=str)
@pytest.mark.parametrize("before", [0, 45])
def test_gradients_are_those_of_finite_differences(
    effect: Effect, lengths: tuple[int, ...], before: int
) -> None:
    """Also in a later block, whose lines are full of what came before."""
    earlier = noise(2, 2, before, seed=1)

    def run(audio: Tensor, *controls: Tensor) -> Tensor:
        memory = Memory()
        if before:
            with memory.block():
                effect(earlier, knob(*lengths), *settings())
        with memory.block():
            return effect(audio, knob(*lengths), *controls)

    audio = noise(2, 2, 50).requires_grad_()
    controls = [c.requires_grad_() for c in settings()]
    assert torch.autograd.gradcheck(run, (audio, *controls))


@both
@pytest.mark.parametrize("long", [(100, 207), (513, 1_200)], ids=str)
def test_gradients_pass_from_chunk_to_chunk(effect: Effect, long: tuple[int, int]) -> None:
    """So long a clip that finite differences take one direction."""
    audio, controls = noise(2, 2, 1_700).requires_grad_(), [c.requires_grad_() for c in settings()]
    lengths, weights = knob(*long), noise(2, 2, 1_700, seed=1)

    def loss(*leaves: Tensor) -> Tensor:
        return (effect(leaves[0], lengths, *leaves[1:]) * weights).sum()

    leaves = [audio, *controls]
    loss(*leaves).backward()
    for i, leaf in enumerate(leaves):
        direction = noise(*leaf.shape, seed=2)
        ends = [
            loss(*(x.detach() + (s * direction if j == i else 0) for j, x in enumerate(leaves)))
            for s in (1e-5, -1e-5)
        ]
        assert leaf.grad is not None
        slope = (leaf.grad * direction).sum()
        torch.testing.assert_close((ends[0] - ends[1]) / 2e-5, slope, rtol=1e-6, atol=1e-6)


@both
def test_a_length_has_no_gradient(effect: Effect) -> None:
    lengths, audio = knob(7.0, 12.0).requires_grad_(), noise(2, 2, 50).requires_grad_()
    effect(audio, lengths, *settings()).sum().backward()
    assert audio.grad is not None
    assert lengths.grad is None


@both
@pytest.mark.parametrize("lengths", [(1, 3), (20, 70), (150, 2_000)], ids=str)
@pytest.mark.parametrize("block", [1, 7, 64, 200])
def test_blocks_are_the_whole(effect: Effect, lengths: tuple[int, ...], block: int) -> None:
    audio = noise(2, 2, 600)
    whole, memory = effect(audio, knob(*lengths), *settings()), Memory()
    parts = []
    for start in range(0, 600, block):
        with memory.block():
            part = audio[..., start : start + block]
            parts.append(effect(part, knob(*lengths), *settings()))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


@both
def test_a_line_keeps_its_length_from_block_to_block(effect: Effect) -> None:
    audio = noise(2, 2, 300)
    whole, memory = effect(audio, knob(20, 30), *settings()), Memory()
    parts = []
    for start, lengths in ((0, (20, 30)), (100, (9, 4_000)), (200, (400, 1))):
        with memory.block():
            parts.append(effect(audio[..., start : start + 100], knob(*lengths), *settings()))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


@both
def test_a_later_block_does_not_change_the_gradient_of_an_earlier_one(effect: Effect) -> None:
    grads: list[Any] = []
    for later in (False, True):
        audio, memory = noise(2, 2, 50).requires_grad_(), Memory()
        mix = knob(0.5, 0.6).requires_grad_()
        feedback, _, g, k = settings()

        def block(audio: Tensor, memory: Memory = memory, mix: Tensor = mix) -> Tensor:
            with memory.block():
                return effect(audio, knob(7, 12), feedback, mix, g, k)  # noqa: B023

        block(noise(2, 2, 50, seed=1))
        out = block(audio)
        if later:
            block(noise(2, 2, 50, seed=2))
        out.square().sum().backward()
        grads.append((audio.grad, mix.grad))
    assert torch.equal(grads[0][0], grads[1][0])
    assert torch.equal(grads[0][1], grads[1][1])


@both
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_a_clip_gives_the_same_bits_in_any_batch(effect: Effect, dtype: torch.dtype) -> None:
    """Also next to clips with shorter lines, which are then read in shorter pieces."""
    count = 19
    audio = noise(count, 2, 2_500).to(dtype)
    audio[..., 100:] = 0  # so that the filters come to rest
    lengths, controls = knob(*range(20, 20 + 11 * count, 11)), settings(count)
    together = effect(audio, lengths, *controls)
    for i in range(count):
        one = slice(i, i + 1)
        alone = effect(audio[one], lengths[one], *(c[one] for c in controls))
        assert torch.equal(alone, together[one])


@both
def test_single_precision_has_the_gradients_of_double(effect: Effect) -> None:
    grads: list[Any] = []
    for dtype in (torch.float32, torch.float64):
        leaves = [noise(2, 2, 300).to(dtype), *settings()]
        audio, *controls = (x.requires_grad_() for x in leaves)
        effect(audio, knob(7, 90), *controls).square().sum().backward()
        grads.append([leaf.grad for leaf in leaves])
    for single, double in zip(*grads, strict=True):
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-4)
