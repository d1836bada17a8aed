"""GRAFX's graphs: nodes of named types, put in an order and rendered as batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.benchmark.contender import Run
from graphophone.benchmark.peers.grafx_modules import Translation

Load = Callable[[str], Any]
"""Returns a module of a package by its name."""


class Patch:
    """A graph that grows, every node of a type with the same settings.

    Args:
        load: Imports modules.
        parts: What each type of node is.
    """

    def __init__(self, load: Load, parts: Mapping[str, Translation]) -> None:
        self.load, self.parts = load, parts
        data = load("grafx.data")
        self.graph = data.GRAFX(config=data.NodeConfigs(list(parts)))
        self.counts = dict.fromkeys(parts, 0)

    def add(self, type: str) -> int:
        """Add a node."""
        if type in self.counts:
            self.counts[type] += 1
        return int(self.graph.add(type))

    def strip(self, types: Sequence[str], last: int) -> int:
        """Add nodes one after the other behind a node; return the last."""
        for type in types:
            node = self.add(type)
            self.graph.connect(last, node)
            last = node
        return last

    def series(self, types: Sequence[str]) -> None:
        """Make it one chain."""
        last = self.strip(types, self.add("in"))
        self.graph.connect(last, self.add("out"))

    def plan(self, order: str) -> Any:
        """Return what its renderer needs."""
        render = self.load("grafx.render")
        tensor = self.load("grafx.data").convert_to_tensor(self.graph)
        return render.prepare_render(render.reorder_for_fast_render(tensor, method=order))

    def parameters(self) -> dict[str, dict[str, Tensor]]:
        """Return parameters by type, a row a node."""
        return {type: part.repeated(self.counts[type]) for type, part in self.parts.items()}

    def run(self, audio: Tensor, order: str) -> Run:
        """Return what is timed: the graph on sources (sources, 2, time), or a batch of them."""
        plan, parameters = self.plan(order), self.parameters()

        @torch.no_grad()
        def run() -> Tensor:
            return self.rendered(audio, parameters, plan, gradient=False)

        return run

    def rendered(
        self, audio: Tensor, parameters: Mapping[str, Any], plan: Any, *, gradient: bool
    ) -> Tensor:
        """Render; of a batch, the clips come back as (clips, 2, time)."""
        modules = {type: part.module for type, part in self.parts.items()}
        render = self.load("grafx.render").render_grafx
        out, _, _ = render(modules, audio, parameters, plan, parameters_grad=gradient)
        result: Tensor = out[0] if isinstance(out, list) else out
        return result[:, 0] if result.ndim == 4 else result


@contextmanager
def exact_convolutions(load: Load) -> Iterator[None]:
    """Let its modules convolve in double precision, and at the right length, for a while.

    Its own convolution does not tell the inverse transform how long the result is, so that an odd
    length comes out a sample short and everything in it slightly early.
    """

    def convolve(x: Tensor, h: Tensor, mode: str = "zerophase", pad_mode: str = "min") -> Tensor:
        length = x.shape[-1] + h.shape[-1] - 1
        spectra = [np.fft.rfft(t.detach().double().numpy(), length) for t in (x, h)]
        whole = np.fft.irfft(spectra[0] * spectra[1], length)
        start = h.shape[-1] // 2 if mode == "zerophase" else 0
        return torch.from_numpy(whole[..., start : start + x.shape[-1]]).to(x.dtype)

    places = [load(f"grafx.processors.{name}") for name in ("core.convolution", "delay", "eq")]
    kept = [place.convolve for place in places]
    for place in places:
        place.convolve = convolve
    try:
        yield
    finally:
        for place, own in zip(places, kept, strict=True):
            place.convolve = own
