"""The way from a recording to readings that can be worked on, step by step with progress."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch

from graphophone.api.estimator import Estimator, Listeners
from graphophone.audio.heard import Heard
from graphophone.codec.json import from_json, to_json
from graphophone.codec.prose import sentence
from graphophone.errors import GraphophoneError
from graphophone.graph.model import Graph
from graphophone.models.listen import Estimate, listen
from graphophone.models.vote import Guess
from graphophone.processors import ALL_SPECS
from graphophone.studio.readings import Reading, Readings, named
from graphophone.studio.signals import Signal
from graphophone.studio.takes import Inputs, fitted, frozen
from graphophone.tensors import Stereo

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and all."""


class Ear:
    """The models; they listen in a process of their own, which this goes to as their names.

    Attributes:
        turn: Held by whose recording is heard: one at a time on one server.

    Args:
        weights: A model of the user's own to use instead of the shipped ones.
    """

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights
        self._listeners = Listeners("auto", weights)
        self.turn = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._weights,)

    def hear(self, signal: Signal, task: str, progress: Progress) -> Estimate:
        """Estimate the graph of a recording.

        Args:
            signal: The recording.
            task: ``singing``, ``drums``, or ``auto`` to decide by ear.
            progress: Told about every window.

        Raises:
            AudioError: There is nothing to hear.
            WeightsError: There is no model.
        """
        progress("loading the model", 0, 1)
        audio = mapped(signal)
        estimator, notes = self._choose(audio, signal.rate, task)

        def windows(heard: Heard) -> Sequence[Sequence[Guess]]:
            readings: list[Sequence[Guess]] = []
            count = len(heard.mel)
            for k in range(count):
                progress("listening", k, count)
                one = Heard(*(part[k : k + 1] for part in heard))
                readings += estimator.guesser(one)
            progress("listening", count, count)
            return readings

        return listen(windows, audio, signal.rate, estimator.task, notes)

    def _choose(self, audio: Stereo, rate: int, task: str) -> tuple[Estimator, tuple[str, ...]]:
        if task == "auto":
            return self._listeners.choose(audio, rate)
        return self._listeners.load(task), ()


def mapped(signal: Signal) -> Stereo:
    """Return a signal as a tensor (2, time) whose samples stay on disk until they are read."""
    frames = np.memmap(signal.path, np.float32, "c", shape=(signal.samples, 2))
    return torch.from_numpy(frames).T


def heard_graphs(estimate: Estimate) -> list[tuple[Graph, float]]:
    """Return all readings as they were heard, the estimate first, with their shares."""
    graphs = [(named(estimate.graph), estimate.verdict.share)]
    return graphs + [(named(other.graph), other.share) for other in estimate.alternatives]


def settle(
    heard: Sequence[tuple[Graph, float]],
    about: Mapping[str, Any],
    match: Callable[[Graph], Inputs],
    names: Sequence[str],
    progress: Progress,
) -> Readings:
    """Freeze all readings on a take, so that they can be worked on.

    Args:
        heard: Readings as they were heard, the estimate first, with their shares.
        about: ``confidence``, ``task`` and ``notes``.
        match: Says how the take enters a graph.
        names: Names of the tracks of the take.
        progress: Told about every reading.

    Raises:
        UsageError: The take does not fit the estimate; alternatives that it does not fit are
            left out.
    """
    readings: list[Reading] = []
    notes = list(about["notes"])
    for k, (graph, share) in enumerate(heard):
        progress("measuring levels", k, len(heard))
        fit, said = fitted(graph, names)
        fit = named(fit)
        try:
            # With the digits that a file keeps: what is saved is what sounds.
            level = from_json(to_json(frozen(fit, match(fit))))
        except GraphophoneError:
            if not readings:
                raise
            continue
        if not readings:
            notes += said
        readings.append(Reading(level, share, sentence(graph, ALL_SPECS)))
    return Readings(tuple(readings), about["confidence"], about["task"], tuple(notes))
