"""Plan to sound: run the steps of a plan on a batch of clips."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from functools import reduce

import torch
from torch import Tensor

from graphophone.dsp.energy import energy
from graphophone.dsp.lanes import lanes, scaled, signal
from graphophone.dsp.memory import Memory
from graphophone.processors import PROCESSORS
from graphophone.render.knobs import Settings, moved, precision
from graphophone.render.plan import Feed, Plan, Port, Step
from graphophone.tensors import Audio

Values = Mapping[str, float] | Mapping[str, Tensor]
"""Knobs of one node in physical units."""
SCALE_LIMIT_DB = 24.0
"""The energy rule never changes a level by more than this."""
SILENCE_POWER = 1e-9
"""Mean power (-90 dBFS) below which a node's level is left alone."""


class Execution:
    """The signals of one plan while it runs, for a batch of clips through the same graph.

    A step is run in two halves, :meth:`gather` and :meth:`run`, so that whoever draws knobs
    to suit the incoming signal can stand between them.
    """

    def __init__(
        self,
        plan: Plan,
        sources: Mapping[str, Audio],
        sample_rate: int,
        *,
        settings: Settings | None = None,
        memories: Mapping[int, Memory] | None = None,
    ) -> None:
        """Prepare to run.

        Args:
            plan: What to compute.
            sources: A batch of dry clips for each source, all of one shape (batch, 2, time).
            sample_rate: Samples per second.
            settings: Knobs and cables to use instead of the graph's; they may carry gradients.
            memories: What each node remembers of the block before, by its position.
        """
        some = next(iter(sources.values()))
        self.plan = plan
        self.sources = {name: signal(lanes(clip), 2) for name, clip in sources.items()}
        self.sample_rate = sample_rate
        self.factors = settings.factors if settings else {}
        self.memories = memories or {}
        self.batch, _, self.samples = some.shape
        self.dtype, self.device = some.dtype, some.device
        self.signals: dict[Port, Tensor] = {}
        self.scales: dict[int, Tensor] = {}
        self.energies: dict[Port, Tensor] = {}

    def gather(self, step: Step) -> dict[str, Tensor]:
        """Sum the cables at each audio inlet of a step."""
        return {inlet: self._sum(feeds) for inlet, feeds in step.audio.items()}

    def run(self, step: Step, audio: Mapping[str, Tensor], knobs: Values) -> None:
        """Compute one node, keep its outputs, and forget what no later step reads.

        Args:
            step: The step.
            audio: What :meth:`gather` returned for it.
            knobs: Settings in physical units.
        """
        self.attempt(step, audio, knobs)
        self.release(step)

    def attempt(self, step: Step, audio: Mapping[str, Tensor], knobs: Values) -> None:
        """Compute one node and keep its outputs; it may be computed again, with other knobs."""
        node = self.plan.graph.nodes[step.node]
        if node.type == "in":
            self.signals[step.node, "out"] = self.sources[str(node.source)]
        elif node.type == "out":
            self.signals[step.node, "out"] = audio["in"]
        else:
            outputs = self.compute(step, audio, knobs)
            if step.spec.group != "control":
                outputs = self._level(step, audio, outputs)
            for outlet, signal in outputs.items():
                self.signals[step.node, outlet] = signal

    def release(self, step: Step) -> None:
        """Forget the signals that no step after this one reads."""
        for port in step.frees:
            if port[0] != self.plan.graph.output:
                self.signals.pop(port, None)
                self.energies.pop(port, None)

    def compute(self, step: Step, audio: Mapping[str, Tensor], knobs: Values) -> dict[str, Tensor]:
        """Return what a processor makes of some audio, before the energy rule."""
        memory = self.memories.get(step.node)
        with memory.block() if memory else nullcontext():
            return PROCESSORS[step.spec.name].outputs(
                audio,
                self.controls(step, knobs),
                sample_rate=self.sample_rate,
                samples=self.samples,
            )

    def controls(self, step: Step, knobs: Values) -> dict[str, Tensor]:
        """Turn settings into control tensors, moved along their travel where cables say so.

        What is the same for all clips is there once.
        """
        tensors = {}
        for name, param in step.spec.params.items():
            value, dtype = knobs[name], precision(param, self.dtype)
            if feeds := step.control.get(name):
                tensors[name] = moved(param, param.to_travel(value), self._sum(feeds))
            elif isinstance(value, Tensor):
                tensors[name] = value.reshape(-1, 1, 1).to(dtype).expand(self.batch, 1, 1)
            else:
                tensors[name] = torch.full((1, 1, 1), value, dtype=dtype, device=self.device)
        return tensors

    def result(self) -> Audio:
        """Return what arrived at the ``out`` node."""
        return self.signals[self.plan.graph.output, "out"]

    def _sum(self, feeds: tuple[Feed, ...]) -> Tensor:
        """Add signals up in the order of their cables."""
        first, *rest = feeds
        total = self._through(first, bare=not rest)
        for feed in rest:
            total = total + self._through(feed)
        return total

    def _through(self, feed: Feed, *, bare: bool = False) -> Tensor:
        """Return a signal times what its cable makes of it."""
        signal = self.signals[feed.port]
        factor = self.factors.get(feed.cable)
        if factor is not None:
            return scaled(signal, factor)
        return signal if bare and feed.factor == 1.0 else signal * feed.factor

    def _level(
        self, step: Step, audio: Mapping[str, Tensor], outputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Apply the energy rule, or the scale that stands for it."""
        if step.scale is not None:
            if step.scale == 1.0:
                return outputs
            return {outlet: signal * step.scale for outlet, signal in outputs.items()}
        before = {i: self._energy(step, i, x) for i, x in audio.items() if i != "sidechain"}
        after = {outlet: energy(signal) for outlet, signal in outputs.items()}
        scale = energy_scale(before.values(), after.values(), next(iter(outputs.values()))[0])
        self.scales[step.node] = scale
        for outlet, power in after.items():
            self.energies[step.node, outlet] = power * scale * scale
        return {outlet: scaled(signal, scale) for outlet, signal in outputs.items()}

    def _energy(self, step: Step, inlet: str, audio: Audio) -> Tensor:
        """Return the energy at an inlet; where one cable ends it is known from where it starts."""
        feed, *rest = step.audio[inlet]
        known = self.energies.get(feed.port)
        if rest or known is None:
            return energy(audio)
        factor = self.factors.get(feed.cable)
        return known * (feed.factor**2 if factor is None else factor * factor)


def energy_scale(before: Iterable[Tensor], after: Iterable[Tensor], clip: Tensor) -> Tensor:
    """Return the gain that gives a node's outputs the energy of its inputs.

    Lee et al. 2023, section 2: "We normalize each processor's output audio signals so that
    the total energy remains unchanged." The sidechain only controls, so it does not count.

    Args:
        before: Energy at each audio inlet but the sidechain, each of shape (batch,).
        after: Energy at each outlet.
        clip: A clip, for its size.

    Returns:
        Linear gains, float64, shape (batch,).
    """
    total, made = reduce(torch.add, before), reduce(torch.add, after)
    limit = 10.0 ** (SCALE_LIMIT_DB / 20.0)
    quiet = total < SILENCE_POWER * clip.numel()
    # The root of nothing has no slope: what is quiet, or came to nothing, keeps clear of it.
    tiny = torch.finfo(torch.float64).tiny
    ratio = total.clamp(min=tiny) / made.clamp(min=tiny)
    scale = ratio.clamp(limit**-2, limit**2).sqrt()
    return scale.masked_fill(quiet, 1.0)


def execute(
    plan: Plan,
    sources: Mapping[str, Audio],
    sample_rate: int,
    *,
    settings: Settings | None = None,
    memories: Mapping[int, Memory] | None = None,
) -> Execution:
    """Run a whole plan.

    Args:
        plan: What to compute; its graph must have all knobs set.
        sources: A batch of dry clips for each source, all of one shape (batch, 2, time).
        sample_rate: Samples per second.
        settings: Knobs and cables to use instead of the graph's; they may carry gradients.
        memories: What each node remembers of the block before, by its position.

    Returns:
        The finished execution: its :meth:`Execution.result`, and the scales it measured.
    """
    execution = Execution(plan, sources, sample_rate, settings=settings, memories=memories)
    for step in plan.steps:
        knobs: Values = plan.graph.nodes[step.node].knobs
        if settings:
            knobs = settings.knobs.get(step.node, {})
        execution.run(step, execution.gather(step), knobs)
    return execution
