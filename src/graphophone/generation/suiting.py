"""Knobs and cables drawn to suit the signal that reaches them.

Lee et al. 2023, section 2.1, "Adaptive Parameter Randomization": knobs are drawn "adaptively
to the incoming signals, preventing the graph from having 'ghost' nodes that do not contribute
to the final output signal". All that is known of a signal is what
:mod:`graphophone.generation.measure` tells.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from graphophone.generation.measure import Measured, band_edges
from graphophone.generation.patch import Ranges
from graphophone.graph.model import Edge, Graph
from graphophone.spec import DEPTH, ProcessorSpec

SHARES = (0.2, 0.8)
"""A filter stands where the cumulative energy lies between these shares."""
DEPTHS = {"frequency": (0.06, 0.5), "mod": (0.03, 0.5), "pan": (0.25, 1.0), "gain": (0.15, 0.5)}
"""Range of the size of an oscillator's depth at each control inlet, drawn logarithmically."""
GAINS = (-9.0, 3.0)
"""Range of the level in dB with which a branch enters a mix."""
APART_DB = 4.0
"""Difference in level of two cables from one node to one mix, or they would be one."""


def suited_knobs(
    spec: ProcessorSpec,
    heard: Mapping[str, Measured],
    rng: Random,
    ranges: Ranges | None = None,
) -> dict[str, float]:
    """Draw one node's knobs so that they do something to its incoming signal.

    Args:
        spec: What the node is.
        heard: Signal at each audio inlet.
        rng: Where every draw comes from.
        ranges: Knobs that a motif wants between two values, in their unit; these are drawn
            there, uniformly over the travel, whatever the signal is like.

    Returns:
        Settings in physical units, rounded to six significant digits, so that a file holds
        them exactly.
    """
    knobs = {name: param.draw(rng) for name, param in spec.params.items()}
    signal = heard.get("in")
    if signal is not None:
        if "frequency" in knobs and spec.group == "filter":
            knobs["frequency"] = _frequency(signal, rng)
        if "threshold" in knobs:
            knobs["threshold"] = _threshold(spec.name, heard.get("sidechain", signal), rng)
        if spec.name == "envelope_follower":
            loud = signal.deciles_db[-1]
            knobs["gain"] = rng.uniform(0.15, 0.6) / 10 ** (loud / 20)
    if "gain" in knobs and spec.params["gain"].low == -spec.params["gain"].high:
        size = rng.uniform(0.2, 1.0) * spec.params["gain"].high
        knobs["gain"] = size if rng.random() < 0.5 else -size
    if "mix" in knobs:
        knobs["mix"] = spec.params["mix"].draw(rng, 0.2, 1.0)
    if "pan" in knobs:
        knobs["pan"] = rng.choice((-1, 1)) * rng.uniform(0.2, 1.0)
    if spec.name == "imager":
        knobs["width"] = rng.choice((rng.uniform(0.0, 0.5), rng.uniform(1.5, 2.0)))
    if spec.name == "pitchshift":
        knobs["semitone"] = float(rng.choice([n for n in range(-12, 13) if n]))
    for name, ends in (ranges or {}).items():
        param = spec.params[name]
        knobs[name] = param.draw(rng, *(param.to_travel(end) for end in ends))
    return {n: float(f"{spec.params[n].snap(v):.6g}") for n, v in knobs.items()}


def draw_cables(prototype: Graph, rng: Random) -> Graph:
    """Draw gains where branches meet and depths where oscillators plug in."""
    edges: list[Edge] = []
    gains: dict[tuple[int, int], float] = {}
    for edge in prototype.edges:
        source, target = prototype.nodes[edge.source], prototype.nodes[edge.target]
        if source.type in {"mono_lfo", "stereo_lfo"}:
            low, high = DEPTHS[edge.inlet]
            size = math.exp(rng.uniform(math.log(low), math.log(high)))
            depth = DEPTH.snap(size if rng.random() < 0.5 else -size)
            edges.append(replace(edge, depth=float(f"{depth:.6g}")))
        elif source.type == "envelope_follower":
            edges.append(replace(edge, depth=1.0 if rng.random() < 0.7 else -1.0))
        elif target.type == "mix":
            gain, twin = rng.uniform(*GAINS), gains.get((edge.source, edge.target))
            while twin is not None and abs(gain - twin) < APART_DB:
                gain = rng.uniform(*GAINS)
            gains[edge.source, edge.target] = gain
            edges.append(replace(edge, gain_db=float(f"{gain:.6g}")))
        else:
            edges.append(edge)
    return prototype.with_parts(prototype.nodes, edges)


def _frequency(signal: Measured, rng: Random) -> float:
    """Draw a frequency below which .2 to .8 of the energy lie, anywhere in its band."""
    edges = band_edges(signal.sample_rate)
    band, place = signal.frequency_at(rng.uniform(*SHARES)), rng.random()
    if band == 0:
        return edges[0]
    return float(edges[band - 1] * (edges[band] / edges[band - 1]) ** place)


def _threshold(name: str, key: Measured, rng: Random) -> float:
    """Draw a threshold that the signal crosses: deep in its range for a compressor."""
    levels = key.deciles_db
    if name == "compressor":
        return rng.uniform(levels[3] - 6, levels[8] - 3)
    return rng.uniform(levels[2], levels[7])
