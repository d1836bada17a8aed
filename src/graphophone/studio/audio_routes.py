"""The part of the API that is about sound: samples, pictures and measurements."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from pydantic import Field

from graphophone.errors import UsageError
from graphophone.studio import pictures
from graphophone.studio.answers import floats, wav
from graphophone.studio.edits import Model, Name
from graphophone.studio.evidence import with_and_without
from graphophone.studio.routes import Here
from graphophone.studio.session import Session
from graphophone.studio.signals import Signal
from graphophone.studio.sounding import sounding
from graphophone.studio.view import signal as shown

router = APIRouter(prefix="/api/sessions/{session}")
Which = Literal["reference", "dry", "result", "probe"]
Start = Annotated[int, Query(ge=0, lt=2**40)]
Count = Annotated[int, Query(ge=1, le=2**20)]
Columns = Annotated[int, Query(ge=16, le=4_000)]


class Place(Model):
    """Where a voice begins."""

    start: int = Field(ge=0, lt=2**40)


class Outlet(Model):
    """Where to listen inside a graph."""

    node: Name
    outlet: Name = "out"
    start: int = Field(0, ge=0, lt=2**40, description="the sample at the playhead")


class Absent(Model):
    """Which node to be without."""

    node: Name
    difference: bool = Field(False, description="whether to hear only what it changes")
    start: int = Field(0, ge=0, lt=2**40, description="the sample at the playhead")


def signal(here: Session, which: str) -> Signal:
    """Return a finished signal of a session.

    Raises:
        UsageError: It is not there, or not finished.
    """
    finished = here.playing.finished
    found = {
        "reference": here.library.reference,
        "dry": here.library.mixed,
        "result": finished.result if finished else None,
        "probe": here.probed,
    }[which]
    if found is None:
        raise UsageError(f"there is no {which} yet")
    return found


@router.get("/samples/{which}", summary="Samples of a signal")
def samples(
    here: Here, which: Which, start: Start, count: Count, number: int | None = None
) -> Response:
    """Return interleaved 32-bit floats; fewer than asked for at the end.

    Of the result, ``number`` is the rendering that is meant; what it has done can be read.
    """
    if which == "result" and number is not None:
        for rendering in (here.playing.current, here.playing.finished):
            if rendering is not None and rendering.number == number:
                return floats(rendering.read(start, count))
        raise UsageError(f"rendering {number} is not there any more")
    return floats(signal(here, which).read(start, count))


@router.get("/audio/{which}.wav", summary="A signal as a WAV file")
def audio(here: Here, which: Which, range: Annotated[str | None, Header()] = None) -> Response:
    """Return a WAV file of 32-bit floats, or the range of its bytes that is asked for."""
    return wav(signal(here, which), range)


@router.post("/voices", status_code=201, summary="Hear the graph from a sample on")
def begin(here: Here, place: Place) -> dict[str, int]:
    """Begin to render at a sample, from the states kept nearest before it."""
    with here.lock:
        return {"voice": here.playing.voice(place.start)}


@router.get("/voices/{voice}", summary="The next samples of a voice")
def voice(here: Here, voice: int, start: Start, count: Count) -> Response:
    """Return interleaved 32-bit floats; pieces are asked for one after the other."""
    return floats(here.playing.read_voice(voice, start, count))


@router.post("/probe", summary="Look into a cable")
def look(here: Here, outlet: Outlet) -> dict[str, Any]:
    """Render what comes out of a node into the signal ``probe``, around the playhead."""
    with here.lock:
        graph = sounding(here.patch)
        inputs = here.inputs(graph)
    return probed(here, "probe", graph, inputs, outlet.node, outlet.outlet, start=outlet.start)


@router.post("/without", summary="Hear the graph without a node")
def leave_out(here: Here, absent: Absent) -> dict[str, Any]:
    """Render the graph without a node, or what the node changes, into the signal ``probe``."""
    with here.lock:
        graph, rest = with_and_without(here.patch, absent.node)
        inputs = here.inputs(graph)
    return probed(here, "compare", graph, rest, inputs, absent.difference, start=absent.start)


def probed(here: Session, method: str, *arguments: Any, start: int) -> dict[str, Any]:
    """Let a method write the signal ``probe``, and put it in place when it is whole."""
    made = here.playing.ask(method, *arguments, here.folder / "probing.f32", start)
    here.probed = made.moved(here.folder / "probe.f32")
    return {"probe": shown(here.probed)}


@router.get("/peaks/{which}", summary="The waveform of a signal")
def peaks(here: Here, which: Which, columns: Columns = 1_200) -> dict[str, Any]:
    """Return the largest magnitude in each of so many stretches."""
    found = signal(here, which)
    return {"seconds": found.seconds, "peaks": pictures.peaks(found, columns)}


@router.get("/spectrogram/{which}.png", summary="The spectrogram of a signal")
def spectrogram(here: Here, which: Which, columns: Columns = 1_200) -> Response:
    """Return mel bands over time as a PNG, 256 pixels high."""
    drawn = here.playing.ask("spectrogram", signal(here, which), columns)
    return Response(drawn, media_type="image/png")


@router.get("/measures", summary="Levels of reference, dry take and result")
def measure(here: Here) -> dict[str, Any]:
    """Return octave bands, loudness and width of the loudest ten seconds of each."""
    finished = here.playing.finished
    result = finished.result if finished else None
    there = {"reference": here.library.reference, "dry": here.library.mixed, "result": result}
    found: dict[str, Any] = here.playing.ask("measured", there)
    return found


@router.get("/evidence/{node}", summary="What a node does")
def why(here: Here, node: str) -> dict[str, Any]:
    """Return what changes when a node is removed, in decibels by octave."""
    with here.lock:
        patch = here.patch
        inputs = here.inputs(sounding(patch))
    found: dict[str, Any] = here.playing.ask("evidence", patch, inputs, node, here.library.mixed)
    return found
