"""``graphophone train``: teach a model."""

from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Json


def train(
    config: Annotated[Path, typer.Argument(help="A configuration as TOML.")],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints, logs and weights.")],
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=VALUE", help="Change a setting.")
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Start anew, not from the checkpoint.")] = False,
    as_json: Json = False,
) -> None:
    """Train a model, or go on where a run was stopped."""
    console = Console("train", as_json=as_json)
    from graphophone.training.config import load_config
    from graphophone.training.loop import train as teach

    settings = load_config(config, changes or ())
    console.prepare()
    result = teach(settings, run, resume=not fresh)
    for fault in result.left_out:
        console.note(f"note: {fault}")
    state = "finished" if result.finished else "stopped; run it again to go on"
    console.say(f"step {result.step}, {state}: {result.weights}")
    for name, figure in result.metrics.items():
        console.say(f"  {name:<24} {figure:.4f}")
    console.answer(
        step=result.step,
        finished=result.finished,
        metrics=result.metrics,
        seconds=round(result.seconds, 3),
        left_out=list(result.left_out),
        files={"weights": str(result.weights), "run": str(run)},
    )
