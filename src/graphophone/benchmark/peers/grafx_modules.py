"""Our processors in GRAFX's terms: which module, with which raw parameters."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from graphophone.benchmark.contender import Run
from graphophone.benchmark.detectors import energy_db
from graphophone.benchmark.job import Stage

BIQUADS = {
    "lowpass": "LowPassFilter",
    "highpass": "HighPassFilter",
    "bandpass": "BandPassFilter",
    "bandreject": "BandRejectFilter",
    "lowshelf": "LowShelf",
    "highshelf": "HighShelf",
    "bell": "PeakingFilter",
}
EQUALISER = ("lowshelf", "bell", "bell", "bell", "bell", "highshelf")
HARDEST = 1e-3
"""Narrowest knee, in nepers."""
OFFSET = 6.0
"""What it takes off every threshold, in nepers of energy."""
NEPERS = 6.9078
"""60 dB."""
FRAME = 192
"""Samples between two frames of its reverb's decay."""
EDGE = 10.0
"""Radius of a raw delay whose tanh is 1."""

TUNED = (
    "ratio set for a law in amplitudes, not energies; threshold for where a tone stands in its "
    "detector"
)
NOTES = {
    "lowpass": "upside down in version 0.6.0, hence 2",
    "compressor": TUNED,
    "noisegate": TUNED,
    "expander": f"its noise gate with a low ratio; {TUNED}",
    "mono_delay": "one echo: it has no feedback",
    "stereo_reverb": "masked noise with the same decay",
}


@dataclass(frozen=True, slots=True)
class Translation:
    """A module and raw parameters for one node.

    Attributes:
        module: The module.
        parameters: Each with a first axis of one, for as many nodes or clips as there are.
    """

    module: Any
    parameters: Mapping[str, Tensor]

    def repeated(self, count: int) -> dict[str, Tensor]:
        """Return parameters for several nodes or clips with the same settings."""
        return {k: v.expand(count, *v.shape[1:]).clone() for k, v in self.parameters.items()}

    def run(self, audio: Tensor) -> Run:
        """Return what is timed: the module on a batch."""
        parameters = self.repeated(len(audio))

        @torch.no_grad()
        def run() -> Tensor:
            out = self.module(audio, **parameters)
            first: Tensor = out[0] if isinstance(out, tuple) else out
            return first

        return run


def translated(lib: Any, stage: Stage, rate: int, backend: str) -> Translation:
    """Return a module with the settings of a stage.

    Args:
        lib: Its package of processors.
        stage: What it should do.
        rate: Samples per second.
        backend: How biquads are run.
    """
    if stage.type in BIQUADS:
        module = getattr(lib, BIQUADS[stage.type])(backend=backend, flashfftconv=False)
        return Translation(module, {k: row(v) for k, v in _raw(stage.knobs, rate).items()})
    return MODULES[stage.type](lib, stage.knobs, rate)


def equaliser(lib: Any, stages: Sequence[Stage], rate: int, backend: str) -> Translation:
    """Return its parametric equaliser: a low shelf, bells, a high shelf."""
    module = lib.ParametricEqualizer(num_filters=len(stages), backend=backend, flashfftconv=False)
    raw = [_raw(stage.knobs, rate) for stage in stages]
    return Translation(module, {k: row(*(r[k] for r in raw))[None] for k in raw[0]})


def row(*values: float) -> Tensor:
    """Return parameters (1, count)."""
    return torch.tensor([values], dtype=torch.float32)


def logit(share: float) -> float:
    """Undo its sigmoid."""
    return math.log(share / (1 - share))


def _raw(k: Mapping[str, float], rate: int) -> dict[str, float]:
    raw = {"w0": logit(2 * k["frequency"] / rate), "q_inv": -math.log(k["q"])}
    return raw | ({"log_gain": k["gain"] * math.log(10) / 40} if "gain" in k else {})


def threshold(peak_db: float, attack: float, release: float) -> Tensor:
    """Return its threshold at which a sine of these peaks stands, in nepers of energy."""
    return row((peak_db - energy_db(attack, release)) * math.log(10) / 10 + OFFSET)


def _compressor(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    module = lib.Compressor(energy_smoother="ballistics", knee="hard", flashfftconv=False)
    ratio = 2 / (1 + 1 / k["ratio"])  # of energies; the gain it gives multiplies amplitudes
    return _dynamics(module, k, rate, ratio)


def _gate(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    module = lib.NoiseGate(energy_smoother="ballistics", knee="hard", flashfftconv=False)
    return _dynamics(module, k, rate, (1 + k["ratio"]) / 2)


def _dynamics(module: Any, k: Mapping[str, float], rate: int, ratio: float) -> Translation:
    # Its first coefficient is that of falling energy; each is the share of what is new.
    times = (k["release"], k["attack"])
    parameters = {
        "log_threshold": threshold(k["threshold"], k["attack"], k["release"]),
        "log_ratio": row(math.log(ratio - 1)),
        "z_alpha_pre": row(*(logit(-math.expm1(-1 / (t * rate))) for t in times)),
    }
    return Translation(module, parameters)


def _distortion(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    module = lib.TanhDistortion(inverse_post_gain=False)
    gain = row(k["gain"] * math.log(10) / 20)
    return Translation(module, {"log_pre_gain": gain, "log_post_gain": row(0.0)})


def _imager(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    return Translation(lib.SideGainImager(), {"log_gain": row(math.log(k["width"]))})


def _gain_pan(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    angle, gain = (k["pan"] + 1) * math.pi / 4, k["gain"] * math.log(10) / 20
    sides = (math.log(math.sqrt(2) * side) + gain for side in (math.cos(angle), math.sin(angle)))
    return Translation(lib.StereoGain(), {"log_gain": row(*sides)})


def _delay(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    delay = round(k["delay"] * rate)
    length = 2 * (delay // 2 + 1)
    module = lib.MultitapDelay(
        segment_len=length,
        num_segments=1,
        processor_channel="mono",
        zp_filter_per_tap=False,
        flashfftconv=False,
    )
    angle = -2 * math.pi * delay / length
    parameters = {
        "delay_z": row(EDGE * math.cos(angle), EDGE * math.sin(angle))[None],
        "drywet_weight": row(k["mix"]),
    }
    return Translation(lib.DryWet(module, external_param=False), parameters)


def _reverb(lib: Any, k: Mapping[str, float], rate: int) -> Translation:
    module = lib.STFTMaskedNoiseReverb(hop_length=FRAME, flashfftconv=False)
    fall = 8 * NEPERS * FRAME / (0.2 * 30 ** k["size"] * rate)  # of its log mask, a frame
    shape = (1, 2, module.num_bins)
    parameters = {
        "init_log_magnitude": torch.zeros(shape),
        "delta_log_magnitude": torch.full(shape, math.log(math.expm1(fall))),
        "drywet_weight": row(k["mix"]),
    }
    return Translation(lib.DryWet(module, external_param=False), parameters)


MODULES: Mapping[str, Callable[[Any, Mapping[str, float], int], Translation]] = {
    **{kind: lambda lib, k, rate: Translation(None, {}) for kind in BIQUADS},
    "compressor": _compressor,
    "noisegate": _gate,
    "expander": _gate,
    "distortion": _distortion,
    "imager": _imager,
    "gain_pan": _gain_pan,
    "mono_delay": _delay,
    "stereo_reverb": _reverb,
}
"""Its modules by our names."""
