"""The command ``graphophone``: its commands, and how they fail.

A deliberate error is one sentence on standard error. Wrong usage exits with 2, anything else
that fails with 1, an interruption with 130; ``--debug`` adds the traceback.
"""

import sys
import traceback
from collections.abc import Sequence

import typer

from graphophone.cli.bench import bench
from graphophone.cli.console import explain
from graphophone.cli.demo import demo
from graphophone.cli.estimate import estimate
from graphophone.cli.evaluate import evaluate
from graphophone.cli.export import export
from graphophone.cli.fit import fit
from graphophone.cli.generate import generate
from graphophone.cli.inspect import inspect
from graphophone.cli.listening import listening
from graphophone.cli.processors import processors
from graphophone.cli.render import render
from graphophone.cli.studio import studio
from graphophone.cli.train import train

app = typer.Typer(
    name="graphophone",
    help="Hear a sound, get its patch. Everything runs on this computer, nothing is uploaded.",
    epilog="--debug shows the traceback of an error.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    estimate,
    fit,
    render,
    studio,
    export,
    processors,
    demo,
    generate,
    inspect,
    train,
    evaluate,
    bench,
)
for function in COMMANDS:
    app.command()(function)
app.add_typer(listening)


INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells give it: 128 and the number of the signal."""
GOES_ON = {
    "generate": "; the same command goes on where it was",
    "train": "; the same command goes on from the last checkpoint",
    "evaluate": "; a suite with --out goes on where it was",
}
"""What becomes of work that was stopped."""


@app.callback(invoke_without_command=True)
def graphophone(
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Hear a sound, get its patch. Everything runs on this computer, nothing is uploaded."""
    if version:
        from graphophone import __version__

        typer.echo(f"graphophone {__version__}")
        raise typer.Exit


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    words = [word for word in arguments if word != "--debug"] or ["--help"]
    try:
        status = int(app(words, standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one place where everything ends up
        if "--debug" in arguments:
            traceback.print_exc()
        return _fail(*explain(error))
    if status == INTERRUPTED:  # Typer, too, makes this status of a Ctrl-C, and says nothing
        return _fail(f"stopped{GOES_ON.get(words[0], '')}", status)
    return status


def _fail(sentence: str, status: int) -> int:
    """Say why, in one line."""
    line = " ".join(sentence.split())
    if line:
        typer.echo(f"graphophone: {line}", err=True)
    return status


def run() -> None:
    """Entry point of the console script."""
    sys.exit(main(sys.argv[1:]))
