"""After a sound every recurrence comes to rest: at exact zero, not in slow subnormal numbers."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from graphophone.dsp import delay_line, feedback_delay, reverb, svf

RATE = 8_000


def knob(value: float) -> Tensor:
    return torch.full((1, 1, 1), value, dtype=torch.float64)


def moving(value: float, like: Tensor) -> Tensor:
    return knob(value).expand(1, 1, like.shape[-1])


def gain(frequency: float) -> Tensor:
    return knob(math.tan(math.pi * frequency / RATE))


recurrences: dict[str, Callable[[Tensor], Tensor]] = {
    "static filter": lambda x: svf.filtered(x, g=gain(100), k=knob(0.5), low=1.0),
    "moving filter": lambda x: svf.filtered(x, g=moving(gain(100).item(), x), k=knob(0.5), low=1.0),
    "modulated delay": lambda x: delay_line.modulated(
        x,
        delay=knob(0.0021),
        feedback=knob(0.7),
        mix=knob(0.5),
        longest=0.01,
        sample_rate=RATE,
    ),
    "pitch shift": lambda x: delay_line.transposed(
        x, semitones=knob(5), window=0.06, sample_rate=RATE
    ),
    "echoes": lambda x: feedback_delay.separate(
        x, delay=knob(100.4), feedback=knob(0.3), mix=knob(0.5), g=gain(900), k=knob(2), band=2.0
    ),
    "crossed echoes": lambda x: feedback_delay.crossed(
        x,
        left=knob(100),
        right=knob(70),
        feedback=knob(0.3),
        mix=knob(0.5),
        g=gain(900),
        k=knob(2),
        band=2.0,
    ),
    "tanks": lambda x: reverb.mixed(
        x,
        decay=knob(0.2),
        scale=knob(0.5),
        smoothing=knob(5e-5),
        width=knob(1),
        mix=knob(0.5),
        crossfeed=0.2,
        sample_rate=RATE,
    ),
}


@pytest.mark.parametrize("run", recurrences.values(), ids=recurrences.keys())
def test_comes_to_rest_at_exact_zero(run: Callable[[Tensor], Tensor]) -> None:
    audio = torch.zeros(1, 2, 6 * RATE, dtype=torch.float64)
    audio[..., :100] = 0.1
    out = run(audio)
    assert out.any()
    assert not out[..., -RATE:].any()
    smallest = out[out != 0].abs().min()
    assert smallest > 1e-300


@pytest.mark.parametrize("run", recurrences.values(), ids=recurrences.keys())
def test_does_not_touch_its_input_and_forgets_between_calls(
    run: Callable[[Tensor], Tensor],
) -> None:
    audio = torch.randn(1, 2, 900, generator=torch.Generator().manual_seed(0)).double()
    before = audio.clone()
    first = run(audio)
    assert torch.equal(audio, before)
    assert torch.equal(run(audio), first)
