"""What the recordings behind a set were found to be, kept beside it: ``recordings.json``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphophone.errors import FormatError
from graphophone.generation.disk import put
from graphophone.sources.survey import Survey

NAME = "recordings.json"


def keep_recordings(
    folder: Path, survey: Survey | None, note: Callable[[str], None] | None = None
) -> None:
    """Write the report on recordings into a set, or make sure that it is still the same ones.

    A set that is continued draws from the files that it was begun with, or not at all: an
    example depends on all of them, for one is drawn among them.

    Args:
        folder: Of the set.
        survey: What was found; None where all is procedural.
        note: Told the same, in sentences.

    Raises:
        FormatError: The set was begun with other recordings.
    """
    if survey is None:
        return
    report, there = survey.to_json(), read_recordings(folder)
    if there is None:
        put(folder / NAME, [json.dumps(report, indent=2).encode()])
    elif there["digest"] != report["digest"]:
        raise FormatError(
            f"{folder} was begun with {there['files']} recordings, of which some are not the "
            f"{report['files']} that can be used now; bring them back, or choose an empty "
            "folder and make the set again"
        )
    for sentence in survey.sentences():
        if note:
            note(sentence)


def read_recordings(folder: Path) -> dict[str, Any] | None:
    """Return the report on a set's recordings; None where it has none.

    Raises:
        FormatError: It cannot be read.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        report = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        report = {}
    if not report.keys() >= {"digest", "files", "left_out", "licences"}:
        raise FormatError(f"{path}: this is not a report on recordings")
    return report
