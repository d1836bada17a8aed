"""Knobs drawn to suit the signal that reaches them, and a test that they can be heard.

Lee et al. 2023, section 2.1, "Adaptive Parameter Randomization": knobs are drawn "adaptively
to the incoming signals, preventing the graph from having 'ghost' nodes that do not contribute
to the final output signal".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

import torch
from torch import Tensor

from graphophone.dsp.energy import energy
from graphophone.generation.hands import OURS, Hand, HandedExecution
from graphophone.generation.tracks import Tracks
from graphophone.graph.model import Edge, Graph
from graphophone.processors import SPECS
from graphophone.render.execute import SCALE_LIMIT_DB, Execution
from graphophone.render.plan import Step, plan
from graphophone.spec import DEPTH, ProcessorSpec

HEARD_DB = -26.0
"""A node is heard if what it changes is louder than this, relative to its input."""
BRANCH_DB = -22.0
"""A branch is heard if it is louder than this, relative to the sum it enters."""
KNOB_TRAVEL = 0.02
"""A modulation is heard if it moves its knob by more than this share of its travel."""
TRIES = 4
"""How often a node's knobs are drawn before its graph is given up."""

DEPTHS = {"frequency": (0.06, 0.5), "mod": (0.03, 0.5), "pan": (0.25, 1.0), "gain": (0.15, 0.5)}
"""Range of the size of an oscillator's depth at each control inlet, drawn logarithmically."""


class Ghost(Exception):  # noqa: N818 - a signal between drawing and its caller, not a fault
    """A node cannot be heard, whatever was tried; its graph has to be drawn again."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished graph and the sound it makes.

    Attributes:
        graph: The graph with all knobs set.
        wet: What it makes of the dry clips, shape (2, time).
        redraws: How many nodes needed other knobs to be heard.
    """

    graph: Graph
    wet: Tensor
    redraws: int


def draw_knobs(
    prototype: Graph,
    dry: Mapping[str, Tensor],
    sample_rate: int,
    rng: Random,
    hands: Mapping[str, Hand] = OURS,
) -> Drawn:
    """Draw every gain, depth and knob of a prototype while rendering it.

    Args:
        prototype: Types only.
        dry: A clip (2, time) for each source, at the reference level.
        sample_rate: Samples per second.
        rng: Where every draw comes from.
        hands: Processors of another make to render with, by type.

    Returns:
        The graph, which needs no second rendering: its sound comes with it.

    Raises:
        Ghost: A node or branch could not be made audible.
    """
    graph = _draw_cables(prototype, rng)
    execution = HandedExecution(
        plan(graph, SPECS), {k: v[None].contiguous() for k, v in dry.items()}, sample_rate, hands
    )
    nodes, redraws, tracks = list(graph.nodes), 0, Tracks(graph)
    for step in execution.plan.steps:
        audio = execution.gather(step)
        _hear_branches(execution, step, audio)
        tracks.meet(execution, step)
        for attempt in range(TRIES):
            knobs = suited_knobs(step.spec, audio, sample_rate, rng)
            _run_keeping_inputs(execution, step, audio, knobs)
            if _is_heard(execution, step, audio, knobs) and tracks.survive(step, knobs, execution):
                break
            redraws += 1
            if attempt == TRIES - 1:
                raise Ghost(graph.label(step.node))
        for port in step.frees:
            execution.signals.pop(port, None) if port[0] != graph.output else None
        nodes[step.node] = nodes[step.node].with_knobs(knobs)
    return Drawn(graph.with_parts(nodes, graph.edges), execution.result()[0], redraws)


def suited_knobs(
    spec: ProcessorSpec, audio: Mapping[str, Tensor], sample_rate: int, rng: Random
) -> dict[str, float]:
    """Draw one node's knobs so that they do something to its incoming signal.

    Args:
        spec: What the node is.
        audio: Signal at each audio inlet, shape (1, 2, time).
        sample_rate: Samples per second.
        rng: Where every draw comes from.

    Returns:
        Settings in physical units, rounded to six significant digits, so that a file holds
        them exactly.
    """
    knobs = {name: param.draw(rng) for name, param in spec.params.items()}
    signal = audio.get("in")
    if signal is not None:
        if "frequency" in knobs and spec.group == "filter":
            below = cumulative_energy(signal, sample_rate)
            knobs["frequency"] = frequency_at(below, rng.uniform(0.2, 0.8), sample_rate)
        if "threshold" in knobs:
            key = audio.get("sidechain", signal)
            knobs["threshold"] = _threshold(spec.name, key, sample_rate, rng)
        if spec.name == "envelope_follower":
            loud = _levels_db(signal, sample_rate)[-1]
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
    return {n: float(f"{spec.params[n].snap(v):.6g}") for n, v in knobs.items()}


