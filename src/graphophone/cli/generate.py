"""``graphophone generate``: sets of graphs with their sound, from a seed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import (
    AllowTier,
    Data,
    Json,
    Mix,
    Sources,
    Split,
    Strict,
    Task,
    Workers,
)


class Engine(StrEnum):
    """Who shares the work out."""

    local = "local"
    ray = "ray"


class Store(StrEnum):
    """What is kept of an example."""

    graphs = "graphs"
    features = "features"
    dry = "dry"
    stems = "stems"
    audio = "audio"


def generate(
    task: Annotated[Task, typer.Option(help="A voice or a drum mix.")],
    count: Annotated[int, typer.Option(min=1, help="Number of examples.")],
    out: Annotated[Path, typer.Option(help="Folder of the set; a stopped run goes on there.")],
    seed: Annotated[int, typer.Option(help="Seed of the set.")] = 0,
    mix: Mix = "wide",
    sources: Annotated[Sources, typer.Option(help="Dry audio.")] = Sources.procedural,
    split: Annotated[Split, typer.Option(help="Which voices and kits.")] = Split.train,
    workers: Workers = None,
    engine: Annotated[
        Engine, typer.Option(help="Processes here, or a Ray cluster (RAY_ADDRESS).")
    ] = Engine.local,
    store: Annotated[Store, typer.Option(help="What to keep.")] = Store.features,
    repair: Annotated[bool, typer.Option(help="Make damaged archives of the set again.")] = False,
    copies: Annotated[
        float, typer.Option(min=0, max=1, help="Share of examples that are spoiled copies.")
    ] = 0.0,
    equalised: Annotated[
        bool, typer.Option("--equalised", help="Give drums the mean spectra of the training kits.")
    ] = False,
    audible: Annotated[
        bool,
        typer.Option(
            "--audible", help="Render every graph without each node; redraw those not missed."
        ),
    ] = False,
    data: Data = None,
    allow_tier: AllowTier = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Make a set of random but musical graphs with the sound that each makes."""
    console = Console("generate", as_json=as_json)
    from graphophone.generation.card import write_card
    from graphophone.generation.dataset import generate as make
    from graphophone.generation.disk import size
    from graphophone.generation.mix import name_and_text
    from graphophone.generation.recipe import Recipe

    name, text = name_and_text(mix)
    recipe = Recipe(
        task=task.value,
        mix=name,
        mix_text=text,
        count=count,
        seed=seed,
        sources=sources.value,
        split=split.value,
        copies=copies,
        allow_tiers=tuple(allow_tier or ()),
        equalised=equalised,
        audible=audible,
    )
    console.prepare()
    with _bar() as progress:
        made = make(
            recipe,
            out,
            store=store.value,
            workers=workers,
            engine=engine.value,
            data=data,
            strict=strict,
            repair=repair,
            note=lambda said: console.note(f"note: {said}"),
            progress=progress,
        )
    card = out / "card.md"
    if made.made or not card.exists():
        with console.progress("writing the card") as counted:
            card = write_card(out, data, workers=workers, progress=counted)
    rate = made.made / max(made.seconds, 1e-9)
    for fault in made.repaired:
        console.note(f"{fault}: made again")
    console.say(
        f"{out}: {made.items} examples, {rate:.1f} a second, {made.ghost_redraws} redrawn, "
        f"{size(made.bytes)}\n{made.ghosts}\n{made.checksum}"
    )
    console.answer(
        items=made.items,
        items_per_second=round(rate, 3),
        ghost_redraws=made.ghost_redraws,
        checksum=made.checksum,
        made=made.made,
        seconds=round(made.seconds, 3),
        bytes=made.bytes,
        repaired=[{"file": fault.file, "reason": fault.reason} for fault in made.repaired],
        recordings=made.recordings,
        ghosts=made.ghosts.to_json(),
        files={"folder": str(out), "card": str(card)},
    )


@contextmanager
def _bar() -> Iterator[Callable[[int, int, int], None] | None]:
    """Show examples a second, time left and disk used where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console as Terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    from graphophone.generation.disk import size

    columns = (
        TextColumn("generating"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeLeft(),
        TextColumn("{task.fields[disk]}"),
    )
    with Progress(*columns, console=Terminal(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, pace="", disk="")

        def show(done: int, total: int, taken: int) -> None:
            bar.update(task, completed=done, total=total, disk=size(taken))
            if speed := bar.tasks[0].speed:
                bar.update(task, pace=f"{speed:.1f} a second")
            bar.refresh()  # some examples at a time: short runs would else end before a redraw

        yield show
