"""Models that hear a recording and write its graph."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy.typing as npt

from graphophone.api.graph import Graph
from graphophone.audio.arrays import stereo
from graphophone.audio.files import Recording, read
from graphophone.errors import UsageError
from graphophone.models.estimator import Estimator as Guesser
from graphophone.models.listen import Estimate, listen, task_of
from graphophone.models.weights import shipped
from graphophone.tensors import Stereo


class Estimator:
    """Hears a wet recording and writes its graph.

    Args:
        guesser: The model.
    """

    def __init__(self, guesser: Guesser) -> None:
        self.guesser = guesser

    @classmethod
    def pretrained(cls, task: str) -> "Estimator":
        """Load the model that is shipped for ``singing`` or ``drums``."""
        return cls(Guesser.pretrained(task))

    @classmethod
    def load(cls, path: str | Path) -> "Estimator":
        """Load a model of your own."""
        return cls(Guesser.load(Path(path)))

    @property
    def task(self) -> str:
        """What the model was trained for."""
        return self.guesser.task

    def __call__(self, wet: npt.NDArray[Any], rate: int) -> Graph:
        """Return the graph that made a recording."""
        return Graph.of(self.listen(wet, rate).graph)

    def listen(self, wet: npt.NDArray[Any], rate: int) -> Estimate:
        """Return the graph with confidences, alternatives and notes."""
        estimate = listen(self.guesser, stereo(wet, rate), rate, self.task)
        return replace(estimate, graph=Graph.of(estimate.graph))


class Listeners:
    """Models for a run over many recordings: each is loaded once, when it is first needed.

    Args:
        task: ``singing``, ``drums`` or ``auto``.
        weights: A model of the user's own to use instead of the shipped ones.
    """

    def __init__(self, task: str = "auto", weights: Path | None = None) -> None:
        self.task = task
        self.own = None if weights is None else Estimator.load(weights)
        if self.own and task not in ("auto", self.own.task):
            raise UsageError(f"{weights} is a model for {self.own.task}, not for {task}")
        self.loaded: dict[str, Estimator] = {}

    def load(self, task: str) -> Estimator:
        """Return the model for a task, loaded once.

        Raises:
            WeightsError: There is none.
        """
        if self.own:
            return self.own
        if task not in self.loaded:
            self.loaded[task] = Estimator.pretrained(task)
        return self.loaded[task]

    def hear(
        self, path: Path, start: float | None = None, end: float | None = None
    ) -> tuple[Estimate, Recording]:
        """Read a recording and estimate its graph.

        Returns:
            The estimate, and the recording it was made of.
        """
        recording = read(path, start, end)
        estimator, notes = self.choose(recording.audio, recording.rate)
        heard = listen(estimator.guesser, recording.audio, recording.rate, estimator.task, notes)
        return heard, recording

    def choose(self, audio: Stereo, rate: int) -> tuple[Estimator, tuple[str, ...]]:
        """Return the model that should listen, and a note if that had to be decided."""
        if self.own:
            return self.own, ()
        task = self.task
        notes: tuple[str, ...] = ()
        if task == "auto" and (tasks := shipped()):
            task, note = task_of(audio, rate, tasks)
            notes = (note,)
        return self.load("singing" if task == "auto" else task), notes


def estimate(wet: npt.NDArray[Any], rate: int, task: str = "auto") -> Graph:
    """Return the graph that made a recording, by a shipped model.

    Args:
        wet: The recording.
        rate: Samples a second.
        task: ``singing`` (any single voice or instrument), ``drums`` (a drum mix), or ``auto``
            to decide by how percussive it is.
    """
    estimator, _ = Listeners(task).choose(stereo(wet, rate), rate)
    return estimator(wet, rate)
