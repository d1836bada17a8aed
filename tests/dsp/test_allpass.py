"""The chain of all-pass stages under the phaser."""

import pytest
import torch
from torch import Tensor

from graphophone.dsp import allpass
from graphophone.dsp.memory import Memory


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def controls(time: int, *moving: str, batch: int = 2) -> dict[str, Tensor]:
    """Values between .1 and .8; the gain of the integrators is different in each channel."""
    return {
        name: 0.8 - 0.7 / (1 + noise(batch, 1 + i % 2, time if name in moving else 1, seed=i) ** 2)
        for i, name in enumerate(("feedback", "g", "mix"))
    }


def test_equals_stages_that_wait_for_each_other() -> None:
    """The loop written by hand: each stage a trapezoidal one-pole, the feedback found by iteration.

    Iterating converges since an all-pass chain returns less than it was given where feedback < 1.
    """
    audio, knobs = noise(1, 1, 60), controls(60, "g", batch=1)
    g = knobs["g"] = knobs["g"][:, :1]
    feedback, mix = knobs["feedback"].item(), knobs["mix"].item()
    states, expected = [0.0] * allpass.STAGES, []
    for x, gain in zip(audio[0, 0].tolist(), g[0, 0].tolist(), strict=True):
        y = 0.0
        for _ in range(400):
            signal, after = x + feedback * y, []
            for state in states:
                v = (signal - state) * gain / (1 + gain)
                low = v + state
                after.append(low + v)
                signal = 2 * low - signal
            y = signal
        states = after
        expected.append((1 - mix) * x + mix * y)
    actual = allpass.chain(audio, **knobs)[0, 0]
    torch.testing.assert_close(actual, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("moving", [(), ("g",), ("feedback", "mix"), ("g", "feedback", "mix")])
@pytest.mark.parametrize("time", [24, allpass.BLOCK + 3])
def test_gradients_are_those_of_finite_differences(time: int, moving: tuple[str, ...]) -> None:
    audio = noise(2, 2, time).requires_grad_()
    knobs = controls(time, *moving)

    def run(audio: Tensor, *c: Tensor) -> Tensor:
        out = allpass.chain(audio, **dict(zip(knobs, c, strict=True)))
        return out if time < 30 else out[..., -5:]

    values = [c.requires_grad_() for c in knobs.values()]
    assert torch.autograd.gradcheck(run, (audio, *values))


@pytest.mark.parametrize("moving", [(), ("g",)])
@pytest.mark.parametrize("block", [1, 7, 128, 200])
def test_blocks_are_the_whole(block: int, moving: tuple[str, ...]) -> None:
    audio, knobs = noise(2, 2, 300), controls(300, *moving)
    whole, memory = allpass.chain(audio, **knobs), Memory()
    parts = []
    for start in range(0, 300, block):
        span = slice(start, start + block)
        now = {name: c[..., span] if name in moving else c for name, c in knobs.items()}
        with memory.block():
            parts.append(allpass.chain(audio[..., span], **now))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("moving", [(), ("g", "feedback", "mix")])
def test_lanes_do_not_hear_each_other(moving: tuple[str, ...], dtype: torch.dtype) -> None:
    audio, knobs = noise(19, 2, 300).to(dtype), controls(300, *moving, batch=19)
    together = allpass.chain(audio, **knobs)
    for i in (0, 7, 18):
        one = {name: c[i : i + 1] for name, c in knobs.items()}
        assert torch.equal(allpass.chain(audio[i : i + 1], **one), together[i : i + 1])
