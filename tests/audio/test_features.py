"""Features: a filterbank computed another way, levels that are known, and the byte format."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from graphophone.audio.features import (
    BANDS,
    FFT,
    FRAMES,
    HOP,
    RATE,
    SEGMENT,
    filterbank,
    hertz,
    log_mel,
    mel,
    pack,
    unpack,
)


def sine(frequency: float, samples: int = 20_000) -> Tensor:
    time = torch.arange(samples, dtype=torch.float64) / RATE
    return torch.sin(2 * torch.pi * frequency * time).float()


def slaney(frequency: float) -> float:
    """The scale as the Auditory Toolbox states it: 200/3 Hz steps, then 27 to a factor 6.4."""
    if frequency < 1_000:
        return frequency / (200 / 3)
    return 15 + 27 * math.log(frequency / 1_000) / math.log(6.4)


def test_mel_is_slaneys_and_hertz_its_inverse() -> None:
    frequencies = np.array([0.0, 440.0, 999.0, 1_000.0, 6_400.0, 22_050.0])
    np.testing.assert_allclose(mel(frequencies), [slaney(f) for f in frequencies])
    np.testing.assert_allclose(hertz(mel(frequencies)), frequencies, atol=1e-9)


def test_bands_are_the_mean_of_the_spectrums_line_under_each_triangle() -> None:
    """Integrated numerically on a grid of 1/200 bin, from the definition."""
    edges = np.linspace(0, slaney(RATE / 2), BANDS + 2)
    edges = np.where(
        edges < 15, edges * 200 / 3, 1_000 * 6.4 ** ((np.maximum(edges, 15) - 15) / 27)
    )
    grid = np.linspace(0, RATE / 2, 200 * (FFT // 2) + 1)
    spectrum = np.random.default_rng(0).random(FFT // 2 + 1)
    line = np.interp(grid, np.arange(FFT // 2 + 1) * RATE / FFT, spectrum)
    expected = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        triangle = np.interp(grid, [low, centre, high], [0, 1, 0], left=0, right=0)
        expected.append((line * triangle).sum() / triangle.sum())
    np.testing.assert_allclose(spectrum @ filterbank().double().numpy(), expected, atol=2e-3)


def test_wide_bands_are_the_usual_sampled_triangles() -> None:
    low, centre, high = (
        float(hertz(np.array([m * slaney(RATE / 2) / 257]))[0]) for m in (250, 251, 252)
    )
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    sampled = np.interp(bins, [low, centre, high], [0, 1, 0], left=0, right=0)
    expected = torch.from_numpy(sampled / sampled.sum()).float()
    torch.testing.assert_close(filterbank()[:, 250], expected, atol=0.01, rtol=0)


def test_no_band_is_empty_and_each_sums_to_one() -> None:
    torch.testing.assert_close(filterbank().sum(0), torch.ones(BANDS))


def test_a_segment_has_the_shape_that_is_stored() -> None:
    assert log_mel(torch.zeros(1, 2, SEGMENT)).shape == (1, 2, BANDS, FRAMES) == (1, 2, 256, 417)
    assert log_mel(torch.zeros(2, 2, 10)).shape == (2, 2, BANDS, 1)


def test_silence_is_the_floor() -> None:
    assert (log_mel(torch.zeros(1, 2, 4_000)) == -120).all()


def test_white_noise_reads_its_density_in_every_band() -> None:
    """Power p of white noise gives p * 4 * 1.5 / N in a bin, +3.01 dB in mid, none in side."""
    noise = 0.1 * torch.randn(1, 1, 200_000, generator=torch.Generator().manual_seed(0))
    mid, side = log_mel(noise.expand(1, 2, -1))[0]
    power = (10 ** (mid[:, 5:-5] / 10)).mean(-1)
    expected = 10 * np.log10(0.01 * 4 * 1.5 / FFT * 2)
    assert (10 * power.log10() - expected).abs().max() < 1.5
    assert (side == -120).all()


def test_mid_and_side_trade_places_when_a_channel_is_inverted() -> None:
    audio = torch.randn(1, 2, 5_000, generator=torch.Generator().manual_seed(1))
    flipped = audio * torch.tensor([1.0, -1.0])[:, None]
    torch.testing.assert_close(log_mel(flipped).flip(1), log_mel(audio))


def test_a_frame_hears_the_samples_around_it() -> None:
    click = torch.zeros(1, 2, 20 * HOP)
    click[..., 10 * HOP] = 1
    assert log_mel(click)[0, 0].mean(0).argmax() == 10


def test_a_bin_centred_sine_reads_3_db_in_mid_before_the_bands_average() -> None:
    frequency = 700 * RATE / FFT
    loudest = log_mel(sine(frequency).expand(1, 2, -1))[0, 0, :, 20].max()
    weight = filterbank()[699:702].max(1).values
    expected = 3.01 + 10 * np.log10(
        float((filterbank()[699:702] * torch.tensor([0.25, 1, 0.25])[:, None]).sum(0).max())
    )
    assert loudest.item() == pytest.approx(expected, abs=0.05)
    assert weight[1] > 0


def test_bytes_keep_a_quarter_of_a_decibel_and_clip_beyond() -> None:
    decibels = torch.linspace(-120, 7.5, 1_000)
    restored = (unpack(pack(decibels)) + 1) * 127.5 / 2 - 120
    assert (restored - decibels).abs().max() <= 0.2501
    assert pack(torch.tensor([-200.0, 40.0])).tolist() == [0, 255]


def test_a_network_sees_minus_one_to_one() -> None:
    assert unpack(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]
