"""A graph as exports take it: levels measured, and what enters brought to them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphophone import __version__
from graphophone.audio.level import active_rms_db
from graphophone.dsp.energy import energy
from graphophone.graph.model import Graph
from graphophone.render.ends import restoring
from graphophone.render.render import freeze
from graphophone.spec import Param
from graphophone.tensors import Stereo

LEVEL = Param(
    low=-120,
    high=120,
    default=0,
    unit="dB",
    help="brings what enters to the level at which thresholds hold, or what leaves back",
)
DIGITS = 6
"""Of a level in dB after the point: what a resampler leaves of 0 dB is 0 dB."""


@dataclass(frozen=True)
class Patch:
    """A graph to export.

    Attributes:
        graph: Frozen or plain, unless its target only draws it.
        title: What it is called.
        sample_rate: Rate in Hz at which whatever has to be computed beforehand is computed.
        levels_db: By how much each source is turned up as it enters, by name.
        output_db: By how much the output is turned up.
        window: On what its levels were measured, in words.
        tracks: The recordings (2, time) on which they were measured, by name.
    """

    graph: Graph
    title: str
    sample_rate: int
    levels_db: Mapping[str, float]
    output_db: float
    window: str
    tracks: Mapping[str, Stereo] = field(default_factory=dict)

    @property
    def author(self) -> str:
        """What wrote the export."""
        return f"Graphophone {__version__}"


def drawn(graph: Graph, title: str) -> Patch:
    """Return a graph for a target that does not sound; its levels are left alone."""
    names = (str(graph.nodes[i].source) for i in graph.inputs)
    return Patch(graph, title, graph.sample_rate, dict.fromkeys(names, 0.0), 0.0, "")


def measured(
    graph: Graph, title: str, tracks: Mapping[str, Stereo], sample_rate: int, window: str
) -> Patch:
    """Freeze a graph on some tracks, and measure how they enter and leave it.

    Args:
        graph: A finished graph.
        title: What it is called.
        tracks: A recording (2, time) for each source of the graph.
        sample_rate: Samples per second of the recordings.
        window: What the recordings are, in words.

    Raises:
        GraphError: The recordings do not fit the graph's inputs.
        AudioError: A recording is silent.
    """
    frozen = freeze(graph, tracks, sample_rate)
    names = sorted({str(graph.nodes[i].source) for i in graph.inputs})
    levels = {
        n: round(graph.reference_rms_db - active_rms_db(tracks[n], sample_rate), DIGITS)
        for n in names
    }
    before = {n: float(energy(tracks[n][None])[0]) for n in names}
    after = sum(before[n] * 10 ** (levels[n] / 10) for n in names)
    undo = round(20 * math.log10(restoring(sum(before.values()), after)), DIGITS)
    frozen = replace(frozen, meta={**frozen.meta, "frozen_on": {"what": window}})
    return Patch(frozen, title, sample_rate, levels, undo, window, tracks)
