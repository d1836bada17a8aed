"""What the recordings behind a set were found to be, kept beside it: ``recordings.json``."""

import json
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.survey import Survey

NAME = "recordings.json"


def keep_recordings(folder: Path, survey: Survey) -> None:
    """Write the report on recordings into a set, or make sure that it is still the same ones.

    A set that is continued draws from the files that it was begun with, or not at all: an
    example depends on all of them, for one is drawn among them.

    Raises:
        FormatError: The set was begun with other recordings.
    """
    path = folder / NAME
    report = survey.to_json()
    if path.exists():
        try:
            there = json.loads(path.read_text(encoding="utf-8"))
            same = there["digest"] == report["digest"]
            before = int(there["files"])
        except (ValueError, KeyError, TypeError):
            raise FormatError(f"{path}: this is not a report on recordings") from None
        if not same:
            raise FormatError(
                f"{folder} was begun with {before} recordings, of which some are not the "
                f"{report['files']} that can be used now; bring them back, or choose an empty "
                "folder and make the set again"
            )
        return
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(report, indent=2), encoding="utf-8")
    temporary.replace(path)
