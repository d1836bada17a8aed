"""``graphophone generate``: sets of graphs with their sound, from a seed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Data, Json, Mix, Sources, Split, Task


class Engine(StrEnum):
    """Who shares the work out."""

    local = "local"


class Store(StrEnum):
    """What is kept of an example."""

    graphs = "graphs"
    features = "features"
    audio = "audio"


def generate(
    task: Annotated[Task, typer.Option(help="A voice or a drum mix.")],
    count: Annotated[int, typer.Option(min=1, help="Number of examples.")],
    out: Annotated[Path, typer.Option(help="Folder of the set; a stopped run goes on there.")],
    seed: Annotated[int, typer.Option(help="Seed of the set.")] = 0,
    mix: Mix = "wide",
    sources: Annotated[Sources, typer.Option(help="Dry audio.")] = Sources.procedural,
    split: Annotated[Split, typer.Option(help="Which voices and kits.")] = Split.train,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    engine: Annotated[Engine, typer.Option(help="Who shares the work out.")] = Engine.local,
    store: Annotated[Store, typer.Option(help="What to keep.")] = Store.features,
    copies: Annotated[
        float, typer.Option(min=0, max=1, help="Share of examples that are spoiled copies.")
    ] = 0.0,
    audible: Annotated[
        bool, typer.Option(help="Render every graph without each node; redraw those not missed.")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a set of random but musical graphs with the sound that each makes."""
    console = Console("generate", as_json=as_json)
    from graphophone.generation.dataset import Recipe
    from graphophone.generation.dataset import generate as make
    from graphophone.generation.mix import name_and_text

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
        audible=audible,
    )
    console.prepare()
    with console.progress("generating") as progress:
        made = make(recipe, out, store=store.value, workers=workers, data=data, progress=progress)
    rate = made.made / max(made.seconds, 1e-9)
    console.say(
        f"{out}: {made.items} examples, {rate:.1f} a second, {made.ghost_redraws} redrawn\n"
        f"{made.ghosts}\n"
        f"{made.checksum}"
    )
    console.answer(
        items=made.items,
        items_per_second=round(rate, 3),
        ghost_redraws=made.ghost_redraws,
        checksum=made.checksum,
        ghosts=made.ghosts.to_json(),
        files={"folder": str(out)},
    )
