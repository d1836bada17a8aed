"""What every command says, and where: answers on standard output, all else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from graphophone.errors import GraphophoneError, UsageError

FORMAT = 1

Progress = Callable[[int, int], None]


class Console:
    """The two streams of one command.

    Args:
        command: Its name.
        as_json: Whether to answer with one JSON document instead of text.
    """

    def __init__(self, command: str, *, as_json: bool = False) -> None:
        self.command, self.as_json = command, as_json

    def say(self, text: str) -> None:
        """Print a part of the answer for people."""
        if not self.as_json:
            typer.echo(text)

    def note(self, text: str) -> None:
        """Tell what is going on, or what was assumed."""
        typer.echo(text, err=True)

    def answer(self, **fields: Any) -> None:
        """Print the answer for programs."""
        if self.as_json:
            document = {"graphophone": FORMAT, "command": self.command, **fields}
            typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))

    @contextmanager
    def progress(self, what: str) -> Iterator[Progress]:
        """Show a progress bar where standard error is a terminal; call it with (done, all)."""
        if not sys.stderr.isatty():
            yield lambda done, total: None
            return
        from rich.console import Console as Terminal
        from rich.progress import Progress as Bar

        with Bar(console=Terminal(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    @contextmanager
    def live(self) -> Iterator[Callable[[object], None]]:
        """Keep one line up to date where standard error is a terminal; call it with what to say."""
        if not sys.stderr.isatty():
            yield lambda said: None
            return
        from rich.console import Console as Terminal

        with Terminal(stderr=True).status("listening") as line:
            yield lambda said: line.update(str(said))

    def prepare(self) -> None:
        """Say what takes so long where signal processing has not been compiled yet."""
        from graphophone.dsp.compile import KERNELS

        if next(KERNELS.rglob("*.nbi"), None) is None:
            self.note("preparing: compiling signal processing for this computer, once ...")


def explain(error: Exception) -> tuple[str, int]:
    """Return the sentence and the exit status for an error."""
    if usage := getattr(error, "format_message", None):  # Typer's own errors
        return str(usage()), int(getattr(error, "exit_code", 2))
    if isinstance(error, UsageError):
        return str(error), 2
    if isinstance(error, GraphophoneError):
        return str(error), 1
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}", 1
    if isinstance(error, MemoryError):
        return "there is not enough memory; try a part of the recording (--start, --end)", 1
    name = type(error).__name__
    return f"unexpected error, {name}: {error} (--debug shows where)", 1
