"""Who may speak to the server: this computer's own page, with the token that was printed."""

import json
import secrets
from collections.abc import Iterable
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 8 * 2**20
"""Bytes of a request that is no upload."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Refuses whoever comes from elsewhere, before anything else is looked at.

    * A ``Host`` that is not ours comes from a name that was pointed at this computer later
      (DNS rebinding).
    * An ``Origin`` that is not ours is another page's script.
    * The token, in the address of the page or as a bearer in a header, keeps other users of
      this computer out.

    Args:
        app: What is guarded.
        token: The token.
        hosts: Values of ``Host`` that are ours, with ports.
        most_upload: Bytes of an upload.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Iterable[str], most_upload: int) -> None:
        self.app, self.token, self.hosts = app, token, frozenset(h.lower() for h in hosts)
        self.most_upload = most_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _answer(send, *refusal)
            return

        async def harden(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    own[name] = value
                if scope["path"].startswith("/api/"):
                    own["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, harden)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "").lower()
        if host not in self.hosts:
            return 403, f"this server is not called {host!r}"
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in {f"http://{h}" for h in self.hosts}:
            return 403, f"pages of {origin!r} may not speak to this server"
        path = scope["path"]
        if not path.startswith("/assets/") and not self._knows(scope, headers):
            return 401, "the token is missing or wrong: open the address that the program printed"
        length = headers.get("content-length", "0")
        most = self.most_upload if scope["method"] == "PUT" else MOST_BODY
        if not length.isdigit() or int(length) > most:
            return 413, f"at most {most / 2**20:g} MB can be sent here"
        if scope["method"] == "POST" and "transfer-encoding" in headers:
            return 411, "the length of a request must be told"
        return None

    def _knows(self, scope: Scope, headers: Headers) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            query = parse_qs(scope["query_string"].decode("latin-1"))
            given = query.get("token", [""])[0]
        return secrets.compare_digest(given.encode(), self.token.encode())


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"error": sentence}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **HEADERS}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
