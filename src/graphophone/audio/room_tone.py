"""The sound of a room in which nobody plays: air, traffic far away, and the mains."""

import numpy as np
import numpy.typing as npt
import torch

from graphophone.tensors import Stereo

Array = npt.NDArray[np.float64]

LOWEST = 30.0
"""Below this frequency in Hz the noise is no louder."""
HARMONICS = 8
FALL_DB = 5.0
"""How much softer each harmonic of the mains is than the one before, on average."""
SPREAD_DB = 4.0


def room_tone(
    samples: int, rate: int, *, slope_db: float, hum_hz: float, hum_db: float, seed: int
) -> Stereo:
    """Return room tone with an RMS value of 1 over both channels.

    The noise is Gaussian and as loud in both channels, which share half of its power. The hum
    is the same in both.

    Args:
        samples: How many.
        rate: Samples a second.
        slope_db: Change of the noise's spectrum by octave, in dB.
        hum_hz: Frequency of the mains.
        hum_db: Power of all the hum, relative to that of the noise.
        seed: Decides both.
    """
    if not samples:
        return torch.zeros(2, 0)
    rng = np.random.default_rng(seed)
    three = _shaped(rng.standard_normal((3, samples)), rate, slope_db)
    noise = three[:2] + three[2]
    noise /= max(_rms(noise), 1e-30)
    hum = _hum(rng, samples, rate, hum_hz)
    hum *= 10 ** (hum_db / 20) / max(_rms(hum), 1e-30)
    tone = noise + hum
    return torch.from_numpy(tone / max(_rms(tone), 1e-30)).float()


def _shaped(noise: Array, rate: int, slope_db: float) -> Array:
    """Tilt the spectrum of white noise."""
    frequency = np.fft.rfftfreq(noise.shape[-1], 1 / rate)
    octaves = np.log2(np.maximum(frequency, LOWEST) / LOWEST)
    gain = 10 ** (slope_db * octaves / 20)
    gain[0] = 0.0
    shaped: Array = np.fft.irfft(np.fft.rfft(noise) * gain, noise.shape[-1])
    return shaped


def _hum(rng: np.random.Generator, samples: int, rate: int, hertz: float) -> Array:
    """Return the mains and its harmonics, phases and levels by chance."""
    time = np.arange(samples) / rate
    levels = rng.normal(0.0, SPREAD_DB, HARMONICS) - FALL_DB * np.arange(HARMONICS)
    phases = rng.uniform(0.0, 2 * np.pi, HARMONICS)
    hum = np.zeros(samples)
    for n, (level, phase) in enumerate(zip(levels, phases, strict=True), start=1):
        if n * hertz < rate / 2:
            hum += 10 ** (level / 20) * np.sin(2 * np.pi * n * hertz * time + phase)
    return hum


def _rms(signal: Array) -> float:
    return float(np.sqrt(np.mean(np.square(signal))))
