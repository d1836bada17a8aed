"""A voice taken apart into pitch, resonance and breath, and put together at another pitch.

Source and filter: where the voice repeats, pulses excite a minimum-phase response of the spectral
envelope; where it does not, noise has the envelope's magnitude. Each frame says band by band how
much is which, so an unvoiced sound holds no pulse and a breathy one little.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy import fft

from graphophone.dsp.pulses import train
from graphophone.sources.envelope import HALF, aperiodicity, envelopes
from graphophone.sources.pitch import fundamental

Array = npt.NDArray[np.float64]
Real = npt.NDArray[np.float32]

TAPS = 512
BINS = 129
STEP = 256  # samples from one frame of noise to the next
FULL = 32_000
LIMIT_HERTZ = 15_500.0  # nothing periodic lies above
LEAST_NOISE = 1e-7
BLOCK = 64  # samples from one value of pitch to the next


@dataclass(frozen=True)
class Analysis:
    """A recording of a voice as frames of HOP samples.

    Attributes:
        hertz: (frame,) fundamental, 0 where there is none.
        power: (frame,) mean square.
        rows: (frame,) the row of ``responses``; row 0 is silence.
        responses: (row, TAPS) of the periodic part, in units of ``scales``.
        scales: (row,) a factor a row.
        hiss: (frame, BINS) magnitude of the noise.
    """

    hertz: Real
    power: Real
    rows: npt.NDArray[np.int32]
    responses: npt.NDArray[np.int16]
    scales: Real
    hiss: npt.NDArray[np.float16]

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.responses.nbytes + self.hiss.nbytes + 16 * len(self.hertz)


@runtime_checkable
class Analyser(Protocol):
    """Takes a voice apart: our own analysis, or another one behind the same interface."""

    def __call__(self, samples: Array, rate: int) -> Analysis:
        """Return the analysis of (time,) samples at 44.1 kHz."""
        ...


def analyse(samples: Array, rate: int) -> Analysis:
    """Take a recording of one voice (time,) apart; ``rate`` is 44.1 kHz."""
    hertz = fundamental(samples, rate)
    envelope = envelopes(samples, hertz, rate)
    return assemble(hertz, envelope, aperiodicity(samples, hertz, rate), rate)


def assemble(hertz: Array, envelope: Real, noise: Real, rate: int) -> Analysis:
    """Return an analysis made of a fundamental, envelopes and aperiodicity.

    Args:
        hertz: (frame,), 0 where unvoiced.
        envelope: (frame, HALF) power spectral density.
        noise: (frame, HALF) share of the power that is noise.
        rate: Samples a second.
    """
    frequency = np.linspace(0, rate / 2, HALF)
    passed = 1 / (1 + (frequency / LIMIT_HERTZ) ** 16) * (frequency / 45) ** 4
    periodic: Real = (passed / (1 + (frequency / 45) ** 4)).astype(np.float32)
    voiced = np.flatnonzero(hertz > 0)
    density = envelope[voiced] * (1 - noise[voiced]) * periodic + np.float32(1e-16)
    made = _minimum_phase(density)
    scales = np.abs(made).max(1, initial=1e-12) / FULL
    rows = np.zeros(len(hertz), np.int32)
    rows[voiced] = 1 + np.arange(len(voiced))
    responses = np.zeros((1 + len(voiced), TAPS), np.int16)
    responses[1:] = np.round(made / scales[:, None])
    every = (HALF - 1) // (BINS - 1)
    hiss = np.sqrt(envelope * noise)[:, ::every]
    hiss[:, 0] = 0
    return Analysis(
        np.asarray(hertz, np.float32),
        np.asarray(envelope.mean(1), np.float32),
        rows,
        responses,
        np.concatenate(([0], scales)).astype(np.float32),
        np.maximum(hiss, LEAST_NOISE).astype(np.float16),
    )


def _minimum_phase(density: Real) -> Real:
    """Return responses (row, TAPS) whose squared magnitude is ``density`` (row, HALF).

    The cepstrum is folded to positive times (A. V. Oppenheim and R. W. Schafer, Discrete-Time
    Signal Processing, section 13.3 of the third edition).
    """
    cepstrum = fft.irfft(0.5 * np.log(density), axis=1)[:, :TAPS]
    cepstrum[:, 1:] *= 2
    made: Real = fft.irfft(np.exp(fft.rfft(cepstrum, 2 * TAPS, axis=1)), axis=1)[:, :TAPS]
    fade = TAPS // 4
    made[:, -fade:] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 1) / fade)).astype(np.float32)
    return made


def synthesise(
    voice: Analysis,
    places: Array,
    hertz: Array,
    samples: int,
    rate: int,
    noise: np.random.Generator,
    *,
    formants: float = 1.0,
    breath: float = 1.0,
) -> Real:
    """Let a voice sound again, at another pitch and pace, with resonances moved.

    Args:
        voice: What sounds.
        places: The frame (a fraction lies between two) that sounds, every BLOCK samples.
        hertz: Fundamental, every BLOCK samples.
        samples: Length of the result.
        rate: Samples a second.
        noise: Where noise comes from.
        formants: Factor on the frequency of every resonance.
        breath: Factor on the noise in voiced sounds.

    Returns:
        (time,) samples.
    """
    out = _hiss(voice, places, samples, noise, formants, breath)
    turns = np.concatenate(([0.0], np.cumsum(hertz * (BLOCK / rate))))
    times = np.arange(len(turns)) * float(BLOCK)
    epochs = np.interp(np.arange(1, int(turns[-1]) + 1), turns, times)
    epochs = epochs[epochs < samples]
    block = np.minimum((epochs / BLOCK).astype(np.int64), len(places) - 1)
    place = np.clip(places[block], 0, len(voice.rows) - 1)
    lower = place.astype(np.int64)
    upper = np.minimum(lower + 1, len(voice.rows) - 1)
    gains = np.sqrt(rate / hertz[block]) * formants
    train(
        out,
        epochs,
        gains.astype(np.float32),
        voice.rows[lower],
        voice.rows[upper],
        (place - lower).astype(np.float32),
        voice.responses,
        voice.scales,
        formants,
    )
    return out


def _hiss(
    voice: Analysis,
    places: Array,
    samples: int,
    noise: np.random.Generator,
    formants: float,
    breath: float,
) -> Real:
    """Return the noise part: white frames that overlap by half, weighted in frequency."""
    count = samples // STEP + 2
    centres = np.minimum(np.arange(count) * (STEP // BLOCK), len(places) - 1)
    frame = np.clip(np.round(places[centres]), 0, len(voice.rows) - 1).astype(np.int64)
    place = np.arange(STEP + 1) * ((BINS - 1) / STEP / formants)
    index = np.minimum(place.astype(np.int64), BINS - 2)
    part = np.minimum(place - index, 1.0).astype(np.float32)
    magnitude = voice.hiss[frame].astype(np.float32)
    low = magnitude[:, index]
    magnitude = low + part * (magnitude[:, index + 1] - low)
    magnitude *= np.where(voice.hertz[frame] > 0, np.float32(breath), np.float32(1))[:, None]
    magnitude *= np.float32(np.sqrt(STEP))
    white = noise.standard_normal((count, STEP + 1, 2), np.float32)
    white.reshape(count, -1)[:] *= np.repeat(magnitude, 2, axis=1)
    cut = fft.irfft(white.view(np.complex64)[:, :, 0], axis=1)
    window = np.sin(np.pi * (np.arange(2 * STEP) + 0.5) / (2 * STEP)).astype(np.float32)
    cut *= window
    out = np.zeros((count + 1, STEP), np.float32)
    out[:-1] += cut[:, :STEP]
    out[1:] += cut[:, STEP:]
    return np.ascontiguousarray(out.reshape(-1)[STEP : STEP + samples])
