"""Echoes: their gradients, and that neither blocks nor neighbours are heard."""

import cmath
import math
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


NAMES = ("feedback", "mix", "g", "k", "through", "band", "low")


def settings(batch: int = 2) -> list[Tensor]:
    """What :data:`NAMES` says, different in every clip; no filter is louder than 1."""
    spread = torch.linspace(0, 1, batch, dtype=torch.float64).view(-1, 1, 1)
    usual = [0.9 - 0.5 * spread, 0.2 + 0.7 * spread, 0.1 + 0.3 * spread, 0.6 + spread]
    return [*usual, 0.2 - 0.3 * spread, 0.3 + 0.2 * spread, 0.2 * spread]


def separate(audio: Tensor, lengths: Tensor, *controls: Tensor) -> Tensor:
    knobs: Any = dict(zip(NAMES, controls, strict=True))
    return feedback_delay.separate(audio, delay=lengths, **knobs)


def crossed(audio: Tensor, lengths: Tensor, *controls: Tensor) -> Tensor:
    knobs: Any = dict(zip(NAMES, controls, strict=True))
    return feedback_delay.crossed(audio, left=lengths, right=0.7 * lengths, **knobs)


Effect = Callable[..., Tensor]
both = pytest.mark.parametrize("effect", [separate, crossed], ids=["separate", "crossed"])


class AllPass:
    """Thiran's of first order, in direct form, behind a whole number of samples."""

    def __init__(self, samples: float) -> None:
        held = max(samples, 1.2)
        self.whole = math.floor(held - 0.2)
        rest = held - self.whole
        self.a = (1 - rest) / (1 + rest)
        self.line = [0.0] * self.whole
        self.x = self.y = 0.0

    def __call__(self) -> float:
        x = self.line.pop(0)
        self.x, self.y = x, self.a * (x - self.y) + self.x
        return self.y


def echoes_by_definition(
    audio: Tensor, lengths: tuple[float, float], controls: list[float], crossing: bool
) -> Tensor:
    """Two channels, sample by sample."""
    feedback, mix, g, k, through, band, low = controls
    lines = [AllPass(length) for length in lengths]
    states, out = [[0.0, 0.0], [0.0, 0.0]], []
    for x in audio.double().T.tolist():
        heard = []
        for line, state in zip(lines, states, strict=True):
            came = line()
            v1 = (state[0] + g * (came - state[1])) / (1 + g * (g + k))
            v2 = state[1] + g * v1
            state[:] = 2 * v1 - state[0], 2 * v2 - state[1]
            heard.append(through * came + band * v1 + low * v2)
        if crossing:
            lines[0].line.append((x[0] + x[1]) / 2 + feedback * heard[1])
            lines[1].line.append(feedback * heard[0])
        else:
            for line, sample, y in zip(lines, x, heard, strict=True):
                line.line.append(sample + feedback * y)
        out.append([(1 - mix) * sample + mix * y for sample, y in zip(x, heard, strict=True)])
    return torch.tensor(out, dtype=torch.float64).T


@both
@pytest.mark.parametrize("lengths", [(1, 2.3), (30, 70.19), (511.9, 1_700.5)], ids=str)
@pytest.mark.parametrize(
    ("dtype", "error"),
    [(torch.float32, 1e-5), (torch.float64, 1e-10)],
    ids=["float32", "float64"],
)
def test_echoes_are_their_definition(
    effect: Effect, lengths: tuple[float, float], dtype: torch.dtype, error: float
) -> None:
    audio, controls = noise(2, 2, 2_600).to(dtype), settings()
    out = effect(audio, knob(*lengths), *controls)
    for clip, length in enumerate(lengths):
        sides = (length, 0.7 * length if effect is crossed else length)
        values = [c[clip].item() for c in controls]
        expected = echoes_by_definition(audio[clip], sides, values, effect is crossed)
        torch.testing.assert_close(out[clip].double(), expected, rtol=error, atol=error)


