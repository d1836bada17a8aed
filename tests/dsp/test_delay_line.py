"""Delay lines: their gradients, and that neither blocks nor neighbours are heard."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from graphophone.dsp import delay_line
from graphophone.dsp.memory import Memory

RATE = 1_000
LONGEST = 0.02


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def knob(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).view(-1, 1, 1)


def between_samples(*shape: int, seed: int = 0) -> Tensor:
    """Delays from 3.2 to 13.8 samples that are not near a whole number, in seconds."""
    generator = torch.Generator().manual_seed(seed)
    whole = torch.randint(3, 14, shape, generator=generator)
    return (whole + 0.2 + 0.6 * torch.rand(shape, generator=generator).double()) / RATE


def modulated(audio: Tensor, delay: Tensor, feedback: Tensor, mix: Tensor) -> Tensor:
    return delay_line.modulated(
        audio, delay=delay, feedback=feedback, mix=mix, longest=LONGEST, sample_rate=RATE
    )


def transposed(audio: Tensor, semitones: Tensor) -> Tensor:
    return delay_line.transposed(audio, semitones=semitones, window=0.0137, sample_rate=RATE)


def sweep(batch: int, time: int) -> Tensor:
    """A delay for each channel that travels through the whole line."""
    phase = torch.arange(time) * 0.03 * (1 + torch.arange(2 * batch).view(batch, 2, 1))
    return (0.011 + 0.008 * torch.sin(phase)).double()


effects: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "modulated": lambda x, d: modulated(x, d, knob(0.7, 0.3), knob(0.5, 0.9)),
    "still": lambda x, d: modulated(x, d[..., :1] * 0 + 0.0041, knob(0.7, 0.3), knob(0.5, 0.9)),
    "transposed": lambda x, d: transposed(x, knob(5.3, -7.1)),
    "unison": lambda x, d: transposed(x, knob(0.0, 12.0)),
}
every_effect = pytest.mark.parametrize("effect", effects.values(), ids=effects.keys())


def interpolated(line: list[float], now: float) -> float:
    """Lagrange's polynomial through the six samples around a time, as its definition says."""
    first = math.floor(now) - 2
    total = 0.0
    for i in range(first, first + 6):
        share = 1.0
        for j in range(first, first + 6):
            share *= (now - j) / (i - j) if i != j else 1.0
        total += share * (line[i] if i >= 0 else 0.0)
    return total


def modulated_by_definition(audio: Tensor, delay: Tensor, feedback: float, mix: float) -> Tensor:
    """One channel, sample by sample."""
    line, out = [], []
    for t, (x, d) in enumerate(zip(audio.tolist(), delay.tolist(), strict=True)):
        line += [0.0] * (t + 1 - len(line))
        y = interpolated([*line, 0.0, 0.0], t - max(d * RATE, 3.0))
        line[t] = x + feedback * y
        out.append((1 - mix) * x + mix * y)
    return torch.tensor(out, dtype=torch.float64)


def transposed_by_definition(audio: Tensor, semitones: float) -> Tensor:
    """One channel, sample by sample."""
    window, line, out = 0.0137 * RATE, [*audio.tolist(), 0.0, 0.0, 0.0], []
    for t in range(audio.numel()):
        turn = t * (1 - 2 ** (semitones / 12)) / window
        loud = math.sin(math.pi * turn) ** 2
        taps = [t - 2 - (turn + half) % 1 * window for half in (0, 0.5)]
        out.append(loud * interpolated(line, taps[0]) + (1 - loud) * interpolated(line, taps[1]))
    return torch.tensor(out, dtype=torch.float64)


both_precisions = pytest.mark.parametrize(
    ("dtype", "error"),
    [(torch.float32, 1e-5), (torch.float64, 1e-10)],
    ids=["float32", "float64"],
)


