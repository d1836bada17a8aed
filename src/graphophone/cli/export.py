"""``graphophone export``: a graph for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Json, named

if TYPE_CHECKING:
    from graphophone.export.delivery import Recordings


def export(
    graph: Annotated[Path, typer.Argument(help="A graph as JSON.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="TARGET",
            help="faust, lv2, reaper, pedalboard; svg, png, dot, mermaid.",
        ),
    ],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="[NAME=]TRACK",
            help="A dry recording on which levels are measured, NAME=TRACK for each input of the "
            "graph; the built-in voice or kit without any.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="What to write; beside the graph if not given."),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="How to write it; pedalboard: editable (its own classes) or exact; reaper: "
            "editable (its own modulation) or exact."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing unless all of the graph is carried.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write a graph for another program."""
    console = Console("export", as_json=as_json)
    from graphophone.export.target import find

    target = find(to)
    target.mode(mode)  # before anything is read
    from graphophone.api.graph import load_graph
    from graphophone.export import delivery
    from graphophone.export.fidelity import GRADES
    from graphophone.report.delivery import refuse_overwriting

    out = out or graph.with_suffix(target.suffix)
    paths = named(inputs or ())
    refuse_overwriting([out], [graph, *paths.values()])
    delivery.refuse_replacing([out], force=force, folder=target.folder)
    patch = load_graph(graph)
    if target.sounds:
        console.prepare()
    given = _recordings(paths, console) if paths and target.sounds else None
    made = delivery.delivered(to, patch, out, given, mode=mode, strict=strict, force=force)
    files = tuple(delivery.paths(made, out))
    for path in files:
        console.say(str(path))
    for part in made.fidelity.lost:
        console.note(f"{part.grade}: {part}")
    console.answer(
        graph=str(graph),
        to=target.name,
        files=[str(path) for path in files],
        **{grade: [str(part) for part in made.fidelity.graded(grade)] for grade in GRADES},
    )


def _recordings(paths: dict[str, Path], console: Console) -> "Recordings":
    """Read the recordings, at the rate of the first."""
    from graphophone.audio.files import read, resample
    from graphophone.export.delivery import Recordings

    read_in = {name: read(path) for name, path in paths.items()}
    for recording in read_in.values():
        for note in recording.notes:
            console.note(f"note: {note}")
    rate = next(iter(read_in.values())).rate
    tracks = {name: resample(r.audio, r.rate, rate) for name, r in read_in.items()}
    return Recordings(tracks, rate, ", ".join(path.name for path in paths.values()))
