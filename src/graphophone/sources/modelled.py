"""Modelled drum kits: six instruments from a few physical and electronic gestures.

Kick: a sine that falls in pitch, with a click. Snare: two modes of the head and high-passed
noise. Hat, ride and crash: a cluster of inharmonic square or sine partials and band-passed
noise, as in analogue drum machines, with decays that differ. Tom: falling modes of a circular
membrane. (After G. Reid, Synth Secrets, Sound on Sound 1999-2004, on percussion; the modes
of a membrane: Fletcher and Rossing, The Physics of Musical Instruments, section 3.)

Kits are draws of the numbers below. Those of ``unseen`` come from ranges that those of
``train`` leave out, so no training kit can sound like one of them.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy.signal import butter, fftconvolve, sosfilt

from graphophone.audio.features import RATE
from graphophone.audio.files import resample
from graphophone.sources.dry import Mono
from graphophone.sources.instruments import ARTICULATIONS
from graphophone.sources.kits import Kit, Layers

Wave: TypeAlias = npt.NDArray[np.float64]
Maker: TypeAlias = Callable[[Mapping[str, float], np.random.Generator], Wave]

KITS = 150
KEPT = 150
CLUSTER = (1.0, 1.342, 1.486, 1.714, 1.933, 2.546)  # inharmonic, of no common period
MEMBRANE = np.array(
    [1.0, 1.594, 2.136, 2.296]
)  # modes (0,1) (1,1) (2,1) (0,2) relative to the first

# knob: (lowest and highest in train, lowest and highest in unseen)
RANGES: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "kick_hz": ((42, 62), (63, 78)),
    "kick_drop": ((1.8, 5.0), (5.2, 8.0)),
    "kick_seconds": ((0.12, 0.4), (0.42, 0.6)),
    "kick_click": ((0.05, 0.4), (0.42, 0.6)),
    "snare_hz": ((150, 225), (228, 290)),
    "snare_seconds": ((0.08, 0.2), (0.21, 0.3)),
    "snare_noise": ((0.4, 1.2), (1.25, 1.8)),
    "snare_bright": ((900, 2_600), (2_700, 4_200)),
    "metal_hz": ((230, 410), (420, 560)),
    "metal_square": ((0.0, 0.55), (0.6, 0.9)),
    "metal_noise": ((0.3, 1.0), (1.05, 1.6)),
    "hat_seconds": ((0.025, 0.07), (0.072, 0.1)),
    "hat_open": ((0.18, 0.42), (0.44, 0.6)),
    "hat_bright": ((5_500, 8_200), (8_300, 10_000)),
    "tom_hz": ((68, 100), (102, 125)),
    "tom_seconds": ((0.2, 0.45), (0.46, 0.7)),
    "tom_drop": ((1.05, 1.5), (1.52, 1.9)),
    "ride_seconds": ((0.7, 1.6), (1.65, 2.2)),
    "crash_seconds": ((0.6, 1.1), (1.12, 1.6)),
    "crash_bright": ((2_200, 4_200), (4_300, 6_000)),
    "room": ((0.0, 0.12), (0.13, 0.2)),
}


class ModelledKits:
    """150 kits that need no recordings; ``unseen`` and ``test`` have others than ``train``.

    A sound is made when it is first struck and kept with its kit.
    """

    def __init__(self, split: str = "train", count: int = KITS) -> None:
        self.split = "unseen" if split in ("unseen", "test") else "train"
        self.count = count
        self._kept: OrderedDict[tuple[int, int], Kit] = OrderedDict()

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw one of the kits."""
        key = (rng.randrange(self.count), rate)
        if key not in self._kept:
            self._kept[key] = modelled_kit(self.split, key[0], rate)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def modelled_kit(split: str, number: int, rate: int = RATE) -> Kit:
    """Return a kit of ``train`` or ``unseen`` by its number.

    It is made at 44.1 kHz and resampled, so it is the same kit at any rate.
    """
    name = f"modelled-{split}-{number}"
    rng = Random(name)
    knobs = {knob: rng.uniform(*ranges[split == "unseen"]) for knob, ranges in RANGES.items()}

    def maker(articulation: str) -> Layers:
        @cache
        def load(index: int) -> Mono:
            noise = np.random.default_rng(Random(f"{name} {articulation}").getrandbits(64))
            sound = strike(articulation, knobs, noise)
            made = resample(torch.from_numpy(sound)[None], RATE, rate)[0].numpy()
            return np.asarray(made, np.float32)

        return Layers(1, load)

    return Kit(name, {articulation: maker(articulation) for articulation in ARTICULATIONS})


def strike(articulation: str, k: Mapping[str, float], noise: np.random.Generator) -> Mono:
    """Return one stroke at 44.1 kHz, its peak at 0.9, faded out at its end."""
    sound = MAKERS[articulation](k, noise)
    room = noise.standard_normal(round(0.09 * RATE)) * _decay(round(0.09 * RATE), 0.025)
    room[: round(0.004 * RATE)] = 0
    tail = np.pad(sound, (0, len(room) - 1))
    wet = fftconvolve(sound, room)
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
