"""The server as an application: the page and its API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

from graphophone import __version__
from graphophone.server.refusals import refuse
from graphophone.studio import audio_routes, routes
from graphophone.studio.answers import graded
from graphophone.studio.sessions import Sessions

MOST_UPLOAD = 512 * 2**20
"""Bytes of a recording."""
PAGE = Path(str(files("graphophone.studio"))) / "static"


def build(sessions: Sessions, *, most_upload: int = MOST_UPLOAD) -> FastAPI:
    """Return the API and the page, with nobody in front of them.

    Args:
        sessions: Where clients' work is.
        most_upload: Bytes of a recording that is given.
    """

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        yield
        sessions.close()

    app = FastAPI(
        title="Graphophone studio",
        description="See a graph, hear it, decide. Errors are one sentence under `error`.",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        lifespan=living,
    )
    app.state.sessions, app.state.most_upload = sessions, most_upload
    refuse(app, graded)
    app.include_router(routes.router)
    app.include_router(audio_routes.router)

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-store"})

    app.mount("/assets", StaticFiles(directory=PAGE / "assets", check_dir=False))
    return app
