"""Ratings of a listening test, in the columns that webMUSHRA writes.

The order is ``session_test_id``, the questionnaire's own columns, ``session_uuid``, ``trial_id``,
``rating_stimulus``, ``rating_score``, ``rating_time``, ``rating_comment``, so scripts written for
webMUSHRA read our files, and we read its. Columns are found by name, in any order.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.report.delivery import put

TEST, LISTENER, TRIAL, STIMULUS = "session_test_id", "session_uuid", "trial_id", "rating_stimulus"
SCORE, TIME, COMMENT = "rating_score", "rating_time", "rating_comment"
REQUIRED = (TEST, LISTENER, TRIAL, STIMULUS, SCORE)
KNOWN = (*REQUIRED, TIME, COMMENT)
REFERENCE, LOW_ANCHOR, MID_ANCHOR = "reference", "anchor35", "anchor70"
"""What webMUSHRA calls the hidden reference and the anchors of 3.5 and 7 kHz."""
DRY_ANCHOR, RANDOM_ANCHOR = "anchor_dry", "anchor_random"
"""Anchors of the task: the dry source, and a random graph on it."""
BEST = 100.0


@dataclass(frozen=True)
class Rating:
    """What one listener gave one condition on one page.

    Attributes:
        test: Name of the test.
        listener: Who rated, anonymous but the same on every page.
        trial: The page, which is one excerpt.
        condition: What was rated; the hidden reference is called ``reference``.
        score: 0 to 100.
        milliseconds: Time spent on the page, where it is known.
        comment: The listener's words.
        answers: The questionnaire, the same in all ratings of a listener.
    """

    test: str
    listener: str
    trial: str
    condition: str
    score: float
    milliseconds: float | None = None
    comment: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


def read(path: str | Path) -> tuple[Rating, ...]:
    """Read the ratings of one test, one or many listeners in a file.

    Raises:
        FormatError: One sentence that names the file and the line, what is allowed and what
            was got: no such file, a column that is missing, a score that is no number from 0 to
            100, a name left empty, a condition rated twice, more than one test.
    """
    path = Path(path)
    (_, header), *lines = _lines(path)
    _check_header(path, header)
    ratings: list[Rating] = []
    first: dict[tuple[str, str, str], int] = {}
    for number, cells in lines:
        where = f"{path}: line {number}"
        if len(cells) != len(header):
            raise FormatError(f"{where}: there must be {len(header)} cells, got {len(cells)}")
        rating = _rating(where, dict(zip(header, cells, strict=True)))
        key = (rating.listener, rating.trial, rating.condition)
        if before := first.get(key):
            raise FormatError(
                f"{where}: {LISTENER} {key[0]!r} may rate {key[2]!r} of {TRIAL} {key[1]!r} once, "
                f"and did so in line {before}"
            )
        if ratings and rating.test != ratings[0].test:
            raise FormatError(
                f"{where}: all ratings must be of one {TEST}, {ratings[0].test!r}, "
                f"got {rating.test!r}"
            )
        first[key] = number
        ratings.append(rating)
    if not ratings:
        raise FormatError(f"{path}: at least one line of ratings must follow the header, got none")
    return tuple(ratings)


def save(path: str | Path, ratings: Sequence[Rating]) -> None:
    """Write ratings; the file is there when it is complete, and not before.

    Columns of the questionnaire come in the order in which they first appear.

    Raises:
        FormatError: A question has the name of a column of ours.
        AudioError: The file cannot be written.
    """
    questions = tuple(dict.fromkeys(name for rating in ratings for name in rating.answers))
    if taken := [name for name in questions if name in KNOWN]:
        raise FormatError(f"{path}: a question may not be called {taken[0]!r}, that is a column")
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow((TEST, *questions, LISTENER, TRIAL, STIMULUS, SCORE, TIME, COMMENT))
    for rating in ratings:
        time = "" if rating.milliseconds is None else _digits(rating.milliseconds)
        out.writerow(
            (
                rating.test,
                *(rating.answers.get(name, "") for name in questions),
                rating.listener,
                rating.trial,
                rating.condition,
                _digits(rating.score),
                time,
                rating.comment,
            )
        )
    put(Path(path), text.getvalue())


def _digits(value: float) -> str:
    """Write a number so that reading it gives the same, a whole one without a point."""
    return str(int(value)) if value.is_integer() else repr(value)


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the header, empty where there is none, and all lines with something in them.

    The number of each is that of its last line in the file: a comment may hold line breaks.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        found = csv.reader(io.StringIO(text, newline=""))
        lines = [(found.line_num, cells) for cells in found if any(cells)]
    except (UnicodeDecodeError, csv.Error):
        raise FormatError(f"{path}: ratings are CSV in UTF-8, this is something else") from None
    except OSError as error:
        raise FormatError(f"{path}: the file cannot be read ({error.strerror})") from None
    return lines or [(1, [])]


def _check_header(path: Path, header: Sequence[str]) -> None:
    """Make sure that every column we need is there, once."""
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        got = ", ".join(header) or "an empty line"
        raise FormatError(
            f"{path}: line 1: the header must name {', '.join(REQUIRED)}; "
            f"{' and '.join(missing)} missing, got {got}"
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise FormatError(f"{path}: line 1: a column may be named once, got {twice[0]!r} twice")


def _rating(where: str, cells: Mapping[str, str]) -> Rating:
    """Read one line."""
    for name in (LISTENER, TRIAL, STIMULUS):
        if not cells[name].strip():
            raise FormatError(f"{where}: {name} must be a name, got nothing")
    score = _number(where, SCORE, cells[SCORE])
    if not 0 <= score <= BEST:
        raise FormatError(f"{where}: {SCORE} must be 0 to 100, got {cells[SCORE]}")
    time = cells.get(TIME, "").strip()
    return Rating(
        cells[TEST],
        cells[LISTENER],
        cells[TRIAL],
        cells[STIMULUS],
        score,
        _number(where, TIME, time) if time else None,
        cells.get(COMMENT, ""),
        {name: cell for name, cell in cells.items() if name not in KNOWN},
    )


def _number(where: str, name: str, cell: str) -> float:
    """Read a finite number."""
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(f"{where}: {name} must be a number, got {cell!r}")
    return value
