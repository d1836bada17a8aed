"""Batch plan to sound: graphs that differ, rendered side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from graphophone.dsp.allocation import empty
from graphophone.dsp.device import on_gpu
from graphophone.dsp.energy import energy
from graphophone.dsp.lanes import as_clips
from graphophone.dsp.routing import gather, scatter
from graphophone.errors import GraphError
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS, PROCESSORS
from graphophone.render.batch_plan import TOGETHER, BatchPlan, GroupStep, batch_plan
from graphophone.render.execute import energy_scale
from graphophone.render.knobs import moved, precision
from graphophone.render.pieces import rendered
from graphophone.render.plan import Feed, plan
from graphophone.render.threads import side_by_side
from graphophone.tensors import Audio

CHANNELS = 2
LONG = 32_768
"""Samples from which on a graph of a batch is rendered by itself: the signals of one fill a cache
then, and kernels look ahead within a clip instead of sideways over clips. Below, most of the time
is the interpreter's, which threads only take from each other. A GPU takes all together."""
GPU_GROUP = 4096
"""Equal processors that a GPU computes at once; the more lanes, the better it is used."""
GPU_ROOM = 12
"""Signals of single precision that a primitive needs on a GPU for one of its own, at most."""


class BatchExecution:
    """The signals of a batch while it runs.

    Args:
        plan: What to compute.
        sources: For each graph a dry clip (2, time) for each of its sources, all equally long.
        sample_rate: Samples per second.
    """

    def __init__(
        self, plan: BatchPlan, sources: Sequence[Mapping[str, Tensor]], sample_rate: int
    ) -> None:
        some = next(iter(sources[0].values()))
        self.plan, self.sources, self.sample_rate = plan, sources, sample_rate
        self.samples, self.dtype, self.device = some.shape[-1], some.dtype, some.device
        self.buffer = empty((plan.width, self.samples, CHANNELS), self.dtype, self.device)
        self.energies = torch.zeros(plan.width, dtype=torch.float64, device=self.device)
        self.results: dict[int, Tensor] = {}

    @torch.inference_mode()
    def run(self) -> list[Tensor]:
        """Compute everything and return a wet clip (2, time) for each graph."""
        for step in self.plan.steps:
            for part in step.parts(self.plan.together):
                self._run(part)
        return [self.results[g] for g in range(len(self.plan.graphs))]

    def _run(self, step: GroupStep) -> None:
        count = len(step.members)
        audio = {inlet: self._sum(step, inlet) for inlet in step.members[0].step.audio}
        if step.spec.name == "out":
            for member, clip in zip(step.members, as_clips(audio["in"]), strict=True):
                self.results[member.graph] = clip
            return
        if step.spec.name == "in":
            clips = [
                self.sources[m.graph][_source(self.plan, m.graph, m.step.node)]
                for m in step.members
            ]
            outputs: Mapping[str, Audio] = {"out": torch.stack(clips)}
        else:
            outputs = PROCESSORS[step.spec.name].outputs(
                audio, self._controls(step), sample_rate=self.sample_rate, samples=self.samples
            )
        wide = {name: self._wide(signal, count) for name, signal in outputs.items()}
        powers = {name: energy(signal) for name, signal in wide.items()}
        scale = self._scale(step, audio, powers)
        for name, signal in wide.items():
            planes = np.array([member.planes[name] for member in step.members])
            scatter(signal, scale, planes, self.buffer)
            self.energies[self._tensor(planes)] = powers[name] * scale * scale

    def _sum(self, step: GroupStep, inlet: str) -> Audio:
        """Sum the cables at one inlet of every member."""
        return self._gather(step, [member.step.audio[inlet] for member in step.members])

    def _gather(self, step: GroupStep, feeds: Sequence[tuple[Feed, ...]]) -> Audio:
        starts = np.cumsum([0, *map(len, feeds)])
        planes = [
            self.plan.planes[member.graph, *feed.port]
            for member, cables in zip(step.members, feeds, strict=True)
            for feed in cables
        ]
        factors = [feed.factor for cables in feeds for feed in cables]
        return gather(self.buffer, starts, np.array(planes), np.array(factors))

    def _controls(self, step: GroupStep) -> dict[str, Tensor]:
        """Turn settings into control tensors, one row a member."""
        tensors = {}
        knobs = [self.plan.graphs[m.graph].nodes[m.step.node].knobs for m in step.members]
        for name, param in step.spec.params.items():
            values = [one[name] for one in knobs]
            if name in step.members[0].step.control:
                movement = self._gather(step, [m.step.control[name] for m in step.members])
                still = self._tensor([param.to_travel(v) for v in values], self.dtype)
                tensors[name] = moved(param, still, movement)
            else:
                dtype = precision(param, self.dtype)
                tensors[name] = self._tensor(values, dtype)[:, None, None]
        return tensors

    def _scale(
        self, step: GroupStep, audio: Mapping[str, Audio], powers: Mapping[str, Tensor]
    ) -> Tensor:
        """Return the gain of each member: by the energy rule, given, or none."""
        given = [member.step.scale for member in step.members]
        if step.spec.group in ("terminal", "control"):
            return self._tensor([1.0] * len(given), torch.float64)
        if None not in given:
            return self._tensor(given, torch.float64)
        before = [self._energy(step, i, x) for i, x in audio.items() if i != "sidechain"]
        scale = energy_scale(before, powers.values(), next(iter(audio.values()))[0])
        known = [i for i, one in enumerate(given) if one is not None]
        if known:
            scale[known] = self._tensor([given[i] for i in known], torch.float64)
        return scale

    def _energy(self, step: GroupStep, inlet: str, audio: Audio) -> Tensor:
        """Return energies at an inlet; where one cable ends they are known from where it starts."""
        feeds = [member.step.audio[inlet] for member in step.members]
        summed = [i for i, cables in enumerate(feeds) if len(cables) > 1]
        planes = [
            self.plan.planes[member.graph, *cables[0].port]
            for member, cables in zip(step.members, feeds, strict=True)
        ]
        powers = self._tensor([cables[0].factor ** 2 for cables in feeds], torch.float64)
        result = self.energies[self._tensor(planes)] * powers
        if summed:  # each clip by itself, or its bits would depend on the company it keeps
            result[summed] = energy(audio[summed])
        return result

    def _tensor(self, values: object, dtype: torch.dtype | None = None) -> Tensor:
        return torch.as_tensor(values, dtype=dtype, device=self.device)

    def _wide(self, signal: Tensor, count: int) -> Audio:
        """Bring an output to one plane: both channels, every sample."""
        return signal.expand(count, CHANNELS, self.samples)


