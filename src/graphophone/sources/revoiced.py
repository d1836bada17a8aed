"""Virtual singers: clean speech and sung syllables, sung again to other tunes by other throats.

A virtual singer is a real speaker with formants moved, a range of notes and manners of its own. It
belongs to its speaker: the manifest's split of the speaker is its split.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from scipy.ndimage import uniform_filter1d

from graphophone.audio.features import RATE
from graphophone.audio.files import resample
from graphophone.errors import FormatError
from graphophone.sources.cache import DECODED, UNIT, Decoded
from graphophone.sources.clip import Clip
from graphophone.sources.dry import Dry, Mono, levelled, numpy_rng
from graphophone.sources.intonation import pitch
from graphophone.sources.phrases import Phrase, joined
from graphophone.sources.syllables import Syllable, pace, syllables
from graphophone.sources.tunes import Tune, draw_tune
from graphophone.sources.vocoder import BLOCK, Analyser, Analysis, analyse, synthesise

SINGERS = 64
LIMIT_BYTES = 450_000_000
PIECE_SECONDS = 6.0
TRIES = 10
GROUP_TRIES = 4
HOME_CLIPS = 3
LOWEST, HIGHEST = 38.0, 86.0

KNOBS: Mapping[str, tuple[float, float]] = {
    "formants": (0.82, 1.24),
    "above": (-1.0, 8.0),  # semitones from speaking to the middle of the range
    "span": (10.0, 19.0),
    "vibrato_hz": (4.6, 6.8),
    "vibrato_cents": (0.0, 90.0),
    "glide_seconds": (0.05, 0.16),
    "damping": (0.6, 0.95),
    "jitter_cents": (3.0, 12.0),
    "drift_cents": (4.0, 18.0),
    "breath": (0.4, 1.5),
    "prosody": (0.0, 0.15),  # how much of the speech's own intonation is kept
}
RAP_PROSODY = 0.7


@dataclass(frozen=True)
class VirtualSinger:
    """A speaker who sings.

    Attributes:
        group: The speaker.
        number: Which of the speaker's virtual singers.
        low: Lowest note, MIDI.
        high: Highest note, MIDI.
        knobs: Values drawn from KNOBS.
    """

    group: str
    number: int
    low: float
    high: float
    knobs: Mapping[str, float]


def virtual_singer(group: str, number: int, home: float) -> VirtualSinger:
    """Return one of a speaker's singers; ``home`` is the note the speaker speaks at, MIDI.

    Shorter throats sing higher: an octave of formants would move the range by two.
    """
    rng = Random(f"virtual singer {group} {number}")
    knobs = {name: round(rng.uniform(*ends), 4) for name, ends in KNOBS.items()}
    middle = home + 24 * float(np.log2(knobs["formants"])) + knobs["above"]
    middle = min(max(middle, LOWEST + 6), HIGHEST - 8)
    low, high = max(LOWEST, middle - knobs["span"] / 2), min(HIGHEST, middle + knobs["span"] / 2)
    return VirtualSinger(group, number, round(low, 2), round(high, 2), knobs)


class VirtualSingers:
    """Draws one track, ``voice``, sung by virtual singers made of the recordings' voices.

    A draw picks a speaker uniformly, one of its 64 virtual singers, a tune in the singer's
    range, and syllables in the order in which they were spoken. Analyses are kept, up to
    450 MB; a second of speech takes about 0.2 MB, and about a tenth of its time to analyse.

    Args:
        files: Recordings of single voices, grouped by speaker.
        analyser: What takes recordings apart.
        decoded: Where decoded files are kept.
        limit_bytes: How much of the analyses is kept.
    """

    def __init__(
        self,
        files: Sequence[Clip],
        *,
        analyser: Analyser = analyse,
        decoded: Decoded = DECODED,
        limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        if not files:
            raise FormatError("virtual singers need at least one recording of a voice, got none")
        groups: dict[str, list[Clip]] = defaultdict(list)
        for clip in files:
            groups[clip.group].append(clip)
        self.groups = {name: tuple(clips) for name, clips in groups.items()}
        self.analyser = analyser
        self.decoded = decoded
        self.limit_bytes = limit_bytes
        self.size = 0
        self._kept: OrderedDict[tuple[Path, int, int], tuple[Analysis, tuple[Syllable, ...]]] = (
            OrderedDict()
        )
        self._homes: dict[str, float] = {}

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        """Draw a singer, a tune and words; the same from one generator at any rate.

        Raises:
            FormatError: In forty recordings no syllable was found.
        """
        length = -(-samples * RATE // rate)
        for _ in range(GROUP_TRIES):
            group = rng.choice(list(self.groups))
            singer = virtual_singer(group, rng.randrange(SINGERS), self._home(group))
            tune = draw_tune(rng, singer.low, singer.high, length / RATE)
            phrase = self._words(rng, group, len(tune.tones))
            if phrase is not None:
                break
        else:
            raise FormatError(
                f"no syllable was found in {TRIES * GROUP_TRIES} recordings of "
                f"{', '.join(sorted(self.groups))}"
            )
        audio = sing_words(singer, tune, phrase, length, numpy_rng(rng))
        if rate != RATE:
            audio = resample(torch.from_numpy(audio)[None], RATE, rate)[0].numpy()
        tracks, gains = levelled({"voice": audio[:samples]}, rate)
        provenance = {
            "kind": "virtual",
            "group": group,
            "singer": singer.number,
            "pieces": phrase.pieces,
            "formants": singer.knobs["formants"],
            "notes": [tone.pitch for tone in tune.tones],
            "tune": [tune.scale, tune.shape, tune.delivery, tune.bpm],
            "gain_db": gains["voice"],
        }
        return Dry(tracks, provenance)

    def _words(self, rng: Random, group: str, count: int) -> Phrase | None:
        """Return ``count`` syllables that follow each other where they can, if any are there."""
        found: list[tuple[Analysis, Syllable]] = []
        pieces = []
        for attempt in range(max(TRIES, 2 * count)):
            if attempt == TRIES and not found:
                break
            clip = rng.choice(self.groups[group])
            voice, spoken = self._piece(clip, rng.random())
            if not spoken:
                continue
            wanted = count - len(found)
            first = rng.randrange(max(1, len(spoken) - wanted + 1))
            found += [(voice, syllable) for syllable in spoken[first : first + wanted]]
            pieces.append({"file": clip.name, "syllable": first})
            if len(found) >= count:
                break
        if not found:
            return None
        repeated = [found[i % len(found)] for i in range(count)]
        return joined(repeated, pieces)

    def _home(self, group: str) -> float:
        """Return the note that a speaker speaks or sings at, MIDI."""
        if group not in self._homes:
            parts = [self._piece(clip, 0.0)[0].hertz for clip in self.groups[group][:HOME_CLIPS]]
            voiced = np.concatenate(parts)
            voiced = voiced[voiced > 0]
            middle = float(np.median(voiced)) if len(voiced) else 150.0
            self._homes[group] = round(69 + 12 * float(np.log2(middle / 440)), 2)
        return self._homes[group]

    def _piece(self, clip: Clip, share: float) -> tuple[Analysis, tuple[Syllable, ...]]:
        """Return the analysis of up to 6 s of a file, ``share`` of the way through it."""
        whole = self.decoded(clip.path, RATE)
        low, high = round(clip.start * whole.shape[1]), round(clip.end * whole.shape[1])
        length = round(PIECE_SECONDS * RATE)
        start = low + length * int(share * max(1, round((high - low) / length)))
        stop = high if high - start < 1.5 * length else start + length
        key = (clip.path, start, stop)
        if key not in self._kept:
            samples = whole[:, start:stop].mean(0, dtype=np.float64) * float(UNIT)
            voice = self.analyser(samples, RATE)
            self._kept[key] = (voice, syllables(voice))
            self.size += voice.nbytes
            while self.size > self.limit_bytes and len(self._kept) > 1:
                _, (oldest, _) = self._kept.popitem(last=False)
                self.size -= oldest.nbytes
        self._kept.move_to_end(key)
        return self._kept[key]


def sing_words(
    singer: VirtualSinger, tune: Tune, phrase: Phrase, samples: int, noise: np.random.Generator
) -> Mono:
    """Return (time,) at 44.1 kHz of a singer singing words to a tune."""
    blocks = -(-samples // BLOCK)
    times = [(tone.start, tone.end) for tone in tune.tones]
    places, heard = pace(phrase.syllables, times, blocks, RATE)
    notes, sway = pitch(tune.tones, singer.knobs, blocks, BLOCK / RATE, noise)
    prosody = RAP_PROSODY if tune.delivery == "rap" else singer.knobs["prosody"]
    notes += prosody * np.interp(places, np.arange(len(phrase.prosody)), phrase.prosody)
    hertz = 440 * 2 ** ((notes - 69) / 12)
    audio = synthesise(
        phrase.voice,
        places,
        hertz,
        samples,
        RATE,
        noise,
        formants=singer.knobs["formants"],
        breath=singer.knobs["breath"],
    )
    starts = np.array([start for start, _ in times])
    index = np.searchsorted(starts, (np.arange(blocks) + 0.5) * BLOCK / RATE) - 1
    strength = np.array([tone.strength for tone in tune.tones])[np.maximum(index, 0)]
    gain = uniform_filter1d(heard * strength, 14) * (1 + 0.06 * sway)
    centres = (np.arange(blocks) + 0.5) * BLOCK
    audio *= np.interp(np.arange(samples), centres, gain).astype(np.float32)
    return audio
