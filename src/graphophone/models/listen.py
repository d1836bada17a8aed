"""Listen to a whole recording and give one graph for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import torch

from graphophone.audio.heard import Heard
from graphophone.codec.prose import sentence
from graphophone.graph.model import Graph
from graphophone.models.percussive import PERCUSSIVE, percussiveness
from graphophone.models.vote import Alternative, Guess, Verdict, vote
from graphophone.models.windows import choose
from graphophone.processors import SPECS
from graphophone.tensors import Stereo

Listener: TypeAlias = Callable[[Heard], Sequence[Sequence[Guess]]]
"""Features of windows to readings of each."""


@dataclass(frozen=True)
class Estimate:
    """What was heard in a recording.

    Attributes:
        graph: The audio processing graph; its nodes are called ``n0``, ``n1`` ...
        task: What the recording was taken for.
        verdict: Where the confidences come from.
        starts: Where the windows begin that were heard, in seconds.
        notes: What was assumed, in sentences for the user.
    """

    graph: Graph
    task: str
    verdict: Verdict
    starts: tuple[float, ...]
    notes: tuple[str, ...]

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Other readings, the strongest first."""
        return self.verdict.alternatives

    @property
    def confidence(self) -> dict[str, Any]:
        """How sure each node, cable and knob is, in [0, 1]; plain data, ready for JSON.

        A part's confidence is the share of the readings that have it, and ``agreement`` tells
        how alike all readings are to the graph. These are what the model believes, which is
        not how often it is right.
        """
        names = [node.id for node in self.graph.nodes]
        heard = self.verdict
        return {
            "agreement": _rounded(heard.agreement),
            "windows": len(self.starts),
            "nodes": {name: _rounded(p) for name, p in zip(names, heard.nodes, strict=True)},
            "edges": [
                {
                    "from": [names[e.source], e.outlet],
                    "to": [names[e.target], e.inlet],
                    "confidence": _rounded(p),
                }
                for e, p in zip(self.graph.edges, heard.edges, strict=True)
            ],
            "knobs": {
                name: {knob: _rounded(p) for knob, p in knobs.items()}
                for name, knobs in zip(names, heard.knobs, strict=True)
                if knobs
            },
        }

    def sentence(self, bpm: float | None = None) -> str:
        """Say the graph as a musician would; with a tempo, delays are note values."""
        return sentence(self.graph, SPECS, bpm)


def listen(
    listener: Listener, audio: Stereo, rate: int, task: str, notes: Sequence[str] = ()
) -> Estimate:
    """Let an estimator hear windows of a recording, and take the vote.

    Args:
        listener: The estimator.
        audio: The recording.
        rate: Samples a second.
        task: What the estimator was trained for.
        notes: What was assumed before.

    Raises:
        AudioError: There is nothing to hear.
    """
    windows = choose(audio, rate)
    with torch.inference_mode():
        heard = listener(Heard.of(windows.audio))
        verdict = vote([guess for readings in heard for guess in readings], SPECS)
    said = [*notes, *windows.notes]
    if verdict.agreement < 1:
        count = f"{len(windows.starts)} windows" if len(windows.starts) > 1 else "one window"
        said.append(
            f"{count} heard; on average a reading shares {verdict.agreement:.0%} of the graph"
        )
    named = (replace(node, id=f"n{i}") for i, node in enumerate(verdict.graph.nodes))
    graph = verdict.graph.with_parts(named, verdict.graph.edges)
    graph = replace(graph, sample_rate=rate)
    return Estimate(graph, task, verdict, windows.starts, tuple(said))


def task_of(audio: Stereo, rate: int, shipped: Sequence[str]) -> tuple[str, str]:
    """Decide which model should listen, and say why in a note.

    Args:
        audio: The recording.
        rate: Samples a second.
        shipped: Tasks for which there is a model.

    Returns:
        The task and the note.
    """
    if len(shipped) == 1:
        return shipped[0], f"taken for {shipped[0]}, the only task that a model is installed for"
    if percussiveness(choose(audio, rate)) >= PERCUSSIVE:
        return "drums", "taken for drums, since it is percussive (--task decides otherwise)"
    return "singing", "taken for a voice, since it is not percussive (--task decides otherwise)"


def _rounded(value: float) -> float:
    return round(value, 4)