@both_precisions
@pytest.mark.parametrize("kind", ["still", "moving", "slow"])
def test_a_line_is_its_definition(dtype: torch.dtype, error: float, kind: str) -> None:
    """With feedback and without, so long that it moves to its beginning again and again."""
    time, feedback, mix = 2_600, knob(0.7, 0.0, 0.2), knob(0.5, 0.9, 1.0)
    delay = sweep(3, time) if kind == "moving" else knob(0.0023, 0.0171, 0.009)
    if kind == "slow":
        delay = torch.stack([torch.linspace(a, a + 0.002, time) for a in (0.002, 0.009, 0.017)])
        delay = delay.double()[:, None]
    audio, delay = noise(3, 2, time).to(dtype), delay.to(dtype)
    out = modulated(audio, delay, feedback, mix)
    for clip in range(3):
        for channel in range(2):
            lengths = delay.double().expand(3, 2, time)[clip, channel]
            how = feedback[clip].item(), mix[clip].item()
            expected = modulated_by_definition(audio[clip, channel], lengths, *how)
            torch.testing.assert_close(
                out[clip, channel].double(), expected, rtol=0, atol=10 * error
            )


@both_precisions
def test_a_change_of_pitch_is_its_definition(dtype: torch.dtype, error: float) -> None:
    audio, semitones = noise(2, 2, 2_600).to(dtype), (5.3, -7.1)
    out = transposed(audio, knob(*semitones))
    for clip in range(2):
        for channel in range(2):
            expected = transposed_by_definition(audio[clip, channel], semitones[clip])
            torch.testing.assert_close(
                out[clip, channel].double(), expected, rtol=0, atol=10 * error
            )


@pytest.mark.parametrize("moving", [False, True])
@pytest.mark.parametrize("channels", [1, 2])
def test_gradients_pass_from_chunk_to_chunk(channels: int, moving: bool) -> None:
    """So long a clip that finite differences take one direction; with feedback and without."""
    time = 2_600
    delay = between_samples(4, channels, time if moving else 1)
    leaves = [noise(4, 2, time), delay, knob(0.8, 0.0, 0.3, 0.1), knob(0.3, 0.9, 1.0, 0.5)]
    leaves.append(knob(6.3, -4.1, 0.5, 11))
    weights, other = noise(4, 2, time, seed=1), noise(4, 2, time, seed=2)

    def loss(audio: Tensor, delay: Tensor, feedback: Tensor, mix: Tensor, pitch: Tensor) -> Tensor:
        one, two = modulated(audio, delay, feedback, mix), transposed(audio, pitch)
        return (one * weights).sum() + (two * other).sum()

    loss(*(leaf.requires_grad_() for leaf in leaves)).backward()  # type: ignore[no-untyped-call]
    for i, leaf in enumerate(leaves):
        direction = noise(*leaf.shape, seed=3) * (1e-4 if i == 1 else 1e-2 if i == 4 else 1)
        ends = [
            loss(*(x.detach() + (s * direction if j == i else 0) for j, x in enumerate(leaves)))
            for s in (1e-5, -1e-5)
        ]
        assert leaf.grad is not None
        slope = (leaf.grad * direction).sum()
        torch.testing.assert_close((ends[0] - ends[1]) / 2e-5, slope, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("channels", "moving"), [(1, False), (2, False), (1, True), (2, True)])
@pytest.mark.parametrize("before", [0, 45])
def test_modulated_gradients_are_those_of_finite_differences(
    channels: int, moving: bool, before: int
) -> None:
    """Also in a later block, whose line is full of what came before."""
    earlier = noise(2, 2, before, seed=1), sweep(2, before)
    delay = between_samples(2, channels, 40 if moving else 1).requires_grad_()
    feedback, mix = knob(0.8, 0.4).requires_grad_(), knob(0.3, 0.9).requires_grad_()

    def run(audio: Tensor, *controls: Tensor) -> Tensor:
        memory = Memory()
        if before:
            with memory.block():
                modulated(*earlier, knob(0.8, 0.4), knob(0.3, 0.9))
        with memory.block():
            return modulated(audio, *controls)

    audio = noise(2, 2, 40).requires_grad_()
    # a step of 1e-6 seconds is so much of a sample here that curvature would be felt
    assert torch.autograd.gradcheck(run, (audio, delay, feedback, mix), eps=1e-7)


@pytest.mark.parametrize("before", [0, 45])
def test_transposed_gradients_are_those_of_finite_differences(before: int) -> None:
    earlier = noise(2, 2, before, seed=1)

    def run(audio: Tensor, semitones: Tensor) -> Tensor:
        memory = Memory()
        if before:
            with memory.block():
                transposed(earlier, knob(6.0, -4.0))
        with memory.block():
            return transposed(audio, semitones)

    audio, semitones = noise(2, 2, 60).requires_grad_(), knob(6.3, -4.1).requires_grad_()
    assert torch.autograd.gradcheck(run, (audio, semitones))


