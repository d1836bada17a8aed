"""pedalboard: JUCE's effects for Python."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from torch import Tensor

from graphophone.benchmark import clips, laws
from graphophone.benchmark.contender import Contender, Law, Prepare, Run, as_audio
from graphophone.benchmark.detectors import magnitude_db
from graphophone.benchmark.job import Job, Stage
from graphophone.benchmark.oracles import filters, lines
from graphophone.benchmark.peers.imported import Imported
from graphophone.processors import SPECS

Knobs = Mapping[str, float]
PHASER_DECADES = 3.0
"""Decades between the ends of its phaser's travel, 20 Hz and 20 kHz, of which a depth of 1 moves
half to either side; and its chorus moves 10 ms."""
CHORUS_MS = 10.0
EQUALISERS = {"lowshelf", "highshelf", "bell"}
"""Effects that mean the same as ours, in any row."""

NOTES = {
    "lowpass": "6 dB per octave, it has no other",
    "highpass": "6 dB per octave, it has no other",
    "mono_delay": "its echoes are not filtered",
    "stereo_reverb": "Freeverb, set to the same decay",
    "pitchshift": "by Rubber Band",
    "compressor": "threshold set for where a tone stands in its detector",
    "expander": "its noise gate with a low ratio",
}


class Pedalboard(Imported):
    """Its effects one after the other on a board."""

    def __init__(self) -> None:
        super().__init__("pedalboard", ["pedalboard"], ["pedalboard"])

    def contenders(self, job: Job) -> Sequence[Contender]:
        """Do rows of effects that it has."""
        if job.shape not in ("series", "stream") or not set(job.types) <= MAKERS.keys():
            return []
        if job.shape == "stream":
            return [self.stream(job)]

        def prepared(stages: Sequence[Stage]) -> Prepare:
            def prepare(audio: Tensor) -> Run:
                board = self.module("pedalboard").Pedalboard(self.plugins(stages))
                ready = [np.ascontiguousarray(clip) for clip in audio.numpy()]
                return lambda: [board(clip, job.rate) for clip in ready]

            return prepare

        note = NOTES.get(job.types[0], "") if len(job.stages) == 1 else ""
        still = prepared(job.stages_at_rest) if job.judged_at_rest else None
        return [Contender(self.name, prepared(job.stages), self.law(job), note, still)]

    def stream(self, job: Job) -> Contender:
        """Return a board that goes on from block to block."""

        def board() -> Any:
            return self.module("pedalboard").Pedalboard(self.plugins(job.stages))

        def blocks(audio: Tensor) -> list[Any]:
            return [np.ascontiguousarray(block) for block in clips.blocks(audio[0])]

        def one(audio: Tensor) -> Run:
            going, waiting = board(), cycle(blocks(audio))
            return lambda: going(next(waiting), job.rate, reset=False)

        def whole(audio: Tensor) -> Run:
            def run() -> Any:
                going = board()
                parts = [going(block, job.rate, reset=False) for block in blocks(audio)]
                return np.concatenate(parts, axis=-1)[None]

            return run

        def offline(clip: Any) -> Any:
            return as_audio(board()(clip.astype(np.float32), job.rate))

        return Contender(self.name, one, laws.equals(offline, "its offline rendering"), still=whole)

    def plugins(self, stages: Sequence[Stage]) -> list[Any]:
        """Return its effects for some stages."""
        lib = self.module("pedalboard")
        return [MAKERS[stage.type](lib, stage) for stage in stages]

    def law(self, job: Job) -> Law:
        """Return the law of one effect, or hold a board against its effects one by one."""
        stage, rate = job.stages[0], job.rate
        if set(job.types) <= EQUALISERS:
            return laws.of(job)
        if len(job.stages) > 1:
            return laws.equals(lambda x: self.one_by_one(job, x), "its effects one by one")
        if stage.type == "chorus":
            return laws.swinging(stage, rate, sign=-1.0)
        if stage.type in OWN:
            return laws.equals(OWN[stage.type](stage.knobs, rate), "its definition")
        return laws.of(job)

    def one_by_one(self, job: Job, x: Any) -> Any:
        """Return what its effects make of a clip, one call each."""
        audio = x.astype(np.float32)
        for plugin in self.plugins(job.stages):
            audio = plugin(audio, job.rate)
        return as_audio(audio)


def _shelf(name: str) -> Callable[[Any, Stage], Any]:
    def make(lib: Any, stage: Stage) -> Any:
        return getattr(lib, name)(stage.knobs["frequency"], stage.knobs["gain"], stage.knobs["q"])

    return make


def _compressor(lib: Any, stage: Stage) -> Any:
    k = stage.knobs
    below = magnitude_db(k["attack"], k["release"])
    return lib.Compressor(k["threshold"] - below, k["ratio"], *_times(k))


def _gate(lib: Any, stage: Stage) -> Any:
    k = stage.knobs
    return lib.NoiseGate(k["threshold"], k["ratio"], *_times(k))


def _times(k: Knobs) -> tuple[float, float]:
    """Return its attack and release: milliseconds after which 1 - exp(-2 pi) is done."""
    return 2_000 * math.pi * k["attack"], 2_000 * math.pi * k["release"]


def _chorus(lib: Any, stage: Stage) -> Any:
    k, swing, param = stage.knobs, stage.swing, SPECS["chorus"].params["delay"]
    reach = 1_000 * swing.reach * (param.high - param.low) if swing else 0.0
    rate = swing.hertz if swing else 1.0
    return lib.Chorus(rate, reach / CHORUS_MS, 1_000 * k["delay"], k["feedback"], k["mix"])


def _phaser(lib: Any, stage: Stage) -> Any:
    k, swing, param = stage.knobs, stage.swing, SPECS["phaser"].params["frequency"]
    decades = swing.reach * math.log10(param.high / param.low) if swing else 0.0
    depth = decades / (PHASER_DECADES / 2)
    rate = swing.hertz if swing else 1.0
    return lib.Phaser(rate, depth, k["frequency"], k["feedback"], k["mix"])


def room(stage: Stage) -> dict[str, float]:
    """Return Freeverb's knobs for the decay, the damping and the mix of our reverb."""
    k = stage.knobs
    turn = float(np.mean(lines.COMBS))  # seconds; Freeverb's combs are about as long
    per_turn = 10 ** (-3 * turn / (0.2 * 30 ** k["size"]))
    size = min(max((per_turn - 0.7) / 0.28, 0.0), 1.0)
    return {
        "size": size,
        "damping": k["damping"],
        "wet": k["mix"],
        "dry": (1 - k["mix"]) / 2,
        "width": k["width"],
    }


