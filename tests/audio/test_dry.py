"""What is heard of the dry sound beside the wet one."""

import numpy as np
import torch

from graphophone.audio.dry import STEMS, beside, dry_mels
from graphophone.audio.features import RATE, log_mel, pack
from graphophone.audio.level import to_level


def clip(seed: int) -> torch.Tensor:
    """A second of noise at the reference level."""
    noise = torch.randn(2, RATE, generator=torch.Generator().manual_seed(seed))
    return to_level(noise, RATE)[0]


def mel(audio: torch.Tensor) -> np.ndarray:
    return pack(log_mel(audio[None]))[0].numpy()


def test_a_lone_source_is_its_own_mix() -> None:
    found = dry_mels({"voice": clip(1)}, "dry")
    assert found.keys() == {"mix"}
    np.testing.assert_array_equal(found["mix"], mel(clip(1)))


def test_a_mix_is_at_the_reference_level_however_many_sound() -> None:
    kit = {"kick": clip(1), "hat": clip(2)}
    found = dry_mels(kit, "dry")["mix"]
    np.testing.assert_array_equal(found, mel(to_level(clip(1) + clip(2), RATE)[0]))
    np.testing.assert_array_equal(dry_mels(dict(reversed(kit.items())), "dry")["mix"], found)


def test_stems_keep_their_place_and_silence_is_the_floor() -> None:
    kit, wet = {"hat": clip(2), "kick": clip(1)}, mel(clip(3))
    laid = beside(wet, dry_mels(kit, "stems"), "stems")
    assert laid.shape == (2 * (1 + len(STEMS)), *wet.shape[1:])
    np.testing.assert_array_equal(laid[:2], wet)
    for place, name in enumerate(STEMS, start=1):
        expected = mel(kit[name]) if name in kit else np.zeros_like(wet)
        np.testing.assert_array_equal(laid[2 * place : 2 * place + 2], expected)


def test_a_model_that_is_given_nothing_hears_nothing_of_it() -> None:
    wet = mel(clip(3))
    assert dry_mels({"voice": clip(1)}, "wet") == {}
    assert beside(wet, {}, "wet") is wet
