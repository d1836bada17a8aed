"""Wear a graph: dry recordings in, wet recording out, with levels taken care of."""

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from graphophone.audio.level import to_level
from graphophone.dsp.energy import energy
from graphophone.errors import GraphError
from graphophone.graph.model import Graph
from graphophone.graph.rules import check
from graphophone.processors import ALL_SPECS
from graphophone.render.ends import TAIL_LIMIT_SECONDS, end_of_sound, restoring
from graphophone.render.execute import execute
from graphophone.render.pieces import rendered
from graphophone.render.plan import plan


def render(
    graph: Graph,
    sources: Mapping[str, Tensor],
    sample_rate: int,
    *,
    as_is: bool = False,
    tail: bool = False,
) -> Tensor:
    """Render dry recordings through a graph.

    Each recording is brought to the graph's reference level, on which its thresholds depend,
    and the output is brought back by the same amount; with several inputs, by the amount that
    gives the sum of the dry energies back.

    Args:
        graph: A finished graph.
        sources: A recording (2, time) for each source of the graph, padded to equal length.
        sample_rate: Samples per second of the recordings.
        as_is: Let the recordings enter at the level they have.
        tail: Run on until the sound has decayed by 60 dB, at most 10 s.

    Returns:
        The wet recording, shape (2, time).

    Raises:
        GraphError: The graph breaks a rule, or the recordings do not fit its inputs.
        AudioError: A recording is silent.
    """
    check(graph, ALL_SPECS)
    dry, undo = _enter(graph, sources, sample_rate, as_is=as_is)
    if tail:
        # The energy rule is measured on the recording alone, so that a tail changes no level.
        graph = _freeze(graph, dry, sample_rate)
        pad = math.ceil(TAIL_LIMIT_SECONDS * sample_rate)
        length = next(iter(dry.values())).shape[-1]
        dry = {name: torch.nn.functional.pad(clip, (0, pad)) for name, clip in dry.items()}
        wet = rendered(plan(graph, ALL_SPECS), dry, sample_rate)[0]
        wet = wet[:, : max(length, end_of_sound(wet))]
    else:
        wet = rendered(plan(graph, ALL_SPECS), dry, sample_rate)[0]
    return wet * undo


def freeze(
    graph: Graph, sources: Mapping[str, Tensor], sample_rate: int, *, as_is: bool = False
) -> Graph:
    """Measure the energy rule once and write it down as a fixed gain of each node.

    Args:
        graph: A finished graph; one that is not ``normalised`` is returned as it is.
        sources: A recording (2, time) for each source; all of it is the stated window.
        sample_rate: Samples per second of the recordings.
        as_is: Let the recordings enter at the level they have.

    Returns:
        The same graph with ``energy="frozen"``; ``meta["frozen_on"]`` states the window.
    """
    check(graph, ALL_SPECS)
    dry, _ = _enter(graph, sources, sample_rate, as_is=as_is)
    return _freeze(graph, dry, sample_rate)


def _freeze(graph: Graph, dry: Mapping[str, Tensor], sample_rate: int) -> Graph:
    if graph.energy != "normalised":
        return graph
    scales = execute(plan(graph, ALL_SPECS), dry, sample_rate).scales
    nodes = tuple(
        replace(node, scale_db=20 * math.log10(float(scales[i][0]))) if i in scales else node
        for i, node in enumerate(graph.nodes)
    )
    seconds = next(iter(dry.values())).shape[-1] / sample_rate
    window = {"seconds": round(seconds, 3), "sample_rate": sample_rate}
    return replace(graph, nodes=nodes, energy="frozen", meta={**graph.meta, "frozen_on": window})


def _enter(
    graph: Graph, sources: Mapping[str, Tensor], sample_rate: int, *, as_is: bool
) -> tuple[dict[str, Tensor], float]:
    """Match recordings to inputs and set their levels; return clips and the gain to undo."""
    wanted = {str(graph.nodes[i].source) for i in graph.inputs}
    if missing := sorted(wanted - sources.keys()):
        given = ", ".join(sorted(sources)) or "none"
        raise GraphError(f"the graph needs an input for {', '.join(missing)}, got {given}")
    samples = max(sources[name].shape[-1] for name in wanted)
    dry, before, after = {}, 0.0, 0.0
    for name in sorted(wanted):
        clip = sources[name]
        clip = torch.nn.functional.pad(clip, (0, samples - clip.shape[-1])).contiguous()
        before += float(energy(clip[None])[0])
        if not as_is:
            clip, _ = to_level(clip, sample_rate, graph.reference_rms_db)
        after += float(energy(clip[None])[0])
        dry[name] = clip[None]
    return dry, 1.0 if as_is else restoring(before, after)
