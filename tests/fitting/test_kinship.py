"""Whether two recordings are one performance: effects keep it, other recordings do not have it."""

import pytest
import torch

from graphophone.fitting.kinship import kinship
from graphophone.fitting.pair import Pair
from tests.fitting.planted import RATE, chain, performance, phrase, wet_of

DRY = phrase(1)


@pytest.mark.parametrize(
    "graph",
    [
        chain("bell", "compressor"),
        chain("pitchshift", pitchshift_semitone=7.0),
        chain("stereo_reverb", stereo_reverb_mix=0.9, stereo_reverb_size=0.6),
        chain("distortion", "highpass4", distortion_gain=36.0, highpass4_frequency=2_000.0),
        chain("mono_delay", "chorus", mono_delay_mix=0.8),
    ],
    ids=str,
)
def test_what_effects_make_is_the_same_performance(graph: object) -> None:
    found = kinship(DRY, wet_of(graph, DRY), RATE)  # type: ignore[arg-type]
    assert found is not None
    assert found.is_one_performance
    assert found.doubt() == ""


@pytest.mark.parametrize("seed", range(2, 6))
def test_another_recording_is_not_and_the_evidence_is_told(seed: int) -> None:
    pair = Pair.of({"voice": DRY}, wet_of(chain("compressor"), phrase(seed)), RATE)
    assert pair.kinship is not None
    assert not pair.kinship.is_one_performance
    said = pair.kinship.doubt()
    assert said.startswith("dry and wet do not seem to be one performance: their coherence is 0.")
    assert f"({pair.kinship.coherence_by_chance:.2f} and" in said
    assert pair.kinship.to_json()["one_performance"] is False


def test_coherence_is_what_a_filter_explains() -> None:
    """With independent noise as loud as the filtered sound, half is explained."""
    generator = torch.Generator().manual_seed(3)
    dry, noise = (torch.randn(2, 10 * RATE, generator=generator) for _ in range(2))
    wet = wet_of(chain("lowshelf"), dry)
    noise = noise * (wet.norm() / noise.norm())
    clean, half = kinship(dry, wet, RATE), kinship(dry, wet + noise, RATE)
    assert clean is not None
    assert half is not None
    assert clean.coherence > 0.95
    assert half.coherence == pytest.approx(0.5, abs=0.06)
    assert half.coherence_by_chance < 0.1


def test_what_is_too_short_is_not_judged() -> None:
    short = performance(1.0)
    assert kinship(short, short, RATE) is None
    assert kinship(torch.zeros(2, 5 * RATE), torch.zeros(2, 5 * RATE), RATE) is None
