"""``graphophone listening-test``: make a test, let people take it, say what they heard."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Data, Held, Json, Sources, Task
from graphophone.errors import UsageError

listening = typer.Typer(
    name="listening-test",
    help="Listening tests after ITU-R BS.1534-3 (MUSHRA).",
    no_args_is_help=True,
)


@listening.callback()
def listening_test() -> None:
    """Listening tests after ITU-R BS.1534-3 (MUSHRA)."""


RUNS = Path("runs/table2")
MANY = 15
"""Pages that one sitting of half an hour holds."""


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


@listening.command()
def serve(
    test: Annotated[Path, typer.Argument(help="The test: one YAML or JSON file.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for results; `results` beside the test by default.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port; by default the first free one.")
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Serve a test on this computer: listeners take it one after the other."""
    console = Console("listening-test serve")
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise UsageError(
            "a listening test needs more: pip install 'graphophone[listening]'"
        ) from None
    from graphophone.listening.serve import prepared
    from graphophone.listening.serve import serve as served

    with console.progress("checking pages") as progress:
        pages, sittings = prepared(test, out, progress)
    count = len(pages.plan.trials)
    if count > MANY:
        console.note(
            f"note: {count} pages are more than the 10 to {MANY} of one sitting; "
            "listeners may stop after any page and go on later with the same code"
        )

    def announce(address: str) -> None:
        console.say(f"Listening test: {address}\nResults: {sittings.results}")
        if open_page:
            typer.launch(address)

    served(pages, sittings, port=port, announce=announce)


@listening.command()
def build(
    out: Annotated[Path, typer.Option(help="Folder for the tests, one each below it.")],
    runs: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a trained row, or of several; runs/table2 by default."),
    ] = None,
    task: Annotated[
        Task | None, typer.Option(help="One task; by default all that have runs.")
    ] = None,
    split: Annotated[Held | None, typer.Option(help="Voices and kits; both by default.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Pages of a test.")] = 12,
    training: Annotated[int, typer.Option(min=0, help="Pages to learn on.")] = 1,
    count: Annotated[
        int, typer.Option(min=1, help="Examples of the evaluation's set to draw from.")
    ] = 300,
    sources: Annotated[Sources, typer.Option(help="Dry audio.")] = Sources.real,
    mix: Annotated[
        str, typer.Option(metavar="NAME|FILE.toml", help="Kind of graphs, as in evaluate.")
    ] = "paper",
    seed: Annotated[int, typer.Option(min=0, help="Of the set, and of what is drawn.")] = 0,
    as_rendered: Annotated[
        bool, typer.Option("--as-rendered", help="Keep levels instead of matching loudness.")
    ] = False,
    weights: Annotated[
        list[Path] | None, typer.Option(help="What is called ours, again for each task.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make the paper's test from trained rows of Table 2: a test for each task and split."""
    from graphophone.evaluation.table2 import find_runs
    from graphophone.listening import paper
    from graphophone.models.estimator import Estimator

    console = Console("listening-test build", as_json=as_json)
    found = find_runs(runs or [RUNS])
    ours = {one.task: one for one in map(Estimator.load, weights or [])}
    there = {run.estimator.task for run in found}
    console.prepare()
    built = []
    for name in [task] if task else [one for one in Task if one.value in there]:
        mine = ours.get(name.value) or Estimator.pretrained(name.value)
        for held in [split] if split else list(Held):
            choice = paper.Choice(
                name.value,
                held.value,
                sources=sources.value,
                mix=mix,
                count=count,
                trials=trials,
                training=training,
                seed=seed,
                match=not as_rendered,
            )
            place = out / f"{name.value}-{held.value}"
            with console.progress(f"{name.value}, {held.value}") as progress:
                made = paper.build(place, choice, found, ours=mine, data=data, progress=progress)
            built.append(made)
            console.say(
                f"{made.file}: {trials} pages and {training} to learn on, "
                f"of {', '.join(made.conditions)}"
            )
            if made.missing:
                console.note(f"note: there is no run of {name.value} for {', '.join(made.missing)}")
            for index, silent in made.silent.items():
                console.note(f"note: example {index} is left out, its {silent} is silent")
    console.say(f"\ngraphophone listening-test serve {built[0].file}")
    console.answer(tests=[made.to_json() for made in built])
