"""``graphophone inspect``: read a graph aloud, or look through a whole set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphophone import __version__
from graphophone.cli.console import Console
from graphophone.cli.options import Bpm, Data, Json, Workers
from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.generation.inspection import Inspection
    from graphophone.generation.reading import StoredSet
    from graphophone.generation.remake import Remaker
    from graphophone.report.samples import Sample


def inspect(
    path: Annotated[Path, typer.Argument(help="A graph as JSON, or the folder of a set.")],
    bpm: Bpm = None,
    out: Annotated[
        Path | None, typer.Option(help="Of a set: folder for a page with sample graphs.")
    ] = None,
    samples: Annotated[
        int, typer.Option(min=0, max=200, help="Of a set: examples on the page.")
    ] = 8,
    listen: Annotated[
        int, typer.Option(min=0, help="Of a set: how many to make again to be heard.")
    ] = 0,
    every: Annotated[
        int, typer.Option(min=1, help="Of a set: decode features and sound of every so many.")
    ] = 1,
    card: Annotated[
        bool, typer.Option("--card", help="Of a set: write its data card into its folder.")
    ] = False,
    workers: Workers = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Check a graph and say what it does, or check a set and say what is in it."""
    console = Console("inspect", as_json=as_json)
    if path.is_dir():
        _inspect_set(console, path, out, samples, listen, every, card, workers, data)
        return
    if out is not None or listen or card:
        raise UsageError(f"{path}: --out, --listen and --card are for the folder of a set")
    from graphophone.api.graph import load_graph
    from graphophone.codec.json import to_json
    from graphophone.codec.text import describe
    from graphophone.processors import ALL_SPECS

    patch = load_graph(path)
    console.say(f"{patch.sentence(bpm)}\n\n{describe(patch, ALL_SPECS)}")
    console.answer(graph=to_json(patch), sentence=patch.sentence(bpm))


def _inspect_set(
    console: Console,
    folder: Path,
    out: Path | None,
    samples: int,
    listen: int,
    every: int,
    card: bool,
    workers: int | None,
    data: Path | None,
) -> None:
    """Look through a set; ends with status 1 where something is wrong with it.

    Raises:
        UsageError: Something shall be heard, but there is to be no page.
    """
    if listen and out is None:
        raise UsageError("--listen puts sounds on a page: say with --out where it shall be")
    from graphophone.generation.card import card_of, register, save_card
    from graphophone.generation.inspection import inspect_set
    from graphophone.generation.reading import open_set
    from graphophone.generation.remake import Remaker
    from graphophone.generation.scales import kept, measured

    stored = open_set(folder, damaged="skip", thorough=True)
    if (version := stored.manifest["version"]) != __version__:
        console.note(f"note: {folder} was made by version {version}, this is {__version__}")
    remaker = Remaker.of(stored, data) if listen else None
    with console.progress("inspecting") as progress:
        found = inspect_set(
            stored, register(data, stored.recipe.task), every=every, progress=progress
        )
    files: dict[str, str] = {}
    if found.statistics and (card or out is not None):
        console.prepare()
        shown, found = _samples(stored, found, remaker, samples if out else 0, listen, workers)
        scales = measured(stored, data, workers) if card else kept(stored)
        plain = card_of(stored, found, scales)
        if card:
            files["card"] = str(save_card(folder, plain))
        if out is not None:
            files |= _page(folder, plain, found, shown, out)
    told = [str(failure) for failure in found.failures]
    if more := found.failed - len(told):
        told.append(f"and {more} more")
    verdict = f"{found.failed} found wrong" if found.failed else "nothing found wrong"
    if found.statistics:
        console.say(found.statistics.table() + "\n")
    told = [f"{folder}: {found.examples} sound examples, {verdict}", *told, *files.values()]
    console.say("\n".join(told))
    console.answer(**_answer(found), files=files)
    if found.failed:
        raise typer.Exit(1)


def _samples(
    stored: "StoredSet",
    found: "Inspection",
    remaker: "Remaker | None",
    shown: int,
    listen: int,
    workers: int | None,
) -> "tuple[list[Sample], Inspection]":
    """Read samples; one that is another when it is made again is one more failure."""
    from dataclasses import replace

    from graphophone.report.samples import Sample, choose, samples

    chosen = choose(found, stored.recipe.count, shown)
    parts = list(samples(stored, chosen, remaker, listen, workers))
    more = tuple(part for part in parts if not isinstance(part, Sample))
    found = replace(found, failures=found.failures + more, failed=found.failed + len(more))
    return [part for part in parts if isinstance(part, Sample)], found


def _page(
    folder: Path, card: dict[str, Any], found: "Inspection", shown: "list[Sample]", out: Path
) -> dict[str, str]:
    """Write the page of a set, and its figure by itself."""
    from graphophone.report.delivery import folder as made
    from graphophone.report.delivery import put
    from graphophone.report.gallery import Gallery, html, picture

    page, drawing = made(out) / "set.html", out / "statistics.svg"
    put(page, html(Gallery(folder.resolve().name, card, found, shown)))
    if found.statistics:
        put(drawing, picture(card, found.statistics))
    return {"page": str(page), "figure": str(drawing)}


def _answer(found: "Inspection") -> dict[str, Any]:
    """Return the fields of the JSON answer."""
    from dataclasses import asdict

    return {
        "examples": found.examples,
        "failed": found.failed,
        "failures": [asdict(failure) for failure in found.failures],
        "statistics": found.statistics.to_json() if found.statistics else None,
    }
