"""Two recordings side by side: levels that come back, parts that are cut, pairs that are none."""

import math

import pytest
import torch

from graphophone.audio.level import LEVEL_DB, active_rms_db
from graphophone.errors import AudioError
from graphophone.fitting.alignment import Alignment, warped
from graphophone.fitting.pair import Pair
from tests.fitting.planted import RATE, performance

DRY = performance(1.0)


def test_both_are_brought_to_the_reference_level_and_the_way_back_is_known() -> None:
    pair = Pair.of({"voice": 0.1 * DRY}, 0.7 * DRY, RATE)
    assert active_rms_db(pair.wet, RATE) == pytest.approx(LEVEL_DB, abs=1e-4)
    assert active_rms_db(pair.dry["voice"], RATE) == pytest.approx(LEVEL_DB, abs=1e-4)
    torch.testing.assert_close(pair.wet * 10 ** (pair.wet_db / 20), 0.7 * DRY)
    torch.testing.assert_close(pair.dry["voice"] * 10 ** (pair.undo_db / 20), 0.1 * DRY)
    assert pair.alignment.gain_db == pytest.approx(20 * math.log10(7), abs=1e-4)


def test_a_late_wet_recording_is_met_by_its_dry_one() -> None:
    wet = warped(DRY, Alignment(321), DRY.shape[1] + 2_000)
    pair = Pair.of({"voice": DRY}, wet, RATE)
    torch.testing.assert_close(pair.dry["voice"], pair.wet, rtol=1e-3, atol=1e-4)
    assert any("late" in note for note in pair.notes)
    assert any("its tail" in note for note in Pair.of({"voice": DRY}, wet, RATE).notes)


def test_the_window_is_where_it_sounds_and_keeps_the_levels() -> None:
    loud = torch.zeros(2, 10 * RATE)
    loud[:, 6 * RATE : 7 * RATE] = DRY
    pair = Pair.of({"voice": loud}, loud, RATE)
    part = pair.window(2.0)
    assert part.seconds == pytest.approx(2.0)
    assert float(part.wet.square().sum()) == pytest.approx(float(pair.wet.square().sum()), rel=1e-6)
    assert part.lead > 0
    assert pair.window(20.0) is pair


@pytest.mark.parametrize(
    ("dry", "wet", "why"),
    [
        (DRY, torch.zeros_like(DRY), "the wet recording is silent"),
        (torch.zeros_like(DRY), DRY, r"the dry \(voice\) recording is silent"),
        (DRY, DRY[:, : RATE // 2], "must not be longer than the wet one, got 1.00 s and 0.50 s"),
        (DRY, torch.cat([DRY] * 13, 1), "at most 10 s longer than the dry one, got 13.00 s"),
        (DRY[:, :1_000], DRY, "the dry recording must last at least 0.25 s, got 0.062 s"),
    ],
)
def test_what_is_no_pair(dry: torch.Tensor, wet: torch.Tensor, why: str) -> None:
    with pytest.raises(AudioError, match=why):
        Pair.of({"voice": dry}, wet, RATE)
