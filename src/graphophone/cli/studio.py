"""``graphophone studio``: a local page to see graphs, hear them and decide."""

from pathlib import Path
from typing import Annotated

import typer

from graphophone.cli.console import Console
from graphophone.errors import UsageError


def studio(
    work: Annotated[
        Path | None, typer.Argument(help="A graph, or a session that was saved, to begin with.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port; by default the first free one.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to serve; others than this computer's own are a risk.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Name under which others call this computer, again for each."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where work is kept; the user's data folder by default.")
    ] = None,
    most_upload: Annotated[
        int, typer.Option(min=1, metavar="MB", help="Largest recording that is taken.")
    ] = 512,
    weights: Annotated[Path | None, typer.Option(help="A model of your own.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Begin with an example.")] = False,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Serve a page on this computer: see the graph, hear it, edit it, decide."""
    console = Console("studio")
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise UsageError("the studio needs more: pip install 'graphophone[studio]'") from None
    from graphophone.server.place import Place, is_loopback
    from graphophone.studio.serve import serve

    if not is_loopback(host):
        console.note(
            "note: other computers can reach this server; whoever has the address with the "
            "token can use it, and nothing is encrypted"
        )
    console.prepare()

    def announce(address: str) -> None:
        console.say(f"Graphophone studio: {address}")
        if open_page:
            typer.launch(address)

    serve(
        Place(host, port, tuple(allow_host or ())),
        folder,
        weights=weights,
        work=work,
        example=example,
        most_upload=most_upload * 2**20,
        announce=announce,
    )
