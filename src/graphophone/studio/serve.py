"""Start the studio: a folder of sessions, an address to open."""

from collections.abc import Callable
from pathlib import Path

import platformdirs

from graphophone.codec.json import load
from graphophone.server.place import Place, address, bound, token
from graphophone.server.running import run
from graphophone.studio.app import MOST_UPLOAD, build
from graphophone.studio.estimating import Ear
from graphophone.studio.example import load_example
from graphophone.studio.sessions import Sessions


def serve(
    place: Place,
    folder: Path | None,
    *,
    weights: Path | None = None,
    work: Path | None = None,
    example: bool = False,
    most_upload: int = MOST_UPLOAD,
    announce: Callable[[str], None],
) -> None:
    """Serve until it is interrupted.

    Args:
        place: Where.
        folder: Where work is kept; by default in the user's data folder.
        weights: A model of the user's own.
        work: A graph, or a session that was saved, to begin with.
        example: Whether to begin with an example.
        most_upload: Bytes of a recording.
        announce: Called with the address to open.

    Raises:
        UsageError: The port is taken, or the address is not this computer's.
        FormatError: What to begin with is no graph.
        GraphError: It breaks a rule.
    """
    if work is not None:
        load(work)  # which calls a bad file by its name, before anything is begun
    folder = folder or Path(platformdirs.user_data_dir("graphophone")) / "studio"
    folder.mkdir(parents=True, exist_ok=True)
    listening = bound(place)
    key = token(folder)
    sessions = Sessions(folder / "sessions", Ear(weights))
    opened = address(place, listening, key)
    if example or work is not None:
        name = sessions.create()
        session = sessions.get(name)
        if example:
            load_example(session)
        if work is not None:
            session.load(work.read_text(encoding="utf-8"))
        else:
            session.estimate()
        opened += f"#{name}"
    announce(opened)
    app = build(sessions, most_upload=most_upload)
    run(app, place, listening, key, most_upload=most_upload)
