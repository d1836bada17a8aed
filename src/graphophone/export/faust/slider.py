"""A knob on the surface of a Faust program."""

from dataclasses import dataclass

from graphophone.export.names import identifier
from graphophone.spec import DEPTH, GAIN, Param

STEPS = 1000
"""Positions of a slider."""


@dataclass(frozen=True, slots=True)
class Slider:
    """A knob, in a group with the others of its node.

    Attributes:
        group: What the node is called; of plain characters.
        order: Place of the group.
        label: What the knob is called; of plain characters.
        place: Place of the knob in the group.
        param: Its range, unit, taper and meaning.
        value: Where it stands.
        grouped: Whether the label stands in a group, or says itself where it belongs.
    """

    group: str
    order: int
    label: str
    place: int
    param: Param
    value: float
    grouped: bool = True

    def word(self, node: str) -> str:
        """Return the name of its definition."""
        return f"{node}_{identifier(self.label)}"

    def __str__(self) -> str:
        """Return the slider as Faust declares it."""
        param = self.param
        unit = f"[unit:{param.unit}]" if param.unit else ""
        scale = "[scale:log]" if param.taper == "log" else ""
        tip = "" if param in (GAIN, DEPTH) else f"[tooltip:{param.help}]"
        place = f"v:[{self.order:03}]{self.group}/[{self.place:02}]"
        if not self.grouped:
            place = f"[{self.order:03}{self.place:02}]{self.group} "
        path = f"{place}{self.label}{unit}{scale}{tip}"
        step = param.step or float(f"{(param.high - param.low) / STEPS:.1g}")
        numbers = (param.snap(self.value), param.low, param.high, step)
        return f'hslider("{path}", {", ".join(map(number, numbers))})'


def number(value: float) -> str:
    """Write a number with all its digits, as a real one."""
    return repr(float(value))
