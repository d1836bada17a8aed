"""Processors of the console do what their knobs say."""

import math

import numpy as np
import pytest
import torch

from graphophone.dsp.memory import Memory
from graphophone.dsp.octaves import CENTRES, equalised
from graphophone.processors.console import CONSOLE
from graphophone.processors.console.gain_pan import gain_pan
from graphophone.processors.console.graphic_equaliser import graphic_equaliser
from graphophone.processors.console.multitap_delay import multitap_delay
from graphophone.spec import AnyProcessor

RATE = 48_000


def settings(processor: AnyProcessor, **values: float) -> dict[str, torch.Tensor]:
    knobs = processor.spec.defaults() | values
    return {name: torch.full((1, 1, 1), v, dtype=torch.float64) for name, v in knobs.items()}


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def response(gains: list[float], rate: int) -> np.ndarray:
    """Decibels of the equaliser at the octaves, from its impulse response."""
    impulse = torch.zeros(1, 2, rate, dtype=torch.float64)
    impulse[..., 0] = 1
    names = list(graphic_equaliser.spec.params)
    knobs = settings(graphic_equaliser, **dict(zip(names, gains, strict=True)))
    heard = graphic_equaliser(impulse, **knobs, sample_rate=rate)[0, 0].numpy()
    turns = np.exp(-2j * np.pi * np.outer(CENTRES, np.arange(rate)) / rate)
    return np.asarray(20 * np.log10(np.abs(turns @ heard)))


@pytest.mark.parametrize("rate", [30_000, 44_100, 96_000])
@pytest.mark.parametrize(
    "gains",
    [
        [0.0] * 10,
        [12.0] * 10,
        [12.0, -12.0] * 5,
        [0, 0, 6, 0, 0, -9, 0, 0, 3, 0],
        [12, 12, 12, 0, -12, -12, 0, 12, -12, 12],
    ],
)
def test_what_is_set_is_what_is_heard(gains: list[float], rate: int) -> None:
    inside = [i for i, f in enumerate(CENTRES) if f < 0.4 * rate]
    np.testing.assert_allclose(response(gains, rate)[inside], np.array(gains)[inside], atol=1.0)


def test_echoes_come_when_and_where_they_should() -> None:
    audio = noise(1, 2, 4_000)
    quiet = {f"gain_{i}": -60.0 for i in (2, 3, 4)}
    knobs = settings(multitap_delay, delay_1=1_200.25 / RATE, gain_1=-6.0, pan_1=-1.0, **quiet)
    echo = (multitap_delay(audio, **knobs, sample_rate=RATE) - audio)[0].numpy()
    factor = math.sqrt(2) * 10 ** (-6 / 20)
    x = np.concatenate([np.zeros(1_201), audio[0, 0].numpy()])[: 4_000 + 1]
    expected = factor * (0.75 * x[1:] + 0.25 * x[:-1])
    np.testing.assert_allclose(echo[0, :3_000], expected[:3_000], atol=5e-3)
    assert np.abs(echo[1]).max() < 0.02, "panned to the left"


def test_a_fader_and_a_panorama_knob() -> None:
    audio = noise(1, 2, 10)
    out = gain_pan(audio, **settings(gain_pan, gain=6.0, pan=0.5), sample_rate=RATE)
    angle = 1.5 * math.pi / 4
    sides = torch.tensor([math.cos(angle), math.sin(angle)], dtype=torch.float64)[:, None]
    torch.testing.assert_close(out, audio * sides * math.sqrt(2) * 10 ** (6 / 20))


@pytest.mark.parametrize("name", CONSOLE)
def test_gradients_and_blocks(name: str) -> None:
    processor, audio = CONSOLE[name], noise(1, 2, 60)
    rate = 1_000 if name == "multitap_delay" else RATE
    start = {k: v + 0.013 for k, v in settings(processor).items()}
    knobs = [knob.requires_grad_() for knob in start.values()]

    def run(audio: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        named = dict(zip(start, values, strict=True))
        return torch.as_tensor(processor(audio, **named, sample_rate=rate))

    assert torch.autograd.gradcheck(run, (audio.clone().requires_grad_(), *knobs), atol=1e-6)
    with torch.no_grad():
        whole, memory, parts = run(audio, *knobs), Memory(), []
        for block in audio.split(7, dim=-1):
            with memory.block():
                parts.append(run(block, *knobs))
    torch.testing.assert_close(torch.cat(parts, -1), whole, rtol=0, atol=1e-12)


def test_company_changes_no_bit_of_the_bells() -> None:
    """A matrix product adds up in another order for another number of rows."""
    generator = torch.Generator().manual_seed(0)
    gains = torch.rand(16, 1, 10, generator=generator, dtype=torch.float64) * 24 - 12
    clip = torch.randn(1, 2, 64, generator=generator, dtype=torch.float64)

    def run(rows: torch.Tensor) -> torch.Tensor:
        columns = tuple(rows[..., i : i + 1] for i in range(10))
        return equalised(clip.expand(len(rows), -1, -1), gains=columns, sample_rate=48_000)

    alone = torch.cat([run(row[None]) for row in gains])
    for count in (2, 3, 5, 16):
        assert torch.equal(run(gains[:count]), alone[:count])
