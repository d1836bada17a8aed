"""dasp-pytorch: effects made of tensor operations, so that gradients pass."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from graphophone.benchmark import laws
from graphophone.benchmark.contender import Contender, Law, Run
from graphophone.benchmark.job import Job, Stage
from graphophone.benchmark.peers.imported import Imported

BIQUADS = {
    "lowpass": "low_pass",
    "highpass": "high_pass",
    "lowshelf": "low_shelf",
    "highshelf": "high_shelf",
    "bell": "peaking",
}
SIX_BANDS = ("lowshelf", "bell", "bell", "bell", "bell", "highshelf")
ROOM_SAMPLES = 65_536
"""Length of its impulse responses."""
NEPERS = 6.9078
"""60 dB."""
NOTES = {
    "compressor": "its release has no effect",
    "distortion": "with one drive a channel; with one a clip, as documented, it cannot run",
    "imager": "levels brought to ours afterwards",
    "stereo_reverb": "filtered noise, drawn anew for each call, with the same decay",
}

Audio = Tensor
Call = Callable[[Any, Stage, int, Tensor], Run]


class Dasp(Imported):
    """Its functions, called with a setting for each clip."""

    def __init__(self) -> None:
        super().__init__("dasp", ["dasp_pytorch"], ["dasp-pytorch"])

    def contenders(self, job: Job) -> Sequence[Contender]:
        """Do filters, and single effects that it has."""
        if job.shape != "series":
            return []
        if set(job.types) <= BIQUADS.keys():
            note = "" if len(job.stages) > 1 else "one section through its frequency sampling"
            return [Contender(self.name, self._filters(job), laws.of(job), note)]
        if len(job.stages) > 1 or job.types[0] not in CALLS:
            return []
        stage = job.stages[0]

        def prepare(audio: Tensor) -> Run:
            lib = self.module("dasp_pytorch")
            return _without_gradient(CALLS[stage.type](lib, stage, job.rate, audio))

        return [Contender(self.name, prepare, _law(job), NOTES[stage.type])]

    def _filters(self, job: Job) -> Callable[[Tensor], Run]:
        def prepare(audio: Tensor) -> Run:
            lib = self.module("dasp_pytorch")
            if job.types == SIX_BANDS:
                names = ["low_shelf", *(f"band{i}" for i in range(4)), "high_shelf"]
                words = {"gain_db": "gain", "cutoff_freq": "frequency", "q_factor": "q"}
                bands = {
                    f"{name}_{word}": _each(audio, stage.knobs[knob])
                    for name, stage in zip(names, job.stages, strict=True)
                    for word, knob in words.items()
                }
                return _without_gradient(lambda: lib.parametric_eq(audio, job.rate, **bands))
            return _without_gradient(lambda: _sections(lib.signal, job, audio))

        return prepare


def _sections(signal: Any, job: Job, audio: Tensor) -> Tensor:
    rows = []
    for stage in job.stages:
        k = stage.knobs
        settings = (_each(audio, v) for v in (k.get("gain", 0.0), k["frequency"], k["q"]))
        b, a = signal.biquad(*settings, job.rate, BIQUADS[stage.type])
        rows.append(torch.cat((b, a), dim=-1))
    out: Tensor = signal.sosfilt_via_fsm(torch.stack(rows, dim=1), audio)
    return out


def _each(audio: Tensor, value: float) -> Tensor:
    """Return a setting for each clip."""
    return torch.full((len(audio),), float(value))


def _without_gradient(call: Run) -> Run:
    @torch.no_grad()
    def run() -> Any:
        return call()

    return run


def _distortion(lib: Any, stage: Stage, rate: int, audio: Tensor) -> Run:
    drive = torch.full(audio.shape[:2], float(stage.knobs["gain"]))
    return lambda: lib.distortion(audio, rate, drive)


def _compressor(lib: Any, stage: Stage, rate: int, audio: Tensor) -> Run:
    k = stage.knobs
    sum_of_two = 6.0206  # dB: it listens to the sum of both channels
    times = (1e3 * math.log(9) * k[name] for name in ("attack", "release"))  # from 10 to 90 %
    values = (k["threshold"] + sum_of_two, k["ratio"], *times)
    settings = [_each(audio, v) for v in (*values, max(k["knee"], 1e-3), 0.0)]
    return lambda: lib.compressor(audio, rate, *settings)


def _imager(lib: Any, stage: Stage, rate: int, audio: Tensor) -> Run:
    w = stage.knobs["width"]
    width = torch.full((len(audio), 1), w / (1 + w))  # it scales mid by 2 (1 - w), side by 2 w
    return lambda: lib.stereo_widener(audio, rate, width) * ((1 + w) / 2)


def _reverb(lib: Any, stage: Stage, rate: int, audio: Tensor) -> Run:
    seconds = 0.2 * 30 ** stage.knobs["size"]
    decay = (NEPERS * ROOM_SAMPLES / rate / seconds - 1) / 10  # its envelope: exp(-(10 d + 1) t)
    gains = [torch.ones(len(audio), 1)] * 12
    decays = [torch.full((len(audio), 1), min(max(decay, 0.0), 1.0))] * 12
    mix = torch.full((len(audio), 1), stage.knobs["mix"])
    reverb = lib.noise_shaped_reverberation
    return lambda: reverb(audio, rate, *gains, *decays, mix, num_samples=ROOM_SAMPLES)


CALLS: Mapping[str, Call] = {
    "distortion": _distortion,
    "compressor": _compressor,
    "imager": _imager,
    "stereo_reverb": _reverb,
}
"""Its effects by our names."""


def _law(job: Job) -> Law:
    return laws.repeats() if job.types == ("stereo_reverb",) else laws.of(job)
