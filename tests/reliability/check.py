"""What the renderer promises, held against one random case at a time.

A case is a graph of up to ten nodes of any type, wired and set in any way that the rules allow, on
clips of 1 to 8,192 samples (every hundredth: 3.63 s) of noise, squares, impulses, DC, silence or
numbers too small to be normal, at 8 to 192 kHz, in single or double precision. :func:`check_case`
draws it from a seed and tries these laws:

* Every signal in the graph is finite.
* No node gives more energy, before the energy rule, than :mod:`tests.reliability.gains` derives
  for its type and settings: 0 dB for what only turns down, 20 dB for a loop with a feedback of
  0.9. What a generator of control signals gives stays within its knobs. A sample is no louder
  than the root of its clip's energy; so that is the bound on levels, node by node.
* The same holds while noise, squares or tones at audio rate move every knob that can be moved over
  its whole range.
* In a normalised graph a node's outputs have its inputs' energy, unless that would take more than
  24 dB, or its input is silent.
* The wet clip is that of the node-by-node reference.
* In blocks of any sizes it is the same, once its levels are frozen.
* Beside other graphs in a batch no bit of it changes.
* Gradients are finite differences, for a share of cases with a smooth graph of their own.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

import torch
from torch import Tensor

from graphophone.graph.model import Edge, Graph, Node
from graphophone.processors import ALL_SPECS
from graphophone.render.batch import render_batch
from graphophone.render.execute import Execution, Values, execute
from graphophone.render.knobs import Knobs
from graphophone.render.plan import Plan, Step, plan
from graphophone.render.reference import reference_render
from graphophone.render.render import freeze
from graphophone.render.stream import Stream
from tests.reliability.draw import ENDS, ENERGIES, Case, clips, draw
from tests.reliability.gains import most
from tests.render.graphs import TYPES, random_graph

TOLERANCE = 1e-9
"""Largest error of a sample in double precision, relative to the peak."""
SLACK = {torch.float32: 1e-4, torch.float64: 1e-8}
"""Share by which rounding may move a level."""
INAUDIBLE = 1e-12
"""Absolute error that counts as none: -240 dBFS."""
LIMIT = 10 ** (24 / 20)
SILENCE = 1e-9
"""Mean power below which levels are left alone."""
STEEP = {"bitcrush", "noisegate", "compressor", "expander"}
"""Types that decide something at a sample: a difference may step over the decision."""
SMOOTH = tuple(t for t in TYPES if t not in STEEP)


def check_case(seed: int) -> None:
    """Try all laws on the case of a seed.

    Raises:
        AssertionError: One is broken; the message has the seed, the law and the graph.
    """
    case = draw(seed)
    for law, every in LAWS.items():
        if seed % every:
            continue
        try:
            law(case, Random(f"{seed} {law.__name__}"))
        except Exception as error:
            fault = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            where = f"{case.samples} samples of {case.dtype} at {case.rate} Hz"
            raise AssertionError(
                f"seed {seed}, {where}: not {law.__name__.replace('_', ' ')}: {fault}{error}\n"
                f"{case.graph}"
            ) from error


def nodes_keep_their_bounds(case: Case, rng: Random) -> None:
    """Finite, within the bound of its type, and as loud as it should be: at every node."""
    for visit in _walk(case.graph, _batch(case.dry), case.rate):
        _bounded(visit, case)
        if visit.scale is not None and case.graph.energy == "normalised":
            _level(visit, case)


def swept_nodes_keep_their_bounds(case: Case, rng: Random) -> None:
    """The same while every knob that can be moved goes over its range at audio rate."""
    graph = _swept(case.graph)
    if graph is None:
        return
    swing = _swing(case, rng)

    class Swept(Execution):
        def compute(
            self, step: Step, audio: Mapping[str, Tensor], knobs: Values
        ) -> dict[str, Tensor]:
            if step.spec.group == "control":
                return {outlet.name: swing for outlet in step.spec.outlets}
            return super().compute(step, audio, knobs)

    for visit in _walk(graph, _batch(case.dry), case.rate, Swept):
        if visit.step.spec.group != "control":
            _bounded(visit, case)
        if visit.scale is not None and case.graph.energy == "normalised":
            _level(visit, case)


def render_is_the_reference(case: Case, rng: Random) -> None:
    _same(case.wet, reference_render(case.graph, case.doubled, case.rate))


def blocks_are_the_whole(case: Case, rng: Random) -> None:
    dry = {name: clip[0] for name, clip in case.doubled.items()}
    stream = Stream(freeze(case.graph, dry, case.rate, as_is=True), case.rate)
    cuts = {rng.randrange(case.samples) for _ in range(rng.choice((1, 1, 2, 2, 4, 12)))}
    cuts |= {cut + 1 for cut in cuts if rng.random() < 0.3}
    edges = sorted({0, case.samples} | {c for c in cuts if c < case.samples})
    parts = [
        stream.process({name: clip[:, a:b] for name, clip in dry.items()})
        for a, b in pairwise(edges)
    ]
    _same(torch.cat(parts, dim=-1), case.wet[0])


def company_changes_no_bit(case: Case, rng: Random) -> None:
    if case.is_full:
        return  # a batch of these would take as long as all else together
    graphs = [random_graph(rng, energy=rng.choice(ENERGIES), most=6, ends=ENDS) for _ in range(2)]
    place = rng.randrange(3)
    graphs.insert(place, case.graph)
    dry = [clips(rng, case.samples, case.dtype) for _ in graphs]
    dry[place] = dict(case.dry)
    together = render_batch(graphs, dry, case.rate, threads=1)[place]
    (alone,) = render_batch([case.graph], [case.dry], case.rate, threads=1)
    if not torch.equal(alone, together):
        worst = float((alone - together).abs().max())
        raise AssertionError(f"as number {place} of 3 it differs by up to {worst:g}")
    if case.dtype == torch.float64:
        _same(alone, case.wet[0])


def gradients_are_differences(case: Case, rng: Random) -> None:
    """A derivative lies between the differences to both sides; at a corner these differ."""
    graph = random_graph(rng, energy=rng.choice(("normalised", "plain")), types=SMOOTH)
    knobs = Knobs(graph, ALL_SPECS)
    generator = torch.Generator().manual_seed(rng.getrandbits(40))
    samples = rng.randint(1, 300)
    fade = torch.logspace(0, -1.5, samples, dtype=torch.float64)
    dry = {
        name: 0.2 * fade * torch.randn(1, 2, samples, generator=generator, dtype=torch.float64)
        for name in case.dry
    }
    moves = torch.tensor([float(place.param.gradient) for place in knobs.places]).double()
    towards = moves * (torch.rand(len(moves), generator=generator, dtype=torch.float64) - 0.5)
    start = 0.05 + 0.9 * knobs.travel  # differences need room on both sides

    def loss(travel: Tensor) -> Tensor:
        settings = knobs.settings(travel)
        wet = execute(plan(graph, ALL_SPECS), dry, case.rate, settings=settings).result()
        return (wet * wet).sum() + wet.sum()

    travel = start.clone().requires_grad_()
    at = loss(travel)
    at.backward()
    here = at.detach()
    if travel.grad is None or not travel.grad.isfinite().all():
        raise AssertionError(f"the gradient is {travel.grad} in\n{graph}")
    slope, h = float(travel.grad @ towards), 1e-6
    up = float(loss(start + h * towards) - here) / h
    down = float(here - loss(start - h * towards)) / h
    slack = 1e-4 * float((travel.grad * towards).abs().sum()) + 1e-7 * float(here.abs()) + 1e-7
    if not min(up, down) - slack <= slope <= max(up, down) + slack:
        sides = f"{down:.9g} and {up:.9g}"
        raise AssertionError(f"the slope is {slope:.9g}, differences are {sides} in\n{graph}")


LAWS: Mapping[Callable[[Case, Random], None], int] = {
    nodes_keep_their_bounds: 1,
    swept_nodes_keep_their_bounds: 2,
    render_is_the_reference: 1,
    blocks_are_the_whole: 2,
    company_changes_no_bit: 5,
    gradients_are_differences: 20,
}
"""The laws, and of how many cases one is tried on each."""


@dataclass(frozen=True)
class _Visit:
    """A node that has been computed.

    Attributes:
        step: The node.
        name: What it is called in messages.
        audio: What came in.
        outputs: What it gave, after the energy rule.
        knobs: How it is set.
        scale: The gain by the energy rule or what stands for it, or ``None``.
    """

    step: Step
    name: str
    audio: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]
    knobs: Mapping[str, float]
    scale: float | None

    @property
    def heard(self) -> float:
        return sum(_energy(x) for inlet, x in self.audio.items() if inlet != "sidechain")

    @property
    def given(self) -> float:
        return sum(map(_energy, self.outputs.values()))


def _walk(
    graph: Graph,
    dry: Mapping[str, Tensor],
    rate: int,
    kind: Callable[[Plan, Mapping[str, Tensor], int], Execution] = Execution,
) -> Iterator[_Visit]:
    """Render a graph and visit each node on the way."""
    made = plan(graph, ALL_SPECS)
    made = replace(made, steps=tuple(replace(step, frees=()) for step in made.steps))
    execution = kind(made, dry, rate)
    for step in made.steps:
        audio, knobs = execution.gather(step), graph.nodes[step.node].knobs
        execution.run(step, audio, knobs)
        outlets = [outlet.name for outlet in step.spec.outlets] or ["out"]
        outputs = {name: execution.signals[step.node, name] for name in outlets}
        scale = step.scale
        if step.node in execution.scales:
            scale = float(execution.scales[step.node])
        if step.spec.group in ("terminal", "control"):
            scale = None
        yield _Visit(step, graph.label(step.node), audio, outputs, knobs, scale)


def _bounded(visit: _Visit, case: Case) -> None:
    """Raise unless what a node gave is finite, and no more than its type can give."""
    spec, moved = visit.step.spec, frozenset(visit.step.control)
    for outlet, signal in visit.outputs.items():
        if not signal.isfinite().all():
            raise AssertionError(f"{visit.name} gives {signal[~signal.isfinite()][0]} at {outlet}")
    slack = 1 + SLACK[case.dtype]
    if spec.group == "control":
        highest = max(float(signal.abs().max()) for signal in visit.outputs.values())
        bound = 1.0
        if visit.audio:
            bound = visit.knobs["gain"] * float(visit.audio["in"].abs().max())
            if float(visit.outputs["env"].min()) < 0:
                raise AssertionError(f"{visit.name} gives less than nothing")
        if highest > bound * slack + INAUDIBLE:
            raise AssertionError(f"{visit.name} gives {highest:g}, which is over {bound:g}")
    elif spec.group != "terminal" and visit.scale:
        gain = most(spec.name, visit.knobs, moved, case.rate, case.samples)
        got, gave = math.sqrt(visit.heard), math.sqrt(visit.given) / visit.scale
        if gave > gain * got * slack + INAUDIBLE:
            raise AssertionError(
                f"{visit.name} makes {gave:g} of {got:g}, which is over {gain:.4g} times"
            )


def _level(visit: _Visit, case: Case) -> None:
    """Raise unless a node has the energy that the rule gives it."""
    assert visit.scale is not None
    heard, given, scale = visit.heard, visit.given, visit.scale
    quiet = 2 * case.samples * SILENCE
    slack = SLACK[case.dtype]
    if abs(heard - quiet) < slack * quiet:
        return  # as good as on the threshold
    made = given / scale**2
    expected = 1.0
    if heard > quiet:
        expected = min(max(math.sqrt(heard / made), 1 / LIMIT), LIMIT) if made else LIMIT
    if abs(scale - expected) > slack * expected:
        raise AssertionError(
            f"{visit.name} has the scale {scale:.9g} and not {expected:.9g}: "
            f"an energy of {heard:g} became {given:g}"
        )


def _same(actual: Tensor, expected: Tensor) -> None:
    """Raise unless two clips are equal, relative to the peak."""
    peak, error = float(expected.abs().max()), float((actual - expected).abs().max())
    if not error <= TOLERANCE * peak + INAUDIBLE:
        at = int((actual - expected).abs().amax((0, 1) if actual.ndim == 3 else 0).argmax())
        raise AssertionError(f"differs by {error:g} of a peak of {peak:g}, most at sample {at}")


def _energy(signal: Tensor) -> float:
    return float(signal.double().square().sum())


def _batch(dry: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: clip[None] for name, clip in dry.items()}


def _swept(graph: Graph) -> Graph | None:
    """Return the graph with every control inlet moved by one generator over the whole travel."""
    lfo = len(graph)
    inlets = [
        (i, inlet.name)
        for i, node in enumerate(graph.nodes)
        for inlet in ALL_SPECS[node.type].inlets
        if inlet.signal == "control"
    ]
    if not inlets:
        return None
    spec = ALL_SPECS["stereo_lfo"]
    still = [e for e in graph.edges if (e.target, e.inlet) not in inlets]
    moving = [Edge(lfo, i, "lfo", inlet) for i, inlet in inlets]
    return graph.with_parts(
        (*graph.nodes, Node("stereo_lfo").with_knobs(spec.defaults())), (*still, *moving)
    )


def _swing(case: Case, rng: Random) -> Tensor:
    """Draw what no oscillator of ours gives: full swings at audio rate, each channel its own."""
    generator = torch.Generator().manual_seed(rng.getrandbits(40))
    time = torch.arange(case.samples, dtype=torch.float64).expand(1, 2, -1)
    offset = torch.tensor([0.0, rng.random()], dtype=torch.float64)[None, :, None]
    kind = rng.choice(("noise", "square", "tone"))
    if kind == "noise":
        wide = 2 * torch.rand(1, 2, case.samples, generator=generator, dtype=torch.float64) - 1
    else:
        wide = torch.sin(2 * math.pi * (time * rng.uniform(0.0005, 0.5) + offset))
        wide = wide.sign() if kind == "square" else wide
    return wide.to(case.dtype)
