"""``graphophone bench``: how fast and how right, beside other software, in one run."""

import json
from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import FORMAT, Console
from graphophone.cli.options import Json


def bench(
    case: Annotated[
        list[str] | None,
        typer.Option(help="A case or a pattern, such as processor:*; all if none."),
    ] = None,
    clips: Annotated[
        int | None, typer.Option(min=1, help="Clips in a batch, and number of random graphs.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.01, help="Length of the clips.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads for each tool.")] = 1,
    out: Annotated[Path | None, typer.Option(help="File to write the JSON document to.")] = None,
    as_json: Json = False,
) -> None:
    """Time the same work in Graphophone and in others, with the error beside the speed."""
    console = Console("bench", as_json=as_json)
    from graphophone.benchmark import cases, machine, measure, report
    from graphophone.benchmark.peers import PEERS

    wanted = cases.chosen(case or ())
    console.prepare()
    measure.use_threads(threads)
    surroundings = machine.described(PEERS, threads)
    scale, patience, rows = cases.Scale(clips, seconds), measure.Patience(), []
    with console.progress("measuring") as progress:
        for done, one in enumerate(wanted):
            progress(done, len(wanted))
            rows += measure.measured(one, PEERS, scale, patience)
    console.say(report.table(rows, surroundings))
    answer = report.to_json(rows, surroundings)
    if out is not None:
        document = {"graphophone": FORMAT, "command": "bench", **answer}
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
        out.write_text(text + "\n", encoding="utf-8")
    console.answer(**answer)
