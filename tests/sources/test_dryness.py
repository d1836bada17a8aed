"""How well dry voices are told from wet ones, on voices made here and rooms and delays of ours.

The shares below are laws with room to spare: 24 voices of ten seconds, and the limits that
are in force. What was seen stands beside them.
"""

import math
from functools import cache
from random import Random

import numpy as np
import pytest
import soxr
import torch

from graphophone.processors import PROCESSORS
from graphophone.sources.checks import Limits
from graphophone.sources.dryness import Dryness, dryness
from graphophone.sources.singer import Singer

RATE, SECONDS, VOICES = 44_100, 10, 24
LIMITS = Limits()


@cache
def voices() -> tuple[np.ndarray, ...]:
    pools = (Singer("train"), Singer("unseen"))
    draws = (pools[s % 2].draw(Random(s), SECONDS * RATE, RATE) for s in range(VOICES))
    return tuple(draw.tracks["voice"][0].numpy() for draw in draws)


def through(name: str, audio: np.ndarray, **knobs: float) -> np.ndarray:
    processor = PROCESSORS[name]
    values = {**processor.spec.defaults(), **knobs}
    controls = {key: torch.full((1, 1, 1), float(value)) for key, value in values.items()}
    clip = torch.from_numpy(np.stack((audio, audio))[None])
    wet: np.ndarray = processor(clip, **controls, sample_rate=RATE)[0].mean(0).numpy()
    return wet


def is_wet(heard: Dryness) -> bool:
    assert LIMITS.echo is not None
    assert LIMITS.fall_db is not None
    return heard.echo > LIMITS.echo or (
        heard.fall_db is not None and heard.fall_db < LIMITS.fall_db
    )


def share(name: str, **knobs: float) -> float:
    """Share of the voices that sound wet behind a processor."""
    return float(np.mean([is_wet(dryness(through(name, v, **knobs), RATE)) for v in voices()]))


def size(seconds: float) -> float:
    """The reverb's size for a decay by 60 dB."""
    return math.log(seconds / 0.2) / math.log(30)


def test_dry_voices_are_dry() -> None:
    heard = [dryness(voice, RATE) for voice in voices()]
    assert not any(map(is_wet, heard))
    assert sum(h.fall_db is None for h in heard) <= 0.1 * VOICES  # of a held vowel nothing is told


@pytest.mark.parametrize("name", ["mono_reverb", "stereo_reverb"])
@pytest.mark.parametrize("seconds", [0.8, 1.3])
def test_rooms_are_heard(name: str, seconds: float) -> None:
    assert share(name, size=size(seconds), mix=0.3) > 0.6


def test_more_room_falls_less_steeply() -> None:
    voice = voices()[0]
    falls = [dryness(voice, RATE).fall_db]
    for mix in (0.1, 0.2, 0.4):
        wet = through("stereo_reverb", voice, size=size(1.0), mix=mix)
        falls.append(dryness(wet, RATE).fall_db)
    known = [fall for fall in falls if fall is not None]
    assert len(known) == 4
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize("seconds", [0.12, 0.3, 0.7])
def test_delays_are_heard(seconds: float) -> None:
    assert share("mono_delay", delay=seconds, feedback=0.3, mix=0.3) > 0.9


@pytest.mark.parametrize("seconds", [0.1, 0.25, 0.6])
def test_an_echo_stands_at_its_delay(seconds: float) -> None:
    for voice in voices()[:6]:
        late = np.zeros_like(voice)
        late[round(seconds * RATE) :] = voice[: -round(seconds * RATE)]
        heard = dryness(voice + 0.3 * late, RATE)
        assert heard.echo > 14
        assert heard.echo_seconds == pytest.approx(seconds, abs=1e-3)


def test_level_and_rate_change_nothing() -> None:
    voice = voices()[0]
    heard = dryness(voice, RATE)
    quiet = dryness(0.01 * voice, RATE)
    assert quiet.fall_db == pytest.approx(heard.fall_db, abs=0.5)
    slow = dryness(soxr.resample(voice, RATE, 24_000), 24_000)
    assert slow.fall_db == pytest.approx(heard.fall_db, abs=1.5)


def test_nothing_is_said_of_what_does_not_tell() -> None:
    rng = np.random.default_rng(0)
    assert dryness(voices()[0][:RATE], RATE) == Dryness(None, 0.0, 0.0)
    assert dryness(np.zeros(5 * RATE, np.float32), RATE) == Dryness(None, 0.0, 0.0)
    note = np.sin(2 * np.pi * 440 * np.arange(5 * RATE) / RATE) + 0.001 * rng.standard_normal(
        5 * RATE
    )
    assert dryness(note.astype(np.float32), RATE).fall_db is None
