"""``graphophone evaluate``: measure a model on voices and kits it has never heard."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Data, Json, Mix, Sources, Task


class Held(StrEnum):
    """Which voices and kits to measure on."""

    seen = "seen"
    unseen = "unseen"


def evaluate(
    task: Annotated[Task, typer.Option(help="Which model.")],
    count: Annotated[int, typer.Option(min=1, help="Number of examples.")],
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
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print all metrics beside row 2, the trivial baselines and the paper."""
    console = Console("evaluate", as_json=as_json)
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
