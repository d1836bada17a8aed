"""``graphophone render``: put dry recordings through a graph."""

from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Json, named


def render(
    graph: Annotated[Path, typer.Argument(help="A graph as JSON.")],
    inputs: Annotated[
        list[str], typer.Argument(help="A dry recording; NAME=FILE for each input of the graph.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The wet recording to write.")],
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Let recordings enter at the level they have.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a graph on recordings, up to the end of its tail."""
    console = Console("render", as_json=as_json)
    from graphophone.api import load_graph
    from graphophone.audio.files import read, write
    from graphophone.audio.level import active_rms_db
    from graphophone.report import delivery
    from graphophone.report.wear import stems, wear

    paths = named(inputs)
    delivery.refuse_overwriting([out], [graph, *paths.values()])
    patch = load_graph(graph)
    recordings = {name: read(path) for name, path in paths.items()}
    take = stems({n: (r.audio, r.rate) for n, r in recordings.items()}, Path(inputs[0]).name)
    console.prepare()
    wet, notes = wear(patch, take, as_is=as_is)
    delivery.folder(out.parent)
    write(out, wet, take.rate)
    said = [note for recording in recordings.values() for note in recording.notes] + list(notes)
    for note in said:
        console.note(f"note: {note}")
    seconds = wet.shape[1] / take.rate
    console.say(f"{out}: {seconds:.2f} s at {take.rate} Hz")
    console.answer(
        graph=str(graph),
        files={"wet": str(out)},
        sample_rate=take.rate,
        seconds=round(seconds, 3),
        level_db=round(float(active_rms_db(wet, take.rate)), 2) if bool(wet.any()) else None,
        notes=said,
    )
