"""How a wet recording lies beside its dry one: delay, polarity, gain and drift.

A graph has no latency and its sound begins with its input, so whatever lies between the start of
both recordings is the recorder's and is taken out before anything is fitted.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from graphophone.dsp.energy import energy

Array = npt.NDArray[np.float64]

WHITENING = 0.5
"""How far spectra are flattened before they are correlated: 0 not at all, 1 wholly (PHAT)."""
AT_ONCE_SECONDS = 0.002
"""Up to here a sound counts as direct, and a peak may be a filter's doing."""
BEFORE_SECONDS = (0.05, 1.0)
"""No effect answers before its input: what seems to come this early is the floor of doubt."""
CLEAR = 8.0
"""An answer this many times above that floor is one."""
PURE = 0.5
"""Within 2 ms a delay is believed where this share of the answer's energy is in three samples."""
GATHERED = 0.3
"""Further away it is believed where this share of all its energy is within 2 ms."""
RISING = 0.05
"""A filter's answer is above this share of its highest before it gets there."""
FAINT = 0.02
"""An answer this much smaller than the highest is none."""
MOST_SECONDS = 10.0
SEGMENTS = 16
SEGMENT_SECONDS = 0.5
LEAST_MOVE = 0.6
"""Samples by which a drift has to move the end of a recording to be believed."""
LARGEST_DRIFT_PPM = 500.0
LEAST_SEGMENTS = 3
"""A recording has to be this many segments long before a line is drawn through them."""
SHARPER = 1.02
"""Taking a drift out has to raise the highest answer by this factor."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """What to do to a dry recording to lay it beside the wet one.

    Attributes:
        delay: Samples by which the wet recording is late; negative where it is early.
        inverted: Whether its polarity is turned.
        gain_db: How much more energy it has.
        drift_ppm: How much more slowly its clock runs, in parts of a million.
    """

    delay: int = 0
    inverted: bool = False
    gain_db: float = 0.0
    drift_ppm: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def sentence(self, rate: int) -> str:
        """Say it; nothing where both lie together already."""
        parts = []
        if self.delay:
            way = "late" if self.delay > 0 else "early"
            parts.append(f"{abs(self.delay) / rate * 1_000:.2f} ms {way}")
        if self.inverted:
            parts.append("inverted in polarity")
        if self.drift_ppm:
            parts.append(f"drifting by {self.drift_ppm:+.1f} ppm")
        return f"the wet recording is {', '.join(parts)}" if parts else ""


def align(dry: Tensor, wet: Tensor, rate: int) -> Alignment:
    """Find how a wet recording lies beside its dry one.

    The impulse response from one to the other is estimated by regularised division of spectra. A
    sound that answers at once, or not clearly anywhere, has no delay: its loudest answer may be an
    echo. Otherwise the highest answer is the delay. Within 2 ms it has to be nearly all of the
    answer, for filters delay as well. Drift is a straight line through the lags of short segments
    (generalised cross-correlation: C. H. Knapp and G. C. Carter, IEEE Trans. Acoust. Speech Signal
    Process. 24(4), 1976), by the median of its slopes (Theil and Sen), and is believed where it
    moves the end by more than half a sample and the lags keep to it.

    Args:
        dry: Shape (2, time); its sum with other dry recordings where there are several.
        wet: Shape (2, time), of any length.
        rate: Samples a second.
    """
    one, two = _mono(dry), _mono(wet)
    third = slice(len(one) // 3, 2 * len(one) // 3)  # where a drift smears less of the answer
    delay = _delay(one, two, rate) or _delay(one[third], two[third], rate)
    drift = _drift(one, two, delay, rate)
    if drift:  # lags of short segments are a little short of the way; what is left adds to it
        straight = _mono(warped(dry, Alignment(drift_ppm=drift), wet.shape[1]))
        if _sharpness(straight, two) > SHARPER * _sharpness(one, two):
            delay = _delay(straight, two, rate)
            drift = round(drift + _drift(straight, two, delay, rate), 2)
        else:
            drift = 0.0
    moved = warped(dry, Alignment(delay=delay, drift_ppm=drift), wet.shape[1])
    same = float((moved.double() * wet.double()).sum())
    powers = [float(energy(clip[None])[0]) for clip in (dry, wet)]
    gain = 10 * math.log10(powers[1] / powers[0]) if min(powers) > 0 else 0.0
    # A filter turns phases by less than this far from its corner, so a weak sign says nothing.
    inverted = same < -0.2 * math.sqrt(float(energy(moved[None])[0]) * powers[1])
    return Alignment(delay, inverted, gain, drift)


def warped(dry: Tensor, alignment: Alignment, samples: int) -> Tensor:
    """Return a dry recording moved in time to lie beside the wet one, (2, samples).

    Drift is read between samples through 32 taps of a windowed sinc.
    """
    if not alignment.drift_ppm:
        first = max(0, -alignment.delay)
        late = max(0, alignment.delay)
        out = dry.new_zeros(2, samples)
        part = dry[:, first : first + max(0, samples - late)]
        out[:, late : late + part.shape[1]] = part
        return out
    step = 1 / (1 + alignment.drift_ppm * 1e-6)
    taps = 32
    source = np.pad(dry.numpy(), ((0, 0), (taps, taps)))
    out_array = np.zeros((2, samples), np.float32)
    offsets = np.arange(taps) - taps // 2 + 1
    for first in range(0, samples, 65_536):
        at = (np.arange(first, min(first + 65_536, samples)) - alignment.delay) * step
        inside = (at > -taps / 2) & (at < dry.shape[1] + taps / 2)
        whole = np.floor(at[inside]).astype(np.int64)
        apart = offsets[None] - (at[inside] - whole)[:, None]
        weights = np.sinc(apart) * np.cos(np.pi * apart / taps) ** 2
        places = np.clip(whole[:, None] + offsets[None] + taps, 0, source.shape[1] - 1)
        out_array[:, first : first + len(at)][:, inside] = (source[:, places] * weights).sum(-1)
    return torch.from_numpy(out_array)


def _mono(audio: Tensor) -> Array:
    """Return the louder of mid and side: one channel that is not silent."""
    left, right = audio.detach().double().numpy()
    mid, side = left + right, left - right
    louder: Array = mid if np.square(mid).sum() >= np.square(side).sum() else side
    return louder


def _correlation(one: Array, two: Array, reach: int, whitening: float = WHITENING) -> Array:
    """Return the correlation of partly whitened signals at lags from -reach to reach."""
    size = 1 << (max(len(one), len(two)) + reach).bit_length()
    cross = np.fft.rfft(two, size) * np.conj(np.fft.rfft(one, size))
    magnitude = np.abs(cross)
    floor = 1e-6 * magnitude.max() + 1e-30
    lags = np.fft.irfft(cross / (magnitude + floor) ** whitening, size)
    result: Array = np.concatenate((lags[-reach:], lags[: reach + 1]))
    return result


def response(dry: Tensor, wet: Tensor, reach: int) -> Array:
    """Return the impulse response from one recording (2, time) to another, at lags -reach to reach.

    Of each, the louder of mid and side is taken.
    """
    return _answer(_mono(dry), _mono(wet), reach)


def _answer(one: Array, two: Array, reach: int) -> Array:
    """Return the impulse response from ``one`` to ``two`` at lags from -reach to reach."""
    size = 1 << (max(len(one), len(two)) + reach).bit_length()
    dry, wet = (np.fft.rfft(_faded(clip), size) for clip in (one, two))
    power = np.square(np.abs(dry))
    near = max(1, size // 2_000)
    around = np.convolve(power, np.ones(near) / near, "same")
    lags = np.fft.irfft(wet * np.conj(dry) / (power + 0.1 * around + 1e-9 * power.max()), size)
    result: Array = np.concatenate((lags[-reach:], lags[: reach + 1]))
    return result


def _sharpness(one: Array, two: Array) -> float:
    """Return the highest answer."""
    return float(np.abs(_answer(one, two, max(len(one), len(two)) // 2)).max())


def _faded(clip: Array) -> Array:
    """Return a clip that begins and ends softly: two that are cut at one place look aligned."""
    ramp = min(4_096, len(clip) // 8)
    window = np.ones(len(clip))
    window[:ramp] = np.sin(np.pi / 2 * np.arange(ramp) / max(1, ramp)) ** 2
    window[len(clip) - ramp :] = window[:ramp][::-1]
    faded: Array = clip * window
    return faded


def _delay(one: Array, two: Array, rate: int) -> int:
    reach = min(round(MOST_SECONDS * rate), max(len(one), len(two)) // 2)
    answer = np.abs(_answer(one, two, reach))
    near, early = round(AT_ONCE_SECONDS * rate), [round(s * rate) for s in BEFORE_SECONDS]
    before = answer[max(0, reach - early[1]) : max(1, reach - early[0])]
    floor = max(float(np.sqrt(np.square(before).mean())), FAINT / CLEAR * answer.max())
    middle = answer[max(0, reach - near) : reach + near + 1]
    if middle.max() >= CLEAR * floor or answer.max() == middle.max():
        place = int(middle.argmax())
        peak = slice(max(0, place - 1), place + 2)
        pure = np.square(middle[peak]).sum() >= PURE * np.square(middle).sum()
        # A filter answers at once and rises to its peak; a delay is silent until then.
        rising = middle[near : max(near, place - 1)].max(initial=0.0) > RISING * middle.max()
        moved = pure and not rising and not 0 < place - near < 3
        return place - near if moved and middle.max() >= CLEAR * floor else 0
    # A wet recording that was started late answers before its input, where the floor is taken.
    place = int(answer.argmax())
    gathered = np.square(answer[max(0, place - near) : place + near + 1]).sum()
    return place - reach if gathered >= GATHERED * np.square(answer).sum() else 0


def _drift(one: Array, two: Array, delay: int, rate: int) -> float:
    """Return the drift in parts of a million, 0 where there is none to be believed."""
    length, reach = round(SEGMENT_SECONDS * rate), max(8, rate // 200)
    ends = min(len(one), len(two) - delay)
    starts = np.linspace(max(0, -delay), ends - length, SEGMENTS)
    if ends - max(0, -delay) < LEAST_SEGMENTS * length:
        return 0.0
    times, lags = [], []
    loudest = max(float(np.square(one[int(s) : int(s) + length]).mean()) for s in starts)
    for start in starts.astype(int):
        part = one[start : start + length]
        if np.square(part).mean() < 1e-3 * loudest:
            continue
        low = start + delay
        other = two[low : low + length]
        here = np.abs(_correlation(part, other, reach))
        peak = int(here.argmax())
        if 0 < peak < 2 * reach:
            left, top, right = here[peak - 1 : peak + 2]
            bend = left - 2 * top + right
            lags.append(peak - reach + (0.5 * (left - right) / bend if bend else 0.0))
            times.append(start + length / 2)
    if len(times) < SEGMENTS // 3:
        return 0.0
    at, late = np.array(times), np.array(lags)
    i, j = np.triu_indices(len(at), 1)
    slope = float(np.median((late[j] - late[i]) / (at[j] - at[i])))
    rest = np.abs(late - slope * at - np.median(late - slope * at))
    move = abs(slope) * (ends - max(0, -delay))
    believed = move > LEAST_MOVE and np.quantile(rest, 0.75) < max(0.1, 0.1 * move)
    ppm = slope * 1e6
    return round(ppm, 2) if believed and abs(ppm) <= LARGEST_DRIFT_PPM else 0.0
