"""``graphophone inspect``: read a graph aloud."""

from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Bpm, Json


def inspect(
    graph: Annotated[Path, typer.Argument(help="A graph as JSON.")],
    bpm: Bpm = None,
    as_json: Json = False,
) -> None:
    """Check a graph file and say what it does."""
    console = Console("inspect", as_json=as_json)
    from graphophone.api import load_graph
    from graphophone.codec.json import to_json
    from graphophone.codec.text import describe
    from graphophone.processors import ALL_SPECS

    patch = load_graph(graph)
    console.say(f"{patch.sentence(bpm)}\n\n{describe(patch, ALL_SPECS)}")
    console.answer(graph=to_json(patch), sentence=patch.sentence(bpm))
