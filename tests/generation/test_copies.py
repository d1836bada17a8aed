"""Copies: what each kind does to a sound, and that only its numbers decide it."""

import json
import math
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
import soundfile
import torch
from torch import Tensor

from graphophone.audio.level import LEVEL_DB, active_rms_db, to_level
from graphophone.audio.loudness import loudness
from graphophone.errors import FormatError, UsageError
from graphophone.generation.copies import (
    SET_KINDS,
    Copy,
    apply,
    draw_copies,
    draw_copy,
    draw_tone,
    heard,
    maybe_spoiled,
    named,
)
from graphophone.generation.spoiling import KINDS
from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.room_tones import RoomTones

RATE = 44_100
TONE = {"kind": "room_tone", "level_db": -50, "slope_db": -3, "hum_hz": 50, "hum_db": -10}


@pytest.fixture(autouse=True)
def installed(request: pytest.FixtureRequest) -> None:
    """Skip what needs PyAV where it is missing."""
    given = getattr(request.node, "callspec", None)
    if given and given.params.get("kind") == "aac":
        pytest.importorskip("av", reason="AAC needs PyAV (the extra 'codecs')")


def sound(seed: int = 0, samples: int = RATE) -> Tensor:
    """Noise in both channels, other in each, at the reference level."""
    generator = torch.Generator().manual_seed(seed)
    return to_level(torch.randn(2, samples, generator=generator), RATE)[0]


def tones(samples: int, *hertz: float) -> Tensor:
    time = torch.arange(samples, dtype=torch.float64) / RATE
    return torch.stack([0.1 * torch.sin(2 * torch.pi * f * time) for f in hertz]).float()


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_plain_data_and_its_numbers_decide_it(kind: str) -> None:
    for seed in range(5):
        copy = draw_copy(Random(seed), kind)
        assert copy == draw_copy(Random(seed), kind)
        again = Copy.from_json(json.loads(json.dumps(copy.to_json())))
        assert again == copy
        wet = sound()
        before = wet.clone()
        once = apply(copy, wet, RATE)
        assert torch.equal(wet, before)
        assert (once.shape, once.dtype) == (wet.shape, wet.dtype)
        assert torch.equal(once, apply(again, wet, RATE))


@pytest.mark.parametrize("kind", KINDS)
def test_all_amounts_are_drawn(kind: str) -> None:
    copies = [draw_copy(Random(seed), kind) for seed in range(300)]
    for name, allowed in KINDS[kind].amounts.items():
        values = {copy.amounts[name] for copy in copies}
        assert all(value in allowed for value in values)
        assert len(values) == len(getattr(allowed, "values", ())) or len(values) > 50


