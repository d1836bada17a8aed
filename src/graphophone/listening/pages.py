"""The pages of a test as they sound: files read and checked, hidden reference and anchors added."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from graphophone.audio.files import read
from graphophone.errors import AudioError, UsageError
from graphophone.listening.plan import Plan, Trial
from graphophone.listening.stimuli import stimuli
from graphophone.tensors import Stereo

KEPT = 2**28
"""Bytes of pages in memory, beside the one that was asked for last."""


@dataclass(frozen=True, eq=False)
class Page:
    """One page, ready to be played.

    Attributes:
        rate: Samples a second.
        sounds: By condition, the hidden reference first, all (2, time) of one length.
    """

    rate: int
    sounds: dict[str, Stereo]

    @property
    def samples(self) -> int:
        """Length of each."""
        return next(iter(self.sounds.values())).shape[1]

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(sound.nbytes for sound in self.sounds.values())


class Pages:
    """All pages of a plan, made when they are asked for.

    Args:
        plan: The test.
        folder: Where its sound files are.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder = plan, folder
        self._kept: OrderedDict[str, Page] = OrderedDict()
        self._lock = Lock()

    def get(self, trial: Trial) -> Page:
        """Return a page.

        Raises:
            AudioError: A file cannot be read, or does not fit; the sentence names it.
            UsageError: There are too many conditions, or one has a name of ours.
        """
        with self._lock:
            if trial.name not in self._kept:
                self._kept[trial.name] = prepare(self.plan, trial, self.folder)
            self._kept.move_to_end(trial.name)
            while sum(p.size for p in self._kept.values()) > KEPT and len(self._kept) > 1:
                self._kept.popitem(last=False)
            return self._kept[trial.name]

    def check(self, progress: Callable[[int, int], None] | None = None) -> str:
        """Make every page once, and return a digest of all that decides a rating.

        Texts that are not the question may change while a test goes on, so they are not in it.

        Raises:
            AudioError: As :meth:`get` says.
            UsageError: As :meth:`get` says.
        """
        plan = self.plan
        told = [plan.name, plan.question, plan.seed, [trial.name for trial in plan.training]]
        digest = hashlib.sha256(json.dumps(told).encode())
        for done, trial in enumerate(plan.pages, start=1):
            page = self.get(trial)
            digest.update(json.dumps([trial.name, page.rate, list(page.sounds)]).encode())
            for sound in page.sounds.values():
                digest.update(sound.numpy().tobytes())
            if progress:
                progress(done, len(plan.pages))
        return digest.hexdigest()


def prepare(plan: Plan, trial: Trial, folder: Path) -> Page:
    """Read the files of a page and add what a page adds.

    Raises:
        AudioError: A file cannot be read, its rate is not the reference's, or it does not fit.
        UsageError: There are too many conditions, or one has a name of ours.
    """
    reference = read(folder / trial.reference)
    sounds = {}
    for name, path in trial.conditions.items():
        recording = read(folder / path)
        if recording.rate != reference.rate:
            raise AudioError(
                f"{folder / path}: the sample rate must be the reference's, {reference.rate} Hz, "
                f"got {recording.rate} Hz"
            )
        sounds[name] = recording.audio
    try:
        made = stimuli(
            reference.audio,
            sounds,
            reference.rate,
            anchors=plan.anchors,
            match=plan.match_loudness,
        )
    except (AudioError, UsageError) as error:
        raise type(error)(f"page {trial.name!r}: {error}") from None
    return Page(reference.rate, {one.condition: one.audio.float() for one in made})
