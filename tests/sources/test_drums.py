"""Kits, grooves and modelled drums."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from graphophone.errors import FormatError
from graphophone.sources.clip import Clip
from graphophone.sources.collection import clips
from graphophone.sources.drums import Drums, RecordedKits
from graphophone.sources.dry import Mono
from graphophone.sources.grooves import Groove, Hit, MidiGrooves, read_midi
from graphophone.sources.instruments import ARTICULATIONS, INSTRUMENTS, NOTES, SUBSTITUTES
from graphophone.sources.kits import Kit, Layers, play
from graphophone.sources.modelled import RANGES, ModelledKits, modelled_kit
from graphophone.sources.patterns import PATTERNS, PatternGrooves
from graphophone.sources.voices import RecordedVoices

RATE = 1_000


def kit(**sounds: list[list[float]]) -> Kit:
    def layers(recordings: list[list[float]]) -> Layers:
        arrays = [np.array(recording, np.float32) for recording in recordings]
        return Layers(len(arrays), arrays.__getitem__)

    return Kit("test", {name: layers(recordings) for name, recordings in sounds.items()})


def struck(test_kit: Kit, *hits: Hit, samples: int = 1_000) -> dict[str, Mono]:
    return play(test_kit, hits, samples, RATE, Random(0))


def test_tables_agree() -> None:
    assert set(ARTICULATIONS.values()) == set(INSTRUMENTS)
    assert set(NOTES.values()) <= set(ARTICULATIONS) == set(SUBSTITUTES)
    for articulation, others in SUBSTITUTES.items():
        assert {ARTICULATIONS[other] for other in others} <= {ARTICULATIONS[articulation]}


def test_strokes_land_on_their_sample_with_the_square_of_velocity() -> None:
    tracks = struck(kit(kick=[[1.0, 0.5]]), Hit(0.25, "kick", 1.0), Hit(0.5, "kick", 0.5))
    assert list(tracks) == ["kick"]
    np.testing.assert_allclose(tracks["kick"][[250, 251, 500, 501]], [1, 0.5, 0.25, 0.125])
    assert np.count_nonzero(tracks["kick"]) == 4


def test_strokes_before_the_segment_ring_into_it_but_do_not_make_a_track() -> None:
    ring = kit(crash=[[1.0] * 500])
    assert struck(ring, Hit(-0.1, "crash", 1.0)) == {}
    both = struck(ring, Hit(-0.1, "crash", 1.0), Hit(0.6, "crash", 1.0))["crash"]
    assert np.flatnonzero(both).tolist() == [*range(400), *range(600, 1_000)]


def test_an_instrument_must_be_struck_before_the_last_100_ms_and_be_heard() -> None:
    assert struck(kit(kick=[[1.0]]), Hit(0.95, "kick", 1.0)) == {}
    assert struck(kit(kick=[[1e-3]]), Hit(0.1, "kick", 1.0)) == {}
    assert list(struck(kit(kick=[[1.0]]), Hit(0.89, "kick", 1.0))) == ["kick"]


def test_a_hat_is_silenced_by_its_next_stroke() -> None:
    hats = kit(hihat_open=[[1.0] * 900], hihat_closed=[[0.5]])
    hat = struck(hats, Hit(0.0, "hihat_open", 1.0), Hit(0.3, "hihat_closed", 1.0))["hat"]
    assert hat[299] == 1
    assert not hat[321:].any()


def test_the_nearest_sound_is_played_where_a_kit_has_no_other() -> None:
    tracks = struck(kit(tom_mid=[[1.0]]), Hit(0.1, "tom_low", 1.0), Hit(0.2, "ride", 1.0))
    assert list(tracks) == ["tom"]


def test_hard_strokes_take_hard_layers() -> None:
    layered = kit(snare=[[0.1], [0.2], [0.3], [0.4], [1.0]])
    soft = struck(layered, Hit(0.1, "snare", 0.1))["snare"].max()
    hard = struck(layered, Hit(0.1, "snare", 1.0))["snare"].max()
    assert soft < 0.06
    assert hard >= 0.4


def test_layers_are_told_from_drums_by_their_names(data: Path) -> None:
    names = ["a_v02", "a_v01", "b_v01"]
    template = clips(data, "train", ("drums",))[0]
    shots = [
        Clip(template.path.with_name(f"{n}.wav"), n, "drums", "k", "kick", "", "") for n in names
    ]
    drawn = {RecordedKits(shots).draw(Random(s), RATE).sounds["kick"].count for s in range(20)}
    assert drawn == {1, 2}


def test_midi_is_read_in_seconds_and_drum_names(data: Path) -> None:
    hits = read_midi(data / "midi" / "0.mid")
    assert [hit.articulation for hit in hits[:3]] == ["kick", "hihat_closed", "snare"]
    assert [hit.time for hit in hits[:3]] == pytest.approx([0, 0.25, 0.5])
    assert hits[0].velocity == pytest.approx(100 / 127)
    assert len(hits) == 7  # the clap, note 39, is none of the six


def test_a_file_that_is_no_midi_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(b"not midi")
    with pytest.raises(FormatError, match=r"x\.mid: this is not a readable MIDI file"):
        read_midi(tmp_path / "x.mid")


@pytest.mark.parametrize("stretch", [False, True])
def test_short_scores_are_looped_without_a_gap(data: Path, stretch: bool) -> None:
    grooves = MidiGrooves(clips(data, "train", ("midi",)), stretch=stretch)
    groove = grooves.draw(Random(0), 10.0)
    times = [hit.time for hit in groove.hits]
    assert times == sorted(times)
    assert times[0] < 0 < 9 < times[-1] < 10
    assert np.diff(times).max() < 0.8


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_whole_bars_of_known_sounds(name: str) -> None:
    assert {len(steps) for steps in PATTERNS[name].values()} <= {12, 16}
    assert set(PATTERNS[name]) <= {"time", *ARTICULATIONS}


def test_pattern_grooves_fill_the_segment() -> None:
    for seed in range(20):
        times = [hit.time for hit in PatternGrooves().draw(Random(seed), 4.0).hits]
        assert -1 <= min(times) < 0
        assert 2 < max(times) < 4


def test_modelled_kits_differ_and_unseen_ranges_are_disjoint() -> None:
    for train, unseen in RANGES.values():
        assert train[1] < unseen[0] or unseen[1] < train[0]
    kicks = [modelled_kit("train", n).sounds["kick"].load(0) for n in (0, 1)]
    assert len(kicks[0]) != len(kicks[1])
    assert ModelledKits("unseen").draw(Random(0), 44_100).name.startswith("modelled-unseen")


def centroid(sound: Mono) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / 44_100)).sum() / power.sum())


@pytest.mark.parametrize("split", ["train", "unseen"])
def test_modelled_drums_lie_where_drums_lie(split: str) -> None:
    sounds = modelled_kit(split, 3).sounds
    assert set(sounds) == set(ARTICULATIONS)
    centroids = {name: centroid(sounds[name].load(0)) for name in ("kick", "snare", "hihat_closed")}
    assert 40 < centroids["kick"] < 500 < centroids["snare"] < 8_000
    assert centroids["hihat_closed"] > 5_000
    toms = [centroid(sounds[f"tom_{height}"].load(0)) for height in ("low", "mid", "high")]
    assert toms == sorted(toms)
    lengths = [len(sounds[name].load(0)) for name in ("hihat_closed", "hihat_open", "crash")]
    assert lengths == sorted(lengths)
    for name in ("kick", "snare", "ride"):
        assert np.abs(sounds[name].load(0)).max() == pytest.approx(0.9, abs=1e-3)


def test_old_kits_are_forgotten_and_made_again_alike() -> None:
    kits = ModelledKits(count=2)
    first = kits.draw(Random(0), 44_100).sounds["sidestick"].load(0)
    again = ModelledKits(count=2).draw(Random(0), 44_100).sounds["sidestick"].load(0)
    np.testing.assert_array_equal(first, again)


class Rest:
    def draw(self, rng: Random, seconds: float) -> Groove:
        return Groove((), {})


def test_pools_of_nothing_are_refused() -> None:
    with pytest.raises(FormatError, match="a pool of grooves needs at least one MIDI file"):
        MidiGrooves([])
    with pytest.raises(FormatError, match="a pool of drum kits needs at least one one-shot"):
        RecordedKits([])
    with pytest.raises(FormatError, match="a pool of voices needs at least one recording"):
        RecordedVoices([])
    with pytest.raises(FormatError, match="no drum of the kits was heard in 20 draws of 100 sa"):
        Drums(ModelledKits(), [(Rest(), 1.0)]).draw(Random(0), 100, RATE)
