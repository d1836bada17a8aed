"""Augmentation changes features by known amounts, and only as its seed says."""

from pathlib import Path

import pytest
import torch

from graphophone.audio.features import HOP, STEP_DB, log_mel, pack
from graphophone.generation.copies import Copy, apply
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


def noise(seconds: float = 0.8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return 0.1 * torch.randn(2, round(44_100 * seconds), generator=generator)


@pytest.mark.parametrize("frames", [20, -20])
def test_a_shift_of_the_features_is_a_shift_of_the_recording(frames: int) -> None:
    """But for frames at an end, or at the border of the silence that comes in."""
    audio = noise()
    copy = apply(Copy("shift", {"seconds": frames * HOP / 44_100}), audio, 44_100)
    heard, moved = pack(log_mel(copy[None]))[0], shifted(pack(log_mel(audio[None]))[0], frames)
    count = heard.shape[-1]
    edges = torch.tensor([0, frames % count, count])
    inside = ((torch.arange(count)[:, None] - edges).abs() > 3).all(1)
    assert int(inside.sum()) > 60
    assert int((heard.int() - moved.int()).abs()[..., inside].max()) <= 1


def test_a_gain_of_the_features_is_a_gain_of_the_recording() -> None:
    audio = noise()
    mel = pack(log_mel(audio[None]))
    changed = augment(mel, changes(gain_db=12), (0, 3)).int() - mel.int()
    gain_db = STEP_DB * float(changed.flatten()[0])
    assert gain_db != 0
    heard = pack(log_mel(apply(Copy("gain", {"gain_db": gain_db}), audio, 44_100)[None]))
    assert int((heard.int() - mel.int() - changed).abs().max()) <= 1
