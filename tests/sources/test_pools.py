"""What every pool promises, and what each one draws from."""

import json
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor

from graphophone.audio.features import SEGMENT
from graphophone.audio.level import active_rms_db
from graphophone.errors import FormatError
from graphophone.sources import INSTRUMENTS, Dry, Pool, folder_pool, open_pool, settle
from graphophone.sources.splits import VOICES

RATE, SAMPLES = 44_100, 60_000
TASKS = ("singing", "drums")
POOLS = (
    *(("real", split) for split in ("train", "seen", "unseen")),
    *(("procedural", split) for split in ("train", "unseen")),
    ("mixed", "train"),
)
VIRTUAL = (("singing", "virtual", "train"), ("singing", "virtual", "unseen"))


def loudest_hertz(audio: Tensor, rate: int = RATE) -> float:
    spectrum = torch.fft.rfft(audio.mean(0)).abs()
    return float(spectrum.argmax()) * rate / audio.shape[1]


def assert_same(a: Dry, b: Dry) -> None:
    assert (list(a.tracks), a.provenance) == (list(b.tracks), b.provenance)
    assert all(torch.equal(a.tracks[name], b.tracks[name]) for name in a.tracks)


@pytest.mark.parametrize(
    ("task", "sources", "split"), [*((task, *pool) for task in TASKS for pool in POOLS), *VIRTUAL]
)
def test_draws_are_levelled_stereo_and_repeatable(
    data: Path, task: str, sources: str, split: str
) -> None:
    pool = open_pool(task, sources, split, data)
    names = ("voice",) if task == "singing" else INSTRUMENTS
    for seed in range(2):
        dry = pool.draw(Random(seed), SAMPLES, RATE)
        assert dry.tracks
        assert list(dry.tracks) == [name for name in names if name in dry.tracks]
        for track in dry.tracks.values():
            assert (track.shape, track.dtype) == ((2, SAMPLES), torch.float32)
            assert track.isfinite().all()
            assert active_rms_db(track, RATE) == pytest.approx(-20, abs=0.01)
        json.dumps(dry.provenance)
        assert_same(dry, open_pool(task, sources, split, data).draw(Random(seed), SAMPLES, RATE))


@pytest.mark.parametrize("task", TASKS)
def test_a_draw_does_not_depend_on_those_before_it(data: Path, task: str) -> None:
    pool = open_pool(task, "mixed", "train", data)
    first = pool.draw(Random(7), SAMPLES, RATE)
    for seed in range(5):
        pool.draw(Random(seed), SAMPLES, RATE)
    assert_same(pool.draw(Random(7), SAMPLES, RATE), first)


@pytest.mark.parametrize("rate", [8_000, 96_000])
@pytest.mark.parametrize("task", TASKS)
def test_other_rates_and_short_segments_are_drawn(data: Path, task: str, rate: int) -> None:
    for sources in ("real", "procedural"):
        dry = open_pool(task, sources, "train", data).draw(Random(3), rate, rate)
        assert all(track.shape == (2, rate) for track in dry.tracks.values())


def test_kinds_can_be_asked_for_one_by_one(data: Path) -> None:
    for kind, hertz in (("singing", 330), ("instruments", 440)):
        pool = open_pool("singing", "real", "unseen", data, kinds=(kind,))
        dry = pool.draw(Random(0), SAMPLES, RATE)
        assert dry.provenance["kind"] == kind
        assert loudest_hertz(dry.tracks["voice"][:1].expand(2, -1)) == pytest.approx(
            hertz, rel=0.02
        )


def test_stereo_recordings_stay_stereo_and_mono_ones_are_two_equal_channels(data: Path) -> None:
    voice = open_pool("singing", "real", "unseen", data, kinds=("singing",))
    flute = open_pool("singing", "real", "unseen", data, kinds=("instruments",))
    mono = voice.draw(Random(0), SAMPLES, RATE).tracks["voice"]
    assert torch.equal(mono[0], mono[1])
    stereo = flute.draw(Random(0), SAMPLES, RATE).tracks["voice"]
    assert loudest_hertz(stereo[1:].expand(2, -1)) == pytest.approx(550, rel=0.02)


def test_recordings_that_may_be_wet_are_no_dry_source(data: Path) -> None:
    pool = open_pool("singing", "real", "train", data, kinds=("instruments",))
    assert {pool.draw(Random(s), SAMPLES, RATE).provenance["group"] for s in range(20)} == {"flute"}


def test_training_voices_are_transposed_by_at_most_four_semitones(data: Path) -> None:
    pool = open_pool("singing", "real", "train", data, kinds=("instruments",))
    shifts = []
    for seed in range(30):
        dry = pool.draw(Random(seed), 20_000, RATE)
        shift = dry.provenance["semitones"]
        shifts.append(shift)
        expected = 440 * 2 ** (shift / 12)
        assert loudest_hertz(dry.tracks["voice"][:1].expand(2, -1)) == pytest.approx(
            expected, rel=0.01
        )
    assert 5 < sum(shift != 0 for shift in shifts) < 25
    assert max(abs(shift) for shift in shifts) <= 4


def test_seen_draws_the_held_out_part_of_a_long_file(data: Path) -> None:
    train, seen = (
        open_pool("singing", "real", split, data, kinds=("instruments",))
        for split in ("train", "seen")
    )

    def starts(pool: Pool) -> list[float]:
        draws = [pool.draw(Random(s), 20_000, RATE).provenance for s in range(20)]
        return [piece["seconds"] for draw in draws for piece in draw["pieces"]]

    assert max(starts(train)) < 4 <= min(starts(seen))


