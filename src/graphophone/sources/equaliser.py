"""Kits equalised so that each instrument has the same average spectrum in every kit.

Lee et al. 2023, section 4.1, did so with the kits of their drum data. A kit's long-term average
spectrum of an instrument is taken in thirds of an octave over strokes of several strengths; the
target is the mean, in dB, over the kits of a reference pool. What is missing between the two,
smoothed and held within 12 dB, becomes a minimum-phase filter for all strokes of that instrument.
"""

from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from random import Random

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import oaconvolve

from graphophone.sources.drums import Kits
from graphophone.sources.dry import Mono
from graphophone.sources.instruments import ARTICULATIONS, INSTRUMENTS
from graphophone.sources.kits import Kit, Layers, Player

Array = npt.NDArray[np.float64]

LIMIT_DB = 12.0
FLOOR_DB = 50.0  # below the loudest band: what lies there is not raised
VELOCITIES = (0.4, 0.7, 1.0)
USUAL = ("kick", "snare", "hihat_closed", "ride", "crash")
USUAL_WEIGHT = 4.0  # how much oftener these are struck than others of their instrument
REFERENCE_DRAWS = 40
TAPS = 2_048
SOUNDS_BYTES = 200_000_000
CENTRES: Array = 1_000 * 2.0 ** (np.arange(-14, 14) / 3)  # 39 Hz to 20 kHz


def average_spectrum(kit: Kit, instrument: str, rate: int) -> Array | None:
    """Return the levels (band,) in dB of an instrument's average stroke at CENTRES.

    The loudest band reads 0, and none less than -50. Nothing is returned where the kit has no
    such instrument. Bands beyond half the rate repeat the last one below it.
    """
    total = np.zeros(len(CENTRES))
    for articulation, layers in kit.sounds.items():
        if ARTICULATIONS[articulation] != instrument:
            continue
        player = Player(layers, Random(f"average {articulation}"))
        weight = USUAL_WEIGHT if articulation in USUAL else 1.0
        for velocity in VELOCITIES:
            for sound, gain in player.strike(velocity):
                total += weight * gain**2 * _bands(sound, rate)
    if not total.any():
        return None
    level: Array = np.maximum(10 * np.log10(total / total.max() + 1e-30), -FLOOR_DB)
    return level


def _bands(sound: Mono, rate: int) -> Array:
    """Return the energy of a stroke in thirds of an octave."""
    size = fft.next_fast_len(max(len(sound), rate // 10), real=True)
    energy = np.concatenate(([0.0], np.cumsum(np.abs(fft.rfft(sound, size)) ** 2)))
    edges = np.concatenate((CENTRES * 2 ** (-1 / 6), CENTRES[-1:] * 2 ** (1 / 6)))
    at = np.interp(edges * size / rate, np.arange(len(energy)), energy)
    bands: Array = np.diff(at) / size
    last = max(1, int(np.count_nonzero(edges[1:] < rate / 2)))
    bands[last:] = bands[last - 1]
    return bands


def correction(level: Array, target: Array) -> Array:
    """Return the gain (band,) in dB that brings a spectrum to the target.

    It is smoothed over neighbouring thirds, keeps the level of what the target holds most of,
    stays within 12 dB, and raises nothing that lies on the floor.
    """
    missing = np.where(level > -FLOOR_DB, target - level, np.minimum(target - level, 0.0))
    padded = np.pad(missing, 1, mode="edge")
    smooth = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
    weight = 10 ** (target / 10)
    smooth -= (weight * smooth).sum() / weight.sum()
    return np.clip(smooth, -LIMIT_DB, LIMIT_DB)


def minimum_phase(gain_db: Array, rate: int) -> Mono:
    """Return a filter (TAPS,) with that gain at CENTRES, which rings after a stroke only.

    The cepstrum is folded to positive times (A. V. Oppenheim and R. W. Schafer, Discrete-Time
    Signal Processing, section 13.3 of the third edition).
    """
    size = 4 * TAPS
    frequency = np.maximum(np.arange(size // 2 + 1) * rate / size, 1.0)
    gain = np.interp(np.log2(frequency), np.log2(CENTRES), gain_db)
    cepstrum = fft.irfft(gain * (np.log(10) / 20))
    cepstrum[1 : size // 2] *= 2
    cepstrum[size // 2 + 1 :] = 0
    response = fft.irfft(np.exp(fft.rfft(cepstrum)))[:TAPS]
    fade = TAPS // 4
    response[-fade:] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 1) / fade)
    return np.asarray(response, np.float32)


class EqualisedKits:
    """Kits whose instruments have the average spectrum of a reference.

    The target is taken from forty draws of the reference with fixed seeds, when it is first
    needed, so it is the same every time. Filtered strokes are kept, up to 200 MB.

    Args:
        kits: What is equalised.
        reference: Whose mean is the target: the kits that are trained on.
    """

    def __init__(self, kits: Kits, reference: Kits) -> None:
        self.kits = kits
        self.reference = reference
        self._targets: dict[int, Mapping[str, Array]] = {}
        self._filters: dict[tuple[object, ...], Mono] = {}
        self._sounds: OrderedDict[tuple[object, ...], Mono] = OrderedDict()
        self._size = 0

    def draw(self, rng: Random, rate: int) -> Kit:
        """Draw a kit."""
        kit = self.kits.draw(rng, rate)
        sounds = {
            name: Layers(
                layers.count,
                partial(self._stroke, kit, name, rate),
                layers.regions,
                layers.key,
            )
            for name, layers in kit.sounds.items()
        }
        return Kit(kit.name, sounds, kit.chokes)

    def targets(self, rate: int) -> Mapping[str, Array]:
        """Return the target (band,) in dB of each instrument that the reference has."""
        if rate not in self._targets:
            found: dict[str, dict[str, list[Array]]] = {name: {} for name in INSTRUMENTS}
            for number in range(REFERENCE_DRAWS):
                kit = self.reference.draw(Random(f"equaliser {number}"), rate)
                for instrument, kits in found.items():
                    level = average_spectrum(kit, instrument, rate)
                    if level is not None:
                        kits.setdefault(kit.name, []).append(level)
            self._targets[rate] = {
                name: np.mean([np.mean(kits[kit], 0) for kit in sorted(kits)], 0)
                for name, kits in found.items()
                if kits
            }
        return self._targets[rate]

    def _stroke(self, kit: Kit, articulation: str, rate: int, index: int) -> Mono:
        """Return a recording, filtered."""
        layers = kit.sounds[articulation]
        response = self._filter(kit, ARTICULATIONS[articulation], rate)
        key = (kit.name, articulation, layers.key, index, id(response))
        if key not in self._sounds:
            made = oaconvolve(layers.load(index), response).astype(np.float32)
            self._sounds[key] = made
            self._size += made.nbytes
            while self._size > SOUNDS_BYTES and len(self._sounds) > 1:
                self._size -= self._sounds.popitem(last=False)[1].nbytes
        self._sounds.move_to_end(key)
        return self._sounds[key]

    def _filter(self, kit: Kit, instrument: str, rate: int) -> Mono:
        """Return the filter of a kit's instrument."""
        drums = tuple(
            layers.key for what, layers in kit.sounds.items() if ARTICULATIONS[what] == instrument
        )
        key = (kit.name, instrument, rate, drums)
        if key not in self._filters:
            level = average_spectrum(kit, instrument, rate)
            target = self.targets(rate).get(instrument)
            gain = np.zeros(len(CENTRES))
            if level is not None and target is not None:
                gain = correction(level, target)
            self._filters[key] = minimum_phase(gain, rate)
        return self._filters[key]
