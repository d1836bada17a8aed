"""An echo is a line at its delay, whatever the level; nothing is added before it was learned."""

import pytest
import torch

from graphophone.models.config import ModelConfig
from graphophone.models.echoes import AFTER, BANDS, BEFORE, PAIRS, Echoes, correlations
from graphophone.models.encoder import ReferenceEncoder

FRAMES = 418
LATE = 37


def spectrogram(late: int | None = None, fall: float = 0.2) -> torch.Tensor:
    """Notes at random places of each band that die away, in the units of features."""
    generator = torch.Generator().manual_seed(3)
    level = torch.full((1, 2, 256, FRAMES), -0.4)
    for band in range(256):
        for start in torch.randint(0, FRAMES - 20, (3,), generator=generator).tolist():
            note = 0.3 - fall * torch.arange(FRAMES - start) / 10
            level[..., band, start:] = torch.maximum(level[..., band, start:], note)
    if late is not None:
        again = torch.nn.functional.pad(level[..., :-late], (late, 0), value=-1.0) - 0.1
        level = torch.maximum(level, again)
    return level


def rises(mel: torch.Tensor) -> torch.Tensor:
    """How much rises follow rises of the first input, over all bands: one value a lag."""
    return correlations(mel)[0, 0].mean(0)


def test_an_echo_is_a_line_at_its_delay() -> None:
    dry, wet = rises(spectrogram()), rises(spectrogram(LATE))
    far = torch.arange(BEFORE + 6, BEFORE + AFTER)
    assert int(far[wet[far].argmax()]) == BEFORE + LATE
    assert wet[BEFORE + LATE] > 3 * dry[far].abs().max()


def test_a_tail_is_a_slope_behind_the_onset() -> None:
    short, long = (correlations(spectrogram(fall=f))[0, 1].mean(0) for f in (0.4, 0.1))
    assert (long[BEFORE + 30] - long[BEFORE - 3]) > 1.5 * (short[BEFORE + 30] - short[BEFORE - 3])


def test_gain_and_tone_change_nothing() -> None:
    mel = spectrogram(LATE)
    tone = torch.linspace(-0.1, 0.1, BANDS).repeat_interleave(4)[:, None]
    torch.testing.assert_close(correlations(mel + 0.1 + tone), correlations(mel), atol=1e-4, rtol=0)


def test_silence_has_no_echoes() -> None:
    found = correlations(torch.full((2, 2, 256, 50), -1.0))
    assert found.shape == (2, 2 * PAIRS, BANDS, BEFORE + AFTER)
    assert float(found.abs().max()) < 1e-6


@pytest.mark.parametrize("bands", [64, 50])
def test_an_encoder_begins_without_them_and_can_learn_them(bands: int, config: ModelConfig) -> None:
    torch.manual_seed(0)
    encoder = ReferenceEncoder(config.model_copy(update={"echoes": True, "bands": bands})).eval()
    mel = torch.rand(3, 2, bands, 48)
    before = encoder(mel)
    assert encoder.echoes is not None
    assert not encoder.echoes(mel).any()
    before.square().sum().backward()
    assert float(encoder.echoes.outer.weight.grad.abs().max()) > 0  # type: ignore[union-attr]


def test_each_example_is_heard_alone(config: ModelConfig) -> None:
    torch.manual_seed(0)
    echoes = Echoes(config).eval()
    torch.nn.init.normal_(echoes.outer.weight)
    mel = torch.rand(3, 2, 64, 48) * 2 - 1
    together = echoes(mel)
    assert together.shape == (3, config.queries, config.width)
    torch.testing.assert_close(echoes(mel[1:2]), together[1:2], atol=1e-5, rtol=1e-5)
