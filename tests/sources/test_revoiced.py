"""Virtual singers: syllables, tunes, and whose voice it is."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile

from graphophone.audio.features import RATE, SEGMENT
from graphophone.errors import FormatError
from graphophone.sources.clip import Clip
from graphophone.sources.collection import clips
from graphophone.sources.consonants import Note
from graphophone.sources.intonation import pitch
from graphophone.sources.phrases import joined
from graphophone.sources.pitch import HOP, fundamental
from graphophone.sources.revoiced import (
    SINGERS,
    VirtualSinger,
    VirtualSingers,
    sing_words,
    virtual_singer,
)
from graphophone.sources.singer import sing
from graphophone.sources.splits import part
from graphophone.sources.syllables import Syllable, pace, syllables
from graphophone.sources.tunes import SCALES, SHAPES, Tone, Tune, draw_tune
from graphophone.sources.vocoder import BLOCK, Analysis, analyse
from graphophone.sources.voicebox import draw_voice

COUNT = 6
KNOBS = {
    "glide_seconds": 0.08,
    "damping": 0.8,
    "vibrato_hz": 5.5,
    "vibrato_cents": 60.0,
    "jitter_cents": 0.0,
    "drift_cents": 0.0,
}


@pytest.fixture(scope="module")
def speech() -> Analysis:
    """Six syllables of the procedural singer, each after a fricative."""
    voice = draw_voice(Random(3), "train")
    notes = [
        Note(0.1 + 0.4 * i, 0.4 + 0.4 * i, voice.low + 5, "hod", "s", 1.0) for i in range(COUNT)
    ]
    made = sing(voice, notes, round(2.6 * RATE), np.random.default_rng(0))
    return analyse(made.astype(np.float64), RATE)


def clip(path: Path, group: str) -> Clip:
    return Clip(path, path.name, "speech", group, "", "", "")


def test_syllables_are_found_where_they_are(speech: Analysis) -> None:
    found = syllables(speech)
    assert len(found) == COUNT
    for i, syllable in enumerate(found):
        centre = (syllable.hold + syllable.release) / 2 * HOP / RATE
        assert 0.1 + 0.4 * i < centre < 0.4 + 0.4 * i
        assert syllable.start < syllable.hold < syllable.release <= syllable.end
        assert (speech.hertz[syllable.hold : syllable.release + 1] > 0).all()
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_silence_and_noise_have_no_syllable() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE // 2) * 0.1
    assert syllables(analyse(noise, RATE)) == ()


def test_vowels_are_stretched_and_consonants_keep_their_pace() -> None:
    syllable = Syllable(0, 20, 60, 70)
    frame, block = HOP / RATE, BLOCK / RATE
    places, heard = pace([syllable], [(0.5, 2.5)], round(3 / block), RATE)
    speed = np.diff(places)[np.diff(heard) == 0] / (block / frame)
    at = places[1:][np.diff(heard) == 0]
    sounds = heard[1:][np.diff(heard) == 0] > 0
    assert speed[sounds & (at > 1) & (at < 19)] == pytest.approx(1, abs=1e-6)
    assert speed[sounds & (at > 61) & (at < 69)] == pytest.approx(1, abs=1e-6)
    assert speed[sounds & (at > 21) & (at < 59)] == pytest.approx(
        40 * frame / (2 - 10 * frame), rel=1e-6
    )
    begins = np.flatnonzero(heard)[0] * block
    assert begins == pytest.approx(0.5 - 20 * frame, abs=2 * block)


def test_short_notes_follow_each_other_in_order() -> None:
    spoken = [Syllable(100 * i, 100 * i + 30, 100 * i + 60, 100 * i + 80) for i in range(4)]
    times = [(0.15 * i, 0.15 * i + 0.15) for i in range(4)]
    places, heard = pace(spoken, times, 400, RATE)
    sounding = places[heard > 0]
    assert (np.diff(sounding) >= 0).all()
    for syllable in spoken:
        assert ((sounding >= syllable.hold) & (sounding <= syllable.release)).any()


def test_pitch_arrives_and_swings_around_its_note() -> None:
    tones = [Tone(0.0, 1.0, 60.0, 1.0, True), Tone(1.0, 2.5, 67.0, 1.0, False)]
    step = BLOCK / RATE
    notes, sway = pitch(tones, KNOBS, round(2.5 / step), step, np.random.default_rng(0))
    now = np.arange(len(notes)) * step
    assert notes[now < 0.1] == pytest.approx(60, abs=0.05)
    held = notes[(now > 1.6) & (now < 2.3)]
    assert held.mean() == pytest.approx(67, abs=0.15)
    assert held.max() - held.min() == pytest.approx(1.2, abs=0.2)
    assert np.abs(sway[now < 0.1]).max() < 0.05
    turns = np.count_nonzero(np.diff(np.sign(held - held.mean())))
    assert turns / 2 / 0.7 == pytest.approx(5.5, abs=1.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_tunes_stay_in_range_and_scale(shape: str) -> None:
    for seed in range(60):
        tune = draw_tune(Random(f"{shape} {seed}"), 50.0, 66.0, 5.0)
        assert tune.tones[0].start <= 0
        assert all(a.end <= b.start + 1e-9 for a, b in pairwise(tune.tones))
        assert all(50 <= tone.pitch <= 66 for tone in tune.tones)
        if tune.delivery != "rap":
            degrees = {int(tone.pitch) % 12 for tone in tune.tones}
            assert any(
                {(d - key) % 12 for d in degrees} <= set(SCALES[tune.scale]) for key in range(12)
            )


def test_a_singer_sings_the_notes(speech: Analysis) -> None:
    knobs = {**KNOBS, "formants": 1.1, "breath": 0.5, "prosody": 0.0}
    singer = VirtualSinger("ann", 1, 50.0, 62.0, knobs)
    tones = tuple(Tone(0.1 + i, 0.9 + i, p, 1.0, i == 0) for i, p in enumerate((52, 59, 57)))
    tune = Tune(tones, "major", "walk", "song", 60.0)
    phrase = joined([(speech, s) for s in syllables(speech)[:3]], [])
    made = sing_words(singer, tune, phrase, 3 * RATE, np.random.default_rng(0))
    found = fundamental(made.astype(np.float64), RATE)
    for tone in tones:
        inner = found[round((tone.start + 0.2) * RATE / HOP) : round((tone.end - 0.1) * RATE / HOP)]
        assert (inner > 0).mean() > 0.95
        cents = 1_200 * np.log2(np.median(inner) / 440) - 100 * (tone.pitch - 69)
        assert abs(cents) < 50


def test_singers_of_one_speaker_differ_and_are_the_same_every_time() -> None:
    singers = [virtual_singer("ann", number, 55.0) for number in range(SINGERS)]
    assert len({singer.knobs["formants"] for singer in singers}) > SINGERS // 2
    assert singers[7] == virtual_singer("ann", 7, 55.0) != virtual_singer("eve", 7, 55.0)
    assert all(38 <= singer.low < singer.high <= 86 for singer in singers)
    assert all(singer.high - singer.low >= 6 for singer in singers)


def test_a_virtual_singer_belongs_to_its_speakers_split(data: Path) -> None:
    heard = {}
    for split in ("train", "seen", "unseen"):
        pool = VirtualSingers(part(clips(data, split, ("singing",)), split))
        draws = [pool.draw(Random(s), SEGMENT // 4, RATE).provenance for s in range(6)]
        heard[split] = {draw["group"] for draw in draws}
        files = {piece["file"] for draw in draws for piece in draw["pieces"]}
        assert files <= {c.name for c in part(clips(data, split, ("singing",)), split)}
    assert heard == {"train": {"ann"}, "seen": {"ann"}, "unseen": {"bob"}}


def test_every_speaker_sings(data: Path) -> None:
    files = [clip(data / f"{name}/{i}.wav", name) for name in ("ann", "bob") for i in range(3)]
    pool = VirtualSingers(files)
    drawn = {pool.draw(Random(s), SEGMENT // 4, RATE).provenance["group"] for s in range(12)}
    assert drawn == {"ann", "bob"}


def test_only_the_usable_part_of_a_recording_sings(tmp_path: Path) -> None:
    """A file that is split in time gives each split its own part, however it is cut."""
    time = np.arange(30 * RATE) / RATE
    sound = np.where(time < 24, np.sin(2 * np.pi * 220 * time), np.sin(2 * np.pi * 330 * time))
    sound *= 0.3 * (np.sin(2 * np.pi * time) > 0)
    soundfile.write(tmp_path / "split.wav", sound, RATE)
    whole = clip(tmp_path / "split.wav", "ann")
    for start, end, hertz in ((0.0, 0.8, 220), (0.8, 1.0, 330)):
        heard: list[float] = []

        def listening(samples: np.ndarray, rate: int, heard: list[float] = heard) -> Analysis:
            found = analyse(samples, rate)
            heard.extend(found.hertz[found.hertz > 0])
            return found

        pool = VirtualSingers([replace(whole, start=start, end=end)], analyser=listening)
        for seed in range(10):
            pool.draw(Random(seed), SEGMENT // 4, RATE)
        assert len(heard) > 300
        assert np.percentile(heard, [1, 99]) == pytest.approx([hertz] * 2, rel=0.02)


def test_draws_do_not_depend_on_what_is_kept(data: Path) -> None:
    files = part(clips(data, "train", ("singing",)), "train")
    kept, forgetful = VirtualSingers(files), VirtualSingers(files, limit_bytes=1)
    for seed in (1, 2, 1):
        a, b = (pool.draw(Random(seed), 40_000, RATE) for pool in (kept, forgetful))
        assert a.provenance == b.provenance
        assert bool((a.tracks["voice"] == b.tracks["voice"]).all())
    assert forgetful.size < kept.size


def test_long_recordings_are_taken_piece_by_piece(tmp_path: Path, speech: Analysis) -> None:
    voice = draw_voice(Random(3), "train")
    notes = [Note(0.5 * i, 0.5 * i + 0.4, voice.low + 5, "hod", "s", 1.0) for i in range(40)]
    made = sing(voice, notes, 20 * RATE, np.random.default_rng(0))
    soundfile.write(tmp_path / "long.wav", made, RATE)
    pool = VirtualSingers([clip(tmp_path / "long.wav", "ann")])
    for seed in range(8):
        pool.draw(Random(seed), SEGMENT, RATE)
    assert pool.size > 2 * analyse(made[: 6 * RATE].astype(np.float64), RATE).nbytes


def test_voices_without_syllables_are_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal(RATE // 2) * 0.1
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    with pytest.raises(FormatError, match="no syllable was found in 40 recordings of rain"):
        VirtualSingers([clip(tmp_path / "noise.wav", "rain")]).draw(Random(0), SEGMENT, RATE)
    with pytest.raises(FormatError, match="virtual singers need at least one recording"):
        VirtualSingers([])
