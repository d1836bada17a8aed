"""``graphophone evaluate``: measure models on voices and kits they have never heard."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Data, Held, Json, Sources, Task
from graphophone.cli.suites import figures as draw_figures
from graphophone.cli.suites import suites as run_suites
from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.generation.item import Task as TaskName

RUNS = Path("runs/table2")
COUNT = 300
"""Examples of a Table 2 unless told otherwise."""


class Suite(StrEnum):
    """What is measured beside Table 2."""

    transfer = "transfer"
    restraint = "restraint"
    robustness = "robustness"
    foreign = "foreign"
    fit = "fit"


def evaluate(
    task: Annotated[Task | None, typer.Option(help="Which model; both in a table 2.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Number of examples.")] = None,
    split: Annotated[
        Held | None, typer.Option(help="Voices and kits: unseen, or both in a table 2.")
    ] = None,
    sources: Annotated[Sources, typer.Option(help="Dry audio.")] = Sources.real,
    mix: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.toml",
            help="Kind of graphs: paper, wide, short, single, extended, or a file of your own; "
            "wide, or paper in a table 2.",
        ),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Kinds of real recordings, such as singing.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the set.")] = 0,
    weights: Annotated[Path | None, typer.Option(help="A model of your own.")] = None,
    copies: Annotated[
        list[str] | None,
        typer.Option(
            help="Measure on spoiled copies too: mono, shift, room_tone, limiting, gain, "
            "resampling, mp3, aac, one of them with a number (mp3=64), or all."
        ),
    ] = None,
    table2: Annotated[
        bool, typer.Option("--table2", help="Draw the paper's Table 2 from trained rows.")
    ] = False,
    runs: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a trained row, or of several; runs/table2 by default."),
    ] = None,
    suite: Annotated[
        Suite | None,
        typer.Option(
            help="Measure something else: graphs on another voice, what is found where nothing is, "
            "copies of a recording, effects by other software, or fitting."
        ),
    ] = None,
    seconds: Annotated[
        list[float] | None, typer.Option(help="Limits of the suite fit; 10 and 60 by default.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(
            help="Lines of a suite, all if none. fit: singing, chains, pedalboard, sox; restraint: "
            "dry, own, foreign; foreign: pedalboard, sox, ffmpeg, lv2."
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Of a suite: begin nothing new after so long.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Of a suite: folder to keep trials in and to go on from, with a page."),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="Draw the paper's Figures 1, 5 and 6 into --out from a suite's --out.",
        ),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print all metrics beside row 2, the trivial baselines and the paper."""
    console = Console("evaluate", as_json=as_json)
    if runs and not table2:
        raise UsageError("--runs are drawn by --table2 alone")
    if table2:
        if weights or copies:
            raise UsageError("--table2 takes neither --weights nor --copies, but --runs")
        _table2(
            console,
            runs or [RUNS],
            tasks=[task.value] if task else None,
            splits=[split.value] if split else [one.value for one in Held],
            sources=sources.value,
            count=count or COUNT,
            mix=mix or "paper",
            seed=seed,
            kinds=tuple(kind or ()),
            data=data,
        )
        return
    if figures is not None:
        draw_figures(console, figures, out or figures)
        return
    if count is None or (task is None and suite is None):
        raise UsageError("evaluate needs --task and --count, or --table2, or --suite and --count")
    if suite is not None and suite is not Suite.fit:
        run_suites(
            console,
            suite.value,
            count,
            task=task.value if task else None,
            copies=tuple(copies or ()),
            lines=tuple(line or ()),
            minutes=minutes,
            out=out,
            split=(split or Held.unseen).value,
            sources=sources.value,
            mix=mix or "wide",
            seed=seed,
            kinds=tuple(kind or ()),
            weights=weights,
            data=data,
        )
        return
    if out is not None or minutes is not None:
        raise UsageError("--out and --minutes are for suites other than fit, --out for --figures")
    if suite is not None or task is None:
        _fitting(
            console,
            count,
            seconds=tuple(seconds or (10.0, 60.0)),
            lines=tuple(line or ()),
            sources=sources.value,
            mix=mix or "wide",
            seed=seed,
            weights=weights,
            data=data,
        )
        return
    from graphophone.evaluation import report, suites

    console.prepare()
    with console.progress("evaluating") as progress:
        result = suites.evaluate(
            task.value,
            (split or Held.unseen).value,
            sources.value,
            count,
            mix=mix or "wide",
            seed=seed,
            weights=weights,
            kinds=tuple(kind or ()),
            data=data,
            copies=tuple(copies or ()),
            progress=progress,
        )
    console.say(report.table(result))
    if spoiled := report.copies_table(result):
        console.say("\n" + spoiled)
    console.answer(**report.to_json(result))


def _table2(
    console: Console,
    folders: list[Path],
    *,
    tasks: list["TaskName"] | None,
    splits: list[str],
    sources: str,
    count: int,
    mix: str,
    seed: int,
    kinds: tuple[str, ...],
    data: Path | None,
) -> None:
    """Draw a table for each task and split."""
    from graphophone.evaluation import table2, table2_report

    runs = table2.find_runs(folders)
    there = {run.estimator.task for run in runs}
    console.prepare()
    tables = []
    for task in tasks or [name.value for name in Task if name.value in there]:
        for split in splits:
            with console.progress(f"{task}, {split}") as progress:
                table = table2.table2(
                    task,
                    split,
                    sources,
                    count,
                    runs,
                    mix=mix,
                    seed=seed,
                    kinds=kinds,
                    data=data,
                    progress=progress,
                )
            tables.append(table)
            console.say(table2_report.text(table) + "\n")
    console.answer(tables=[table2_report.to_json(table) for table in tables])


def _fitting(console: Console, count: int, *, lines: tuple[str, ...], **options: Any) -> None:
    """Measure how well graphs are fitted where the dry recording is known."""
    from graphophone.fitting import suite, suite_report

    console.prepare()
    with console.progress("fitting") as progress:
        found = suite.evaluate_fit(count, lines=lines or suite.LINES, progress=progress, **options)
    console.say(suite_report.table(found))
    console.answer(**suite_report.to_json(found))