@pytest.mark.parametrize("samples", [0, 1, 100, 20_000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_of_silence_and_of_any_length_does_not_fail(kind: str, samples: int) -> None:
    silence = torch.zeros(2, samples)
    copy = apply(draw_copy(Random(1), kind), silence, RATE)
    assert copy.shape == silence.shape
    assert bool(copy.isfinite().all())
    if kind != "room_tone":
        assert float(copy.abs().sum()) < 1e-4 * max(1, samples)


def test_the_opposite_gain_undoes_a_gain() -> None:
    wet = sound()
    louder = apply(Copy("gain", {"gain_db": 7.25}), wet, RATE)
    back = apply(Copy("gain", {"gain_db": -7.25}), louder, RATE)
    assert active_rms_db(louder, RATE) == pytest.approx(LEVEL_DB + 7.25, abs=1e-4)
    torch.testing.assert_close(back, wet)


@pytest.mark.parametrize("to_rate", [48_000, 32_000, 22_050])
def test_resampling_keeps_what_lies_below_half_the_rate_and_nothing_else(to_rate: int) -> None:
    below, above = 0.44 * min(to_rate, RATE), 0.54 * to_rate
    wet = tones(RATE, below, above)
    out = apply(Copy("resampling", {"to_rate": to_rate}), wet, RATE)
    inside = slice(2_000, -2_000)  # where a tone begins and ends it is not one
    torch.testing.assert_close(out[0, inside], wet[0, inside], atol=2e-4, rtol=0)
    if above < RATE / 2:
        assert float(out[1, inside].abs().max()) < 1e-6


@pytest.mark.parametrize("seconds", [0.5, 0.1234, 0.0, -0.1234, -0.5])
def test_a_shift_moves_samples_and_brings_silence(seconds: float) -> None:
    wet, by = sound(), round(seconds * RATE)
    out = apply(Copy("shift", {"seconds": seconds}), wet, RATE)
    moved = torch.roll(wet, by, -1)
    silent = torch.zeros(RATE, dtype=torch.bool)
    silent[:by] = True
    if by <= 0:
        silent = torch.arange(RATE) >= RATE + by
    assert torch.equal(out[:, ~silent], moved[:, ~silent])
    assert not out[:, silent].any()


def test_a_shift_that_is_longer_than_the_recording_leaves_silence() -> None:
    out = apply(Copy("shift", {"seconds": 0.5}), sound(samples=100), RATE)
    assert (tuple(out.shape), bool(out.any())) == ((2, 100), False)


def test_mono_is_the_mean_of_both_channels_and_again_itself() -> None:
    wet, mono = sound(), Copy("mono", {})
    out = apply(mono, wet, RATE)
    torch.testing.assert_close(out[0], (wet[0] + wet[1]) / 2)
    assert torch.equal(out[0], out[1])
    torch.testing.assert_close(apply(mono, out, RATE), out)


@pytest.mark.parametrize("level_db", [-75.0, -40.0])
def test_room_tone_is_as_loud_as_is_said(level_db: float) -> None:
    copy = draw_copy(Random(0), "room_tone", level_db=level_db)
    wet = sound()
    added = (apply(copy, wet, RATE) - wet).double()
    level = 10 * math.log10(float(added.square().mean()))
    assert level == pytest.approx(level_db, abs=0.05)


def test_limiting_reaches_the_loudness_below_the_ceiling() -> None:
    out = apply(Copy("limiting", {"lufs": -8, "ceiling_db": -0.5}), sound(), RATE)
    assert loudness(out, RATE) == pytest.approx(-8.0, abs=0.1)
    assert float(out.abs().max()) <= 10 ** (-0.5 / 20)


@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_a_codec_keeps_samples_in_place(kind: str) -> None:
    wet = sound()
    wet[:, :20_000] = 0
    out = apply(draw_copy(Random(0), kind, kbps=192), wet, RATE)
    alike = [float((wet[0].roll(by) * out[0]).sum()) for by in range(-40, 41)]
    assert max(range(81), key=alike.__getitem__) == 40


def test_what_is_heard_is_at_the_reference_level_or_silence() -> None:
    copies = (Copy("gain", {"gain_db": -20.0}), draw_copy(Random(0), "mp3"))
    assert active_rms_db(heard(copies, sound(), RATE), RATE) == pytest.approx(LEVEL_DB, abs=1e-3)
    late = sound()
    late[:, : RATE // 2 + 100] = 0
    gone = heard((Copy("shift", {"seconds": 0.5}),), late, RATE)
    assert not gone.any()


def test_a_share_is_spoiled_by_one_kind_or_two() -> None:
    wet = sound(samples=4_000)
    found = [maybe_spoiled(wet, RATE, 0.4, Random(seed)) for seed in range(200)]
    spoiled = [(sound, copies) for sound, copies in found if copies]
    assert 0.3 < len(spoiled) / 200 < 0.5
    assert {len(copies) for _, copies in spoiled} == {1, 2}
    assert {copy["kind"] for _, copies in spoiled for copy in copies} == set(SET_KINDS)
    order = list(KINDS)
    for out, copies in spoiled[:20]:
        kinds = [order.index(copy["kind"]) for copy in copies]
        assert kinds == sorted(set(kinds))
        again = heard([Copy.from_json(copy) for copy in copies], wet, RATE)
        assert torch.equal(out, again)
    assert all(out is wet for out, copies in found if not copies)


def test_none_or_all_are_spoiled() -> None:
    wet = sound()
    assert not any(maybe_spoiled(wet, RATE, 0.0, Random(seed))[1] for seed in range(50))
    assert all(maybe_spoiled(wet, RATE, 1.0, Random(seed))[1] for seed in range(50))


def test_a_copy_of_which_nothing_is_left_is_not_taken() -> None:
    wet = torch.zeros(2, 4_000)
    wet[:, 0] = 1.0
    for seed in range(200):
        out, copies = maybe_spoiled(wet, RATE, 1.0, Random(seed))
        assert out.any()
        assert copies or out is wet


@pytest.fixture
def rooms(tmp_path: Path) -> RoomTones:
    """Two recordings of noise."""
    clips = []
    for name in ("rain.wav", "hiss.wav"):
        soundfile.write(tmp_path / name, sound(len(clips)).numpy().T, RATE, subtype="FLOAT")
        clips.append(Clip(tmp_path / name, name, "noise", "", "", PERMISSIVE, ""))
    return RoomTones(clips)


def test_half_of_the_room_tones_are_recorded_where_there_are_recordings(rooms: RoomTones) -> None:
    wet = sound(9, 2_000)
    found: Counter[str] = Counter()
    for seed in range(250):
        before = maybe_spoiled(wet, RATE, 1.0, Random(seed))[1]
        out, copies = maybe_spoiled(wet, RATE, 1.0, Random(seed), rooms)
        for one, other in zip(before, copies, strict=True):
            if other["kind"] == "recorded_tone":
                assert one["kind"] == "room_tone"
                found.update([other["file"]])
                assert -75 <= other["level_db"] <= -40
            else:
                assert one == other
                found.update([other["kind"]])
        if [copy["kind"] for copy in copies] == ["recorded_tone"]:
            ((said),) = copies
            noise = rooms.excerpt(said["file"], said["seconds"], 2_000, RATE)
            mixed = wet + noise * 10 ** (said["level_db"] / 20)
            torch.testing.assert_close(out, to_level(mixed, RATE)[0])
    recorded = found["rain.wav"], found["hiss.wav"]
    assert sum(recorded) / (sum(recorded) + found["room_tone"]) == pytest.approx(0.5, abs=0.1)
    assert min(recorded) > 0.3 * sum(recorded)


def test_recorded_room_tone_is_as_loud_as_is_said(rooms: RoomTones) -> None:
    wet, tone = sound(9), draw_tone(Random(2), rooms, RATE, RATE)
    added = (apply(tone, wet, RATE) - wet).double()
    level = 10 * math.log10(float(added.square().mean()))
    assert level == pytest.approx(tone.level_db, abs=0.01)


def test_all_kinds_of_sets_are_as_frequent() -> None:
    drawn = Counter(copy.kind for seed in range(2_000) for copy in draw_copies(Random(seed)))
    for kind in SET_KINDS:
        assert drawn[kind] / 2_000 == pytest.approx(1.5 / len(SET_KINDS), abs=0.05)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": "vinyl"}, "copies must be among mono, .*, aac, got 'vinyl'"),
        ({}, "copies must be among mono, .*, got 'None'"),
        ({"kind": "mp3"}, "a copy 'mp3' has the amounts kbps, got none"),
        ({"kind": "mono", "side": 1}, "a copy 'mono' has the amounts none, got side"),
        ({"kind": "mp3", "kbps": 100}, r"kbps of a copy 'mp3' must be one of 64, .*, got 100"),
        ({"kind": "shift", "seconds": 0.6}, r"seconds .* must be from -0.5 to 0.5, got 0.6"),
        ({"kind": "shift", "seconds": math.nan}, r"must be from -0.5 to 0.5, got nan"),
        ({**TONE, "seed": 0.5}, "seed of a copy 'room_tone' must be from 0 to 2147483647, got 0.5"),
        ({"kind": "gain", "gain_db": "loud"}, r"must be from -24 to 12, got 'loud'"),
    ],
)
def test_what_no_copy_is_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        Copy.from_json(data)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("mp3", ("mp3", {})),
        ("mp3=64", ("mp3", {"kbps": 64})),
        ("shift=-0.25", ("shift", {"seconds": -0.25})),
        ("mono", ("mono", {})),
    ],
)
def test_a_word_is_a_kind_and_perhaps_a_number(word: str, expected: Any) -> None:
    assert named(word) == expected
    kind, fixed = named(word)
    assert draw_copy(Random(0), kind, **fixed).amounts.items() >= fixed.items()


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("tape", "copies must be among mono, .*, aac or all, got 'tape'"),
        ("mono=1", "a copy 'mono' has no number, got 'mono=1'"),
        ("mp3=65", "kbps of a copy 'mp3' must be one of 64, .*, 320, got '65'"),
        ("gain=much", "gain_db of a copy 'gain' must be from -24 to 12, got 'much'"),
    ],
)
def test_words_without_meaning_are_refused(word: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        named(word)
