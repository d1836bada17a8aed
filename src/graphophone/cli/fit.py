"""``graphophone fit``: the graph that turns a dry recording into a wet one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import AnyTask, Json, named
from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.audio.files import Recording
    from graphophone.fitting.result import Fitted

FILES = {
    "graph": "graph.json",
    "drawing": "graph.svg",
    "report": "report.html",
    "fitted": "fitted.wav",
    "residual": "residual.wav",
    "state": "fit-state.json",
}
CONSOLE_STATE = "fit-state.safetensors"


def fit(
    dry: Annotated[
        list[str],
        typer.Option(help="The dry recording; NAME=FILE, again for each, where there are several."),
    ],
    wet: Annotated[Path, typer.Option(help="The wet recording of the same performance.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write to.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Time to search for, over all runs; 60 by default.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Steps to search for, over all runs.")] = None,
    seed: Annotated[int, typer.Option(help="Decides all draws.")] = 0,
    begin_with: Annotated[
        Path | None,
        typer.Option("--graph", help="A graph to begin with, instead of an estimate."),
    ] = None,
    console_: Annotated[
        bool | None,
        typer.Option(
            "--console/--search",
            help="Fit a mixing console and prune it, or search for any graph; a console by default "
            "where there are several dry recordings and no graph.",
            show_default=False,
        ),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(help="A subgroup of the console: NAME=SOURCE,SOURCE; again for each."),
    ] = None,
    task: Annotated[AnyTask, typer.Option(help="What to listen for.")] = AnyTask.auto,
    weights: Annotated[Path | None, typer.Option(help="A model of your own.")] = None,
    start: Annotated[float | None, typer.Option(help="Begin here in both, in seconds.")] = None,
    end: Annotated[float | None, typer.Option(help="End here in both, in seconds.")] = None,
    fresh: Annotated[bool, typer.Option(help="Start anew, not where a run was stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Search for the graph; Ctrl-C ends with the best so far, the same command goes on."""
    console = Console("fit", as_json=as_json)
    from graphophone.api.fitting import fit as search
    from graphophone.api.graph import load_graph
    from graphophone.audio.files import read, resample
    from graphophone.codec.json import to_json
    from graphophone.codec.prose import sentence
    from graphophone.processors import ALL_SPECS
    from graphophone.report import delivery

    paths = named(_with_names(dry))
    folder = out or Path(f"{wet.stem}-fit")
    desk = console_ if console_ is not None else len(paths) > 1 and begin_with is None
    state = {"state": CONSOLE_STATE} if desk else {}
    files = {role: folder / name for role, name in {**FILES, **state}.items()}
    given = [*paths.values(), wet, *([begin_with] if begin_with else [])]
    delivery.refuse_overwriting(list(files.values()), given)
    recordings = {name: read(path, start, end) for name, path in paths.items()}
    target = read(wet, start, end)
    notes = _said(recordings, target, paths)
    tracks = {n: resample(r.audio, r.rate, target.rate).numpy() for n, r in recordings.items()}
    graph = load_graph(begin_with) if begin_with else None
    delivery.folder(folder)
    console.prepare()
    with console.live() as tell:
        found = search(
            tracks,
            target.audio.numpy(),
            target.rate,
            seconds=seconds,
            steps=steps,
            seed=seed,
            start=graph,
            console=desk,
            groups=_groups(group or []),
            task=task.value,
            weights=weights,
            state=files["state"],
            fresh=fresh,
            watch=tell,
        )
    _write(found, target, wet.name, files, notes)
    for note in (*notes, *found.notes):
        console.note(f"note: {note}")
    _show(console, found, files)
    console.answer(
        graph=to_json(found.graph),
        sentence=found.doubt or sentence(found.graph, ALL_SPECS),
        **{**found.to_json(), "notes": [*notes, *found.notes]},
        files={role: str(path) for role, path in files.items()},
    )


def _with_names(words: list[str]) -> list[str]:
    """Call several recordings without names as their files are called."""
    bare = [word for word in words if "=" not in word or Path(word).exists()]
    if len(bare) < 2 or len(bare) < len(words):
        return words
    return [f"{Path(word).stem}={word}" for word in words]


def _groups(words: list[str]) -> dict[str, list[str]] | None:
    """Read ``drums=kick,snare``.

    Raises:
        UsageError: A word is not of that form, or a name is given twice.
    """
    found: dict[str, list[str]] = {}
    for word in words:
        name, sign, members = word.partition("=")
        if not (name and sign and members) or name in found:
            why = "given twice" if name in found else "not NAME=SOURCE,SOURCE"
            raise UsageError(f"the group {word!r} is {why}")
        found[name] = members.split(",")
    return found or None


def _said(
    dry: "Mapping[str, Recording]", wet: "Recording", paths: Mapping[str, Path]
) -> tuple[str, ...]:
    """Tell what was assumed while reading."""
    notes = [note for recording in (*dry.values(), wet) for note in recording.notes]
    notes += [
        f"{paths[name].name}: resampled from {one.rate} Hz to {wet.rate} Hz"
        for name, one in dry.items()
        if one.rate != wet.rate
    ]
    return tuple(notes)


def _write(
    found: "Fitted", wet: "Recording", title: str, files: Mapping[str, Path], notes: tuple[str, ...]
) -> None:
    import torch

    from graphophone.audio.files import write
    from graphophone.codec import json
    from graphophone.codec.drawing import svg
    from graphophone.processors import ALL_SPECS
    from graphophone.report import delivery
    from graphophone.report.fit_page import FitPage, html

    json.save(found.graph, files["graph"])
    sound, residual = torch.from_numpy(found.sound), torch.from_numpy(found.residual)
    write(files["fitted"], sound, wet.rate)
    write(files["residual"], residual, wet.rate)
    delivery.put(files["drawing"], svg(found.graph, ALL_SPECS))
    page = FitPage(
        title=title,
        graph=found.graph,
        losses=found.to_json()["losses"],
        curve=found.curve,
        sounds={"Wet": wet.audio, "Fitted": sound, "Residual": residual},
        rate=wet.rate,
        seconds=found.seconds,
        notes=(*notes, *found.notes),
        doubt=found.doubt,
    )
    delivery.put(files["report"], html(page))


def _show(console: Console, found: "Fitted", files: Mapping[str, Path]) -> None:
    from graphophone.codec.prose import sentence
    from graphophone.codec.text import describe
    from graphophone.processors import ALL_SPECS

    state = "stopped; run it again to go on" if found.stopped else "done"
    said = found.doubt or sentence(found.graph, ALL_SPECS)
    console.say(f"{said}\n\n{describe(found.graph, ALL_SPECS)}\n")
    if found.console:
        console.say(found.console.sentence())
    console.say(
        f"loss {found.bypass.mss:.4f} dry, {found.before.mss:.4f} at the start, "
        f"{found.after.mss:.4f} fitted; SI-SDR {found.after.si_sdr_db:.1f} dB; {found.steps} steps "
        f"in {found.seconds:.1f} s, {state}"
    )
    for role, path in files.items():
        console.say(f"{role:<8} {path}")
