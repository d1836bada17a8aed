"""The match equaliser gives a recording another's spectrum, and nothing else."""

import pytest
import torch
from scipy.signal import sosfilt

from graphophone.audio.match_eq import MOST_DB, SIZE, average, gains, match_eq, smoothed

RATE = 44_100
SHELF = [[0.35, -0.25, 0.05, 1.0, -1.1, 0.35]]


def noise(seed: int, seconds: float = 2.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(2, round(seconds * RATE), generator=generator)


def filtered(audio: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(sosfilt(SHELF, audio.double().numpy())).float()


def in_db(audio: torch.Tensor) -> torch.Tensor:
    return 10 * smoothed(average(audio)).log10()


def test_a_recording_matched_to_itself_is_itself() -> None:
    audio = noise(0)
    torch.testing.assert_close(match_eq(audio, audio), audio, rtol=0, atol=1e-6)


def test_the_spectrum_becomes_the_references_though_it_is_of_another_sound() -> None:
    audio, reference = noise(1), filtered(noise(2, 3.0))
    before = (in_db(audio) - in_db(reference))[20:]
    after = (in_db(match_eq(audio, reference)) - in_db(reference))[20:]
    # One level is free, for the energy stays.
    assert float((before - before.mean()).abs().max()) > 4
    assert float((after - after.mean()).abs().max()) < 1


def test_energy_place_and_shape_stay() -> None:
    audio, reference = noise(3), filtered(noise(4))
    wet = match_eq(audio, reference)
    assert wet.shape == audio.shape
    assert wet.dtype == audio.dtype
    assert float(wet.square().sum()) == pytest.approx(float(audio.square().sum()), rel=1e-5)
    click = torch.zeros(2, RATE)
    click[:, 20_000] = 1.0
    moved = match_eq(click, reference)
    assert int(moved[0].abs().argmax()) == 20_000
    assert torch.equal(moved[0], moved[1])


def test_no_frequency_is_turned_up_or_down_without_end() -> None:
    audio = noise(5)
    time = torch.arange(audio.shape[1]) / RATE
    tone = torch.sin(2 * torch.pi * 1_000 * time).expand(2, -1)
    turned = 20 * gains(audio, tone).log10()
    assert float(turned.abs().max()) <= MOST_DB + 1e-9
    assert float(turned.abs().max()) == pytest.approx(MOST_DB)


def test_silence_stays_silence() -> None:
    silence = torch.zeros(2, 2 * SIZE)
    assert not match_eq(silence, noise(6)).any()


def test_smoothing_keeps_what_is_flat_and_spreads_a_line_over_a_third() -> None:
    flat = torch.ones(SIZE // 2 + 1, dtype=torch.float64)
    torch.testing.assert_close(smoothed(flat), flat)
    line = torch.zeros_like(flat)
    line[400] = 1.0
    places = smoothed(line).nonzero()[:, 0]
    assert float(places.max() / places.min()) == pytest.approx(2 ** (1 / 3), rel=0.01)
