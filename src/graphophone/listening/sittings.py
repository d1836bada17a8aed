"""All sittings of a test: a file each, and the results of all in one.

A page is saved before the next one is shown. What is on disk is the state: a server that was
killed goes on from it, and nothing waits in memory to be written.
"""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from threading import RLock

from graphophone.errors import FormatError, UsageError
from graphophone.listening.plan import Plan
from graphophone.listening.ratings import BEST, save
from graphophone.listening.sitting import Rated, Shown, Sitting, code_of, new_code, order
from graphophone.report.delivery import folder as made
from graphophone.report.delivery import put

RESULTS = "mushra.csv"
MOST_ANSWER = 1_000
"""Characters of an answer."""


class UnknownListenerError(UsageError):
    """Nobody of this code has begun."""


class Sittings:
    """The sittings of one test.

    Args:
        folder: Where they and the results are kept.
        plan: The test.
        digest: Of its pages.

    Raises:
        FormatError: A file in the folder is of another test, or of none.
        AudioError: The folder cannot be written to.
    """

    def __init__(self, folder: Path, plan: Plan, digest: str) -> None:
        self.folder, self.plan, self.digest = folder, plan, digest
        self._places = made(folder / "sittings")
        self._lock = RLock()
        for sitting in self.all():
            if sitting.digest != digest:
                raise FormatError(
                    f"{folder}: the results of {sitting.listener!r} are of another version of the "
                    "test (its pages, question or seed have changed); give another folder for "
                    "results with --out"
                )
        self._publish()  # a kill may have come between a page and the results

    @property
    def results(self) -> Path:
        """The file with all ratings, in webMUSHRA's columns."""
        return self.folder / RESULTS

    def all(self) -> tuple[Sitting, ...]:
        """Return all sittings, by code."""
        return tuple(map(self._read, sorted(self._places.glob("*.json"))))

    def suggestion(self) -> str:
        """Return a code that nobody has."""
        rng = SystemRandom()
        while True:
            code = new_code(rng)
            if not self._place(code).exists():
                return code

    def begin(self, words: str) -> Sitting:
        """Return the sitting of a code, a new one where there is none.

        Raises:
            UsageError: The code is none.
        """
        code = code_of(words)
        with self._lock:
            if not self._place(code).exists():
                self._write(Sitting(code, self.digest))
            return self._read(self._place(code))

    def get(self, words: str) -> Sitting:
        """Return a sitting that has begun.

        Raises:
            UnknownListenerError: There is none.
        """
        path = self._place(code_of(words))
        if not path.exists():
            raise UnknownListenerError(f"nobody has begun with the code {words!r}")
        return self._read(path)

    def page(self, sitting: Sitting) -> Shown | None:
        """Return the page that is next, or ``None`` after the last."""
        shown = order(self.plan, sitting.listener)
        return shown[len(sitting.pages)] if len(sitting.pages) < len(shown) else None

    def rate(
        self, words: str, number: int, scores: Sequence[float], milliseconds: float
    ) -> Sitting:
        """Save a page; saving it again with the same scores changes nothing.

        An answer can be lost after its page was saved, and the browser then asks again.

        Args:
            words: The listener's code.
            number: How many pages are before it.
            scores: In the order of the buttons, 0 to 100.
            milliseconds: Time spent on it.

        Raises:
            UsageError: It is not this page's turn, or the scores do not fit; the sentence says it.
        """
        with self._lock:
            sitting = self.get(words)
            shown = order(self.plan, sitting.listener)
            done = len(sitting.pages)
            if number < done and list(sitting.pages[number].scores.values()) == list(scores):
                return sitting
            if number != done or number >= len(shown):
                raise UsageError(f"{done} of {len(shown)} pages are saved, got page {number + 1}")
            page = shown[number]
            if len(scores) != len(page.conditions):
                raise UsageError(
                    f"this page has {len(page.conditions)} sounds to rate, got {len(scores)} scores"
                )
            if odd := [score for score in scores if not 0 <= score <= BEST]:
                raise UsageError(f"a score must be 0 to {BEST:g}, got {odd[0]:g}")
            if not (math.isfinite(milliseconds) and milliseconds >= 0):
                raise UsageError(f"time on a page must be 0 ms or more, got {milliseconds}")
            given = dict(zip(page.conditions, map(float, scores), strict=True))
            rated = Rated(page.trial.name, given, float(round(milliseconds)))
            return self._save(replace(sitting, pages=(*sitting.pages, rated)))

    def answer(self, words: str, answers: Mapping[str, str]) -> Sitting:
        """Save the questionnaire; it can be given again.

        Raises:
            UsageError: There is no such question, an answer is not among its choices, or pages
                are missing.
        """
        with self._lock:
            sitting = self.get(words)
            if self.page(sitting) is not None:
                raise UsageError("the questionnaire comes after the last page")
            asked = {question.name: question for question in self.plan.questions}
            for name, said in answers.items():
                if name not in asked:
                    raise UsageError(f"there is no question {name!r}")
                if asked[name].choices and said not in ("", *asked[name].choices):
                    raise UsageError(
                        f"{name} must be one of {', '.join(asked[name].choices)}, got {said!r}"
                    )
                if len(said) > MOST_ANSWER:
                    raise UsageError(f"{name} may have {MOST_ANSWER} characters, got {len(said)}")
            kept = {name: answers.get(name, "") for name in asked}
            return self._save(replace(sitting, answers=kept))

    def _save(self, sitting: Sitting) -> Sitting:
        """Write a sitting, then all results; each file is whole at any moment."""
        self._write(sitting)
        self._publish()
        return sitting

    def _publish(self) -> None:
        ratings = [rating for sitting in self.all() for rating in sitting.ratings(self.plan)]
        if ratings:
            save(self.results, ratings)

    def _place(self, code: str) -> Path:
        return self._places / f"{code}.json"

    def _write(self, sitting: Sitting) -> None:
        text = json.dumps(sitting.to_json(), ensure_ascii=False, indent=1)
        put(self._place(sitting.listener), text)

    def _read(self, path: Path) -> Sitting:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FormatError(f"{path}: not the file of a sitting ({error})") from None
        return Sitting.from_json(data, os.fspath(path))
