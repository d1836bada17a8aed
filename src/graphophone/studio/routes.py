"""The part of the API that is about recordings and the graph."""

import asyncio
import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from graphophone.errors import WorkerError
from graphophone.studio import edits, exports, view
from graphophone.studio.answers import download
from graphophone.studio.edits import Model
from graphophone.studio.library import suffix_of
from graphophone.studio.session import Session
from graphophone.studio.sessions import Sessions
from graphophone.studio.sounding import sounding

router = APIRouter(prefix="/api")
UPLOAD_SECONDS = 300.0
"""How long an upload may take."""
MOST_TEXT = 64 * 2**20
"""Characters of a graph or a session; a hundred steps of a large graph take some millions."""
Text = Annotated[str, Query(max_length=200)]
Listen = Annotated[int | None, Query(ge=0, lt=2**40, description="the sample at the playhead")]


class Begin(Model):
    """What to listen for."""

    task: Literal["auto", "singing", "drums"] = "auto"


class Fit(Begin):
    """How to search for the graph between a dry and a wet recording."""

    seconds: float = Field(60.0, ge=1, le=3_600, allow_inf_nan=False)


class Document(Model):
    """A graph, or a session, as JSON text."""

    text: str = Field(max_length=MOST_TEXT)


def sessions(request: Request) -> Sessions:
    """Return all sessions of this server."""
    found: Sessions = request.app.state.sessions
    return found


def session(session: str, request: Request) -> Session:
    """Return the session that a path names."""
    return sessions(request).get(session)


Here = Annotated[Session, Depends(session)]
All = Annotated[Sessions, Depends(sessions)]


@router.get("/catalogue", summary="Which processors, ports and knobs there are")
def catalogue() -> dict[str, Any]:
    """Return all node types with their ports and knobs, and the knobs of cables."""
    return view.catalogue()


@router.post("/sessions", status_code=201, summary="Begin a session")
def create(everyone: All) -> dict[str, str]:
    """Return the name of a new session; whoever knows it may use it."""
    return {"session": everyone.create()}


@router.get("/sessions/{session}", summary="All that changes")
def state(here: Here) -> dict[str, Any]:
    """Return recordings, graph, confidences, progress and what can be undone."""
    return view.state(here)


@router.put("/sessions/{session}/recordings/{role}", summary="Give a recording")
async def upload(
    here: Here,
    request: Request,
    role: Literal["reference", "take"],
    name: Text = "recording.wav",
    source: Text = "",
) -> Response:
    """Take the body as an audio file; of its name only the suffix is used.

    It is decoded in the background; the state tells how far that is, and what is wrong with it.
    """
    path = here.folder / f"upload-{secrets.token_hex(8)}{suffix_of(name)}"
    most: int = request.app.state.most_upload
    refusal = await _received(request, path, most)
    if refusal is not None:
        path.unlink(missing_ok=True)
        return refusal
    await asyncio.to_thread(here.add, path, name, role, source)
    return JSONResponse({"recording": role}, 202)


async def _received(request: Request, path: Path, most: int) -> Response | None:
    """Write the body of a request to a file; return why it was not taken."""
    count = 0
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            with path.open("wb") as file:
                async for part in request.stream():
                    count += len(part)
                    if count > most:
                        detail = f"a recording may have {most / 2**20:g} MB"
                        return JSONResponse({"error": detail}, 413)
                    await asyncio.to_thread(file.write, part)
    except TimeoutError:
        detail = f"the upload took longer than {UPLOAD_SECONDS:g} s"
        return JSONResponse({"error": detail}, 408)
    return None


@router.post("/sessions/{session}/estimate", status_code=202, summary="Estimate the graph")
def estimate(here: Here, begin: Begin) -> dict[str, Any]:
    """Listen to the reference, in the background."""
    here.estimate(begin.task)
    return {}


@router.post("/sessions/{session}/fit", status_code=202, summary="Fit a graph to dry and wet")
def fit(here: Here, fit: Fit) -> dict[str, Any]:
    """Search for the graph that turns the take, the dry recording, into the reference.

    That goes on in the background, for about as many seconds as are asked for.
    """
    here.fit(fit.seconds, fit.task)
    return {}


@router.post("/sessions/{session}/begin", status_code=202, summary="Begin with nothing")
def begin(here: Here) -> dict[str, Any]:
    """Work on a graph that lets the take through as it is, to measure, compare and decide."""
    here.begin()
    return {}


@router.post("/sessions/{session}/stop", summary="Give up what goes on in the background")
def stop(here: Here) -> dict[str, Any]:
    """End an upload, an estimate or a fit; what was there before stays."""
    here.jobs.stop()
    return view.state(here)


@router.post("/sessions/{session}/graph", status_code=202, summary="Load a graph")
def load(here: Here, document: Document) -> dict[str, Any]:
    """Work on a graph in Graphophone's JSON format; one that is not frozen is frozen.

    A session that was saved is gone on with: its estimate, its decisions and its past. That
    goes on in the background; the state tells how far it is.
    """
    here.load(document.text)
    return {}


@router.get("/sessions/{session}/file", summary="Save the session")
def save(here: Here, steps: bool = True) -> Response:
    """Return the graph that sounds, with what led there in its ``meta``; it can be loaded again.

    Without ``steps``, what can be undone is left out. Recordings are named, and not in it.
    """
    text = json.dumps(here.document(steps=steps), ensure_ascii=False, allow_nan=False)
    return download(text.encode(), "application/json", "session.json")


def heard(here: Session, listen: int | None) -> dict[str, Any]:
    """Return all that changes, with a voice where somebody listens."""
    voice = None
    with suppress(WorkerError):  # the edit was made, and is heard when it is rendered
        voice = None if listen is None else here.playing.voice(listen)
    return {**view.state(here), "voice": voice}


@router.post("/sessions/{session}/edits", summary="Edit the graph")
def edit(here: Here, edit: edits.Edit, listen: Listen = None) -> dict[str, Any]:
    """Carry out one edit if it breaks no rule; else say which, and at which nodes.

    With ``listen`` a voice begins at that sample, whose number is ``voice``.
    """
    here.edit(edit)
    return heard(here, listen)


@router.post("/sessions/{session}/undo", summary="Go one edit back")
def undo(here: Here, listen: Listen = None) -> dict[str, Any]:
    """Undo the last edit; turns of one knob in a row are one."""
    here.undo()
    return heard(here, listen)


@router.post("/sessions/{session}/redo", summary="Go one edit forward again")
def redo(here: Here, listen: Listen = None) -> dict[str, Any]:
    """Redo the edit that was undone last."""
    here.undo(redo=True)
    return heard(here, listen)


@router.get("/exports", summary="Formats to export to")
def targets() -> list[dict[str, Any]]:
    """Return what can be exported."""
    return [
        {"name": name, "title": found.title, "common": found.common}
        for name, found in exports.formats().items()
    ]


@router.get("/sessions/{session}/exports/{name}", summary="Export the graph")
def export(here: Here, name: str) -> Response:
    """Return the graph that sounds in a format, as a file to save.

    What the format does not carry as it is stands in the header ``X-Lost``, as a list in JSON.
    """
    known = exports.formats()
    if name not in known:
        return JSONResponse({"error": f"the format must be one of {', '.join(known)}"}, 404)
    with here.lock:
        graph = sounding(here.patch)
        inputs = here.inputs(graph)
    made = here.playing.ask("export", name, graph, inputs)
    return download(made.body, made.media_type, f"{exports.STEM}{made.suffix}", made.lost)
