"""The mixing console as GRAFX's authors build it, forwards and backwards."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphophone.benchmark import laws
from graphophone.benchmark.contender import Array, Contender, Law, Run, as_audio
from graphophone.benchmark.job import GROUPS, Job
from graphophone.benchmark.peers.grafx_graph import Load, Patch, exact_convolutions
from graphophone.benchmark.peers.grafx_modules import (
    EDGE,
    Translation,
    logit,
    row,
    threshold,
    translated,
)

STEP = 1e-2
LOWEST = 31.25
"""Centre of our equaliser's first octave in Hz."""
SMOOTHING = 0.05
"""Time constant of the console's compressors and gates, in seconds; they have one."""
HELD = "delay_z"
"""Parameter whose gradient is a surrogate by design, so that differences say nothing of it."""
NOTES = {
    "beam": "its authors' console: zero-phase equaliser, one-pole dynamics, 20 echoes, noise",
    "one-by-one": "the same; it reads one cable of each sum",
}

Parameters = Mapping[str, Mapping[str, Tensor]]


def consoles(load: Load, job: Job) -> Sequence[Contender]:
    """Return the console in both orders of rendering."""
    make = _backward if job.gradient else _forward
    return [make(load, job, order) for order in NOTES]


def parts(load: Load, job: Job) -> dict[str, Translation]:
    """Return the seven modules of a strip."""
    lib = load("grafx.processors")
    knobs = {stage.type: stage.knobs for stage in job.stages}
    by_type = {stage.type: stage for stage in job.stages}
    rate = job.rate
    return {
        "eq": _equaliser(lib, knobs["graphic_equaliser"], rate),
        "compressor": _dynamics(
            lib.ApproxCompressor(flashfftconv=False), knobs["compressor"], rate
        ),
        "noisegate": _dynamics(lib.ApproxNoiseGate(flashfftconv=False), knobs["noisegate"], rate),
        "imager": translated(lib, by_type["imager"], rate, "ssm"),
        "gain_pan": translated(lib, by_type["gain_pan"], rate, "ssm"),
        "delay": _delay(lib),
        "reverb": translated(lib, by_type["stereo_reverb"], rate, "ssm"),
    }


def _equaliser(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    module = lib.ZeroPhaseFIREqualizer()
    bins = np.linspace(0, rate / 2, module.num_magnitude_bins)
    octaves = np.log2(np.maximum(bins, 1.0) / LOWEST)
    gains = np.interp(octaves, np.arange(len(k)), np.array(list(k.values())))
    magnitude = torch.from_numpy(gains * math.log(10) / 20).float()[None]
    return Translation(module, {"log_magnitude": magnitude})


def _dynamics(module: Any, k: Mapping[str, float], rate: int) -> Translation:
    gate = "Gate" in type(module).__name__
    ratio = (1 + k["ratio"]) / 2 if gate else 2 / (1 + 1 / k["ratio"])
    parameters = {
        "z_alpha": row(logit(math.exp(-1 / (SMOOTHING * rate)))),
        "log_threshold": threshold(k["threshold"], SMOOTHING, SMOOTHING),
        "log_ratio": row(math.log(ratio if gate else ratio - 1)),
        "log_knee": row(math.log(k["knee"] * math.log(10) / 10)),
    }
    return Translation(module, parameters)


def _delay(lib: Any) -> Translation:
    module = lib.MultitapDelay(flashfftconv=False)
    size = module.parameter_size()
    count = size[HELD][0]
    angle = 2 * math.pi * torch.rand(count, generator=torch.Generator().manual_seed(0))
    raw = EDGE * torch.stack((torch.cos(angle), torch.sin(angle)), dim=-1)
    parameters = {
        HELD: raw[None],
        "log_fir_magnitude": torch.zeros(1, *size["log_fir_magnitude"]),
        "drywet_weight": row(0.2),
    }
    return Translation(lib.DryWet(module, external_param=False), parameters)


def console(load: Load, job: Job, tracks: int) -> Patch:
    """Return a strip for each track, then for each of two subgroups."""
    patch = Patch(load, parts(load, job))
    strip = list(patch.parts)
    inputs = [patch.add("in") for _ in range(tracks)]
    ends = [patch.strip(strip, track) for track in inputs]
    groups = [patch.add("mix") for _ in range(GROUPS)]
    for number, end in enumerate(ends):
        patch.graph.connect(end, groups[number % GROUPS])
    mixes = [patch.strip(strip, group) for group in groups]
    out = patch.add("out")
    for end in mixes:
        patch.graph.connect(end, out)
    return patch


def by_hand(load: Load, job: Job, material: Tensor) -> Array:
    """Return what its modules make of the tracks, one by one, with convolutions that are right."""
    modules = parts(load, job).values()

    def strip(audio: Tensor) -> Tensor:
        for part in modules:
            audio = part.run(audio)()
        return audio

    with exact_convolutions(load):
        ends = [strip(track[None]) for track in material]
        groups = [strip(torch.stack(ends[g::GROUPS]).sum(0)) for g in range(GROUPS)]
        return as_audio(torch.stack(groups).sum(0))


def _forward(load: Load, job: Job, order: str) -> Contender:
    def prepare(material: Tensor) -> Run:
        return console(load, job, len(material)).run(material, order)

    def deviation(effect: Any, material: Tensor) -> float:
        return laws.relative(effect(material), by_hand(load, job, material))

    text = "its modules one by one, convolving in double precision"
    law = Law(text, "relative L2", deviation)
    return Contender(f"grafx ({order})", prepare, law, NOTES[order])


def _backward(load: Load, job: Job, order: str) -> Contender:
    def loss(patch: Patch, material: Tensor, raw: Parameters, plan: Any) -> Tensor:
        gradient = torch.is_grad_enabled()
        return patch.rendered(material, raw, plan, gradient=gradient).double().square().mean()

    def prepare(material: Tensor) -> Run:
        patch = console(load, job, len(material))
        plan, raw = patch.plan(order), patch.parameters()
        leaves = list(_leaves(raw))

        def run() -> Tensor:
            for leaf in leaves:
                leaf.requires_grad_()
                leaf.grad = None
            loss(patch, material, raw, plan).backward()  # type: ignore[no-untyped-call]
            moved = [leaf.grad for leaf in _leaves(raw, held=False)]
            return torch.cat([torch.zeros(0) if g is None else g.reshape(-1) for g in moved])

        return run

    @torch.no_grad()
    def differences(material: Tensor, way: Array) -> float:
        patch = console(load, job, len(material))
        plan, ends = patch.plan(order), []
        for sign in (1, -1):
            raw = patch.parameters()
            leaves = _leaves(raw, held=False)
            steps = torch.split(torch.from_numpy(way).float(), [leaf.numel() for leaf in leaves])
            for leaf, step in zip(leaves, steps, strict=True):
                leaf += sign * STEP * step.view(leaf.shape)
            ends.append(float(loss(patch, material, raw, plan)))
        return (ends[0] - ends[1]) / (2 * STEP)

    law = laws.slope(differences, "central differences in single precision")
    return Contender(f"grafx ({order})", prepare, law, NOTES[order])


def _leaves(raw: Parameters, *, held: bool = True) -> list[Tensor]:
    return [v for part in raw.values() for k, v in part.items() if held or k != HELD]
