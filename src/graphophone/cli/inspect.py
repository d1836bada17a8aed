"""``graphophone inspect``: read a graph aloud, or look through a whole set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Bpm, Data, Json
from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.generation.reading import StoredSet
    from graphophone.generation.survey import Survey


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
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Check a graph and say what it does, or check a set and say what is in it."""
    console = Console("inspect", as_json=as_json)
    if path.is_dir():
        _inspect_set(console, path, out, samples, listen, every, card, data)
        return
    if out is not None or listen or card:
        raise UsageError(f"{path}: --out, --listen and --card are for the folder of a set")
    from graphophone.api import load_graph
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
    data: Path | None,
) -> None:
    """Look through a set; ends with status 1 where something is wrong with it.

    Raises:
        UsageError: Something shall be heard, but there is to be no page.
    """
    if listen and out is None:
        raise UsageError("--listen puts sounds on a page: say with --out where it shall be")
    from graphophone.generation.card import register, write_card
    from graphophone.generation.reading import open_set
    from graphophone.generation.survey import survey

    stored = open_set(folder, damaged="skip", thorough=True)
    with console.progress("inspecting") as progress:
        found = survey(stored, register(data), every=every, progress=progress)
    files: dict[str, str] = {}
    if card and found.statistics:
        files["card"] = str(write_card(folder, data, found=found))
    if out is not None and found.statistics:
        if listen:
            console.prepare()
        page, found = _page(stored, found, out, samples, listen, data)
        files["page"] = str(page)
    told = [f"{f.file} {f.reason}" for f in found.failures]
    if more := found.failed - len(told):
        told.append(f"and {more} more")
    verdict = f"{found.failed} found wrong" if found.failed else "nothing found wrong"
    if found.statistics:
        console.say(found.statistics.table() + "\n")
    console.say("\n".join([f"{folder}: {found.examples} sound examples, {verdict}", *told]))
    console.say("\n".join(files.values()))
    console.answer(**_answer(found), files=files)
    if found.failed:
        raise typer.Exit(1)


def _page(
    stored: "StoredSet", found: "Survey", out: Path, shown: int, listen: int, data: Path | None
) -> "tuple[Path, Survey]":
    """Write the page; a sample that is another when made again is one more failure."""
    from dataclasses import replace

    from graphophone.generation.card import card_of
    from graphophone.generation.remake import Remaker
    from graphophone.report.delivery import folder, put
    from graphophone.report.gallery import Gallery, html
    from graphophone.report.samples import Sample, choose
    from graphophone.report.samples import samples as read

    remaker = Remaker.of(stored, data) if listen else None
    chosen = choose(found, stored.recipe.count, shown)
    parts = list(read(stored, chosen, remaker, listen))
    failures = tuple(part for part in parts if not isinstance(part, Sample))
    found = replace(found, failures=found.failures + failures, failed=found.failed + len(failures))
    shows = [part for part in parts if isinstance(part, Sample)]
    page = folder(out) / "set.html"
    name = stored.folder.resolve().name
    put(page, html(Gallery(name, card_of(stored, found, data), found, shows)))
    return page, found


def _answer(found: "Survey") -> dict[str, Any]:
    """Return the fields of the JSON answer."""
    from dataclasses import asdict

    return {
        "examples": found.examples,
        "failed": found.failed,
        "failures": [asdict(failure) for failure in found.failures],
        "statistics": found.statistics.to_json() if found.statistics else None,
    }
