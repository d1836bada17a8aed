"""``graphophone listening-test``: what people heard, with the right statistics."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Json

listening = typer.Typer(
    name="listening-test",
    help="Listening tests after ITU-R BS.1534-3 (MUSHRA).",
    no_args_is_help=True,
)


@listening.callback()
def listening_test() -> None:
    """Listening tests after ITU-R BS.1534-3 (MUSHRA)."""


class Of(StrEnum):
    """What an interval is of."""

    mean = "mean"
    median = "median"


@listening.command()
def analyse(
    results: Annotated[Path, typer.Argument(help="Ratings as CSV in the columns of webMUSHRA.")],
    out: Annotated[Path | None, typer.Option(help="Folder for tables and box plots.")] = None,
    of: Annotated[Of, typer.Option(help="What the 95 % intervals are of.")] = Of.mean,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: Json = False,
) -> None:
    """Screen the listeners, and say which conditions they told apart."""
    from graphophone.listening.analysis import analyse as analysed
    from graphophone.listening.ratings import read
    from graphophone.listening.wording import describe

    console = Console("listening-test analyse", as_json=as_json)
    found = analysed(read(results), str(results), of=of.value, seed=seed)
    told = describe(found)
    files: dict[str, str] = {}
    if out is not None:
        from graphophone.listening.boxplot import boxplot
        from graphophone.report.delivery import folder, put, refuse_overwriting

        pictures = {"all": found.everybody, "screened": found.screened}
        texts = {
            f"scores_{name}": (f"scores-{name}.svg", boxplot(group, found.centre))
            for name, group in pictures.items()
            if group is not None
        }
        texts["report"] = ("analysis.md", told + "\n")
        place = folder(out)
        refuse_overwriting([place / file for file, _ in texts.values()], [results])
        for role, (file, text) in texts.items():
            put(place / file, text)
            files[role] = str(place / file)
    console.say("\n".join([told, *(f"\n{path}" for path in files.values())]))
    console.answer(**found.to_json(), files=files)
