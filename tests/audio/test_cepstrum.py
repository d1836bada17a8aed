"""A late copy is a line at its delay, whatever the sound; what is stored is what is heard."""

import math

import pytest
import torch

from graphophone.audio import cepstrum
from graphophone.audio.cepstrum import LAGS, LONGEST, SHORTEST, cepstra, pack, unpack
from graphophone.audio.features import RATE
from graphophone.audio.heard import Heard, Packed
from graphophone.dsp import delay_line

SAMPLES = RATE


def noise(seed: int = 0) -> torch.Tensor:
    sound = torch.randn(1, 1, SAMPLES, generator=torch.Generator().manual_seed(seed))
    return 0.1 * sound.expand(1, 2, -1).contiguous()


def with_copy(audio: torch.Tensor, delay: torch.Tensor | float) -> torch.Tensor:
    ones = torch.ones(1, 1, 1)
    return delay_line.modulated(
        audio,
        delay=ones * delay,
        feedback=0 * ones,
        mix=0.5 * ones,
        longest=0.05,
        sample_rate=RATE,
    )


def lag(delay: float) -> int:
    return round((delay - SHORTEST) / (LONGEST - SHORTEST) * (LAGS - 1))


@pytest.mark.parametrize(
    ("view", "delay"), [(0, 0.004), (0, 0.013), (0, 0.021), (0, 0.035), (1, 0.004), (1, 0.013)]
)
def test_a_copy_is_a_line_at_its_delay(view: int, delay: float) -> None:
    found = cepstra(with_copy(noise(), delay))[0, view].mean(-1)
    assert abs(int(found.argmax()) - lag(delay)) <= 1
    assert found.max() > 15 * found.abs().median()


def test_a_moving_copy_is_a_line_that_moves() -> None:
    swing = torch.sin(torch.arange(SAMPLES) * (2 * math.pi / SAMPLES))
    ripples = cepstra(with_copy(noise(), 0.012 + 0.003 * swing))[0, 1]
    moments = ripples.shape[-1]
    for share, delay in ((0.25, 0.015), (0.75, 0.009)):  # where the swing turns round
        at = round(share * (moments - 1))
        assert abs(int(ripples[:, at - 1 : at + 2].mean(-1).argmax()) - lag(delay)) <= 3


def test_level_and_tone_change_little() -> None:
    wet = with_copy(noise(), 0.02)
    torch.testing.assert_close(cepstra(4 * wet), cepstra(wet), atol=1e-3, rtol=0)
    softer = torch.nn.functional.conv1d(wet[0][:, None], torch.tensor([[[0.3, 0.7]]])).transpose(
        0, 1
    )
    apart = cepstra(softer)[..., 2:-2] - cepstra(wet[..., 1:])[..., 2:-2]
    assert float(apart.abs().mean()) < 0.1


def test_silence_has_no_ripples() -> None:
    found = cepstra(torch.zeros(2, 2, 4_000))
    assert found.shape == (2, 2, LAGS, 1 + 4_000 // cepstrum.HOP)
    assert float(found.abs().max()) < 1e-4


def test_one_recording_does_not_hear_another() -> None:
    both = torch.cat((with_copy(noise(1), 0.01), noise(2)))
    torch.testing.assert_close(cepstra(both)[:1], cepstra(both[:1]), atol=1e-3, rtol=0)


def test_storage_is_fine_enough() -> None:
    ripples = torch.linspace(-25, 25, 1_001)
    assert float((unpack(pack(ripples)) * 10 - ripples).abs().max()) <= 0.1 + 1e-4
    assert unpack(pack(torch.zeros(1))).item() == 0


def test_what_is_heard_is_what_is_stored() -> None:
    wet = with_copy(noise(), 0.02)
    heard, packed = Heard.of(wet), Packed.of(wet)
    assert packed.mel.dtype == packed.cepstra.dtype == torch.uint8
    assert len(heard.mel) == len(heard.cepstra) == 1
    torch.testing.assert_close(heard.cepstra, unpack(packed.cepstra))
