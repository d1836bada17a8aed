"""How far a graph's sound is from the wet recording, and what a node costs."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from graphophone.audio.losses import OFFSET, magnitudes, spectra, spectral_distance
from graphophone.dsp.energy import energy
from graphophone.fitting.pair import Pair
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.batch import render_batch
from graphophone.render.execute import execute
from graphophone.render.knobs import Knobs
from graphophone.render.plan import plan
from graphophone.render.threads import side_by_side
from graphophone.tensors import Audio

SEARCH_WINDOWS = (2_048, 512, 128)
"""Every other size of the full distance, and half as many frames: an eighth of the work."""
SEARCH_OVERLAP = 2
PRICE = 0.002
"""What a node has to better the distance by: 0.002 are 0.02 dB over all bins and frames."""
PRICE_SHARE = 0.002
"""And this share of the distance that there was without any node."""
SEGMENT_SECONDS = 10.0
FREE = ("in", "out", "mix")
"""Types that cost nothing: ends, and where signals meet."""
SILENT = 1e-12


class Objective:
    """The distance of graphs from one wet recording, all rendered on its dry one.

    Every rendering is brought to the energy of the wet recording first. A graph keeps the energy
    of its input, so its level is never its own; what is missing is written into the graph at the
    end, as the gain of the cable that goes to ``out``.

    Args:
        pair: The recordings.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.clips = {name: clip[None] for name, clip in pair.dry.items()}
        self.wet = pair.wet[None, :, pair.lead :]
        self.power = energy(self.wet)
        self._target = _looks(self.wet)
        self._full = spectra(self.wet)
        self.bypass = self.search_distance(sum_of(self.clips))
        self.price = PRICE + PRICE_SHARE * self.bypass

    def cost(self, graph: Graph) -> float:
        """Return the price of a graph's nodes."""
        return self.price * sum(node.type not in FREE for node in graph.nodes)

    @torch.inference_mode()
    def distances(self, graphs: Sequence[Graph]) -> list[float]:
        """Return the distance of each of some graphs, as the search sees it."""
        sources = [self.pair.dry] * len(graphs)
        wets = render_batch(graphs, sources, self.pair.rate)
        return side_by_side(self.search_distance, [wet[None] for wet in wets])

    @torch.inference_mode()
    def full_distance(self, graph: Graph) -> float:
        """Return the multi-scale spectral distance of a graph on the whole clip."""
        return float(spectral_distance(spectra(self.levelled(self.sound(graph))), self._full)[0])

    def sound(self, graph: Graph) -> Audio:
        """Return what a graph makes of the dry clips."""
        with torch.inference_mode():
            return execute(plan(graph, SPECS), self.clips, self.pair.rate).result()

    @torch.inference_mode()
    def search_distance(self, sound: Audio) -> float:
        """Return the distance of one sound (1, 2, time) as the search sees it."""
        value = float(_distance(_looks(self.levelled(sound)), self._target)[0])
        return value if value == value else float("inf")

    def levelled(self, sound: Tensor) -> Tensor:
        """Return what is compared of a sound, with the energy of the wet recording."""
        part = sound[..., self.pair.lead :]
        gain = (self.power / energy(part).clamp_min(SILENT)).sqrt()
        return part * gain[:, None, None].to(sound.dtype)

    def slope(self, graph: Graph) -> Callable[[Tensor], Tensor]:
        """Return the distance of a graph as a function of its travels, (rows, count) to (rows,)."""
        steps, knobs = plan(graph, SPECS), Knobs(graph, SPECS)

        def distance(travel: Tensor) -> Tensor:
            rows = {n: clip.expand(len(travel), -1, -1) for n, clip in self.clips.items()}
            ran = execute(steps, rows, self.pair.rate, settings=knobs.settings(travel))
            return _distance(_looks(self.levelled(ran.result())), self._target)

        return distance


def sum_of(clips: dict[str, Tensor]) -> Audio:
    """Return all clips together."""
    return torch.stack([*clips.values()]).sum(0)


def whole_distance(sound: Audio, wet: Audio, rate: int) -> float:
    """Return the multi-scale spectral distance of recordings of any length, in bounded memory.

    It is taken over segments of 10 s, which are weighted by their lengths: silence is assumed
    around each of them, as around a recording.
    """
    length, time = round(SEGMENT_SECONDS * rate), wet.shape[-1]
    count = max(1, round(time / length))
    ends = [round(time * i / count) for i in range(count + 1)]
    total = 0.0
    with torch.inference_mode():
        for first, last in pairwise(ends):
            one, two = (spectra(x[..., first:last]) for x in (sound, wet))
            total += float(spectral_distance(one, two)[0]) * (last - first) / time
    return total


def _looks(audio: Audio) -> list[tuple[Tensor, Tensor]]:
    """Return magnitudes and their logarithms (batch, channel, bins, frames) for each size."""
    found = []
    for size in SEARCH_WINDOWS:
        magnitude = magnitudes(audio.flatten(0, 1), size, SEARCH_OVERLAP)
        magnitude = magnitude.reshape(*audio.shape[:2], *magnitude.shape[1:])
        found.append((magnitude, (magnitude + OFFSET).log()))
    return found


def _distance(a: list[tuple[Tensor, Tensor]], b: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Return one distance an item; ``b`` may be a batch of one."""
    parts = [
        (one - two).abs().mean((1, 2, 3)) + (log_one - log_two).abs().mean((1, 2, 3))
        for (one, log_one), (two, log_two) in zip(a, b, strict=True)
    ]
    return torch.stack(parts).mean(0)
