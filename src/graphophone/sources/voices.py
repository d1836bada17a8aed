"""Recorded voices and instruments, cut and joined into segments that sound."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
import soxr

from graphophone.errors import FormatError
from graphophone.sources.cache import DECODED, UNIT, Decoded
from graphophone.sources.dry import Dry, Mono, levelled
from graphophone.sources.manifest import Clip

WEIGHTS: Mapping[str, float] = {"singing": 0.4, "speech": 0.25, "instruments": 0.35}
TRANSPOSE_CHANCE = 0.5
TRANSPOSE_SEMITONES = 4.0
PAUSE_CHANCE = 0.25
PAUSE_SECONDS = (0.05, 0.4)
JOIN_SECONDS = (0.005, 0.02)
EDGE_SECONDS = 0.005
FRAME_SECONDS = 0.05
WITHIN = 1e-4
ACTIVE_SHARE = 0.5
TRIES = 8


class RecordedVoices:
    """Draws one track, ``voice``, from files that are grouped by kind and by singer.

    A draw picks a kind by weight, a group uniformly (no speaker dominates), a file, and an
    offset at which half of the segment sounds. Where files are shorter than the segment,
    several of the same group are joined into a phrase, with crossfades of 5 to 20 ms and now
    and then a pause. With ``transpose``, every other draw is resampled by up to 4 semitones
    up or down, which widens the few voices there are.
    """

    def __init__(
        self,
        files: Sequence[Clip],
        *,
        weights: Mapping[str, float] = WEIGHTS,
        transpose: bool = False,
        decoded: Decoded = DECODED,
    ) -> None:
        if not files:
            raise FormatError("a pool of voices needs at least one recording, got none")
        groups: dict[str, dict[str, list[Clip]]] = defaultdict(lambda: defaultdict(list))
        for clip in files:
            groups[clip.category][clip.group].append(clip)
        self.groups = {kind: {g: tuple(c) for g, c in by.items()} for kind, by in groups.items()}
        self.weights = [weights.get(kind, 1.0) for kind in self.groups]
        self.transpose = transpose
        self.decoded = decoded

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw a segment of one voice or instrument."""
        kind = rng.choices(list(self.groups), self.weights)[0]
        group = rng.choice(list(self.groups[kind]))
        semitones = 0.0
        if self.transpose and rng.random() < TRANSPOSE_CHANCE:
            semitones = round(rng.uniform(-TRANSPOSE_SEMITONES, TRANSPOSE_SEMITONES), 2)
        ratio = 2 ** (semitones / 12)
        wanted = math.ceil(samples * ratio) + (16 if semitones else 0)
        audio, pieces = self._phrase(rng, self.groups[kind][group], wanted, rate)
        if semitones:
            shifted = soxr.resample(audio.T, rate * ratio, rate, quality="MQ")
            audio = np.ascontiguousarray(shifted.T)
        audio = _faded(audio[:, :samples], round(EDGE_SECONDS * rate))
        tracks, gains = levelled({"voice": audio}, rate)
        provenance = {
            "kind": kind,
            "group": group,
            "pieces": pieces,
            "semitones": semitones,
            "gain_db": gains["voice"],
        }
        return Dry(tracks, provenance)

    def _phrase(
        self, rng: Random, clips: tuple[Clip, ...], wanted: int, rate: int
    ) -> tuple[Mono, list[dict[str, Any]]]:
        """Return (1 or 2, wanted) samples of one group and what they are made of."""
        filled = np.zeros((2, wanted), np.float32)
        position, pieces, channels = 0, [], 1
        while position < wanted:
            clip = rng.choice(clips)
            audio, first = self._piece(rng, clip, wanted - position, rate)
            channels = max(channels, len(audio))
            pieces.append({"file": clip.name, "seconds": round(first / rate, 4)})
            join = min(round(rng.uniform(*JOIN_SECONDS) * rate), audio.shape[1] // 4)
            start = max(0, position - join)
            filled[:, start : start + audio.shape[1]] += _faded(audio, join)
            position = start + audio.shape[1]
            if position < wanted and rng.random() < PAUSE_CHANCE:
                position += round(rng.uniform(*PAUSE_SECONDS) * rate)
        return filled[:channels], pieces

    def _piece(self, rng: Random, clip: Clip, wanted: int, rate: int) -> tuple[Mono, int]:
        """Return up to ``wanted`` samples of a file that sound, and where they start."""
        whole = self.decoded(clip.path, rate)
        low, high = round(clip.start * whole.shape[1]), round(clip.end * whole.shape[1])
        frame = max(1, round(FRAME_SECONDS * rate))
        power = _frame_power(whole[:, low:high], frame)
        active = power >= power.max() * WITHIN
        sounding = np.flatnonzero(active)
        first = low + int(sounding[0]) * frame
        last = min(high, low + (int(sounding[-1]) + 1) * frame)
        if last - first > wanted:
            sums = np.concatenate([[0], np.cumsum(active)])
            length = max(1, wanted // frame)
            best, best_share = first, -1.0
            for _ in range(TRIES):
                offset = rng.randrange(first, last - wanted + 1)
                at = (offset - low) // frame
                share = (sums[min(at + length, len(active))] - sums[at]) / length
                if share > best_share:
                    best, best_share = offset, share
                if share >= ACTIVE_SHARE:
                    break
            first, last = best, best + wanted
        return whole[:, first:last].astype(np.float32) * UNIT, first


def _frame_power(audio: np.ndarray, frame: int) -> Mono:
    """Return the power of consecutive frames, the last one padded with zeros."""
    mono = audio[0].astype(np.float32)
    padded = np.pad(mono, (0, -len(mono) % frame)).reshape(-1, frame)
    power: Mono = np.einsum("ij,ij->i", padded, padded)
    return power


def _faded(audio: Mono, length: int) -> Mono:
    """Return the audio with linear fades of ``length`` samples at both ends."""
    if length:
        audio = audio.copy()
        ramp = (np.arange(length, dtype=np.float32) + 0.5) / length
        audio[:, :length] *= ramp
        audio[:, -length:] *= ramp[::-1]
    return audio
