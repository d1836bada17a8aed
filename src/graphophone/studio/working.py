"""What takes a while: read recordings, listen, fit, measure levels; in a process of its own each.

Every function here takes values and gives values, with ``tell`` last, which is told how far it is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphophone.codec.json import from_json, to_json
from graphophone.errors import UsageError
from graphophone.fitting.starts import bypass
from graphophone.graph.model import Graph
from graphophone.models.listen import Estimate
from graphophone.spec import GAIN
from graphophone.studio.estimating import Ear, Progress, heard_graphs, mapped, settle
from graphophone.studio.library import Library
from graphophone.studio.measures import loudest
from graphophone.studio.readings import Readings, named
from graphophone.studio.signals import Signal

FIT_SECONDS = 60.0
"""What is fitted at most: the part of the wet recording around where it is loudest."""
VOICE, RATE = "voice", 44_100


@dataclass(frozen=True)
class Heard:
    """What a recording was found to have gone through.

    Attributes:
        graphs: Readings with their shares, the strongest first.
        about: ``confidence``, ``task`` and ``notes``.
    """

    graphs: tuple[tuple[Graph, float], ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        graphs = [{"graph": to_json(graph), "share": share} for graph, share in self.graphs]
        return {"heard": graphs, "about": dict(self.about)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Heard":
        """Read what :meth:`to_json` gave."""
        graphs = ((from_json(item["graph"]), item["share"]) for item in document["heard"])
        return cls(tuple(graphs), document["about"])


def added(
    library: Library, upload: Path, name: str, role: str, source: str, tell: Progress
) -> Library:
    """Read a recording into a library; the upload is used up."""
    if role == "reference":
        library.add_reference(upload, name, tell)
    else:
        library.add_take(upload, name, source, tell)
    return library


def listened(ear: Ear, reference: Signal, task: str, tell: Progress) -> Heard:
    """Estimate the graph of a recording."""
    return heard_of(ear.hear(reference, task, tell))


def known(graph: Graph, notes: Sequence[str] = ()) -> Heard:
    """Return a graph that nobody had to hear as the only reading."""
    about = {"confidence": {}, "task": "", "notes": list(notes)}
    return Heard(((named(graph), 1.0),), about)


def nothing(library: Library) -> Heard:
    """Return the graph that lets the take through as it is.

    Every source enters a graph at one level; cables bring stems back to the balance they had.
    """
    names = [name or VOICE for name in library.take] or [VOICE]
    graph = bypass(names, library.rate or RATE)
    if library.take and not library.built_in:
        inputs = library.inputs(graph)
        levels = {
            i: -20 * math.log10(inputs.gains[str(graph.nodes[i].source)] * inputs.undo)
            for i in graph.inputs
        }
        edges = [replace(e, gain_db=GAIN.snap(levels.get(e.source, 0.0))) for e in graph.edges]
        graph = graph.with_parts(graph.nodes, edges)
    return known(graph)


def heard_of(estimate: Estimate) -> Heard:
    """Return all readings of an estimate."""
    about = {
        "confidence": estimate.confidence,
        "task": estimate.task,
        "notes": list(estimate.notes),
    }
    return Heard(tuple(heard_graphs(estimate)), about)


def settled(library: Library, heard: Heard, tell: Progress) -> tuple[Library, Readings]:
    """Freeze readings on the take; without one, the built-in voice or kit is taken."""
    if not library.take or library.built_in:
        for graph, _ in heard.graphs:
            library.ensure_take(graph)
    names = tuple(library.take)
    return library, settle(heard.graphs, heard.about, library.inputs, names, tell)


def fit(library: Library, ear: Ear, task: str, seconds: float, tell: Progress) -> Heard:
    """Search for the graph that turns the take, which is the dry recording, into the reference.

    Args:
        library: Both recordings.
        ear: Listens first, for the search to begin with what it hears.
        task: What it listens for.
        seconds: How long to search.
        tell: Told how far it is.

    Returns:
        The graph, frozen on the dry recording, as the only reading.

    Raises:
        UsageError: A recording is missing.
        AudioError: The recordings cannot be of one performance.
    """
    from graphophone.fitting import fit as search  # with which optimisers are loaded
    from graphophone.fitting.pair import Pair
    from graphophone.fitting.starts import Starts
    from graphophone.fitting.starts import heard as starts_of

    wet = library.reference
    if wet is None or not library.take or library.built_in:
        raise UsageError("a fit needs both the wet recording and the dry one, as the take")
    cut, note = excerpt(wet)
    dry = {name or VOICE: mapped(s)[:, cut].contiguous() for name, s in library.take.items()}
    pair = Pair.of(dry, mapped(wet)[:, cut].contiguous(), wet.rate)

    def starts() -> Starts:
        estimate = ear.hear(wet, task, tell)
        return starts_of(estimate, list(dry), wet.rate)

    def watch(moment: search.Moment) -> None:
        stage = f"fitting, step {moment.step}, distance {moment.loss:.3f}"
        tell(stage, round(moment.seconds), round(seconds))

    found = search.fit(pair, starts, search.Limits.of(seconds, None), watch=watch)
    before, after = found.bypass.mss, found.after.mss
    said = (
        f"fitted to the dry recording: spectral distance {after:.3f}, which is {before:.3f} "
        f"without the graph; SI-SDR {found.after.si_sdr_db:.1f} dB"
    )
    return known(found.graph, (said, *note, *found.notes))


def excerpt(wet: Signal) -> tuple[slice, tuple[str, ...]]:
    """Return what of a recording is fitted, and what is to be said about it."""
    length = round(FIT_SECONDS * wet.rate)
    if wet.samples <= length:
        return slice(wet.samples), ()  # what the dry one has after that, nobody has heard
    first = max(0, min(loudest(wet) - length // 2, wet.samples - length))
    return slice(first, first + length), (f"fitted on {FIT_SECONDS:g} s around the loudest part",)
