"""What a program needs: load, estimate, render, save.

Audio is a float array (channels, samples), or (samples,) for mono; what comes back has two
channels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from graphophone.audio.arrays import stereo
from graphophone.audio.files import Recording, read
from graphophone.codec import json
from graphophone.codec.drawing import svg
from graphophone.codec.prose import sentence
from graphophone.errors import UsageError
from graphophone.graph import model
from graphophone.models.estimator import Estimator as Guesser
from graphophone.models.listen import Estimate, listen, task_of
from graphophone.models.weights import shipped
from graphophone.processors import ALL_SPECS
from graphophone.render.render import freeze, render
from graphophone.tensors import Stereo

if TYPE_CHECKING:
    from graphophone.export.fidelity import Fidelity
    from graphophone.fitting.result import Fitted
    from graphophone.fitting.starts import Starts

Samples: TypeAlias = npt.NDArray[np.float32]
Takes: TypeAlias = npt.NDArray[Any] | Mapping[str, npt.NDArray[Any]]


def load(
    path: str | Path, start: float | None = None, end: float | None = None
) -> tuple[Samples, int]:
    """Read a recording, or a part of it in seconds.

    Returns:
        Samples (2, time) and the sample rate in Hz.
    """
    recording = read(path, start, end)
    return recording.audio.numpy(), recording.rate


class Graph(model.Graph):
    """A graph that can be heard, seen and saved; see :class:`graphophone.graph.model.Graph`."""

    @classmethod
    def of(cls, graph: model.Graph) -> "Graph":
        """Give a plain graph these methods."""
        return cls(**{field.name: getattr(graph, field.name) for field in fields(graph)})

    def render(
        self, audio: Takes, rate: int, *, as_is: bool = False, tail: bool = False
    ) -> Samples:
        """Put dry audio through the graph.

        Args:
            audio: The dry recording; one for each source by name if the graph has several.
            rate: Samples a second.
            as_is: Let the audio enter at the level it has, not at the graph's reference level.
            tail: Run on until reverbs and echoes have died away.

        Returns:
            The wet recording (2, time), as loud as its input.
        """
        return render(self, self._takes(audio, rate), rate, as_is=as_is, tail=tail).numpy()

    def freeze(self, audio: Takes | None = None, rate: int | None = None) -> "Graph":
        """Measure the energy rule once, on this audio, and write it down as gains.

        Without audio it is measured on the built-in voice, or the built-in kit.
        """
        if audio is None:
            from graphophone.sources import calibration  # which loads all that sings and drums

            names = {str(self.nodes[i].source) for i in self.inputs}
            dry = calibration("singing" if names == {"voice"} else "drums", self.sample_rate)
            frozen = freeze(self, dry.tracks, self.sample_rate)
            window: Any = {**frozen.meta.get("frozen_on", {}), **dry.provenance}
            return Graph.of(replace(frozen, meta={**frozen.meta, "frozen_on": window}))
        rate = self.sample_rate if rate is None else rate
        return Graph.of(freeze(self, self._takes(audio, rate), rate))

    def sentence(self, bpm: float | None = None) -> str:
        """Say the graph as a musician would."""
        return sentence(self, ALL_SPECS, bpm)

    def draw(self) -> str:
        """Draw the graph as an SVG document."""
        return svg(self, ALL_SPECS)

    def save(self, path: str | Path) -> None:
        """Write the graph as JSON."""
        json.save(self, path)

    def export(
        self,
        path: str | Path,
        to: str,
        audio: Takes | None = None,
        rate: int | None = None,
        *,
        mode: str | None = None,
        strict: bool = False,
        force: bool = False,
    ) -> "Fidelity":
        """Write the graph for another program, and return how well each node is carried.

        Args:
            path: The file, or for ``lv2`` and ``reaper`` the folder.
            to: The target, such as ``faust`` or ``reaper``.
            audio: Recordings on which levels are measured; the built-in voice or kit if none.
            rate: Their samples a second; the graph's if not given.
            mode: How to write it, where a target has several ways.
            strict: Write nothing unless all of the graph is carried.
            force: Replace what is there.
        """
        from graphophone.export import delivery  # which loads all that sings and drums

        rate = self.sample_rate if rate is None else rate
        takes = {} if audio is None else self._takes(audio, rate)
        given = delivery.Recordings(takes, rate, "a recording") if takes else None
        return delivery.delivered(
            to, self, Path(path), given, mode=mode, strict=strict, force=force
        ).fidelity

    def _takes(self, audio: Takes, rate: int) -> dict[str, Stereo]:
        if isinstance(audio, Mapping):
            return {name: stereo(take, rate) for name, take in audio.items()}
        names = [str(self.nodes[i].source) for i in self.inputs]
        if len(names) != 1:
            raise UsageError(
                f"the graph has the inputs {', '.join(names)}: give a mapping with a recording each"
            )
        return {names[0]: stereo(audio, rate)}


def load_graph(path: str | Path) -> Graph:
    """Read a graph that was saved as JSON."""
    return Graph.of(json.load(path))


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


def fit(
    dry: Takes,
    wet: npt.NDArray[Any],
    rate: int,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    start: model.Graph | None = None,
    console: bool | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    task: str = "auto",
    weights: Path | None = None,
    state: Path | None = None,
    fresh: bool = False,
    watch: Callable[[object], None] | None = None,
) -> "Fitted":
    """Search for the graph that turns a dry recording into a wet one.

    Args:
        dry: The dry recording; one for each source by name if there are several.
        wet: The wet recording of the same performance.
        rate: Samples a second of all of them.
        seconds: When to end, counted over all runs; a minute if ``steps`` is not given either.
        steps: The same in steps; equal seeds and steps give equal graphs.
        seed: Decides all draws.
        start: A graph to begin with; by default a model listens to the wet recording.
        console: Prune a mixing console; by default with several dry recordings and no start.
        groups: Names of the sources of each subgroup of the console; one for all by default.
        task: What it listens for, as in :func:`estimate`.
        weights: A model of your own.
        state: File to keep the state in, and to go on from.
        fresh: Begin anew, even if there is a state.
        watch: Called after each step with something to print.

    Returns:
        The graph, its losses and what it sounds like; an interrupt returns the best so far.
    """
    from graphophone.fitting import fit as search  # with which optimisers are loaded
    from graphophone.fitting.pair import Pair
    from graphophone.fitting.starts import begun, heard

    takes = dry if isinstance(dry, Mapping) else {"": dry}
    tracks = {name or "voice": stereo(take, rate) for name, take in takes.items()}
    audio, limits = stereo(wet, rate), search.Limits.of(seconds, steps)

    def starts() -> "Starts":
        if start is not None:
            return begun(start, list(tracks))
        guess = {1: "singing"}.get(len(tracks), "drums") if task == "auto" else task
        estimator, _ = Listeners(guess, weights).choose(audio, rate)
        return heard(estimator.listen(wet, rate), list(tracks), rate)

    pair = Pair.of(tracks, audio, rate)
    more: Any = {"seed": seed, "state": state, "fresh": fresh, "watch": watch}
    if console or (console is None and len(tracks) > 1 and start is None):
        from graphophone.fitting.console.fit import fit_console

        found = fit_console(pair, limits, groups=groups, **more)
    else:
        found = search.fit(pair, starts, limits, **more)
    return replace(found, graph=Graph.of(found.graph))
