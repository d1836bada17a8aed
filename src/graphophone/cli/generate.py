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
    mix: Annotated[Mix, typer.Option(help="Sizes of the graphs.")] = Mix.wide,
    sources: Annotated[Sources, typer.Option(help="Dry audio.")] = Sources.procedural,
    split: Annotated[Split, typer.Option(help="Which voices and kits.")] = Split.train,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    engine: Annotated[Engine, typer.Option(help="Who shares the work out.")] = Engine.local,
    store: Annotated[Store, typer.Option(help="What to keep.")] = Store.features,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a set of random but musical graphs with the sound that each makes."""
    console = Console("generate", as_json=as_json)
    from graphophone.generation.card import write_card
    from graphophone.generation.dataset import Recipe
    from graphophone.generation.dataset import generate as make

    recipe = Recipe(
        task=task.value,
        mix=mix.value,
        count=count,
        seed=seed,
        sources=sources.value,
        split=split.value,
    )
    console.prepare()
    with console.progress("generating") as progress:
        made = make(recipe, out, store=store.value, workers=workers, data=data, progress=progress)
    card = out / "card.md"
    if made.made or not card.exists():
        with console.progress("writing the card") as progress:
            card = write_card(out, data, progress=progress)
    rate = made.made / max(made.seconds, 1e-9)
    console.say(
        f"{out}: {made.items} examples, {rate:.1f} a second, {made.ghost_redraws} redrawn\n"
        f"{made.checksum}"
    )
    console.answer(
        items=made.items,
        items_per_second=round(rate, 3),
        ghost_redraws=made.ghost_redraws,
        checksum=made.checksum,
        files={"folder": str(out), "card": str(card)},
    )