def _source(plan: BatchPlan, graph: int, node: int) -> str:
    return str(plan.graphs[graph].nodes[node].source)


def render_batch(
    graphs: Sequence[Graph],
    sources: Sequence[Mapping[str, Tensor]],
    sample_rate: int,
    *,
    max_memory: float = 2e9,
    threads: int | None = None,
) -> list[Tensor]:
    """Render many graphs, each on clips of its own, which enter at the level they have.

    Equal processors of all graphs are computed together where clips are short. Long ones go
    through their graphs one after the other, as many at a time as there are threads.

    Args:
        graphs: Finished, valid graphs of any kind.
        sources: For each graph a clip (2, time) for each of its sources, all of one length and
            on one device, where everything is computed.
        sample_rate: Samples per second.
        max_memory: Bytes that buffers may take; a batch that needs more is rendered in parts,
            which on a CPU changes no bit of any clip.
        threads: Parts that run at the same time; by default as many as PyTorch uses, and one
            where clips are short or on a GPU.

    Returns:
        A wet clip (2, time) for each graph.

    Raises:
        GraphError: A clip is missing, clips differ in length, or one graph alone needs more
            than ``max_memory``.
    """
    if not graphs:
        return []
    lengths = {clip.shape[-1] for clips in sources for clip in clips.values()}
    if len(graphs) != len(sources) or len(lengths) != 1:
        raise GraphError(
            f"a batch needs clips of one length for each graph, got {len(graphs)} graphs, "
            f"{len(sources)} sets of clips and the lengths {sorted(lengths)}"
        )
    for graph, clips in zip(graphs, sources, strict=True):
        names = {str(graph.nodes[i].source) for i in graph.inputs}
        if missing := sorted(names - clips.keys()):
            raise GraphError(f"a graph of the batch needs an input for {', '.join(missing)}")
    samples, some = lengths.pop(), next(iter(sources[0].values()))
    gpu, size = on_gpu(some), some.element_size()
    alone = samples >= LONG and not gpu
    default = torch.get_num_threads() if alone else 1
    workers = 1 if gpu else min(threads or default, len(graphs))
    count = len(graphs) if alone else workers
    parts = _split(graphs, samples, size, max_memory / workers, count, gpu=gpu)

    def run(part: tuple[int, BatchPlan]) -> list[Tensor]:
        first, made = part
        if alone:
            clips = {name: clip[None] for name, clip in sources[first].items()}
            return [rendered(plan(graphs[first], ALL_SPECS), clips, sample_rate)[0]]
        return BatchExecution(made, sources[first : first + len(made.graphs)], sample_rate).run()

    return [wet for done in side_by_side(run, parts, workers) for wet in done]


def _split(
    graphs: Sequence[Graph], samples: int, item: int, memory: float, count: int, *, gpu: bool
) -> list[tuple[int, BatchPlan]]:
    """Plan a batch in parts that each fit into memory, at least ``count`` of them."""
    parts = []
    together, room = (GPU_GROUP, GPU_ROOM * 4 // item) if gpu else (TOGETHER, 1)
    pending = [(len(graphs) * i // count, len(graphs) * (i + 1) // count) for i in range(count)]
    while pending:
        first, last = pending.pop(0)
        made = batch_plan(graphs[first:last], ALL_SPECS, together=together, room=room)
        if made.bytes(samples, item) <= memory:
            parts.append((first, made))
        elif last - first == 1:
            raise GraphError(
                f"one graph needs {made.bytes(samples, item) / 1e6:.0f} MB, but max_memory leaves "
                f"{memory / 1e6:.0f} MB"
            )
        else:
            middle = (first + last) // 2
            pending[:0] = [(first, middle), (middle, last)]
    return parts
