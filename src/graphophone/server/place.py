"""Where a server listens: a port on this computer, the names it answers to, a token."""

import os
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from graphophone.errors import UsageError

TRIED = 20
"""Ports that are tried where the first is taken."""


@dataclass(frozen=True)
class Place:
    """Where a server listens.

    Attributes:
        host: An address of this computer.
        port: The port; the first free one from ``first`` on is taken if none is given.
        names: Other names under which it may be called, where it is not only this computer.
        first: Where to begin to look for a port.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    names: tuple[str, ...] = ()
    first: int = 4587


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


def bound(place: Place) -> socket.socket:
    """Return a socket at the place that is asked for.

    Raises:
        UsageError: It cannot be had.
    """
    first = place.first
    ports: Iterable[int] = range(first, first + TRIED) if place.port is None else [place.port]
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


def address(place: Place, listening: socket.socket, key: str) -> str:
    """Return what to open: the address of a page, with the token."""
    shown = place.host if is_loopback(place.host) else (place.names or (place.host,))[0]
    shown = f"[{shown}]" if ":" in shown else shown
    return f"http://{shown}:{port_of(listening)}/?token={key}"


def port_of(listening: socket.socket) -> int:
    """Return the port of a socket."""
    return int(listening.getsockname()[1])
