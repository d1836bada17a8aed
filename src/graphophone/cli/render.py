"""``graphophone render``: put dry recordings through a graph."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Json, named
from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.audio.blocks import Track
    from graphophone.graph.model import Graph
    from graphophone.render.disk import Rendered


@dataclass(frozen=True)
class Job:
    """What is to be rendered, and how."""

    graph: "Graph"
    paths: Mapping[str, Path]
    title: str
    out: Path
    rate: int | None
    as_is: bool


def render(
    graph: Annotated[Path, typer.Argument(help="A graph as JSON.")],
    inputs: Annotated[
        list[str], typer.Argument(help="A dry recording; NAME=FILE for each input of the graph.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The wet recording to write.")],
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Let recordings enter at the level they have.")
    ] = False,
    rate: Annotated[
        int | None, typer.Option(metavar="HZ", help="Resample, and render at this rate.")
    ] = None,
    amount: Annotated[
        list[str] | None,
        typer.Option(help="How much of the graph, from 0 to 1; NODE=SHARE for one node of it."),
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Keep long recordings on disk, not in memory.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a graph on recordings, up to the end of its tail."""
    console = Console("render", as_json=as_json)
    from graphophone.api.graph import load_graph
    from graphophone.audio.files import RATES
    from graphophone.report import delivery

    if rate is not None and not RATES[0] <= rate <= RATES[1]:
        raise UsageError(f"--rate must be {RATES[0]} to {RATES[1]} Hz, got {rate}")
    paths = named(inputs)
    delivery.refuse_overwriting([out], [graph, *paths.values()])
    patch = turned(load_graph(graph), amount or ())
    job = Job(patch, paths, Path(inputs[0]).name, out, rate, as_is)
    done, rate = _in_blocks(job, console) if stream else _at_once(job, console)
    for note in done.notes:
        console.note(f"note: {note}")
    seconds = done.samples / rate
    console.say(f"{out}: {seconds:.2f} s at {rate} Hz")
    console.answer(
        graph=str(graph),
        files={"wet": str(out)},
        sample_rate=rate,
        seconds=round(seconds, 3),
        level_db=None if done.level_db is None else round(done.level_db, 2),
        notes=list(done.notes),
    )


def turned(graph: "Graph", words: Iterable[str]) -> "Graph":
    """Turn a graph, or nodes of it by their ids, up or down.

    Raises:
        UsageError: A word is no share, or there is no such node.
    """
    from graphophone.fitting.amount import with_amount

    for word in words:
        name, sign, share = word.rpartition("=")
        try:
            value = float(share)
        except ValueError:
            raise UsageError(f"--amount must be a share or NODE=SHARE, got {word!r}") from None
        if not sign:
            graph = with_amount(graph, value)
            continue
        places = [i for i, node in enumerate(graph.nodes) if node.id == name]
        if not places:
            names = ", ".join(node.id for node in graph.nodes)
            raise UsageError(f"--amount: the graph has no node {name!r} (it has {names})")
        graph = with_amount(graph, value, places)
    return graph


def _at_once(job: Job, console: Console) -> "tuple[Rendered, int]":
    """Render with everything in memory; return what was done, and at which rate."""
    from graphophone.audio.files import read, write
    from graphophone.audio.level import active_power, active_rms_db
    from graphophone.render.disk import Rendered
    from graphophone.report import delivery
    from graphophone.report.wear import stems, wear

    recordings = {name: read(path) for name, path in job.paths.items()}
    take = stems({n: (r.audio, r.rate) for n, r in recordings.items()}, job.title, job.rate)
    console.prepare()
    wet, notes = wear(job.graph, take, as_is=job.as_is)
    delivery.folder(job.out.parent)
    write(job.out, wet, take.rate)
    heard = bool(active_power(wet, take.rate) > 0)
    level = float(active_rms_db(wet, take.rate)) if heard else None
    assumed = [note for recording in recordings.values() for note in recording.notes]
    rates = {name: recording.rate for name, recording in recordings.items()}
    said = (*assumed, *_resampled(job, rates, take.rate), *notes)
    return Rendered(wet.shape[1], level, said), take.rate


def _in_blocks(job: Job, console: Console) -> "tuple[Rendered, int]":
    """Render block by block; return what was done, and at which rate."""
    from graphophone.audio.blocks import check_output, track
    from graphophone.render.disk import Rendered, measure, render_to_file
    from graphophone.report import delivery
    from graphophone.report.wear import bus, sources

    with ExitStack() as stack:
        tracks = {name: stack.enter_context(track(path)) for name, path in job.paths.items()}
        rate = job.rate or next(iter(tracks.values())).rate
        check_output(job.out, rate)
        console.prepare()
        notes = _rehearse(job, tracks)
        said = [note for each in tracks.values() for note in each.notes]
        said += [*_resampled(job, {name: t.rate for name, t in tracks.items()}, rate), *notes]
        graph = job.graph
        if "" in tracks:
            graph = bus(graph) if len(sources(graph)) > 1 else graph
            tracks = dict(zip(sources(graph), tracks.values(), strict=True))
        entry = measure(graph, tracks, rate, console.progress, as_is=job.as_is)
        delivery.folder(job.out.parent)
        done = render_to_file(graph, entry, job.out, console.progress)
        return Rendered(done.samples, done.level_db, (*said, *done.notes)), rate


def _rehearse(job: Job, tracks: "Mapping[str, Track]") -> tuple[str, ...]:
    """Wear the graph on a moment of silence; return what has to be assumed.

    Recordings that do not fit the graph are refused before any of them is read for minutes, and
    in the same words as without blocks.
    """
    import torch

    from graphophone.audio.files import RATES
    from graphophone.report.wear import Take, wear

    silence = dict.fromkeys(tracks, torch.zeros(2, 1))
    return wear(job.graph, Take(silence, RATES[0], job.title), as_is=True)[1]


def _resampled(job: Job, rates: Mapping[str, int], rate: int) -> list[str]:
    """Say which recordings were not at the rate of the output."""
    return [
        f"{job.paths[name].name}: resampled from {before} Hz to {rate} Hz"
        for name, before in rates.items()
        if before != rate
    ]
