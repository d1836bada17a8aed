"""Recorded voices and instruments, cut and joined into segments that sound."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from graphophone.errors import AudioError, FormatError
from graphophone.sources.activity import FRAME_SECONDS, Frames, sounding, voiced
from graphophone.sources.cache import DECODED, UNIT, Decoded
from graphophone.sources.clip import Clip
from graphophone.sources.dry import Dry, Mono, levelled
from graphophone.sources.splits import VOICES

WEIGHTS: Mapping[str, float] = {"singing": 0.4, "speech": 0.25, "instruments": 0.35}
TRANSPOSE_CHANCE = 0.5
TRANSPOSE_SEMITONES = 4.0
PAUSE_CHANCE = 0.25
PAUSE_SECONDS = (0.05, 0.4)
JOIN_SECONDS = (0.005, 0.02)
EDGE_SECONDS = 0.005
EDGE_FRAMES = 2
"""What stands before and after a voice belongs to it: consonants."""
ACTIVE_SHARE = 0.5
TRIES = 8


class RecordedVoices:
    """Draws one track, ``voice``, from files that are grouped by kind and by singer.

    A draw picks a kind by weight, a group uniformly (no speaker dominates), a file, and an
    offset at which half of the segment sounds; in singing and speech a voice has to
    (:mod:`.activity`). Where files are shorter than the segment, several of the same group are
    joined into a phrase, with crossfades of 5 to 20 ms and now and then a pause. With
    ``transpose``, every other draw is resampled by up to 4 semitones up or down, which widens
    the few voices there are.
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
        self.active: dict[tuple[Path, int], Frames] = {}

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
        frame = max(1, round(FRAME_SECONDS * rate))
        low, high = round(clip.start * whole.shape[1]), round(clip.end * whole.shape[1])
        begin = low // frame
        active = self._activity(clip, whole, rate)[begin : -(-high // frame)]
        if not active.any():
            if not whole[:, low:high].any():
                raise AudioError(f"{clip.path}: the part of it that is asked for is silent")
            active = np.ones_like(active)
        sounds = np.flatnonzero(active)
        first = max(low, (begin + int(sounds[0]) - EDGE_FRAMES) * frame)
        last = min(high, (begin + int(sounds[-1]) + 1 + EDGE_FRAMES) * frame)
        if last - first > wanted:
            sums = np.concatenate([[0], np.cumsum(active)])
            length = max(1, wanted // frame)
            best, best_share = first, -1.0
            for _ in range(TRIES):
                offset = rng.randrange(first, last - wanted + 1)
                at = offset // frame - begin
                share = (sums[min(at + length, len(active))] - sums[at]) / length
                if share > best_share:
                    best, best_share = offset, share
                if share >= ACTIVE_SHARE:
                    break
            first, last = best, best + wanted
        return whole[:, first:last].astype(np.float32) * UNIT, first

    def _activity(self, clip: Clip, whole: npt.NDArray[np.int16], rate: int) -> Frames:
        """Return in which frames of a file there is what we look for; it is worked out once."""
        key = (clip.path, rate)
        if key not in self.active:
            mono = whole.mean(0, dtype=np.float32) * UNIT
            self.active[key] = (voiced if clip.category in VOICES else sounding)(mono, rate)
        return self.active[key]


def _faded(audio: Mono, length: int) -> Mono:
    """Return the audio with linear fades of ``length`` samples at both ends."""
    if length:
        audio = audio.copy()
        ramp = (np.arange(length, dtype=np.float32) + 0.5) / length
        audio[:, :length] *= ramp
        audio[:, -length:] *= ramp[::-1]
    return audio
