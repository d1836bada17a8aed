"""Run an app behind the guard until it is interrupted."""

import socket
from collections.abc import Iterable

import uvicorn
from starlette.types import ASGIApp

from graphophone.server.guard import MOST_BODY, Guard
from graphophone.server.place import Place, hosts, port_of


def guarded(
    app: ASGIApp, token: str, names: Iterable[str], *, most_upload: int = MOST_BODY
) -> ASGIApp:
    """Return an app with a :class:`graphophone.server.guard.Guard` in front of it."""
    return Guard(app, token, names, most_upload)


def run(
    app: ASGIApp,
    place: Place,
    listening: socket.socket,
    token: str,
    *,
    most_upload: int = MOST_BODY,
) -> None:
    """Serve until it is interrupted.

    Args:
        app: What is served; the guard is put in front of it here.
        place: Where.
        listening: The socket that :func:`graphophone.server.place.bound` gave for it.
        token: What whoever asks must know.
        most_upload: Bytes of a body that is put.
    """
    served = guarded(app, token, hosts(place, port_of(listening)), most_upload=most_upload)
    config = uvicorn.Config(
        served, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=30
    )
    uvicorn.Server(config).run(sockets=[listening])
