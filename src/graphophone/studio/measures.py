"""Measurements: what a signal has in each octave, how loud and how wide it is, and what differs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from graphophone.audio.loudness import loudness
from graphophone.graph.model import Graph
from graphophone.render.stream import Stream
from graphophone.studio.signals import Frames, Signal, stereo
from graphophone.studio.takes import Inputs, blocks

Array = npt.NDArray[np.float64]

CENTRES = (31.5, 63.0, 125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0)
"""Centres of the octaves in Hz (IEC 61260-1, exact ones of base two)."""
FFT = 4_096
FLOOR = 1e-12
EXCERPT_SECONDS = 10.0


@dataclass(frozen=True)
class Measured:
    """What was measured of an excerpt.

    Attributes:
        bands: Power in each octave in dB; 0 dB is the power of full-scale white noise in all.
        lufs: Loudness after BS.1770; ``None`` where there is nothing to hear.
        width_db: Level of side over mid in dB; ``None`` where there is no mid.
    """

    bands: tuple[float, ...]
    lufs: float | None
    width_db: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, rounded to a tenth of a dB."""
        return {
            "bands": [round(b, 1) for b in self.bands],
            "lufs": None if self.lufs is None else round(self.lufs, 1),
            "width_db": None if self.width_db is None else round(self.width_db, 1),
        }


def octaves(frames: Frames, rate: int) -> Array:
    """Return the mean power in each octave, both channels together.

    Welch's method: Hann windows of 4096 samples that overlap by half (P. D. Welch, The use of
    fast Fourier transform for the estimation of power spectra, 1967).
    """
    window = np.hanning(FFT + 1)[:FFT]
    padded = np.pad(frames, ((0, max(0, FFT - len(frames))), (0, 0)))
    power = np.zeros(FFT // 2 + 1)
    starts = range(0, len(padded) - FFT + 1, FFT // 2)
    for start in starts:
        spectrum = np.fft.rfft(padded[start : start + FFT] * window[:, None], axis=0)
        power += np.square(np.abs(spectrum)).sum(1)
    power /= len(starts) * np.square(window).sum() * FFT / 2
    frequency = np.fft.rfftfreq(FFT, 1 / rate)
    edges = [c * math.sqrt(0.5) for c in CENTRES] + [CENTRES[-1] * math.sqrt(2)]
    return np.array([power[(frequency >= a) & (frequency < b)].sum() for a, b in pairwise(edges)])


def measured(frames: Frames, rate: int) -> Measured:
    """Measure an excerpt (time, 2)."""
    loud = loudness(stereo(frames), rate) if len(frames) else -math.inf
    mid, side = frames.sum(1), frames[:, 0] - frames[:, 1]
    powers = [float(np.square(x, dtype=np.float64).mean()) if len(x) else 0.0 for x in (mid, side)]
    width = 10 * math.log10(max(powers[1], FLOOR) / powers[0]) if powers[0] > FLOOR else None
    bands = 10 * np.log10(octaves(frames, rate) + FLOOR)
    return Measured(tuple(bands.tolist()), loud if math.isfinite(loud) else None, width)


def of_signals(signals: Mapping[str, Signal | None]) -> dict[str, Any]:
    """Measure the loudest ten seconds of each of some signals, where there are any."""
    found = {n: s and measured(excerpt(s), s.rate).to_json() for n, s in signals.items()}
    return {"centres": CENTRES, **found}


def excerpt(signal: Signal) -> Frames:
    """Return up to ten seconds around the loudest moment of a signal."""
    start = loudest(signal)
    return signal.read(start, round(EXCERPT_SECONDS * signal.rate))


def loudest(signal: Signal) -> int:
    """Return where the ten seconds with the most energy begin, to the second."""
    powers = [float(block.square().sum()) for block in signal.blocks(size=signal.rate)]
    length = min(len(powers), round(EXCERPT_SECONDS))
    sums = np.convolve(powers, np.ones(length), "valid")
    return int(sums.argmax()) * signal.rate


@torch.inference_mode()
def rendered(graph: Graph, inputs: Inputs, start: int, count: int, lead: int = 0) -> Frames:
    """Return samples (time, 2) of a graph that begins in silence ``lead`` samples before them."""
    begin = max(0, start - lead)
    stream = Stream(graph, inputs.rate)
    parts = [
        (stream.process(block) * inputs.undo).numpy().T
        for block in blocks(inputs, begin, start + count)
    ]
    return np.concatenate(parts)[start - begin :].astype(np.float32)


def difference(with_it: Frames, without: Frames, rate: int) -> dict[str, Any]:
    """Return what changes when a node is taken away, in decibels.

    Returns:
        ``bands``: change of level in each octave, ``None`` where there is nothing;
        ``level_db``: change of level in all; ``residual_db``: level of what differs, sample by
        sample, below the sound with the node.
    """
    a, b = octaves(with_it, rate), octaves(without, rate)
    audible = np.maximum(a, b) > max(a.max(), b.max(), FLOOR) * 1e-6
    bands = [
        round(10 * math.log10((y + FLOOR) / (x + FLOOR)), 1) if heard else None
        for x, y, heard in zip(a, b, audible, strict=True)
    ]
    energy, rest = (
        float(np.square(x, dtype=np.float64).sum()) for x in (with_it, with_it - without)
    )
    level = 10 * math.log10((b.sum() + FLOOR) / (a.sum() + FLOOR))
    return {
        "bands": bands,
        "level_db": round(level, 1),
        "residual_db": round(10 * math.log10((rest + FLOOR) / (energy + FLOOR)), 1),
    }
