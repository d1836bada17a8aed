"""One listener's way through a test: in what order, and how far."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from graphophone.errors import FormatError, UsageError
from graphophone.listening.plan import Plan, Trial
from graphophone.listening.ratings import REFERENCE, Rating

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that are taken for another."""


@dataclass(frozen=True)
class Shown:
    """A page as one listener meets it.

    Attributes:
        trial: Which.
        training: Whether it is there to learn on.
        conditions: In the order of the buttons, the hidden reference somewhere among them.
    """

    trial: Trial
    training: bool
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Rated:
    """A finished page.

    Attributes:
        trial: Its name.
        scores: 0 to 100 by condition, in the order of the buttons.
        milliseconds: Time spent on it.
    """

    trial: str
    scores: Mapping[str, float]
    milliseconds: float


@dataclass(frozen=True)
class Sitting:
    """All that one listener has done.

    Attributes:
        listener: The listener's code, ``session_uuid`` in the results.
        digest: Of the test (:meth:`graphophone.listening.pages.Pages.check`).
        pages: Those that are finished, in order.
        answers: To the questionnaire; ``None`` before it was given.
    """

    listener: str
    digest: str
    pages: tuple[Rated, ...] = ()
    answers: Mapping[str, str] | None = field(default=None)

    def ratings(self, plan: Plan) -> tuple[Rating, ...]:
        """Return the ratings that count, those of training left out."""
        known = self.answers or {}
        answers = {question.name: known.get(question.name, "") for question in plan.questions}
        counted = {trial.name for trial in plan.trials}
        return tuple(
            Rating(
                plan.name,
                self.listener,
                page.trial,
                condition,
                score,
                page.milliseconds,
                answers=answers,
            )
            for page in self.pages
            if page.trial in counted
            for condition, score in page.scores.items()
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"graphophone_sitting": 1, **asdict(self)}

    @classmethod
    def from_json(cls, data: Any, source: str) -> "Sitting":
        """Read what :meth:`to_json` wrote.

        Raises:
            FormatError: It is something else.
        """
        try:
            if data["graphophone_sitting"] != 1:
                raise FormatError(f"{source}: a sitting of a newer version")
            pages = tuple(Rated(**page) for page in data["pages"])
            return cls(data["listener"], data["digest"], pages, data["answers"])
        except (KeyError, TypeError) as error:
            raise FormatError(f"{source}: not the file of a sitting ({error})") from None


def order(plan: Plan, listener: str) -> tuple[Shown, ...]:
    """Return all pages as one listener meets them, the same whenever it is asked.

    Training comes first, in the plan's order. Trials, and the buttons of every page, come in an
    order drawn from the test's seed and the listener's code.
    """
    rng = Random(f"listening/{plan.name}/{plan.seed}/{listener}")
    trials = list(plan.trials)
    rng.shuffle(trials)
    shown = []
    for place, trial in enumerate([*plan.training, *trials]):
        conditions = [REFERENCE, *plan.anchors, *trial.conditions]
        rng.shuffle(conditions)
        shown.append(Shown(trial, place < len(plan.training), tuple(conditions)))
    return tuple(shown)


def code_of(words: str) -> str:
    """Return a listener's code in the one way in which it is written.

    Raises:
        UsageError: It is none.
    """
    code = words.strip().lower()
    if not CODE.fullmatch(code):
        raise UsageError(
            "a code has 1 to 32 letters a to z, digits, - or _, and begins with a letter or digit, "
            f"got {words.strip()!r}"
        )
    return code


def new_code(rng: Random, length: int = 6) -> str:
    """Draw a code that is easily read and typed."""
    return "".join(rng.choice(LETTERS) for _ in range(length))
