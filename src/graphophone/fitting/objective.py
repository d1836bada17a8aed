"""How far a graph's sound is from the wet recording, and what a node costs."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise

import torch
from torch import Tensor

from graphophone.audio.losses import OFFSET, magnitudes, spectra, spectral_distance
from graphophone.dsp.energy import energy
from graphophone.fitting.answers import Answers
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
WAVE = 0.2
"""What a waveform costs that has nothing in common with the wet one; spectra know no phase."""
BLUR = 1e-3
"""Where the root of what is unlike becomes round, so that it has a slope at nothing."""
EXCERPT_SECONDS, EXCERPT_LEAD = 1.5, 0.5
"""What many candidates are first looked at on, and how much of that only gets them going."""
MOST_KNOWN = 1_000
"""Distances that are remembered: much is asked for again a little later."""
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
        self._known: dict[Graph, float] = {}
        self._fully: dict[Graph, tuple[float, float]] = {}
        self._target = _looks(self.wet)
        self._full = spectra(self.wet)
        self.bypass = self.search_distance(sum_of(self.clips))
        self.price = PRICE + PRICE_SHARE * self.bypass

    @cached_property
    def excerpt(self) -> "Objective":
        """The same on a short part, where most sounds: for choosing among many."""
        part = self.pair.window(EXCERPT_SECONDS, EXCERPT_LEAD)
        return self if part is self.pair else Objective(part)

    @cached_property
    def answers(self) -> Answers:
        """When the wet recording answers the dry one."""
        return Answers(sum_of(self.clips)[0], self.pair.wet, self.pair.rate)

    def cost(self, graph: Graph) -> float:
        """Return the price of a graph's nodes."""
        return self.price * sum(node.type not in FREE for node in graph.nodes)

    def distances(self, graphs: Sequence[Graph]) -> list[float]:
        """Return the distance of each of some graphs, as the search sees it."""
        fresh = [graph for graph in dict.fromkeys(graphs) if graph not in self._known]
        if len(self._known) > MOST_KNOWN:
            self._known = {graph: self._known[graph] for graph in graphs if graph in self._known}
        found = side_by_side(self.search_distance, self._rendered(fresh))
        self._known.update(zip(fresh, found, strict=True))
        return [self._known[graph] for graph in graphs]

    @torch.inference_mode()
    def sounds(self, graphs: Sequence[Graph]) -> list[Audio]:
        """Return what is compared of each of some graphs (1, 2, time)."""
        return [self.levelled(sound) for sound in self._rendered(graphs)]

    @torch.inference_mode()
    def _rendered(self, graphs: Sequence[Graph]) -> list[Audio]:
        wets = render_batch(graphs, [self.pair.dry] * len(graphs), self.pair.rate)
        return [wet[None] for wet in wets]

    @torch.inference_mode()
    def full_distance(self, graph: Graph) -> float:
        """Return the multi-scale spectral distance of a graph on the whole clip."""
        return self.full_distances(graph)[0]

    @torch.inference_mode()
    def full_distances(self, graph: Graph) -> tuple[float, float]:
        """Return the multi-scale spectral distance on the whole clip, and what waveforms cost."""
        if graph not in self._fully:
            if len(self._fully) > MOST_KNOWN:
                self._fully.clear()
            sound = self.levelled(self.sound(graph))
            spectral = spectral_distance(spectra(sound), self._full)
            self._fully[graph] = float(spectral[0]), WAVE * float(unlike(sound, self.wet)[0])
        return self._fully[graph]

    def sound(self, graph: Graph) -> Audio:
        """Return what a graph makes of the dry clips."""
        with torch.inference_mode():
            return execute(plan(graph, SPECS), self.clips, self.pair.rate).result()

    @torch.inference_mode()
    def search_distance(self, sound: Audio) -> float:
        """Return the distance of one sound (1, 2, time) as the search sees it."""
        value = float(self._distance(self.levelled(sound))[0])
        return value if value == value else float("inf")

    def _distance(self, sound: Tensor) -> Tensor:
        """Return what sounds (batch, 2, time) at the wet one's energy are away from it."""
        return _distance(_looks(sound), self._target) + WAVE * unlike(sound, self.wet)

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
            return self._distance(self.levelled(ran.result()))

        return distance


def unlike(sound: Tensor, wet: Tensor) -> Tensor:
    """Return how unlike waveforms are, (batch,), from 0 to 1, whatever their level and polarity.

    It is the amplitude of what is left of the wet one when as much as can be is taken out of it:
    sqrt(1 - r^2), r being their correlation. At 20 dB of SI-SDR it is 0.1.
    """
    one, two = sound.flatten(1), wet.flatten(1)
    same = (one * two).sum(1).square()
    powers = one.square().sum(1) * two.square().sum(1)
    rest = (1 - same / powers.clamp_min(SILENT)).clamp_min(0.0)
    return (rest + BLUR**2).sqrt() - BLUR


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