def test_mixed_pools_draw_both(data: Path) -> None:
    pool = open_pool("singing", "mixed", "train", data, real_share=0.7)
    kinds = [pool.draw(Random(s), 5_000, RATE).provenance["kind"] for s in range(100)]
    assert 15 < kinds.count("procedural") + kinds.count("virtual") < 45
    assert kinds.count("procedural") > 5 < kinds.count("virtual")


def test_mixed_pools_without_a_voice_have_no_virtual_singer(data: Path) -> None:
    pool = open_pool("singing", "mixed", "train", data, kinds=("instruments",))
    kinds = {pool.draw(Random(s), 5_000, RATE).provenance["kind"] for s in range(30)}
    assert kinds == {"instruments", "procedural"}
    assert open_pool("singing", "mixed", "unseen", data, kinds=("speech", "instruments"))


@pytest.mark.parametrize(("sources", "count"), [("virtual", 8), ("mixed", 30)])
def test_virtual_singers_are_made_of_the_splits_own_voices(
    data: Path, sources: str, count: int
) -> None:
    singers = {}
    for split in ("train", "seen", "unseen"):
        supply = settle("singing", sources, split, data)
        pool = supply.pool()
        draws = [pool.draw(Random(s), 5_000, RATE).provenance for s in range(count)]
        sung = [draw for draw in draws if draw["kind"] == "virtual"]
        singers[split] = {draw["group"] for draw in sung}
        voices = {clip.name for clip in supply.clips if clip.category in VOICES}
        assert {piece["file"] for draw in sung for piece in draw["pieces"]} <= voices
    assert singers == {"train": {"ann"}, "seen": {"ann"}, "unseen": {"bob"}}


@pytest.mark.usefixtures("few_reference_kits")
def test_kits_of_every_split_are_equalised_to_the_training_ones(data: Path) -> None:
    for split in ("train", "seen", "unseen"):
        supply = settle("drums", "real", split, data, equalised=True)
        assert {clip.group for clip in supply.reference} == {"oak"}
        assert not settle("drums", "real", split, data).reference
        assert supply.pool().draw(Random(2), SAMPLES, RATE).tracks
    for split in ("train", "unseen"):
        plain, even = (
            open_pool("drums", "procedural", split, equalised=yes).draw(Random(2), SAMPLES, RATE)
            for yes in (False, True)
        )
        assert plain.tracks.keys() == even.tracks.keys()
        assert not any(torch.allclose(plain.tracks[n], even.tracks[n]) for n in plain.tracks)


def test_unknown_names_are_refused(data: Path) -> None:
    with pytest.raises(FormatError, match="task must be singing or drums, got 'bass'"):
        open_pool("bass", "real", "train", data)
    with pytest.raises(
        FormatError, match=r"sources must be real, procedural, virtual .* or mixed, got 'fake'"
    ):
        open_pool("singing", "fake", "train", data)
    with pytest.raises(FormatError, match=r"kinds must be among singing, speech, .*, got 'opera'"):
        open_pool("singing", "real", "train", data, kinds=("opera",))
    with pytest.raises(FormatError, match=r"split must be one of .*, got 'x'"):
        open_pool("drums", "procedural", "x")


def test_folders_of_voices(data: Path) -> None:
    dry = folder_pool(data / "ann").draw(Random(0), SAMPLES, RATE)
    assert loudest_hertz(dry.tracks["voice"]) == pytest.approx(220, rel=0.02)


def test_folders_of_one_shots(data: Path, tmp_path: Path) -> None:
    for name, hit in (("kick", "kick"), ("Hat", "hihat_closed"), ("snare", "snare"), ("x", "clap")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hit.wav").write_bytes((data / "oak" / f"{hit}_v01.wav").read_bytes())
    dry = folder_pool(tmp_path, "drums").draw(Random(0), 2 * SAMPLES, RATE)
    assert set(dry.tracks) <= {"kick", "hat", "snare"}
    assert loudest_hertz(dry.tracks["kick"]) == pytest.approx(100, rel=0.1)


def test_folders_that_hold_nothing_of_use_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no subfolder is named by an instrument"):
        folder_pool(data / "ann", "drums")
    with pytest.raises(FormatError, match="a folder of recordings is needed, there is none"):
        folder_pool(tmp_path / "missing")
    with pytest.raises(FormatError, match="task must be singing or drums, got 'bass'"):
        folder_pool(tmp_path, "bass")


def thinned(recordings: Path, folder: Path, every: int) -> Path:
    """Return a folder with the kits of another one, and few of its other recordings.

    They are of all kinds, but looking at each before the first draw would take most of the time.
    """
    head, *rows = (recordings / "MANIFEST.csv").read_text(encoding="utf-8").splitlines()
    kits = [row for row in rows if row.startswith("drums/")]
    others = [row for row in rows if not row.startswith("drums/")]
    text = "\n".join((head, *kits, *others[::every])) + "\n"
    (folder / "MANIFEST.csv").write_text(text, encoding="utf-8")
    for found in recordings.iterdir():
        if found.is_dir():
            (folder / found.name).symlink_to(found)
    return folder


@pytest.mark.recordings
@pytest.mark.parametrize("task", ["singing", "drums"])
def test_real_draws_enter_at_the_reference_level(
    recordings: Path, task: str, tmp_path: Path
) -> None:
    pool = open_pool(task, "real", "unseen", thinned(recordings, tmp_path, every=20))
    for seed in range(8):
        for track in pool.draw(Random(seed), SEGMENT, RATE).tracks.values():
            assert active_rms_db(track, RATE) == pytest.approx(-20, abs=0.01)
