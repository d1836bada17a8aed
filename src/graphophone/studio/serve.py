"""Start the server: a port on this computer, a token, an address to open."""

import os
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import platformdirs
import uvicorn

from graphophone.errors import UsageError
from graphophone.studio.app import MOST_UPLOAD, guarded
from graphophone.studio.estimating import Ear
from graphophone.studio.example import load_example
from graphophone.studio.sessions import Sessions

PORT = 4587
TRIED = 20
"""Ports that are tried where the first is taken."""


@dataclass(frozen=True)
class Place:
    """Where a server listens.

    Attributes:
        host: An address of this computer.
        port: The port; the next free one is taken if none is given.
        names: Other names under which it may be called, where it is not only this computer.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    names: tuple[str, ...] = ()


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def hosts(place: Place, port: int) -> list[str]:
    """Return the values of ``Host`` that are ours."""
    names = [place.host, *place.names]
    if is_loopback(place.host):
        names += ["localhost", "127.0.0.1", "[::1]"]
    names = [f"[{n}]" if ":" in n and not n.startswith("[") else n for n in names]
    return [f"{name}:{port}" for name in dict.fromkeys(names)]


def serve(
    place: Place,
    folder: Path | None,
    *,
    weights: Path | None = None,
    example: bool = False,
    most_upload: int = MOST_UPLOAD,
    announce: Callable[[str], None],
) -> None:
    """Serve until it is interrupted.

    Args:
        place: Where.
        folder: Where work is kept; by default in the user's data folder.
        weights: A model of the user's own.
        example: Whether to begin with an example.
        most_upload: Bytes of a recording.
        announce: Called with the address to open.

    Raises:
        UsageError: The port is taken, or the address is not this computer's.
    """
    folder = folder or Path(platformdirs.user_data_dir("graphophone")) / "studio"
    folder.mkdir(parents=True, exist_ok=True)
    listening = bound(place)
    port = int(listening.getsockname()[1])
    key = token(folder)
    sessions = Sessions(folder / "sessions", Ear(weights))
    shown = place.host if is_loopback(place.host) else (place.names or (place.host,))[0]
    address = f"http://{shown}:{port}/?token={key}"
    if example:
        name = sessions.create()
        session = sessions.get(name)
        load_example(session)
        session.estimate()
        address += f"#{name}"
    announce(address)
    app = guarded(sessions, key, hosts(place, port), most_upload=most_upload)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=30
    )
    uvicorn.Server(config).run(sockets=[listening])


def bound(place: Place) -> socket.socket:
    """Return a socket at the place that is asked for.

    Raises:
        UsageError: It cannot be had.
    """
    ports: Iterable[int] = range(PORT, PORT + TRIED) if place.port is None else [place.port]
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    error: OSError | None = None
    for port in ports:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((place.host, port))
            listening.listen(128)  # who comes before the server runs waits, and is not refused
        except OSError as failed:
            listening.close()
            error = failed
            continue
        return listening
    reason = error.strerror if error else "no port"
    raise UsageError(f"{place.host} cannot be served at port {ports[-1]} ({reason})")  # type: ignore[index]


def token(folder: Path) -> str:
    """Return the token of a folder, which stays, so that a page can be loaded again later."""
    path = folder / "token"
    if not path.is_file():
        temporary = folder / f".token-{os.getpid()}"
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(24), encoding="ascii")
        temporary.replace(path)
    return path.read_text(encoding="ascii").strip()
