"""Ripples are added to the latents, by nothing at first, and a model that wants them says so."""

import pytest
import torch

from graphophone.errors import ShapeError
from graphophone.models.config import ModelConfig
from graphophone.models.encoder import ReferenceEncoder


@pytest.fixture
def encoder(config: ModelConfig) -> ReferenceEncoder:
    torch.manual_seed(0)
    return ReferenceEncoder(config.model_copy(update={"ripples": True})).eval()


@pytest.fixture
def cepstra() -> torch.Tensor:
    return torch.randn(2, 2, 176, 139, generator=torch.Generator().manual_seed(2))


def test_an_encoder_begins_without_them_and_can_learn_them(
    encoder: ReferenceEncoder, mel: torch.Tensor, cepstra: torch.Tensor
) -> None:
    torch.testing.assert_close(encoder(mel, cepstra), encoder(mel, 0 * cepstra), atol=0, rtol=0)
    encoder(mel, cepstra).sum().backward()
    assert encoder.ripples is not None
    assert encoder.ripples.outer.weight.grad is not None
    assert encoder.ripples.outer.weight.grad.abs().max() > 0


def test_each_recording_is_heard_alone(
    encoder: ReferenceEncoder, mel: torch.Tensor, cepstra: torch.Tensor
) -> None:
    assert encoder.ripples is not None
    torch.nn.init.normal_(encoder.ripples.outer.weight)
    together, alone = encoder(mel, cepstra)[1:], encoder(mel[1:], cepstra[1:])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)
    assert (encoder(mel, cepstra) - encoder(mel, -cepstra)).abs().max() > 1e-3


def test_a_model_that_hears_them_wants_them(encoder: ReferenceEncoder, mel: torch.Tensor) -> None:
    with pytest.raises(ShapeError, match="needs cepstra"):
        encoder(mel)
