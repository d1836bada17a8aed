"""The procedural singer: pitch, formants, disjoint settings; and the fixed takes."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest
import scipy.signal
import torch

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.level import active_rms_db
from graphophone.dsp.resonators import cascade, coefficients
from graphophone.errors import FormatError
from graphophone.sources import INSTRUMENTS, calibration
from graphophone.sources.singer import Note, Singer, melody, sing
from graphophone.sources.voicebox import RANGES, REGISTERS, VOWELS, draw_voice, glottis, pulse


def test_resonators_equal_scipy_where_they_stand_still() -> None:
    source = np.random.default_rng(0).standard_normal(1_000)
    frequencies, widths = np.array([500.0, 1_500.0, 30_000.0]), np.array([80.0, 100.0, 200.0])
    poles = coefficients(frequencies, widths, RATE)
    expected = source
    for b, c in poles:
        expected = scipy.signal.lfilter([1 - b - c], [1, -b, -c], expected)
    still = np.broadcast_to(poles[:2], (3, 2, 2)).copy()
    np.testing.assert_allclose(
        cascade(source, still, poles[2:], 64), expected, rtol=1e-9, atol=1e-12
    )


def test_the_glottis_opens_and_closes_and_its_derivative_is_band_limited() -> None:
    flow = pulse(0.6)
    assert flow.max() == pytest.approx(1, abs=1e-3)
    assert not flow[round(0.61 * len(flow)) :].any()
    spectrum = np.abs(np.fft.rfft(glottis(0.6, 3_000, 1_000)))
    assert spectrum[0] == pytest.approx(0, abs=1e-9)
    assert spectrum[21:].max() < 1e-9 < spectrum[20]


@pytest.mark.parametrize("pitch", [50, 62, 74])
def test_a_note_sounds_at_its_pitch(pitch: int) -> None:
    voice = draw_voice(Random(0), "train")
    vowel = next(iter(voice.vowels))
    note = Note(0.0, 1.0, pitch, vowel, "none", 1.0)
    audio = sing(voice, [note], RATE, np.random.default_rng(0))
    part = audio[8_000:30_000].astype(np.float64)
    correlation = scipy.signal.correlate(part, part, mode="full", method="fft")[len(part) - 1 :]
    shortest, longest = RATE // 1_200, RATE // 60
    period = shortest + int(correlation[shortest:longest].argmax())
    assert 12 * np.log2(RATE / period / 440) + 69 == pytest.approx(pitch, abs=0.5)


def test_vowels_have_their_formants() -> None:
    """A whispered-low note has harmonics close enough to show where the tract resonates."""
    voice = draw_voice(Random(1), "train")
    for vowel in ("heed", "hod"):
        note = Note(0.0, 1.0, 36, vowel, "none", 1.0)
        audio = sing(voice, [note], RATE, np.random.default_rng(0))[8_000:36_000]
        frequency, power = scipy.signal.welch(audio, RATE, nperseg=8_192)
        band = (frequency > 200) & (frequency < 1_400)
        peak = frequency[band][power[band].argmax()]
        assert peak == pytest.approx(voice.scale * VOWELS["train"][vowel][0], abs=80)


def test_unseen_singers_and_vowels_are_none_of_the_training_ones() -> None:
    assert not set(VOWELS["train"]) & set(VOWELS["unseen"])
    for train, unseen in RANGES.values():
        assert train[1] < unseen[0] or unseen[1] < train[0]
    for _, _, low, high in REGISTERS["unseen"].values():
        assert all(high < a or b < low for _, _, a, b in REGISTERS["train"].values())


def test_melodies_stay_in_the_register_and_fill_the_segment() -> None:
    for seed in range(30):
        voice = draw_voice(Random(seed), "unseen")
        notes = melody(Random(seed), voice, 5.0)
        assert notes[0].start <= 0
        assert notes[-1].end > 3
        assert all(voice.low <= note.pitch <= voice.high for note in notes)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(notes))


def test_draws_have_no_clicks_and_rest_between_phrases() -> None:
    for seed in range(6):
        track = Singer("train").draw(Random(seed), SEGMENT, RATE).tracks["voice"]
        assert track.abs().max() < 1.0
        assert torch.equal(track[0], track[1])


@pytest.mark.parametrize("task", ["singing", "drums"])
def test_the_fixed_take_is_the_same_at_any_rate(task: str) -> None:
    take, half = calibration(task), calibration(task, 22_050)
    names = ["voice"] if task == "singing" else list(INSTRUMENTS)
    assert list(take.tracks) == list(half.tracks) == names
    for name in names:
        assert take.tracks[name].shape == (2, SEGMENT)
        assert active_rms_db(half.tracks[name], 22_050) == pytest.approx(-20, abs=0.01)
    slow = half.tracks[names[0]][0].double()
    full = torch.from_numpy(
        scipy.signal.resample_poly(take.tracks[names[0]][0].double().numpy(), 1, 2)
    )
    likeness = torch.nn.functional.cosine_similarity(slow, full[: len(slow)], dim=0)
    assert likeness > 0.999


def test_there_is_a_fixed_take_for_two_tasks_only() -> None:
    with pytest.raises(FormatError, match="task must be singing or drums, got 'bass'"):
        calibration("bass")
