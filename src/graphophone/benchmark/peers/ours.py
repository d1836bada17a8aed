"""Graphophone itself, rendering graphs as anyone would."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import cycle

import torch
from torch import Tensor

import graphophone
from graphophone.benchmark import clips, laws
from graphophone.benchmark.contender import (
    Array,
    Contender,
    Effect,
    Law,
    Prepare,
    Run,
    as_audio,
)
from graphophone.benchmark.graphs import console, series, source
from graphophone.benchmark.job import Job, Stage
from graphophone.benchmark.machine import synchronised
from graphophone.errors import UsageError
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS
from graphophone.render.batch import BatchExecution, render_batch
from graphophone.render.batch_plan import batch_plan
from graphophone.render.execute import execute
from graphophone.render.knobs import Knobs
from graphophone.render.pieces import rendered
from graphophone.render.plan import Plan, plan
from graphophone.render.reference import reference_render
from graphophone.render.stream import Stream

TOOL = "graphophone"
TOGETHER = f"{TOOL} (batch)"
"""Equal processors of one graph or many are run together."""
STEP = 1e-7
"""Share of a knob's travel over which differences are taken."""


class Ours:
    """The software that this is a part of."""

    name = TOOL

    def missing(self) -> str | None:
        """It is here."""
        return None

    def remark(self) -> str | None:
        """Nothing had to be done."""
        return None

    def versions(self) -> dict[str, str]:
        """Return our version."""
        return {TOOL: graphophone.__version__}

    def contenders(self, job: Job) -> Sequence[Contender]:
        """Do every job; where nodes can be run together, in that way too."""
        if job.shape == "graphs":
            return _graphs(job)
        if job.shape == "console":
            return [_backward(job)] if job.gradient else _consoles(job)
        return [_stream(job) if job.shape == "stream" else _series(job)]


def _series(job: Job) -> Contender:
    def prepared(stages: Sequence[Stage]) -> Prepare:
        steps = plan(series(stages), ALL_SPECS)
        return lambda audio: _rendering(steps, {"clip": audio}, job.rate)

    still = prepared(job.stages_at_rest) if job.judged_at_rest else None
    return Contender(TOOL, prepared(job.stages), laws.of(job, ours=True), still=still)


def _stream(job: Job) -> Contender:
    graph = series(job.stages)

    def one(material: Tensor) -> Run:
        stream, waiting = Stream(graph, job.rate), cycle(clips.blocks(material[0]))
        return lambda: stream.process({"clip": next(waiting)})

    def whole(material: Tensor) -> Run:
        def run() -> Tensor:
            stream = Stream(graph, job.rate)
            parts = [stream.process({"clip": block}) for block in clips.blocks(material[0])]
            return torch.cat(parts, -1)[None]

        return run

    def offline(clip: Array) -> Array:
        sources = {"clip": torch.from_numpy(clip).float()[None]}
        wet: Array = as_audio(rendered(plan(graph, ALL_SPECS), sources, job.rate))[0]
        return wet

    return Contender(TOOL, one, laws.equals(offline, "its offline rendering"), still=whole)


def _rendering(steps: Plan, sources: Mapping[str, Tensor], rate: int) -> Run:
    return lambda: rendered(steps, sources, rate)


def _tracks(material: Tensor) -> dict[str, Tensor]:
    return {source(i): track[None] for i, track in enumerate(material)}


def _consoles(job: Job) -> Sequence[Contender]:
    def one_by_one(material: Tensor) -> Run:
        steps = plan(console(job, len(material)), ALL_SPECS)
        return _rendering(steps, _tracks(material), job.rate)

    def together(material: Tensor) -> Run:
        steps = batch_plan([console(job, len(material))], ALL_SPECS)
        tracks = [{name: track[0] for name, track in _tracks(material).items()}]
        return lambda: BatchExecution(steps, tracks, job.rate).run()

    def deviation(effect: Effect, material: Tensor) -> float:
        whole = {name: track.double() for name, track in _tracks(material).items()}
        wanted = reference_render(console(job, len(material)), whole, job.rate)
        return laws.relative(effect(material), wanted.numpy())

    law = Law("the node-by-node reference", "relative L2", deviation)
    return [Contender(TOOL, one_by_one, law), Contender(TOGETHER, together, law)]


