"""Recordings whose graph is known, short enough to be fitted in a test."""

import numpy as np
import torch
from torch import Tensor

from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.render import render

RATE = 16_000


def performance(seconds: float = 0.8, rate: int = RATE, seed: int = 1) -> Tensor:
    """Strokes of noise over a gliding tone, a little wider than mono: something of everything."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    strokes = np.exp(-12 * (time % 0.2)) * rng.standard_normal((2, len(time)))
    tone = sum(np.sin(2 * np.pi * k * (140 * time + 60 * time**2)) / k for k in range(1, 12))
    mixed = strokes * [[0.5], [0.4]] + strokes.mean(0) + 0.5 * np.asarray(tone)
    return torch.from_numpy(0.1 * mixed.astype(np.float32))


def phrase(seed: int, seconds: float = 5.0) -> Tensor:
    """Strokes at times and pitches that a seed decides: two seeds are two performances."""
    generator = torch.Generator().manual_seed(seed)
    out = torch.zeros(2, round(seconds * RATE))
    time = torch.arange(RATE) / RATE
    for start in torch.rand(round(3 * seconds), generator=generator) * (seconds - 1):
        pitch = 100 * 2 ** (3 * float(torch.rand(1, generator=generator)))
        tone = sum(torch.sin(2 * torch.pi * k * pitch * time) / k for k in range(1, 8))
        noise = 0.2 * torch.randn(2, RATE, generator=generator)
        first = int(start * RATE)
        out[:, first : first + RATE] += 0.05 * torch.exp(-8 * time) * (tone + noise)
    return out


def chain(*types: str, source: str = "voice", **knobs: float) -> Graph:
    """A chain of processors; knobs as ``bell_gain=3``."""
    builder = GraphBuilder(SPECS)
    last = builder.add("in", source=source)
    for type_ in types:
        own = {
            name: knobs[f"{type_}_{name}"]
            for name in SPECS[type_].params
            if f"{type_}_{name}" in knobs
        }
        node = builder.add(type_, **own)
        builder.connect(last, node)
        last = node
    builder.connect(last, builder.add("out"))
    return builder.graph(sample_rate=RATE)


def wet_of(graph: Graph, dry: Tensor, rate: int = RATE) -> Tensor:
    """The dry recording through a graph."""
    return render(graph, {"voice": dry}, rate)
