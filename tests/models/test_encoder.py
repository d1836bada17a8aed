"""What the encoder hears does not depend on how it is asked."""

import math

import pytest
import torch

from graphophone.models.config import ModelConfig
from graphophone.models.encoder import ReferenceEncoder, sinusoids
from graphophone.models.model import GraphModel


def test_ids_are_sinusoids_of_all_rates() -> None:
    table = sinusoids(5, 4)
    assert table[3].tolist() == pytest.approx(
        [math.sin(3), math.sin(0.03), math.cos(3), math.cos(0.03)]
    )


def test_each_example_is_heard_alone(model: GraphModel, mel: torch.Tensor) -> None:
    together = model.encoder(mel)
    assert together.shape == (2, 3, 16)
    torch.testing.assert_close(model.encoder(mel[1:]), together[1:], atol=1e-5, rtol=0)


def test_any_number_of_frames_is_heard(model: GraphModel, mel: torch.Tensor) -> None:
    assert model.encoder(mel[..., :37]).shape == (2, 3, 16)


@pytest.mark.parametrize("bands", [64, 60, 50])
def test_the_height_of_the_last_map_is_known_beforehand(bands: int, config: ModelConfig) -> None:
    encoder = ReferenceEncoder(config.model_copy(update={"bands": bands}))
    assert encoder(torch.zeros(1, 2, bands, 40)).shape == (1, 3, 16)


def test_seven_convolutions_have_four_dilations(model: GraphModel) -> None:
    banks = [model.encoder.stem.convolutions, *(b.depthwise for b in model.encoder.blocks)]
    assert [[conv.dilation[0] for conv in bank] for bank in banks] == [[1, 2, 4, 8]] * 7
