"""A whole session as one file, to keep, to send and to go on with.

The file is a graph document: the graph that sounds, which every command reads. What led there
stands in its ``meta``, under ``studio``: what was estimated, what was decided, and the steps that
can be undone. Recordings are named there, and not in it.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from graphophone.codec.json import from_json, to_json
from graphophone.errors import FormatError, GraphError
from graphophone.graph.model import Graph
from graphophone.studio.editing import MOST_NODES, checked
from graphophone.studio.edits import Model, Name, Share
from graphophone.studio.history import MOST, History
from graphophone.studio.library import Library
from graphophone.studio.patch import Decision, Patch
from graphophone.studio.signals import Signal
from graphophone.studio.sounding import sounding
from graphophone.studio.working import Heard

KEY = "studio"
"""Where in ``meta`` it stands."""
CHANGED = (
    "the graph in this file is not what its decisions make of the estimate, so it was changed "
    "elsewhere: it is loaded as it is, and the decisions are left aside"
)

Text = Annotated[str, Field(max_length=2_000)]
Document = dict[str, Any]
End = tuple[Name, Name]


class Step(Model):
    """A patch; see :class:`graphophone.studio.patch.Patch`."""

    graph: Document
    bypassed: list[Name]
    solo: Name | None
    amounts: dict[Name, Share]
    amount: Share
    decisions: dict[Name, Decision]
    said: Text


class SureCable(Model):
    """How sure the estimate is of a cable."""

    source: End = Field(alias="from")
    target: End = Field(alias="to")
    confidence: Share


class Sure(Model):
    """How sure the estimate is of its parts."""

    agreement: Share | None = None
    windows: int | None = None
    nodes: dict[Name, Share] = Field(default_factory=dict)
    edges: list[SureCable] = Field(default_factory=list)
    knobs: dict[Name, dict[Name, Share]] = Field(default_factory=dict)


class About(Model):
    """What is to be said of an estimate."""

    confidence: Sure
    task: Text
    notes: list[Text]


class Reading(Model):
    """A graph that was heard, and the share of the vote for it."""

    graph: Document
    share: Share


class Track(Model):
    """A recording, so that it can be found again."""

    name: Text
    samples: int
    rate: int


class Recordings(Model):
    """What the session was about; without a take, the built-in one played."""

    reference: Track | None
    take: dict[Annotated[str, Field(max_length=100)], Track]


class Work(Model):
    """What stands in ``meta``."""

    version: Literal[1]
    patch: Step
    past: list[Step] = Field([], max_length=MOST)
    future: list[Step] = Field([], max_length=MOST)
    heard: list[Reading] = Field(min_length=1, max_length=100)
    about: About
    recordings: Recordings


def document(history: History, heard: Heard, library: Library, *, steps: bool = True) -> Document:
    """Return a session as a graph document, ready for ``json.dump``.

    Args:
        history: The patch, with what can be undone.
        heard: What was estimated.
        library: The recordings; only what they are called goes into the document.
        steps: Whether what can be undone goes into it too.
    """
    past, future = (history.past, history.future) if steps else ([], [])
    # With the digits that a file keeps: what is saved is what sounds when it is loaded.
    patch = Patch.from_json(history.patch.to_json())
    work = {
        "version": 1,
        **History(patch, past, future).to_json(),
        **heard.to_json(),
        "recordings": named(library),
    }
    whole = to_json(sounding(patch))
    return {**whole, "meta": {**whole["meta"], KEY: work}}


def work_in(graph: Graph) -> tuple[Graph, tuple[History, Heard] | None, tuple[str, ...]]:
    """Return what a document holds of a session.

    Args:
        graph: The graph that was read from it.

    Returns:
        The graph without what is in its ``meta``; the history and the estimate, if they are
        there and lead to this graph; and what is to be said about it.

    Raises:
        FormatError: What is there is not in the format; the place is named.
        GraphError: A step of it has a graph that breaks a rule.
    """
    meta = dict(graph.meta)
    found = meta.pop(KEY, None)
    bare = replace(graph, meta=meta)
    if found is None:
        return bare, None, ()
    try:
        work = Work.model_validate(found)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, (KEY, *problem["loc"])))
        raise FormatError(f"meta.{place}: {problem['msg']}") from None
    past, future = ([_patch(s, k) for s in getattr(work, k)] for k in ("past", "future"))
    history = History(_patch(work.patch, "patch"), past, future)
    if from_json(to_json(sounding(history.patch))) != bare:
        return bare, None, (CHANGED,)
    plain = work.model_dump(mode="json", by_alias=True, exclude_unset=True)
    heard = Heard.from_json(plain)
    return bare, (history, heard), ()


def missing(graph: Graph, library: Library) -> tuple[str, ...]:
    """Say which recordings a saved session was about, where others are there."""
    wanted, here = Work.model_validate(graph.meta[KEY]).recordings.model_dump(), named(library)
    tracks = [*wanted["take"].values(), *filter(None, [wanted["reference"]])]
    if not tracks or wanted == here:
        return ()
    listed = ", ".join(f"{t['name']} ({t['samples'] / max(t['rate'], 1):.1f} s)" for t in tracks)
    return (f"this session was saved with {listed}: give the same to hear it as it was",)


def named(library: Library) -> Document:
    """Return what the recordings of a session are called, and how long they are."""
    take = {} if library.built_in else library.take
    reference = library.reference
    return {
        "reference": None if reference is None else _track(reference),
        "take": {name: _track(signal) for name, signal in take.items()},
    }


def _track(signal: Signal) -> Document:
    return {"name": signal.name, "samples": signal.samples, "rate": signal.rate}


def _patch(step: Step, where: str) -> Patch:
    """Read a patch that nobody has checked yet."""
    try:
        patch = Patch.from_json(step.model_dump()).cleaned()
        if len(patch.graph) > MOST_NODES:
            raise FormatError(f"a graph in the studio may have {MOST_NODES} nodes")
        if patch.graph.energy == "normalised":
            raise FormatError("its energy must be frozen or plain, got normalised")
        return checked(patch)
    except (FormatError, GraphError) as error:
        raise type(error)(f"meta.{KEY}.{where}: {error}") from None
