"""Our processors as JSFX: a readable file each, in the language that REAPER compiles.

What computes stands in ``definitions/*.eel``, what is around it follows from a processor's spec: a
slider a knob, a pair of channels an inlet or an outlet. An effect reads its audio inlets from the
first channels of a track, then a pair for each control inlet, and writes its outlets to the first.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from graphophone.export.library import WORD, Library
from graphophone.export.patch import LEVEL
from graphophone.processors import ALL_SPECS
from graphophone.spec import Inlet, Outlet, Param, ProcessorSpec

LIBRARY = Library(
    Path(__file__).parent / "definitions",
    ".eel",
    start=rf"function ({WORD})\(",
    use=rf"{WORD}(?=\()",
)
PASSING = frozenset({"mix"})
"""Types that let pass what comes in."""
SIDES = ("left", "right")
STEPS = 1000
"""Positions of a slider that is not logarithmic."""
FINE = 100
"""Steps of one that is, in its smallest value."""
LEVELS = ProcessorSpec(
    name="level",
    group="utility",
    inlets=(Inlet("in"),),
    outlets=(Outlet("out"),),
    params={"level": LEVEL},
    traits=frozenset({"per_channel"}),
    summary="Brings what enters to the level at which thresholds hold, or what leaves back.",
)
"""What stands for the ends of a graph."""
ENERGY = Param(
    low=-120, high=120, default=0, unit="dB", help="gain that stands for the energy rule"
)
SIDECHAIN = "sidechain"


class Effect:
    """One processor as a JSFX.

    Args:
        kind: Its type; both ends of a graph are a ``level``.
    """

    def __init__(self, kind: str) -> None:
        self.spec = LEVELS if kind in ("in", "out", "level") else ALL_SPECS[kind]
        self.kind = self.spec.name
        control = [inlet for inlet in self.spec.inlets if inlet.signal == "control"]
        self._inlets = (*self.spec.audio_inlets, *control)

    @property
    def known(self) -> bool:
        """Whether it can be written."""
        several = len(self.spec.outlets) > 1
        names = {f"{self.kind}_{o.name}" if several else self.kind for o in self.spec.outlets}
        return self.kind in PASSING or names <= LIBRARY.names.keys()

    @property
    def sliders(self) -> dict[str, Param]:
        """What each slider is, in their order."""
        sliders = dict(self.spec.params)
        if self.spec.group != "control" and self.spec is not LEVELS:
            sliders["energy"] = ENERGY
        return sliders

    @property
    def has_switch(self) -> bool:
        """Whether a last slider says if the sidechain is connected."""
        return self.spec.inlet(SIDECHAIN) is not None

    @property
    def pins(self) -> int:
        """How many channels it reads."""
        return max(2, 2 * len(self._inlets))

    def inlet(self, name: str) -> int:
        """Return the first channel of an inlet."""
        return 2 * [inlet.name for inlet in self._inlets].index(name)

    def outlet(self, name: str) -> int:
        """Return the first channel of an outlet."""
        return 2 * [outlet.name for outlet in self.spec.outlets].index(name)

    def text(self) -> str:
        """Return the whole file."""
        sample = self._sample()
        starts = [f"{name}.{self.kind}_start();" for name in self._instances()]
        if f"{self.kind}_start" not in LIBRARY.names:
            starts = []
        slider = ["scale = amplitude(energy);"] if "energy" in self.sliders else []
        functions = LIBRARY.needed([*starts, *slider, *sample])
        parts = [
            [f"desc:Graphophone {self.kind}", f"// {self.spec.summary}"],
            [*self._slider_lines(), *self._pin_lines()],
            ["@init", "free = 0;"],
            [functions] if functions else [],
            starts,
            ["@slider", *slider] if slider else [],
            ["@sample", *sample],
        ]
        return "\n\n".join("\n".join(part) for part in parts if part) + "\n"

    def _slider_lines(self) -> list[str]:
        lines = []
        for place, (name, param) in enumerate(self.sliders.items(), start=1):
            shape, step = "", param.step or _round((param.high - param.low) / STEPS)
            if param.taper == "log":
                middle = number(float(f"{math.sqrt(param.low * param.high):.9g}"))
                shape, step = f":log={middle}", _round(param.low / FINE)
            numbers = ",".join(map(number, (param.low, param.high, step)))
            unit = f" [{param.unit}]" if param.unit else ""
            lines.append(
                f"slider{place}:{name}={number(param.default)}<{numbers}{shape}>{name}{unit}"
            )
        if self.has_switch:
            names = "{this signal,channels 3 and 4}"
            lines.append(f"slider{len(lines) + 1}:{SIDECHAIN}=0<0,1,1{names}>{SIDECHAIN}")
        return lines

    def _pin_lines(self) -> list[str]:
        inlets = [f"{inlet.name} " for inlet in self._inlets] or [""]
        outlets = [f"{outlet.name} " for outlet in self.spec.outlets]
        return [f"in_pin:{name}{side}" for name in inlets for side in SIDES] + [
            f"out_pin:{name}{side}" for name in outlets for side in SIDES
        ]

    def _instances(self) -> tuple[str, ...]:
        return SIDES if "per_channel" in self.spec.traits else ("both",)

    def _sample(self) -> list[str]:
        """Return what is computed for each sample."""
        lines, words = self._knobs()
        heard = [f"spl{i}" for i in range(2 * len(self.spec.audio_inlets))]
        if self.has_switch:
            first = self.inlet(SIDECHAIN)
            keys = [f"key_{side}" for side in SIDES]
            for i, key in enumerate(keys):
                lines.append(f"{key} = {SIDECHAIN} > 0.5 ? spl{first + i} : spl{i};")
            heard[first : first + 2] = keys
        several = len(self.spec.outlets) > 1
        if several:
            lines += ["in_left = spl0;", "in_right = spl1;"]
            heard = ["in_left", "in_right"]
        for outlet in self.spec.outlets:
            function = f"{self.kind}_{outlet.name}" if several else self.kind
            prefix = f"{outlet.name}_" if several else ""
            lines += self._calls(function, prefix, self.outlet(outlet.name), heard, words)
        return lines

    def _calls(
        self,
        function: str,
        prefix: str,
        at: int,
        heard: Sequence[str],
        words: Sequence[Sequence[str]],
    ) -> list[str]:
        """Return the lines that make the two channels of an outlet."""
        out = [f"spl{at}", f"spl{at + 1}"]
        lines = []
        if self.kind in PASSING:
            pass
        elif "per_channel" in self.spec.traits:
            for i, side in enumerate(SIDES):
                given = [heard[i], *words[i]]
                lines.append(f"{out[i]} = {prefix}{side}.{function}({', '.join(given)});")
        else:
            # Both sides of a knob that may be moved, which are called alike if it may not.
            knobs = (dict.fromkeys(sides) for sides in zip(*words, strict=True))
            given = [*heard, *(word for sides in knobs for word in sides)]
            lines.append(f"{prefix}both.{function}({', '.join(given)});")
            lines += [f"{out[i]} = {prefix}both.{side};" for i, side in enumerate(SIDES)]
        return lines + ([f"{name} *= scale;" for name in out] if "energy" in self.sliders else [])

    def _knobs(self) -> tuple[list[str], list[list[str]]]:
        """Return the lines that move knobs, and what knobs are called for either channel."""
        lines: list[str] = []
        moved = {inlet.knob: self.inlet(inlet.name) for inlet in self._inlets if inlet.knob}
        words: list[list[str]] = [[], []]
        for name, param in self.spec.params.items():
            for i, side in enumerate(SIDES):
                words[i].append(f"{name}_{side}" if name in moved else name)
                if name in moved:
                    ends = f"{number(param.low)}, {number(param.high)}"
                    move = f"moved_{param.taper}({ends}, {name}, spl{moved[name] + i})"
                    lines.append(f"{name}_{side} = {move};")
        return lines, words


def number(value: float) -> str:
    """Write a number as JSFX and projects read it: with all its digits and no exponent."""
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0")


def _round(value: float) -> float:
    return float(f"{value:.1g}")