def _backward(job: Job) -> Contender:
    @cache
    def planned(tracks: int) -> tuple[Plan, Knobs]:
        graph = console(job, tracks)
        return plan(graph, ALL_SPECS), Knobs(graph, ALL_SPECS)

    def loss(tracks: Mapping[str, Tensor], travel: Tensor) -> Tensor:
        steps, knobs = planned(len(tracks))
        result = execute(steps, tracks, job.rate, settings=knobs.settings(travel)).result()
        return result.square().mean()

    def prepare(material: Tensor) -> Run:
        tracks, (_, knobs) = _tracks(material), planned(len(material))

        def run() -> Tensor:
            travel = knobs.travel.clone().requires_grad_()
            loss(tracks, travel).backward()  # type: ignore[no-untyped-call]
            return torch.zeros_like(travel) if travel.grad is None else travel.grad

        return run

    @torch.no_grad()
    def differences(material: Tensor, way: Array) -> float:
        tracks = {name: track.double() for name, track in _tracks(material).items()}
        travel, step = planned(len(material))[1].travel, STEP * torch.from_numpy(way)
        ends = [float(loss(tracks, travel + sign * step)) for sign in (1, -1)]
        return (ends[0] - ends[1]) / (2 * STEP)

    law = laws.slope(differences, "central differences in double precision")
    return Contender(TOOL, prepare, law)


def _graphs(job: Job) -> Sequence[Contender]:
    @cache
    def drawn(count: int) -> tuple[tuple[Graph, dict[str, Tensor]], ...]:
        from graphophone.generation.item import generate_item
        from graphophone.sources import open_pool

        pool = open_pool(job.task, "procedural", "unseen")
        items = [generate_item(job.task, "paper", 0, i, pool) for i in range(count)]  # type: ignore[arg-type]
        return tuple((item.graph, item.dry) for item in items)

    def dry(material: Tensor) -> list[tuple[Graph, dict[str, Tensor]]]:
        samples = material.shape[-1]
        return [
            (graph, {name: clip[None, :, :samples].contiguous() for name, clip in tracks.items()})
            for graph, tracks in drawn(len(material))
        ]

    def one_by_one(material: Tensor) -> Run:
        jobs = [(plan(graph, ALL_SPECS), tracks) for graph, tracks in dry(material)]
        runs = [_rendering(steps, tracks, job.rate) for steps, tracks in jobs]
        return lambda: [run() for run in runs]

    def together(material: Tensor) -> Run:
        if job.device == "cuda" and not torch.cuda.is_available():
            raise UsageError("PyTorch finds no CUDA device here")
        graphs, count = [graph for graph, _ in dry(material)] * job.copies, len(material)
        sources = [
            {name: clip[0].to(job.device) for name, clip in tracks.items()}
            for _, tracks in dry(material)
        ] * job.copies
        memory = 0.8 * torch.cuda.mem_get_info()[0] if job.device == "cuda" else 2e9

        def run() -> list[Tensor]:
            wets = render_batch(graphs, sources, job.rate, max_memory=memory)
            synchronised(job.device)
            return wets[:count]

        return run

    def traffic(material: Tensor) -> int:
        made = batch_plan([graph for graph, _ in dry(material)], ALL_SPECS)
        return job.copies * made.traffic(next(iter(dry(material)[0][1].values())).shape[-1])

    def deviation(effect: Effect, material: Tensor) -> float:
        worst = 0.0
        for (graph, tracks), actual in zip(dry(material), effect(material), strict=True):
            whole = {name: clip.double() for name, clip in tracks.items()}
            wanted = reference_render(graph, whole, job.rate).numpy()
            worst = max(worst, laws.relative(actual, wanted))
        return worst

    law = Law("the node-by-node reference, the worst graph", "relative L2", deviation)
    if job.device != "cpu":
        note = f"each graph {job.copies} times in a run"
        return [Contender(f"{TOOL} ({job.device})", together, law, note, traffic=traffic)]
    return [Contender(TOOL, one_by_one, law), Contender(TOGETHER, together, law)]
