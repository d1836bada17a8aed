"""Level: closed forms, and what must not count."""

import math

import pytest
import torch
from torch import Tensor

from graphophone.audio.level import Meter, active_rms_db, match_level, to_level
from graphophone.errors import AudioError

RATE = 1_000  # a frame is 50 samples


def sine(amplitude: float = 1.0, seconds: float = 1.0) -> Tensor:
    time = torch.arange(round(seconds * RATE)) / RATE
    return (amplitude * torch.sin(2 * torch.pi * 100 * time)).expand(2, -1)


@pytest.mark.parametrize("amplitude", [1.0, 0.1, 1e-4])
def test_a_sine_reads_its_rms(amplitude: float) -> None:
    assert active_rms_db(sine(amplitude), RATE) == pytest.approx(
        20 * math.log10(amplitude) - 3.0103, abs=1e-3
    )


def test_pauses_and_what_is_40_db_down_do_not_count() -> None:
    pause, quiet = torch.zeros(2, 3_000), sine(0.009)
    assert active_rms_db(torch.cat((pause, sine(), quiet), -1), RATE) == pytest.approx(
        active_rms_db(sine(), RATE), abs=1e-9
    )


def test_what_is_39_db_down_counts() -> None:
    loud, soft = 0.5, 0.5 * 10**-3.9
    both = active_rms_db(torch.cat((sine(), sine(10 ** (-39 / 20))), -1), RATE)
    assert both == pytest.approx(10 * math.log10((loud + soft) / 2), abs=1e-4)


def test_both_channels_count() -> None:
    one_sided = torch.stack((sine()[0], torch.zeros(RATE)))
    assert active_rms_db(one_sided, RATE) == pytest.approx(-6.0206, abs=1e-3)


def test_a_frame_cut_short_counts_with_the_samples_it_has() -> None:
    assert active_rms_db(torch.full((2, 51), 0.1), RATE) == pytest.approx(-20, abs=1e-5)
    assert active_rms_db(torch.full((2, 3), 0.1), RATE) == pytest.approx(-20, abs=1e-5)


def test_a_batch_reads_as_its_items() -> None:
    batch = torch.stack((sine(), torch.cat((sine(0.3)[:, :500], torch.zeros(2, 500)), -1)))
    expected = torch.tensor([active_rms_db(item, RATE) for item in batch], dtype=torch.float64)
    torch.testing.assert_close(active_rms_db(batch, RATE), expected)
    levelled, gains = to_level(batch, RATE)
    torch.testing.assert_close(levelled[1], to_level(batch[1], RATE)[0])
    torch.testing.assert_close(gains, -20 - expected)


@pytest.mark.parametrize("gain", [0.25, 4.0])
def test_level_does_not_depend_on_the_gain_of_a_file(gain: float) -> None:
    audio = torch.randn(2, 5_000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(to_level(gain * audio, RATE)[0], to_level(audio, RATE)[0])
    assert active_rms_db(to_level(audio, RATE)[0], RATE) == pytest.approx(-20, abs=1e-4)


def test_matched_audio_is_as_loud_as_its_reference() -> None:
    matched = match_level(sine(0.9), sine(0.01), RATE)
    torch.testing.assert_close(matched, sine(0.01))


@pytest.mark.parametrize("audio", [torch.zeros(2, 100), torch.zeros(2, 0), sine(2e-5)])
def test_silence_is_refused(audio: Tensor) -> None:
    with pytest.raises(AudioError, match="the audio is silent: no 50 ms of it are above -90 dBFS"):
        active_rms_db(audio, RATE)


@pytest.mark.parametrize("size", [1, 7, 49, 50, 51, 1_000, 9_999])
def test_a_meter_reads_blocks_as_the_whole(size: int) -> None:
    loud = torch.randn(2, 4_321, generator=torch.Generator().manual_seed(0))
    audio = torch.cat((torch.zeros(2, 333), loud, 0.005 * loud[:, :777]), -1)
    meter = Meter(RATE)
    for block in audio.split(size, -1):
        meter.add(block)
    assert meter.rms_db() == pytest.approx(active_rms_db(audio, RATE), abs=1e-9)


def test_a_meter_that_heard_nothing_says_so() -> None:
    meter = Meter(RATE)
    for block in (torch.zeros(2, 0), torch.zeros(2, 120)):
        with pytest.raises(AudioError, match="the audio is silent"):
            meter.rms_db()
        meter.add(block)