def test_a_delay_that_is_held_has_no_gradient() -> None:
    delay = torch.tensor([[[0.001, 0.0035]], [[0.05, 0.0045]]], dtype=torch.float64)
    held = delay.repeat(1, 1, 20).requires_grad_()
    modulated(noise(2, 2, 40), held, knob(0.8, 0.8), knob(0.3, 0.3)).square().sum().backward()
    assert held.grad is not None
    assert not held.grad[..., ::2].any()
    assert held.grad[..., 11::2].all()


def test_unison_passes_the_gradient_as_it_is() -> None:
    audio, semitones = noise(2, 2, 40).requires_grad_(), knob(0.0, 3.0).requires_grad_()
    weights = noise(2, 2, 40, seed=1)
    (transposed(audio, semitones) * weights).sum().backward()
    assert audio.grad is not None
    assert semitones.grad is not None
    assert torch.equal(audio.grad[0], weights[0])
    assert semitones.grad[0] == 0
    assert semitones.grad[1] != 0


@every_effect
@pytest.mark.parametrize(
    ("block", "time"), [(1, 300), (7, 300), (64, 3_000), (200, 300), (700, 3_000)]
)
def test_blocks_are_the_whole(
    effect: Callable[[Tensor, Tensor], Tensor], block: int, time: int
) -> None:
    audio, delay = noise(2, 2, time), sweep(2, time)
    whole, memory = effect(audio, delay), Memory()
    parts = []
    for start in range(0, time, block):
        span = slice(start, start + block)
        with memory.block():
            parts.append(effect(audio[..., span], delay[..., span]))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


@every_effect
def test_a_later_block_does_not_change_the_gradient_of_an_earlier_one(
    effect: Callable[[Tensor, Tensor], Tensor],
) -> None:
    grads: list[Any] = []
    for later in (False, True):
        audio, memory = noise(2, 2, 50).requires_grad_(), Memory()
        with memory.block():
            effect(noise(2, 2, 50, seed=1), sweep(2, 50))
        delay = sweep(2, 50).requires_grad_()
        with memory.block():
            out = effect(audio, delay)
        if later:
            with memory.block():
                effect(noise(2, 2, 50, seed=2), sweep(2, 50))
        out.square().sum().backward()
        grads.append((audio.grad, delay.grad))
    assert torch.equal(grads[0][0], grads[1][0])
    if grads[0][1] is not None:
        assert torch.equal(grads[0][1], grads[1][1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("time", [200, 1_700])
@pytest.mark.parametrize("moving", [False, True])
def test_a_clip_gives_the_same_bits_in_any_batch(
    dtype: torch.dtype, time: int, moving: bool
) -> None:
    """Also next to clips with other delays, and as the last of an odd number."""
    count = 19
    audio, delay = noise(count, 2, time).to(dtype), sweep(count, time)[..., : None if moving else 1]
    feedback, mix = noise(count, 1, 1, seed=1).sigmoid(), noise(count, 1, 1, seed=2).sigmoid()
    feedback[::3] = 0
    semitones = torch.linspace(-12, 12, count, dtype=torch.float64).view(-1, 1, 1)
    together = modulated(audio, delay, feedback, mix), transposed(audio, semitones)
    for i in range(count):
        one = slice(i, i + 1)
        alone = modulated(audio[one], delay[one], feedback[one], mix[one])
        assert torch.equal(alone, together[0][one])
        assert torch.equal(transposed(audio[one], semitones[one]), together[1][one])


def test_single_precision_has_the_gradients_of_double() -> None:
    grads = []
    for dtype in (torch.float32, torch.float64):
        leaves = [
            noise(2, 2, 200).to(dtype).requires_grad_(),
            between_samples(2, 2, 200).requires_grad_(),
            knob(3.7, -8.0).requires_grad_(),
        ]
        audio, delay, semitones = leaves
        one = modulated(audio, delay, knob(0.8, 0.4), knob(0.3, 0.9))
        (one.square().sum() + transposed(audio, semitones).square().sum()).backward()
        grads.append([leaf.grad for leaf in leaves])
    for single, double in zip(*grads, strict=True):
        assert single is not None
        assert double is not None
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-4)
