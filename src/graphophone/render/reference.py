"""The slow oracle: a graph evaluated node by node, straight from the definition.

It shares nothing with plan and execute but the processors, and the fast renderer must equal
it. Read it to learn what a graph means.
"""

from collections.abc import Mapping
from functools import cache

import torch
from torch import Tensor

from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS, PROCESSORS
from graphophone.tensors import Audio


def reference_render(graph: Graph, sources: Mapping[str, Audio], sample_rate: int) -> Audio:
    """Return what leaves ``out`` when the sources, (batch, 2, time), enter as they are."""
    batch, _, samples = next(iter(sources.values())).shape

    @cache
    def evaluate(i: int) -> dict[str, Tensor]:
        node = graph.nodes[i]
        if node.type == "in":
            return {"out": sources[str(node.source)]}
        spec = ALL_SPECS[node.type]
        audio: dict[str, Tensor] = {}
        moves: dict[str, Tensor] = {}
        for e in graph.incoming(i):
            signal, inlet = evaluate(e.source)[e.outlet], spec.inlet(e.inlet)
            if inlet is not None and inlet.knob:
                moves[inlet.knob] = moves.get(inlet.knob, torch.zeros(())) + e.depth * signal
            else:
                gain = (-1 if e.invert else 1) * 10 ** (e.gain_db / 20)
                audio[e.inlet] = audio.get(e.inlet, torch.zeros_like(signal)) + gain * signal
        if node.type == "out":
            return {"out": audio["in"]}
        knobs = {}
        for name, param in spec.params.items():
            still = torch.full((batch, 1, 1), node.knobs[name], dtype=torch.float64)
            if name in moves:
                travel = param.to_travel(node.knobs[name]) + moves[name]
                still = param.from_travel(travel.clamp(0, 1))
            if name in moves or param.unit != "s":  # times need their digits
                still = still.to(next(iter(sources.values())).dtype)
            knobs[name] = still
        outputs = PROCESSORS[node.type].outputs(
            audio, knobs, sample_rate=sample_rate, samples=samples
        )
        if spec.group == "control" or graph.energy == "plain":
            return outputs
        scale = torch.full((batch,), 10 ** ((node.scale_db or 0.0) / 20), dtype=torch.float64)
        if graph.energy == "normalised":
            inputs = [signal for inlet, signal in audio.items() if inlet != "sidechain"]
            total = [
                torch.stack([(x.double() ** 2).sum((1, 2)) for x in signals]).sum(0)
                for signals in (inputs, outputs.values())
            ]
            scale = (total[0] / total[1]).sqrt().nan_to_num(1.0).clamp(10**-1.2, 10**1.2)
            scale[total[0] / (2 * samples) < 1e-9] = 1.0
        return {o: (x * scale.reshape(-1, 1, 1)).to(x.dtype) for o, x in outputs.items()}

    return evaluate(graph.output)["out"]
