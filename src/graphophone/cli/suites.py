"""The suites of ``graphophone evaluate``: run one, write its page, draw the paper's figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphophone.cli.console import Console
from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.evaluation.trials.running import Found
    from graphophone.evaluation.trials.setting import Setting
    from graphophone.evaluation.trials.trial import Suite
    from graphophone.generation.item import Task

TASKS: "tuple[Task, ...]" = ("singing", "drums")


def suites(
    console: Console,
    name: str,
    count: int,
    *,
    task: "Task | None",
    copies: tuple[str, ...],
    lines: tuple[str, ...],
    minutes: float | None,
    out: Path | None,
    weights: Path | None,
    **options: Any,
) -> None:
    """Run a suite for a task, or for both one after the other.

    Raises:
        UsageError: The suite has not what is asked for.
    """
    from graphophone.evaluation.trials import report
    from graphophone.evaluation.trials.journal import Journal
    from graphophone.evaluation.trials.running import run
    from graphophone.evaluation.trials.setting import Setting

    if copies and name != "robustness":
        raise UsageError("--copies are for the suite robustness, and for an evaluation without one")
    if lines and name not in ("restraint", "foreign"):
        raise UsageError(f"the suite {name} has no lines to choose: leave --line out")
    if weights and task is None:
        raise UsageError("--weights are of one task: say which with --task")
    console.prepare()
    answers = []
    for one in (task,) if task else TASKS:
        suite = _suite(name, Setting.of(one, weights=weights, **options), copies, lines)
        folder = None if out is None else out / one
        journal = None if folder is None else Journal(folder, dict(suite.conditions))
        seconds = None if minutes is None else 60 * minutes
        with console.progress(f"{name}, {one}") as progress:
            found = run(suite, count, journal=journal, seconds=seconds, progress=progress)
        console.say(report.text(found) + "\n")
        files = {} if folder is None else _write(suite, found, folder)
        if files:
            console.say("\n".join(files.values()) + "\n")
        answers.append({**report.to_json(found), "files": files})
    console.answer(suite=name, results=answers)


def figures(console: Console, run: Path, out: Path) -> None:
    """Draw the paper's Figures 1, 5 and 6 from a run of a suite."""
    from graphophone.report.delivery import folder, put
    from graphophone.report.paper_figures import examples, pictures

    drawn = pictures(examples(run))
    folder(out)
    answers = []
    for picture in drawn:
        path = out / f"{picture.name}.svg"
        if picture.svg:
            put(path, picture.svg)
        place = str(path) if picture.svg else "not drawn"
        console.say(f"{picture.name}: {picture.example} ({place})\n  {picture.rule}")
        answers.append(
            {
                "name": picture.name,
                "example": picture.example,
                "rule": picture.rule,
                "file": str(path) if picture.svg else None,
            }
        )
    console.answer(figures=answers)


def _suite(
    name: str, setting: "Setting", copies: tuple[str, ...], lines: tuple[str, ...]
) -> "Suite":
    from graphophone.evaluation.trials.foreign import Foreign
    from graphophone.evaluation.trials.restraint import Restraint
    from graphophone.evaluation.trials.robustness import Robustness
    from graphophone.evaluation.trials.transfer import Transfer

    if name == "transfer":
        return Transfer(setting)
    if name == "robustness":
        return Robustness.of(setting, copies)
    if name == "restraint":
        return Restraint.of(setting, lines) if lines else Restraint.of(setting)
    return Foreign.of(setting, lines) if lines else Foreign.of(setting)


def _write(suite: "Suite", found: "Found", folder: Path) -> dict[str, str]:
    """Write the figures as JSON, the page, and the picture of a suite that has one."""
    import json

    from graphophone.evaluation.trials.report import to_json
    from graphophone.report.delivery import put
    from graphophone.report.suite_page import MOST, Case, html, picture

    files = {"result": folder / "result.json", "page": folder / "page.html"}
    plain = json.dumps(to_json(found), indent=1, ensure_ascii=False, allow_nan=False)
    put(files["result"], plain + "\n")
    cases = [Case(trial, suite.sounds(trial)) for trial in found.worst[:MOST]]
    put(files["page"], html(found, cases))
    if drawn := picture(found):
        files["curve"] = folder / "risk-coverage.svg"
        put(files["curve"], drawn)
    return {name: str(path) for name, path in files.items()}
