"""The same work on two devices: for every processor, for batches of graphs, and for gradients."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

from graphophone.processors import ALL_SPECS, PROCESSORS, SPECS
from graphophone.render.batch import render_batch
from graphophone.render.execute import execute
from graphophone.render.knobs import Knobs, precision
from graphophone.render.plan import plan
from graphophone.render.stream import Stream
from tests.render.graphs import random_graph

TOLERANCE = 1e-4
LINES = ("chorus", "flanger", "vibrato", "pitchshift")
ROOMS = ("mono_delay", "pingpong_delay", "mono_reverb", "stereo_reverb", "multitap_delay")


@dataclass(frozen=True)
class Place:
    """Where work is done.

    Attributes:
        device: Where tensors go.
        inside: What it is done inside.
        samples: Length of clips.
        clips: How many side by side.
        rates: Samples per second for a processor; low ones where a delay is to fit a short clip.
    """

    device: str = "cpu"
    inside: Callable[[], AbstractContextManager[None]] = nullcontext
    samples: int = 20_000
    clips: int = 3
    rates: Callable[[str], int] = lambda name: 44_100


def noise(seed: int, *shape: int) -> Tensor:
    """Noise that dies away, so that levels and thresholds meet."""
    generator = torch.Generator().manual_seed(seed)
    fade = torch.logspace(0, -1.5, shape[-1], dtype=torch.float64)
    return 0.3 * fade * torch.randn(shape, generator=generator, dtype=torch.float64)


def inputs(name: str, place: Place, dtype: torch.dtype, *, moving: bool) -> list[Tensor]:
    """Draw audio for all inlets of a processor, and all its knobs, which move where they can."""
    spec, rng = PROCESSORS[name].spec, Random(name)
    audio = [noise(i, place.clips, 2, place.samples) for i, _ in enumerate(spec.audio_inlets)]
    drawn = [x.to(dtype).permute(2, 0, 1).contiguous().permute(1, 2, 0) for x in audio]
    for number, param in enumerate(spec.params.values()):
        travel = torch.tensor([rng.uniform(0.1, 0.9) for _ in range(place.clips)])
        value = travel.double().reshape(-1, 1, 1)
        if moving and param.inlet:
            value = (value + noise(50 + number, place.clips, 1, place.samples)).clamp(0, 1)
        drawn.append(param.from_travel(value).to(precision(param, dtype)))
    return drawn


def made(name: str, place: Place, values: list[Tensor]) -> tuple[dict[str, Tensor], list[Tensor]]:
    """Return a processor's outputs in some place, and the gradients to all that goes in."""
    processor = PROCESSORS[name]
    inlets = [inlet.name for inlet in processor.spec.audio_inlets]
    leaves = [v.to(place.device, copy=True).requires_grad_() for v in values]
    with place.inside():
        outputs = processor.outputs(
            dict(zip(inlets, leaves, strict=False)),
            dict(zip(processor.spec.params, leaves[len(inlets) :], strict=True)),
            sample_rate=place.rates(name),
            samples=place.samples,
        )
        total = torch.zeros((), dtype=torch.float64, device=place.device)
        for number, signal in enumerate(outputs.values()):
            weights = noise(99 + number, *signal.shape).to(place.device)
            total = total + (signal.double() * weights).sum()
        grads = torch.autograd.grad(total, leaves, allow_unused=True)
    zero = [torch.zeros_like(v) if g is None else g for v, g in zip(leaves, grads, strict=True)]
    assert {x.device.type for x in (*outputs.values(), *zero)} == {place.device}
    return {n: x.detach().cpu() for n, x in outputs.items()}, [g.cpu() for g in zero]


def check_processor(
    name: str, here: Place, there: Place, dtype: torch.dtype, *, moving: bool, tolerance: float
) -> None:
    """Outputs and gradients of a processor agree in two places."""
    values = inputs(name, here, dtype, moving=moving)
    expected, to_expected = made(name, here, values)
    actual, to_actual = made(name, there, values)
    assert actual.keys() == expected.keys()
    for outlet, signal in expected.items():
        assert_agree(actual[outlet], signal, tolerance, f"{name}.{outlet}")
    spec = PROCESSORS[name].spec
    names = [*(inlet.name for inlet in spec.audio_inlets), *spec.params]
    for leaf, one, other in zip(names, to_actual, to_expected, strict=True):
        assert_agree(one, other, 10 * tolerance, f"gradient to {leaf} of {name}")


def check_batch(seed: int, count: int, here: Place, there: Place, tolerance: float) -> None:
    """A batch of different graphs is the same in two places."""
    rng = Random(seed)
    graphs = [
        random_graph(rng, energy=rng.choice(("normalised", "frozen", "plain")), most=6)
        for _ in range(count)
    ]
    dry = [clips(seed + i, here.samples) for i in range(count)]
    expected = render_batch(graphs, dry, here.rates("graph"))
    moved = [{name: clip.to(there.device) for name, clip in one.items()} for one in dry]
    with there.inside():
        actual = render_batch(graphs, moved, there.rates("graph"), max_memory=8e9)
    for graph, one, other in zip(graphs, actual, expected, strict=True):
        assert one.device.type == there.device
        assert_agree(one.cpu(), other, tolerance, str(graph))


def check_gradient(seed: int, here: Place, there: Place, tolerance: float) -> None:
    """The gradient to all settings of a graph is the same in two places."""
    graph = random_graph(Random(seed), energy="plain", most=6)
    knobs, results = Knobs(graph, SPECS), []
    for place in (here, there):
        travel = knobs.travel.to(place.device, copy=True).requires_grad_()
        dry = {n: c[None].to(place.device) for n, c in clips(seed, place.samples).items()}
        with place.inside():
            settings = knobs.settings(travel)
            run = execute(plan(graph, ALL_SPECS), dry, place.rates("graph"), settings=settings)
            run.result().square().sum().backward()
        assert travel.grad is not None
        results.append(travel.grad.cpu())
    assert_agree(results[1], results[0], tolerance, str(graph))


def check_blocks(name: str, place: Place, size: int, tolerance: float) -> None:
    """Blocks together are the whole."""
    rng = Random(name)
    company = (name, "panning", "mono_lfo", "envelope_follower")
    graph = random_graph(rng, energy="plain", types=company)
    while not any(node.type == name for node in graph.nodes):
        graph = random_graph(rng, energy="plain", types=company)
    dry = {n: c.to(place.device) for n, c in clips(1, place.samples).items()}
    rate = place.rates(name)
    with place.inside():
        whole = execute(plan(graph, ALL_SPECS), {n: c[None] for n, c in dry.items()}, rate).result()
        stream = Stream(graph, rate)
        parts = [
            stream.process({n: c[:, at : at + size] for n, c in dry.items()})
            for at in range(0, place.samples, size)
        ]
    assert_agree(torch.cat(parts, 1), whole[0].detach(), tolerance, name)


def clips(seed: int, samples: int) -> Mapping[str, Tensor]:
    """A clip (2, time) for every source that a random graph may have."""
    names = ("voice", "kick", "snare", "hat")
    return {name: noise(10 * seed + i, 2, samples) for i, name in enumerate(names)}


def assert_agree(actual: Tensor, expected: Tensor, tolerance: float, what: str) -> None:
    """The relative distance is small."""
    assert bool(actual.isfinite().all()), what
    distance = torch.linalg.vector_norm((actual - expected).double())
    size = torch.linalg.vector_norm(expected.double())
    # What is nothing but rounding has no relative distance.
    assert float(distance) <= tolerance * float(size) + 1e-12, f"{what}: {distance} of {size}"