@both
@pytest.mark.parametrize("lengths", [(1, 2.3), (7.5, 12), (5.3, 500.1)], ids=str)
@pytest.mark.parametrize("before", [0, 45])
def test_gradients_are_those_of_finite_differences(
    effect: Effect, lengths: tuple[int, ...], before: int
) -> None:
    """Also in a later block, whose lines are full of what came before."""
    earlier = noise(2, 2, before, seed=1)

    def run(audio: Tensor, delay: Tensor, *controls: Tensor) -> Tensor:
        memory = Memory()
        if before:
            with memory.block():
                effect(earlier, knob(*lengths), *settings())
        with memory.block():
            return effect(audio, delay, *controls)

    leaves = [noise(2, 2, 50), knob(*lengths), *settings()]
    assert torch.autograd.gradcheck(run, [leaf.requires_grad_() for leaf in leaves])


@both
@pytest.mark.parametrize("long", [(100.5, 207), (513.9, 1_200)], ids=str)
def test_gradients_pass_from_chunk_to_chunk(effect: Effect, long: tuple[float, float]) -> None:
    """So long a clip that finite differences take one direction."""
    weights = noise(2, 2, 1_700, seed=1)

    def loss(*leaves: Tensor) -> Tensor:
        return (effect(*leaves) * weights).sum()

    leaves = [x.requires_grad_() for x in (noise(2, 2, 1_700), knob(*long), *settings())]
    loss(*leaves).backward()  # type: ignore[no-untyped-call]
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
def test_a_length_that_is_held_has_no_gradient(effect: Effect) -> None:
    lengths = knob(1.1, 12.3).requires_grad_()
    effect(noise(2, 2, 50), lengths, *settings()).square().sum().backward()
    assert lengths.grad is not None
    assert lengths.grad[0] == 0
    assert lengths.grad[1] != 0


@both
@pytest.mark.parametrize("length", [12.3, 12.95, 13.15, 40.5])
def test_echoes_come_when_they_are_due(effect: Effect, length: float) -> None:
    """The middles of five echoes on each side, where neither filters nor the line change them."""
    keep = [knob(0.9), knob(1.0), knob(0.1), knob(1.0), knob(1.0), knob(0.0), knob(0.0)]
    audio = torch.zeros(1, 2, 9_000, dtype=torch.float64)
    audio[..., 0] = 1
    out = effect(audio, knob(length), *keep)[0]
    turn = torch.exp(-2j * math.pi * 0.002 * torch.arange(9_000))
    for side, y in enumerate(out):
        # the phase of an echo is what the one before it has, and its delay
        if effect is crossed:
            early = 0.5 * 2 * turn_of(length) if side == 0 else 0.9 * turn_of(1.7 * length)
            ratio = 0.81 * turn_of(1.7 * length)
        else:
            early, ratio = turn_of(length), 0.9 * turn_of(length)
        expected = early / (1 - ratio)
        assert abs((y * turn).sum() - expected) < 1e-3 * abs(expected)


def turn_of(samples: float) -> complex:
    return cmath.exp(-2j * math.pi * 0.002 * samples)


@both
@pytest.mark.parametrize("lengths", [(1, 3.4), (20.3, 70.9), (150.1, 2_000)], ids=str)
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
    whole, memory = effect(audio, knob(20.3, 30), *settings()), Memory()
    parts = []
    for start, lengths in ((0, (20.3, 30)), (100, (9, 4_000)), (200, (400, 1))):
        with memory.block():
            parts.append(effect(audio[..., start : start + 100], knob(*lengths), *settings()))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


@both
def test_a_later_block_does_not_change_the_gradient_of_an_earlier_one(effect: Effect) -> None:
    grads: list[Any] = []
    for later in (False, True):
        audio, memory = noise(2, 2, 50).requires_grad_(), Memory()
        mix = knob(0.5, 0.6).requires_grad_()
        feedback, _, *others = settings()

        def block(audio: Tensor, memory: Memory = memory, mix: Tensor = mix) -> Tensor:
            with memory.block():
                return effect(audio, knob(7, 12), feedback, mix, *others)  # noqa: B023

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
    lengths, controls = knob(*(20 + 11.1 * i for i in range(count))), settings(count)
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
        effect(audio, knob(7.4, 90), *controls).square().sum().backward()
        grads.append([leaf.grad for leaf in leaves])
    for single, double in zip(*grads, strict=True):
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-4)
