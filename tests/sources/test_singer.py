"""The procedural singer: pitch, formants, disjoint settings; and the fixed takes."""

from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
import scipy.signal
import torch

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.level import active_rms_db
from graphophone.dsp.resonators import cascade, coefficients
from graphophone.errors import FormatError
from graphophone.sources import INSTRUMENTS, calibration
from graphophone.sources.consonants import FEW, ONSETS, VOICED, Note, bursts
from graphophone.sources.singer import Singer, melody, sing, song
from graphophone.sources.voicebox import (
    HUMS,
    MANNER_WEIGHTS,
    MANNERS,
    MORE_REGISTERS,
    RANGES,
    REGISTERS,
    VOWELS,
    Voice,
    draw_singer,
    draw_voice,
    glottis,
    pulse,
)


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
    assert not {*VOWELS["train"], *HUMS["train"]} & {*VOWELS["unseen"], *HUMS["unseen"]}
    for knob in {knob for ranges in (RANGES, *MANNERS.values()) for knob in ranges}:
        both = [ranges[knob] for ranges in (RANGES, *MANNERS.values()) if knob in ranges]
        for train, _ in both:
            assert all(train[1] < unseen[0] or unseen[1] < train[0] for _, unseen in both)
    tracts = {
        side: [r[2:] for r in (*REGISTERS[side].values(), *MORE_REGISTERS[side].values())]
        for side in ("train", "unseen")
    }
    for low, high in tracts["unseen"]:
        assert all(high < a or b < low for a, b in tracts["train"])


def test_every_manner_and_throat_is_drawn() -> None:
    assert len(MANNERS) == len(MANNER_WEIGHTS)
    for split in ("train", "unseen"):
        voices = [draw_singer(Random(seed), split) for seed in range(300)]
        assert {voice.manner for voice in voices} == set(MANNERS)
        names = {*REGISTERS[split], *MORE_REGISTERS[split]}
        assert {voice.name for voice in voices} == names


def held(voice: Voice, *, seconds: float = 1.0, **note: Any) -> np.ndarray:
    """One note of a voice that neither swings nor wavers, without its onset."""
    knobs = {**voice.knobs, "vibrato_cents": 0.0, "jitter_cents": 0.0}
    values = {"pitch": 57.0, "vowel": next(iter(voice.vowels)), "onset": "none"} | note
    made = Note(0.0, seconds, values.pop("pitch"), values.pop("vowel"), values.pop("onset"), 1.0)
    made = made._replace(**values)
    rng = np.random.default_rng(0)
    return sing(replace(voice, knobs=knobs), [made], round(seconds * RATE), rng).astype(float)


def with_knobs(**knobs: float) -> Voice:
    voice = draw_voice(Random(0), "train")
    return replace(voice, knobs={**voice.knobs, **knobs})


def level_at(audio: np.ndarray, hertz: float, rate: int = RATE) -> float:
    """The power in dB around a frequency."""
    frequency, power = scipy.signal.welch(audio, rate, nperseg=8_192)
    return float(10 * np.log10(power[np.abs(frequency - hertz) < 20].max()))


def noise_share(audio: np.ndarray) -> float:
    """The share of the power from 2 to 8 kHz that one period later is not the same."""
    sections = scipy.signal.butter(4, (2_000, 8_000), "bandpass", fs=RATE, output="sos")
    part = scipy.signal.sosfilt(sections, audio)[8_000:36_000]
    correlation = scipy.signal.correlate(part, part, mode="full", method="fft")[len(part) - 1 :]
    period = round(RATE / 220)
    return 1 - float(correlation[period - 3 : period + 4].max() / correlation[0])


def test_breath_closure_and_roughness_are_heard() -> None:
    breathy, modal = with_knobs(breath=0.25), with_knobs(breath=0.01)
    assert noise_share(held(breathy)) > noise_share(held(modal)) + 0.1
    pressed, soft = with_knobs(tilt_hz=6_000.0, open=0.4), with_knobs(tilt_hz=600.0, open=0.85)
    falls = [level_at(held(v), 220) - level_at(held(v), 2_200) for v in (pressed, soft)]
    assert falls[0] < falls[1] - 10
    rough, smooth = with_knobs(rough=0.3, breath=0.005), with_knobs(breath=0.005)
    halves = [level_at(held(v), 330) - level_at(held(v), 220) for v in (rough, smooth)]
    assert halves[0] > halves[1] + 15


