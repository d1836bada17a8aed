"""What can be measured: settings said once, in our terms, for every tool."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from torch import Tensor

from graphophone.benchmark.clips import bursts
from graphophone.benchmark.job import TRACKS, Job, Stage, Swing
from graphophone.errors import UsageError
from graphophone.graph.rules import suggestion

RATE = 44_100
CLIP_SECONDS = 160_083 / RATE
"""Length of what the models hear, 3.63 s."""
CONSOLE_RATE = 30_000
CONSOLE_SECONDS = 3.8
BATCH = 64
GRAPHS = 16
COPIES = 64
"""How often a GPU renders each of them at once: drawing a thousand would take longer than all."""

SETTINGS: Mapping[str, Stage] = {
    stage.type: stage
    for stage in (
        Stage("lowpass", {"frequency": 1_000, "q": 0.8}),
        Stage("highpass", {"frequency": 200, "q": 0.8}),
        Stage("bandpass", {"frequency": 1_000, "q": 0.8}),
        Stage("bandreject", {"frequency": 1_000, "q": 0.8}),
        Stage("lowshelf", {"frequency": 200, "q": 0.7, "gain": 6}),
        Stage("highshelf", {"frequency": 5_000, "q": 0.7, "gain": 6}),
        Stage("bell", {"frequency": 1_000, "q": 0.9, "gain": 6}),
        Stage(
            "phaser",
            {"frequency": 800, "feedback": 0, "mix": 0.5},
            Swing("frequency", 1.0, 0.2),
        ),
        Stage(
            "chorus",
            {"delay": 0.02, "feedback": 0, "mix": 0.5},
            Swing("delay", 1.0, 0.1),
        ),
        Stage(
            "mono_delay",
            {"delay": 0.25, "feedback": 0.4, "mix": 0.3, "frequency": 2_000, "q": 0.1},
        ),
        Stage("stereo_reverb", {"size": 0.5, "damping": 0.3, "width": 1, "mix": 0.3}),
        Stage("distortion", {"gain": 18, "hardness": 0, "asymmetry": 0}),
        Stage("bitcrush", {"bit": 6}),
        Stage(
            "compressor",
            {"threshold": -24, "ratio": 4, "attack": 0.01, "release": 0.15, "knee": 0},
        ),
        Stage(
            "noisegate",
            {"threshold": -30, "ratio": 10, "attack": 0.001, "release": 0.15, "knee": 0},
        ),
        Stage(
            "expander",
            {"threshold": -30, "ratio": 2, "attack": 0.005, "release": 0.15, "knee": 0},
        ),
        Stage("pitchshift", {"semitone": 5}),
        Stage("imager", {"width": 1.5}),
        Stage("gain_pan", {"gain": -6, "pan": 0.3}),
    )
}
"""Every processor that some other tool has too."""

EQUALISER = (
    SETTINGS["lowshelf"],
    Stage("bell", {"frequency": 400, "q": 0.9, "gain": -4}),
    Stage("bell", {"frequency": 1_000, "q": 0.9, "gain": 6}),
    Stage("bell", {"frequency": 2_500, "q": 1.4, "gain": -3}),
    Stage("bell", {"frequency": 6_000, "q": 2.0, "gain": 3}),
    Stage("highshelf", {"frequency": 9_000, "q": 0.7, "gain": -6}),
)

CHAIN = tuple(
    SETTINGS[name]
    for name in (
        "highpass",
        "noisegate",
        "compressor",
        "lowshelf",
        "bell",
        "distortion",
        "mono_delay",
        "stereo_reverb",
    )
)

CONSOLE = (
    Stage(
        "graphic_equaliser",
        {
            "gain_31": -3,
            "gain_63": 2,
            "gain_125": -2,
            "gain_250": 3,
            "gain_500": -4,
            "gain_1k": 2,
            "gain_2k": -1,
            "gain_4k": 3,
            "gain_8k": -3,
            "gain_16k": 1,
        },
    ),
    Stage("compressor", {"threshold": -24, "ratio": 3, "knee": 6}),
    Stage("noisegate", {"threshold": -42, "ratio": 8, "knee": 6}),
    Stage("imager", {"width": 1.2}),
    Stage("gain_pan", {"gain": -3, "pan": 0.2}),
    Stage(
        "multitap_delay",
        {
            "delay_1": 0.12001,  # not whole samples, where the slope of an echo jumps
            "delay_2": 0.24002,
            "delay_3": 0.36001,
            "delay_4": 0.48002,
            "gain_1": -12,
            "gain_2": -15,
            "gain_3": -18,
            "gain_4": -21,
        },
    ),
    Stage("stereo_reverb", {"size": 0.5, "damping": 0.3, "width": 0.9, "mix": 0.2}),
)
"""A channel strip, and a subgroup's: the console of Lee et al., DAFx 2024, in our terms."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the signals are; nothing stands for a case's own size.

    Attributes:
        clips: Clips in a batch, or random graphs.
        seconds: Their length.
    """

    clips: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A job and its signals."""

    name: str
    job: Job
    count: int = 1
    seconds: float = CLIP_SECONDS
    batched: bool = False

    def material(self, scale: Scale) -> Tensor:
        """Return the dry signals: (clips or tracks, 2, samples)."""
        count = scale.clips or self.count if self.batched else self.count
        samples = round((scale.seconds or self.seconds) * self.job.rate)
        return bursts(count, samples, self.job.rate)


def _console(name: str, *, gradient: bool) -> Case:
    job = Job("console", CONSOLE_RATE, CONSOLE, gradient=gradient)
    return Case(name, job, TRACKS, CONSOLE_SECONDS)


CASES: Mapping[str, Case] = {
    case.name: case
    for case in (
        *(
            Case(f"processor:{name}", Job("series", RATE, (stage,)))
            for name, stage in SETTINGS.items()
        ),
        Case("equaliser", Job("series", RATE, EQUALISER)),
        Case("chain", Job("series", RATE, CHAIN)),
        Case("chain-64", Job("series", RATE, CHAIN), BATCH, batched=True),
        Case("stream-64", Job("stream", RATE, CHAIN)),
        _console("console", gradient=False),
        _console("console-backward", gradient=True),
        Case("singing", Job("graphs", RATE, task="singing"), GRAPHS, batched=True),
        Case("drums", Job("graphs", RATE, task="drums"), GRAPHS, batched=True),
        Case(
            "gpu",
            Job("graphs", RATE, task="singing", device="cuda", copies=COPIES),
            GRAPHS,
            batched=True,
        ),
    )
}


def chosen(names: Iterable[str]) -> list[Case]:
    """Return the cases that names or patterns such as ``processor:*`` stand for; all for none.

    Raises:
        UsageError: A name stands for no case.
    """
    wanted = list(names) or ["*"]
    for name in wanted:
        if not any(fnmatchcase(case, name) for case in CASES):
            listed = ", ".join(case for case in CASES if ":" not in case)
            hint = suggestion(name, CASES) or f"; cases are {listed}, and processor:NAME"
            raise UsageError(f"there is no case {name!r}{hint}")
    return [c for c in CASES.values() if any(fnmatchcase(c.name, name) for name in wanted)]
