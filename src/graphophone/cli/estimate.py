"""``graphophone estimate``: wet recordings in, graphs out."""

import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphophone.cli.console import Console, explain
from graphophone.cli.options import AnyTask, Bpm, Json, named, read_take
from graphophone.errors import GraphophoneError

if TYPE_CHECKING:
    from graphophone.models.listen import Estimate

COLUMNS = ("input", "task", "sentence", "agreement", "seconds", "graph", "error")


def estimate(
    wet: Annotated[list[str], typer.Argument(help="Wet recordings, or folders of them.")],
    task: Annotated[AnyTask, typer.Option(help="What to listen for.")] = AnyTask.auto,
    on: Annotated[
        list[str] | None,
        typer.Option(metavar="TAKE", help="A take of yours to put the graph on; or NAME=STEM."),
    ] = None,
    dry: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="The dry original, for the report; or NAME=STEM."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to.")] = None,
    start: Annotated[float | None, typer.Option(help="Listen from here, in seconds.")] = None,
    end: Annotated[float | None, typer.Option(help="Listen up to here, in seconds.")] = None,
    bpm: Bpm = None,
    weights: Annotated[Path | None, typer.Option(help="A model of your own.")] = None,
    as_json: Json = False,
) -> None:
    """Write down the graph that made a recording, draw it, and put it on your own take."""
    console = Console("estimate", as_json=as_json)
    from graphophone.api.estimator import Listeners
    from graphophone.audio.files import find
    from graphophone.report import delivery

    inputs = find(wet)
    several = len(inputs) > 1 or Path(wet[0]).is_dir()
    takes = [*named(on or ()).values(), *named(dry or ()).values()]
    folders = _folders(inputs, out, several=several)
    take_path = takes[0] if on else None
    plans = [delivery.plan(folder, take_path) for folder in folders]
    written = [path for files in plans for path in files.values()]
    delivery.refuse_overwriting(written, [*inputs, *takes])
    take, original = read_take(on or ()), read_take(dry or ())
    listeners = Listeners(task.value, weights)
    console.prepare()

    results: list[dict[str, Any]] = []
    with console.progress("listening") as progress:
        for done, (path, files) in enumerate(zip(inputs, plans, strict=True)):
            progress(done, len(inputs))
            begin = time.monotonic()
            try:
                heard, recording = listeners.hear(path, start, end)
                given = delivery.deliver(
                    heard, recording, path.name, files, take=take, dry=original, bpm=bpm
                )
            except (GraphophoneError, OSError, MemoryError) as error:
                if not several and not as_json:
                    raise
                said = explain(error)[0]
                console.note(f"graphophone: {said}")
                results.append({"input": str(path), "error": said})
                continue
            for note in given.notes:
                console.note(f"note: {note}")
            seconds = round(time.monotonic() - begin, 3)
            results.append(_result(path, heard, given.files, bpm, seconds, list(given.notes)))
            _show(console, heard, results[-1])
    if several:
        _summary(console, folders[0].parent / "summary.csv", results)
    console.answer(results=results)
    if any("error" in result for result in results):
        raise typer.Exit(1)


def _folders(inputs: tuple[Path, ...], out: Path | None, *, several: bool) -> list[Path]:
    """Name a folder for each input; where there are several, inside the one that was given."""
    if not several:
        return [out or Path(f"{inputs[0].stem}-graph")]
    out, taken, folders = out or Path("graphs"), set[str](), []
    for path in inputs:
        number, name = 2, path.stem
        while name in taken:
            name, number = f"{path.stem}-{number}", number + 1
        taken.add(name)
        folders.append(out / name)
    return folders


def _result(
    path: Path,
    heard: "Estimate",
    files: dict[str, Path],
    bpm: float | None,
    seconds: float,
    notes: list[str],
) -> dict[str, Any]:
    from graphophone.codec.json import to_json
    from graphophone.codec.prose import sentence
    from graphophone.processors import SPECS

    return {
        "input": str(path),
        "graph": to_json(heard.graph),
        "sentence": heard.sentence(bpm),
        "task": heard.task,
        "confidence": heard.confidence,
        "alternatives": [
            {
                "graph": to_json(other.graph),
                "sentence": sentence(other.graph, SPECS, bpm),
                "share": round(other.share, 4),
            }
            for other in heard.alternatives
        ],
        "seconds": seconds,
        "notes": notes,
        "files": {role: str(file) for role, file in files.items()},
    }


def _show(console: Console, heard: "Estimate", result: dict[str, Any]) -> None:
    from graphophone.codec.text import describe
    from graphophone.processors import SPECS

    console.say(f"{result['input']}: {result['sentence']}\n")
    console.say(describe(heard.graph, SPECS, heard.verdict.nodes) + "\n")
    for role, file in result["files"].items():
        console.say(f"{role:<8} {file}")


def _summary(console: Console, path: Path, results: list[dict[str, Any]]) -> None:
    """Write one row a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        table.writeheader()
        for result in results:
            row = {key: result.get(key, "") for key in COLUMNS}
            row["agreement"] = result.get("confidence", {}).get("agreement", "")
            row["graph"] = result.get("files", {}).get("graph", "")
            table.writerow(row)
    console.say(f"summary  {path}")