def cumulative_energy(signal: Tensor, sample_rate: int) -> Tensor:
    """Return the share of a clip's energy below each of 64 log-spaced band edges.

    Measured on a few frames spread over the clip, which is enough to place a filter.

    Args:
        signal: Shape (1, 2, time).
        sample_rate: Samples per second.

    Returns:
        Shares in [0, 1], shape (64,), for the edges of :func:`band_edges`.
    """
    size = 4096
    mono = signal[0].mean(0)
    mono = torch.nn.functional.pad(mono, (0, max(0, size - len(mono))))
    frames = mono.unfold(0, size, max(1, (len(mono) - size) // 15 or 1))
    power = torch.fft.rfft(frames * torch.hann_window(size)).abs().square().sum(0).double()
    total = power.cumsum(0)
    bins = (band_edges(sample_rate) * size / sample_rate).long().clamp(max=size // 2)
    shares: Tensor = total[bins] / total[-1].clamp(min=1e-30)
    return shares


def band_edges(sample_rate: int) -> Tensor:
    """Return 64 frequencies in Hz, log-spaced from 30 Hz to near the Nyquist frequency."""
    return torch.logspace(math.log10(30), math.log10(0.49 * sample_rate), 64)


def frequency_at(below: Tensor, share: float, sample_rate: int) -> float:
    """Return the frequency in Hz below which ``share`` of the energy lies."""
    index = int((below < share).sum().clamp(max=len(below) - 1))
    return float(band_edges(sample_rate)[index])


def _levels_db(signal: Tensor, sample_rate: int) -> list[float]:
    """Return deciles of the level of 10 ms frames in dBFS, silence left out, quietest first."""
    size = max(1, sample_rate // 100)
    peak = signal[0].abs().amax(0)
    frames = peak[: len(peak) // size * size].reshape(-1, size).amax(1)
    level = 20 * frames.clamp(min=1e-9).log10()
    heard = level[level > max(-80.0, float(level.max()) - 60)].sort().values
    return [float(heard[int(q / 10 * (len(heard) - 1))]) for q in range(11)]


def _threshold(name: str, key: Tensor, sample_rate: int, rng: Random) -> float:
    """Draw a threshold that the signal crosses: deep in its range for a compressor."""
    levels = _levels_db(key, sample_rate)
    if name == "compressor":
        return rng.uniform(levels[3] - 6, levels[8] - 3)
    return rng.uniform(levels[2], levels[7])


def _draw_cables(prototype: Graph, rng: Random) -> Graph:
    """Draw gains where branches meet and depths where oscillators plug in."""
    edges: list[Edge] = []
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
            edges.append(replace(edge, gain_db=float(f"{rng.uniform(-9, 3):.6g}")))
        else:
            edges.append(edge)
    return prototype.with_parts(prototype.nodes, edges)


def _run_keeping_inputs(
    execution: Execution, step: Step, audio: Mapping[str, Tensor], knobs: Mapping[str, float]
) -> None:
    """Run a step without forgetting its inputs, for it may have to be run again."""
    execution.run(replace(step, frees=()), audio, knobs)


def _power(signal: Tensor) -> float:
    return float(energy(signal).sum()) / signal.numel()


def _hear_branches(execution: Execution, step: Step, audio: Mapping[str, Tensor]) -> None:
    """Raise :class:`Ghost` if a branch drowns in the sum it enters, or nothing comes in."""
    for inlet, feeds in step.audio.items():
        total = _power(audio[inlet])
        if total < 1e-8:
            raise Ghost(f"{step.spec.name}.{inlet} is silent")
        if len(feeds) > 1:
            quiet = 10 ** (BRANCH_DB / 10) * total
            for feed in feeds:
                if _power(execution.signals[feed.port]) * feed.factor**2 < quiet:
                    raise Ghost(f"{step.spec.name}.{inlet} has a branch that drowns")


def _is_heard(
    execution: Execution, step: Step, audio: Mapping[str, Tensor], knobs: Mapping[str, float]
) -> bool:
    """Cheap test on every node: does it change its signal, does its modulation move?"""
    for name in step.control:
        travel = step.spec.params[name].to_travel(knobs[name])
        moved = execution.controls(step, knobs)[name]
        if not isinstance(moved, Tensor) or moved.shape[-1] == 1:
            return False
        low, high = (step.spec.params[name].to_travel(_inside(step, name, v)) for v in _ends(moved))
        if max(abs(high - travel), abs(low - travel)) < KNOB_TRAVEL:
            return False
    if step.spec.group in {"terminal", "control"} or "structural" in step.spec.traits:
        return True
    if _at_limit(float(execution.scales[step.node][0])):
        return False  # next to nothing came out of it, and order would matter to the energy rule
    outputs = [execution.signals[step.node, o.name] for o in step.spec.outlets]
    total = _power(audio["in"])
    if len(outputs) > 1:
        return all(_power(o) > 10 ** (BRANCH_DB / 10) * total for o in outputs)
    change = _power(outputs[0] - audio["in"])
    return _power(outputs[0]) > 1e-8 and change > 10 ** (HEARD_DB / 10) * total


def _at_limit(scale: float) -> bool:
    """Whether the energy rule had to stop short of keeping a node's energy."""
    return abs(20 * math.log10(scale)) > SCALE_LIMIT_DB - 0.01


def _ends(control: Tensor) -> tuple[float, float]:
    return float(control.min()), float(control.max())


def _inside(step: Step, name: str, value: float) -> float:
    """Forgive the last digit that single precision lost at the end of a range."""
    param = step.spec.params[name]
    return min(max(value, param.low), param.high)
