"""A graph with all that a program does with it."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphophone.api.recordings import Samples, Takes
from graphophone.audio.arrays import stereo
from graphophone.codec import json
from graphophone.codec.drawing import svg
from graphophone.codec.prose import sentence
from graphophone.errors import UsageError
from graphophone.graph import model
from graphophone.processors import ALL_SPECS
from graphophone.render.render import freeze, render
from graphophone.tensors import Stereo

if TYPE_CHECKING:
    from graphophone.export.fidelity import Fidelity


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
