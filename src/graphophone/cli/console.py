"""What every command says, and where: answers on standard output, all else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

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

    def prepare(self) -> None:
        """Say what takes so long where signal processing has not been compiled yet."""
        from graphophone.dsp.compile import cache_folder

        if next(cache_folder().rglob("*.nbi"), None) is None:
            self.note("preparing: compiling signal processing for this computer, once ...")
