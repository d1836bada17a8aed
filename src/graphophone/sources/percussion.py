"""Single strokes of modelled drums: how each sound is made from a kit's numbers.

Kick: a sine that falls in pitch, with a click. Snare: two modes of the head and high-passed
noise. Hat, ride and crash: a cluster of inharmonic partials and noise above a corner, as in
analogue drum machines, with decays that differ. Tom: falling modes of a circular membrane.
After G. Reid, Synth Secrets (Sound on Sound, 1999 to 2004), on percussion; the modes of a
membrane are those of Fletcher and Rossing, The Physics of Musical Instruments, section 3.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, oaconvolve, sosfilt

from graphophone.audio.features import RATE
from graphophone.sources.dry import Mono

Wave: TypeAlias = npt.NDArray[np.float64]
Maker: TypeAlias = Callable[[Mapping[str, float], np.random.Generator], Wave]

CLUSTER = (1.0, 1.342, 1.486, 1.714, 1.933, 2.546)  # inharmonic, of no common period
MEMBRANE = (1.0, 1.594, 2.136, 2.296)  # modes (0,1) (1,1) (2,1) (0,2) relative to the first


def strike(articulation: str, k: Mapping[str, float], noise: np.random.Generator) -> Mono:
    """Return one stroke at 44.1 kHz, its peak at 0.9, faded out at its end."""
    sound = MAKERS[articulation](k, noise)
    room = noise.standard_normal(round(0.09 * RATE)) * _decay(round(0.09 * RATE), 0.025)
    room[: round(0.004 * RATE)] = 0
    tail = np.pad(sound, (0, len(room) - 1))
    wet = oaconvolve(sound, room)
    tail += wet * (k["room"] * np.sqrt(np.square(sound).sum() / np.square(wet).sum()))
    fade = min(len(tail), round(0.02 * RATE))
    tail[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(tail * (0.9 / np.abs(tail).max()), np.float32)


def _decay(length: int, seconds: float) -> Wave:
    """Return an exponential that has fallen by 60 dB after 6.9 times ``seconds``."""
    decay: Wave = np.exp(-np.arange(length) / (seconds * RATE))
    return decay


def _swept(length: int, hertz: float, drop: float, seconds: float) -> Wave:
    """Return a sine whose frequency falls from ``drop`` times ``hertz`` to ``hertz``."""
    frequency = hertz * (1 + (drop - 1) * _decay(length, seconds))
    sine: Wave = np.sin(2 * np.pi * np.cumsum(frequency) / RATE)
    return sine


def _band(wave: Wave, low: float, high: float | None = None) -> Wave:
    """Return a wave above ``low`` Hz and below ``high`` Hz, second-order Butterworth."""
    corners, kind = ([low, high], "bandpass") if high else (low, "highpass")
    filtered: Wave = sosfilt(butter(2, corners, kind, fs=RATE, output="sos"), wave)
    return filtered


def _kick(k: Mapping[str, float], noise: np.random.Generator) -> Wave:
    length = round(4 * k["kick_seconds"] * RATE)
    body = _swept(length, k["kick_hz"], k["kick_drop"], 0.03) * _decay(length, k["kick_seconds"])
    click = _band(noise.standard_normal(length), 1_200) * _decay(length, 0.004)
    return body + k["kick_click"] * click


def _snare(k: Mapping[str, float], noise: np.random.Generator) -> Wave:
    length = round(5 * k["snare_seconds"] * RATE)
    ring = _decay(length, 0.6 * k["snare_seconds"])
    head = _swept(length, k["snare_hz"], 1.3, 0.01) + 0.6 * _swept(
        length, k["snare_hz"] * MEMBRANE[1], 1.2, 0.01
    )
    wires = _band(noise.standard_normal(length), k["snare_bright"]) * 0.5
    return head * ring + k["snare_noise"] * wires * _decay(length, k["snare_seconds"])


def _sidestick(k: Mapping[str, float], noise: np.random.Generator) -> Wave:
    length = round(0.12 * RATE)
    knock = _swept(length, 3.1 * k["snare_hz"], 1.1, 0.005) * _decay(length, 0.012)
    rim = _band(noise.standard_normal(length), 1_500, 6_000) * _decay(length, 0.006)
    return knock + 0.8 * rim


def _turns(cycles: Wave) -> Mono:
    """Return a phase in radians, in single precision, whose sines are quick."""
    return np.asarray(2 * np.pi * (cycles % 1), np.float32)


def _metal(k: Mapping[str, float], noise: np.random.Generator, length: int, bright: float) -> Wave:
    """Return undamped metal: six partials and noise, above ``bright`` Hz."""
    times = np.arange(length) / RATE
    cluster = np.zeros(length)
    for ratio in CLUSTER:
        hertz, start = k["metal_hz"] * ratio, noise.random()
        carrier, bend = _turns(times * hertz + start), _turns(times * (1.41 * hertz))
        cluster += np.sin(carrier + 4 * np.sin(bend))  # dense, inharmonic sidebands
        cluster += k["metal_square"] * np.where(carrier < np.pi, 1, -1)
    hiss = noise.standard_normal(length) * 3 * k["metal_noise"]
    return _band(cluster + hiss, bright)


def _hat(seconds: float | str) -> Maker:
    def make(k: Mapping[str, float], noise: np.random.Generator) -> Wave:
        ring = k[seconds] if isinstance(seconds, str) else seconds * k["hat_seconds"]
        length = round(5 * ring * RATE)
        return _metal(k, noise, length, k["hat_bright"]) * _decay(length, ring)

    return make


def _tom(ratio: float) -> Maker:
    def make(k: Mapping[str, float], noise: np.random.Generator) -> Wave:
        length = round(4 * k["tom_seconds"] * RATE)
        body = np.zeros(length)
        for i, mode in enumerate(MEMBRANE):
            partial = _swept(length, k["tom_hz"] * ratio * mode, k["tom_drop"], 0.05)
            body += partial * _decay(length, k["tom_seconds"] / (1 + 1.5 * i)) / (1 + 2 * i)
        stick = _band(noise.standard_normal(length), 800, 5_000) * _decay(length, 0.005)
        return body + 0.4 * stick

    return make


def _cymbal(seconds: str, factor: float, bright: float, bell: float) -> Maker:
    def make(k: Mapping[str, float], noise: np.random.Generator) -> Wave:
        ring = k[seconds] * factor
        length = round(3 * ring * RATE)
        wash = _metal(k, noise, length, bright * k["crash_bright"]) * _decay(length, ring / 2)
        swell = 1 - 0.5 * _decay(length, 0.02)
        times = np.arange(length) / RATE
        strike = sum(np.sin(2 * np.pi * k["metal_hz"] * r * times) for r in (5.4, 7.9, 10.1))
        return wash * swell * 0.3 + bell * np.asarray(strike) * _decay(length, ring / 3)

    return make


MAKERS: Mapping[str, Maker] = {
    "kick": _kick,
    "snare": _snare,
    "sidestick": _sidestick,
    "hihat_closed": _hat(1.0),
    "hihat_pedal": _hat(0.6),
    "hihat_half": _hat(2.5),
    "hihat_open": _hat("hat_open"),
    "tom_low": _tom(1.0),
    "tom_mid": _tom(1.35),
    "tom_high": _tom(1.8),
    "ride": _cymbal("ride_seconds", 1.0, 1.2, 0.15),
    "ride_bell": _cymbal("ride_seconds", 1.1, 1.2, 0.6),
    "crash": _cymbal("crash_seconds", 1.0, 1.0, 0.02),
    "splash": _cymbal("crash_seconds", 0.4, 1.3, 0.02),
    "china": _cymbal("crash_seconds", 0.7, 0.6, 0.0),
}