def test_fry_lowers_the_end_of_a_phrase() -> None:
    voice = with_knobs(fry=0.5)
    for last, expected in ((False, 57.0), (True, 51.0)):
        end = held(voice, last=last)[round(0.9 * RATE) : round(0.98 * RATE)]
        spectrum = np.abs(np.fft.rfft(end * np.hanning(len(end)), 1 << 17))
        lowest = slice(round(120 / RATE * (1 << 17)), round(240 / RATE * (1 << 17)))
        hertz = (lowest.start + spectrum[lowest].argmax()) * RATE / (1 << 17)
        assert 12 * np.log2(hertz / 440) + 69 == pytest.approx(expected, abs=0.6)


def test_diphthongs_move_to_their_second_vowel() -> None:
    voice = draw_voice(Random(1), "train")
    audio = held(voice, pitch=36.0, vowel="hod", second="heed", seconds=2.0)
    for part, vowel in ((slice(8_000, 30_000), "hod"), (slice(58_000, 80_000), "heed")):
        frequency, power = scipy.signal.welch(audio[part], RATE, nperseg=8_192)
        band = (frequency > 200) & (frequency < 1_400)
        peak = frequency[band][power[band].argmax()]
        assert peak == pytest.approx(voice.scale * VOWELS["train"][vowel][0], abs=80)


@pytest.mark.parametrize("onset", ONSETS)
def test_consonants_make_their_noise_and_stop_the_voice(onset: str) -> None:
    band, seconds, _, _ = ONSETS[onset]
    notes = [
        Note(0.0, 0.5, 57.0, "hod", "none", 1.0),
        Note(0.5, 1.0, 57.0, "hod", onset, 1.0),
    ]
    burst = bursts(notes, RATE, np.random.default_rng(0))
    assert not burst[: round(0.5 * RATE)].any()
    assert not burst[round((0.52 + seconds) * RATE) + 2 :].any()
    power = np.abs(np.fft.rfft(burst)) ** 2
    if band is None:
        assert not burst.any()
    else:
        assert power[band[0] : band[1] + 1].sum() > 0.5 * power.sum() > 0
    if seconds >= 0.05 and onset not in VOICED and onset != "h":
        audio = sing(with_knobs(breath=0.005), notes, RATE, np.random.default_rng(0))
        low = scipy.signal.sosfilt(scipy.signal.butter(4, 500, fs=RATE, output="sos"), audio)
        during = low[round(0.53 * RATE) : round((0.48 + seconds) * RATE)]
        assert np.square(during).mean() < 0.2 * np.square(low[15_000:20_000]).mean()


def test_songs_use_what_their_voice_has() -> None:
    onsets: set[str] = set()
    for seed in range(80):
        voice = draw_singer(Random(seed), "train")
        notes = song(Random(seed), voice, 4.0)
        assert {note.vowel for note in notes} <= set(voice.vowels)
        assert all(voice.low <= note.pitch <= voice.high for note in notes)
        assert notes[-1].last
        assert all(a.last == (a.end < b.start - 1e-3) for a, b in pairwise(notes))
        onsets |= {note.onset for note in notes}
    assert onsets == set(ONSETS)
    assert set(FEW) < set(ONSETS) >= set(VOICED)


def test_melodies_stay_in_the_register_and_fill_the_segment() -> None:
    for seed in range(30):
        voice = draw_voice(Random(seed), "unseen")
        notes = melody(Random(seed), voice, 5.0)
        assert notes[0].start <= 0
        assert notes[-1].end > 3
        assert all(voice.low <= note.pitch <= voice.high for note in notes)
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(notes))


def test_draws_have_no_clicks_and_rest_between_phrases() -> None:
    for seed in range(16):
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
