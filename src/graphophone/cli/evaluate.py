"""``graphophone evaluate``: measure a model on voices and kits it has never heard."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Data, Json, Mix, Sources, Task
from graphophone.errors import UsageError


class Held(StrEnum):
    """Which voices and kits to measure on."""

    seen = "seen"
    unseen = "unseen"


class Suite(StrEnum):
    """What is measured beside estimates."""

    fit = "fit"


def evaluate(
    count: Annotated[int, typer.Option(min=1, help="Number of examples.")],
    task: Annotated[Task | None, typer.Option(help="Which model.")] = None,
    suite: Annotated[
        Suite | None, typer.Option(help="Measure fitting instead: fit graphs to known problems.")
    ] = None,
    split: Annotated[Held, typer.Option(help="Voices and kits.")] = Held.unseen,
    sources: Annotated[Sources, typer.Option(help="Dry audio.")] = Sources.real,
    mix: Mix = "wide",
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
    seconds: Annotated[
        list[float] | None, typer.Option(help="Limits of the suite fit; 10 and 60 by default.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(help="Lines of the suite fit: singing, chains, pedalboard, sox; all if none."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print all metrics beside row 2, the trivial baselines and the paper."""
    console = Console("evaluate", as_json=as_json)
    if suite is not None:
        _fitting(
            console,
            count,
            seconds=tuple(seconds or (10.0, 60.0)),
            lines=tuple(line or ()),
            sources=sources.value,
            mix=mix,
            seed=seed,
            weights=weights,
            data=data,
        )
        return
    if task is None:
        raise UsageError("--task is needed: singing or drums (or --suite fit)")
    from graphophone.evaluation import report, suites

    console.prepare()
    with console.progress("evaluating") as progress:
        result = suites.evaluate(
            task.value,
            split.value,
            sources.value,
            count,
            mix=mix,
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


def _fitting(console: Console, count: int, *, lines: tuple[str, ...], **options: Any) -> None:
    """Measure how well graphs are fitted where the dry recording is known."""
    from graphophone.fitting import suite, suite_report

    console.prepare()
    with console.progress("fitting") as progress:
        found = suite.evaluate_fit(count, lines=lines or suite.LINES, progress=progress, **options)
    console.say(suite_report.table(found))
    console.answer(**suite_report.to_json(found))
