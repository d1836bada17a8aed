"""GRAFX: differentiable processors and graphs of them in PyTorch."""

from collections.abc import Sequence

import torch
from torch import Tensor

from graphophone.benchmark import laws
from graphophone.benchmark.contender import Array, Contender, Law, Run, as_audio
from graphophone.benchmark.job import Job
from graphophone.benchmark.oracles import lines
from graphophone.benchmark.peers import stand_in
from graphophone.benchmark.peers.grafx_console import consoles
from graphophone.benchmark.peers.grafx_graph import Patch, exact_convolutions
from graphophone.benchmark.peers.grafx_modules import (
    BIQUADS,
    EQUALISER,
    MODULES,
    NOTES,
    Translation,
    equaliser,
    translated,
)
from graphophone.benchmark.peers.imported import Imported

EXACT, SAMPLED = "ssm", "fsm"
"""Its ways to run a biquad: in the time domain, and as a response sampled in frequency."""


class Grafx(Imported):
    """Its modules for single processors, its renderer for chains and consoles."""

    def __init__(self) -> None:
        modules = ["torch_geometric", "einops", "torchlpc", "torchcomp", "grafx"]
        super().__init__("grafx", modules, ["GRAFX", "torchlpc", "torchcomp"])

    def missing(self) -> str | None:
        """Say what cannot be imported, or nothing; torchaudio may be stood in for."""
        stand_in.register()
        return super().missing()

    def remark(self) -> str | None:
        """Tell of the stand-in."""
        if not stand_in.register():
            return None
        return "torchaudio is missing; GRAFX imports a stand-in for its filter, which no row runs."

    def contenders(self, job: Job) -> Sequence[Contender]:
        """Do what it has modules for."""
        if job.shape == "console":
            return consoles(self.module, job)
        if job.shape != "series":
            return []
        if job.types == EQUALISER or (len(job.stages) == 1 and job.types[0] in BIQUADS):
            return [self._module(job, EXACT), self._module(job, SAMPLED)]
        if not set(job.types) <= MODULES.keys():
            return []
        return [self._module(job) if len(job.stages) == 1 else self._chain(job)]

    def translation(self, job: Job, backend: str) -> Translation:
        """Return the module that does a job, and its parameters."""
        lib = self.module("grafx.processors")
        if len(job.stages) > 1:
            return equaliser(lib, job.stages, job.rate, backend)
        return translated(lib, job.stages[0], job.rate, backend)

    def _module(self, job: Job, backend: str = EXACT) -> Contender:
        def prepare(audio: Tensor) -> Run:
            return self.translation(job, backend).run(audio)

        sampled = backend == SAMPLED
        note = NOTES.get(job.types[0], "") if len(job.stages) == 1 else ""
        tool = f"{self.name} ({backend})" if sampled else self.name
        return Contender(tool, prepare, self._law(job), note)

    def _law(self, job: Job) -> Law:
        stage = job.stages[0]
        if stage.type == "mono_delay":
            delay = round(stage.knobs["delay"] * job.rate)
            return laws.equals(lines.echo(delay, 0.0, stage.knobs["mix"]), "its definition")
        if stage.type == "stereo_reverb":
            return laws.equals(
                lambda x: self._exactly(job, x), "its impulse response in double precision"
            )
        return laws.of(job)

    def _chain(self, job: Job) -> Contender:
        def prepare(audio: Tensor) -> Run:
            lib = self.module("grafx.processors")
            parts = {s.type: translated(lib, s, job.rate, EXACT) for s in job.stages}
            patch = Patch(self.module, parts)
            patch.series(job.types)
            return patch.run(audio[:, None], "beam")

        law = laws.equals(
            lambda x: self._exactly(job, x),
            "its modules one by one, convolving in double precision",
        )
        return Contender(self.name, prepare, law, "an echo without feedback")

    def _exactly(self, job: Job, x: Array) -> Array:
        """Return what its modules make of a clip, one by one, with convolutions that are right."""
        lib = self.module("grafx.processors")
        audio = torch.from_numpy(x).float()[None]
        with exact_convolutions(self.module):
            for stage in job.stages:
                audio = translated(lib, stage, job.rate, EXACT).run(audio)()
        exact: Array = as_audio(audio)[0]
        return exact
