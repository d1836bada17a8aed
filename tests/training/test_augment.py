"""Augmentation changes features by known amounts, and only as its seed says."""

from pathlib import Path

import pytest
import torch

from graphophone.training.augment import augment, shifted
from graphophone.training.config import DataConfig, SetConfig

MEL = torch.randint(40, 200, (3, 2, 16, 20), generator=torch.Generator().manual_seed(0)).byte()


def changes(**amounts: float) -> DataConfig:
    return DataConfig.model_validate({"train": (SetConfig(folder=Path("a")),), **amounts})


def test_zeros_change_nothing() -> None:
    assert augment(MEL, changes(), (0, 0)) is MEL


def test_the_seed_decides() -> None:
    config = changes(shift_frames=5, tilt_db=6, gain_db=2)
    torch.testing.assert_close(augment(MEL, config, (1, 2)), augment(MEL, config, (1, 2)))
    assert not torch.equal(augment(MEL, config, (1, 2)), augment(MEL, config, (1, 3)))


@pytest.mark.parametrize("frames", [0, 3, -3])
def test_a_shift_moves_frames_and_brings_silence(frames: int) -> None:
    out = shifted(MEL[0], frames)
    if frames > 0:
        assert torch.equal(out[..., frames:], MEL[0][..., :-frames])
        assert not out[..., :frames].any()
    elif frames < 0:
        assert torch.equal(out[..., :frames], MEL[0][..., -frames:])
        assert not out[..., frames:].any()
    else:
        assert torch.equal(out, MEL[0])


def test_a_gain_is_the_same_in_all_bands_and_a_tilt_is_a_slope() -> None:
    gain = augment(MEL, changes(gain_db=10), (0, 0)).int() - MEL.int()
    assert len(gain[0].unique()) == 1
    assert abs(int(gain[0].unique())) <= 20
    tilt = (augment(MEL, changes(tilt_db=20), (0, 0)).int() - MEL.int())[0, 0, :, 0]
    assert tilt.abs().max() > 0
    torch.testing.assert_close(tilt, -tilt.flip(0), atol=1, rtol=0)


def test_silence_stays_silent() -> None:
    assert not augment(torch.zeros_like(MEL), changes(gain_db=10), (0, 0)).any()
