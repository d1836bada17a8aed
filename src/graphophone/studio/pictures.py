"""Signals to look at: waveforms and spectrograms, computed piece by piece."""

import numpy as np
import numpy.typing as npt
import torch

from graphophone.audio.features import BANDS, FLOOR_DB, RATE, log_mel
from graphophone.audio.files import resample
from graphophone.report.picture import RANGE_DB, coloured, png
from graphophone.studio.signals import Signal, stereo

PIECE_SECONDS = 8.0

Array = npt.NDArray[np.float32]


def peaks(signal: Signal, columns: int) -> list[float]:
    """Return the largest magnitude of either channel in each of ``columns`` stretches."""
    edges = np.linspace(0, signal.samples, columns + 1).round().astype(int)
    piece = max(1, columns * round(PIECE_SECONDS * signal.rate) // max(signal.samples, 1))
    found: list[float] = []
    for first in range(0, columns, piece):
        ends = edges[first : min(first + piece, columns) + 1]
        frames = np.abs(signal.read(int(ends[0]), int(ends[-1] - ends[0])))
        for a, b in zip(ends[:-1] - ends[0], ends[1:] - ends[0], strict=True):
            found.append(float(frames[a:b].max(initial=0.0)))
    return [round(value, 5) for value in found]


@torch.inference_mode()
def mel_columns(signal: Signal, columns: int) -> Array:
    """Return the mel spectrum of mid in dB, the loudest in each of ``columns`` stretches.

    Returns:
        Shape (256, columns), low frequencies first; -120 where there is nothing.
    """
    shown = np.full((BANDS, columns), FLOOR_DB, np.float32)
    for start in range(0, signal.samples, round(PIECE_SECONDS * signal.rate)):
        frames = signal.read(start, round(PIECE_SECONDS * signal.rate))
        clip = resample(stereo(frames), signal.rate, RATE)
        decibels = log_mel(clip[None])[0, 0].numpy()
        times = start + (np.arange(decibels.shape[1]) + 0.5) / decibels.shape[1] * len(frames)
        places = (times / signal.samples * columns).astype(int).clip(0, columns - 1)
        np.maximum.at(shown.T, places, decibels.T)
    return filled(shown)


def filled(shown: Array) -> Array:
    """Fill columns in which no frame fell with the one before."""
    empty = (shown <= FLOOR_DB).all(0)
    last = np.maximum.accumulate(np.where(empty, 0, np.arange(shown.shape[1])))
    return shown[:, last]


def spectrogram(signal: Signal, columns: int) -> bytes:
    """Draw the mel spectrum of mid over time as a PNG, 256 pixels high."""
    decibels = mel_columns(signal, columns)
    shade = np.clip((decibels - float(decibels.max())) / RANGE_DB + 1, 0, 1)[::-1]
    return png(coloured(shade))