def _reverb(lib: Any, stage: Stage) -> Any:
    k = room(stage)
    return lib.Reverb(k["size"], k["damping"], k["wet"], k["dry"], k["width"])


MAKERS: Mapping[str, Callable[[Any, Stage], Any]] = {
    "lowpass": lambda lib, s: lib.LowpassFilter(s.knobs["frequency"]),
    "highpass": lambda lib, s: lib.HighpassFilter(s.knobs["frequency"]),
    "lowshelf": _shelf("LowShelfFilter"),
    "highshelf": _shelf("HighShelfFilter"),
    "bell": _shelf("PeakFilter"),
    "phaser": _phaser,
    "chorus": _chorus,
    "mono_delay": lambda lib, s: lib.Delay(s.knobs["delay"], s.knobs["feedback"], s.knobs["mix"]),
    "stereo_reverb": _reverb,
    "distortion": lambda lib, s: lib.Distortion(s.knobs["gain"]),
    "bitcrush": lambda lib, s: lib.Bitcrush(s.knobs["bit"] - 1),  # steps of 2^-bits
    "compressor": _compressor,
    "noisegate": _gate,
    "expander": _gate,
    "pitchshift": lambda lib, s: lib.PitchShift(s.knobs["semitone"]),
}
"""Its effects by our names."""

OWN: Mapping[str, Callable[[Knobs, int], Callable[[Any], Any]]] = {
    "lowpass": lambda k, rate: filters.first_order("lowpass", k["frequency"], rate),
    "highpass": lambda k, rate: filters.first_order("highpass", k["frequency"], rate),
    "mono_delay": lambda k, r: lines.echo(int(k["delay"] * r), k["feedback"], k["mix"]),
    "stereo_reverb": lambda k, rate: lines.freeverb(**room(Stage("stereo_reverb", k)), rate=rate),
}
"""Laws of its effects where they differ from ours."""
