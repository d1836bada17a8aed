"""What has been measured so far, on disk: a run that was stopped goes on where it was."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphophone.errors import FormatError, UsageError
from graphophone.evaluation.trials.trial import Trial

FILE = "trials.jsonl"


class Journal:
    """The trials of one run: a line that says what they are trials of, then a line a trial.

    Args:
        folder: Where it lies; it is made if it is not there.
        conditions: What decides the trials, as plain data.

    Raises:
        UsageError: The folder holds trials of something else.
        FormatError: It holds a journal that cannot be read.
    """

    def __init__(self, folder: Path, conditions: Mapping[str, Any]) -> None:
        self.path = folder / FILE
        self.trials: dict[tuple[str, int], Trial] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            there, self.trials = read(self.path)
            for name in sorted({*there, *conditions}):
                if there.get(name) != conditions.get(name):
                    raise UsageError(
                        f"{folder} holds another run, whose {name} is {there.get(name)!r} and not "
                        f"{conditions.get(name)!r}: choose another --out"
                    )
            self._mend()
        else:
            self._write(dict(conditions))

    def add(self, trial: Trial) -> None:
        """Write a trial down."""
        self._write(trial.to_json())
        self.trials[trial.line, trial.index] = trial

    def _write(self, data: Mapping[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _mend(self) -> None:
        """Take away a last line that was cut off by a kill."""
        content = self.path.read_bytes()
        if not content.endswith(b"\n"):
            with self.path.open("r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)


def read(path: Path) -> tuple[dict[str, Any], dict[tuple[str, int], Trial]]:
    """Return the conditions of a journal and its trials; a line cut off at the end is left out.

    Raises:
        FormatError: It is none.
    """
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    try:
        conditions = dict(json.loads(lines[0]))
        trials = [Trial.from_json(json.loads(line)) for line in lines[1:]]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise FormatError(f"{path} is no journal of a suite ({error})") from None
    return conditions, {(trial.line, trial.index): trial for trial in trials}
