"""A handful of small specs, so that graph tests need no signal processing."""

from graphophone.spec import IN, OUT, Inlet, Outlet, Param, ProcessorSpec
from graphophone.spec.processor import Trait

FREQUENCY = Param(
    low=20, high=20_000, default=1_000, unit="Hz", taper="log", inlet="frequency", help="corner"
)
Q = Param(low=0.5, high=10, default=0.7, taper="log", help="resonance")
GAIN = Param(low=-24, high=24, default=0, unit="dB", inlet="gain", help="level change")
SEMITONE = Param(low=-12, high=12, default=7, unit="semitones", help="interval")
RATE = Param(low=0.05, high=10, default=1, unit="Hz", taper="log", help="speed")
PAN = Param(low=-1, high=1, default=0, inlet="pan", help="place")

AUDIO, LTI = Inlet("in"), frozenset[Trait]({"lti", "per_channel"})


def moved(knob: str) -> Inlet:
    return Inlet(knob, "control", required=False, knob=knob)


SPECS: dict[str, ProcessorSpec] = {
    spec.name: spec
    for spec in (
        IN,
        OUT,
        ProcessorSpec(
            name="lowpass",
            group="filter",
            inlets=(AUDIO, moved("frequency")),
            outlets=(Outlet("out"),),
            params={"frequency": FREQUENCY, "q": Q},
            traits=LTI,
        ),
        ProcessorSpec(
            name="bell",
            group="filter",
            inlets=(AUDIO, moved("frequency"), moved("gain")),
            outlets=(Outlet("out"),),
            params={"frequency": FREQUENCY, "q": Q, "gain": GAIN},
            traits=LTI,
        ),
        ProcessorSpec(
            name="crossover",
            group="filter",
            inlets=(AUDIO, moved("frequency")),
            outlets=(Outlet("low"), Outlet("high")),
            params={"frequency": FREQUENCY},
            traits=LTI,
        ),
        ProcessorSpec(
            name="compressor",
            group="nonlinear",
            inlets=(AUDIO, Inlet("sidechain", required=False)),
            outlets=(Outlet("out"),),
            params={"ratio": Q},
        ),
        ProcessorSpec(
            name="pitchshift",
            group="nonlinear",
            inlets=(AUDIO,),
            outlets=(Outlet("out"),),
            params={"semitone": SEMITONE},
            traits=frozenset({"per_channel"}),
        ),
        ProcessorSpec(
            name="stereo_reverb",
            group="delay",
            inlets=(AUDIO,),
            outlets=(Outlet("out"),),
            params={"mix": Q},
            traits=frozenset({"lti"}),
        ),
        ProcessorSpec(
            name="panning",
            group="utility",
            inlets=(AUDIO, moved("pan")),
            outlets=(Outlet("out"),),
            params={"pan": PAN},
            traits=frozenset({"lti"}),
        ),
        ProcessorSpec(
            name="mix",
            group="utility",
            inlets=(AUDIO,),
            outlets=(Outlet("out"),),
            traits=LTI | {"structural"},
        ),
        ProcessorSpec(
            name="midside_split",
            group="utility",
            inlets=(AUDIO,),
            outlets=(Outlet("mid"), Outlet("side")),
            traits=frozenset({"lti", "structural"}),
        ),
        ProcessorSpec(
            name="midside_merge",
            group="utility",
            inlets=(Inlet("mid"), Inlet("side")),
            outlets=(Outlet("out"),),
            traits=frozenset({"lti", "structural"}),
        ),
        ProcessorSpec(
            name="mono_lfo",
            group="control",
            outlets=(Outlet("lfo", "control"),),
            params={"frequency": RATE},
        ),
        ProcessorSpec(
            name="envelope_follower",
            group="control",
            inlets=(AUDIO,),
            outlets=(Outlet("env", "control"),),
            params={"gain": GAIN},
        ),
    )
}
