"""What a knob is: range, unit, taper and default, written down once.

The model's [0, 1] coordinate, the random draws, the documentation, the JSON Schema, the
drawings and the error texts all read these fields; none repeats them.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Literal, overload

from graphophone.errors import ParameterError

if TYPE_CHECKING:
    from torch import Tensor

Unit = Literal["", "Hz", "s", "dB", "semitones", "bits", "cycles"]
Taper = Literal["linear", "log", "asinh"]
SINGULAR: Mapping[str, str] = {"semitones": "semitone", "bits": "bit", "cycles": "cycle"}
"""Units that are words, for one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One continuous parameter of a processor or an edge.

    Attributes:
        low: Smallest value, inclusive, in ``unit``.
        high: Largest value, inclusive, in ``unit``.
        default: Value of an untouched knob, in ``unit``.
        help: One line for tooltips and tables, without unit or range.
        unit: Physical unit; the empty string means a plain ratio.
        taper: How knob travel maps to value. ``"log"`` gives equal travel to equal ratios, as
            pitch and time want, and needs ``low > 0``. ``"asinh"`` is logarithmic on both
            sides of zero and linear within ``bend`` of it; it needs ``low == -high``.
        bend: Where an ``"asinh"`` taper turns from linear to logarithmic.
        inlet: Name of the control inlet that moves this knob, if it has one.
        step: Distance of legal values for a knob that only takes whole steps.
        circular: Whether both ends of the range are the same setting, as for a phase.
        gradient: Whether the audio has a useful derivative with respect to this knob.
    """

    low: float
    high: float
    default: float
    help: str
    unit: Unit = ""
    taper: Taper = "linear"
    bend: float = 0.0
    inlet: str | None = None
    step: float | None = None
    circular: bool = False
    gradient: bool = True

    def __post_init__(self) -> None:
        for field in ("low", "high", "default"):  # an int here would become an int64 tensor
            object.__setattr__(self, field, float(getattr(self, field)))
        if not self.low < self.high:
            raise ParameterError(f"low must be below high, got [{self.low}, {self.high}]")
        if self.taper == "log" and self.low <= 0:
            raise ParameterError(f"a log taper needs low > 0, got {self.low}")
        if self.taper == "asinh" and not (self.low == -self.high and self.bend > 0):
            raise ParameterError(
                "an asinh taper needs low == -high and bend > 0, "
                f"got [{self.low}, {self.high}] and {self.bend}"
            )
        self.check(self.default, name="default")

    def check(self, value: float, *, name: str) -> float:
        """Return ``value`` unchanged, or say why it is not allowed (NaN included)."""
        if not self.low <= value <= self.high:
            allowed = f"[{self.text(self.low)}, {self.text(self.high)}]"
            raise ParameterError(f"{name} must be in {allowed}, got {self.text(value)}")
        return value

    def snap(self, value: float) -> float:
        """Bring ``value`` into the range and onto the nearest legal step."""
        if self.step is not None:
            value = self.low + round((value - self.low) / self.step) * self.step
        return min(max(value, self.low), self.high)

    @overload
    def to_travel(self, value: float) -> float: ...
    @overload
    def to_travel(self, value: "Tensor") -> "Tensor": ...
    def to_travel(self, value: "float | Tensor") -> "float | Tensor":
        """Map a value in ``unit`` to knob travel in [0, 1]; only a float is checked."""
        if isinstance(value, float | int):
            self.check(value, name="value")
        if self.taper == "log":
            ratio: float | Tensor = _log(value / self.low)
            return ratio / math.log(self.high / self.low)
        if self.taper == "asinh":
            lean: float | Tensor = _asinh(value / self.bend)
            return 0.5 + 0.5 * lean / math.asinh(self.high / self.bend)
        return (value - self.low) / (self.high - self.low)

    @overload
    def from_travel(self, travel: float) -> float: ...
    @overload
    def from_travel(self, travel: "Tensor") -> "Tensor": ...
    def from_travel(self, travel: "float | Tensor") -> "float | Tensor":
        """Map knob travel in [0, 1] to a value in ``unit``.

        Built from ``+``, ``*`` and the exponential function alone, so a float gives a float
        and a tensor gives a tensor with finite gradients at both ends.
        """
        if self.taper == "log":
            ratio: float | Tensor = _exp(math.log(self.high / self.low) * travel)
            return self.low * ratio
        if self.taper == "asinh":
            power: float | Tensor = _exp(math.asinh(self.high / self.bend) * (2 * travel - 1))
            return self.bend * 0.5 * (power - 1 / power)
        return self.low + (self.high - self.low) * travel

    def draw(self, rng: Random, low: float = 0.0, high: float = 1.0) -> float:
        """Draw a legal value uniformly over the knob travel between ``low`` and ``high``."""
        return self.snap(self.from_travel(rng.uniform(low, high)))

    def distance(self, a: float, b: float) -> float:
        """Return how far two settings are apart, in knob travel; circular knobs wrap."""
        gap = abs(self.to_travel(a) - self.to_travel(b))
        return min(gap, 1 - gap) if self.circular else gap

    def text(self, value: float) -> str:
        """Format a value for people: ``1.2 kHz``, ``-6 dB``, ``0.707``, ``1 bit``."""
        if self.unit == "Hz" and abs(value) >= 1_000:
            return f"{value / 1_000:.3g} kHz"
        if self.unit == "s" and abs(value) < 1:
            return f"{value * 1_000:.3g} ms"
        number = f"{value:.3g}"
        unit = SINGULAR.get(self.unit, self.unit) if number in {"1", "-1"} else self.unit
        return f"{number} {unit}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """Return every field, ready for ``json.dump``."""
        return asdict(self)


def _exp(exponent: "float | Tensor") -> Any:
    """Return e to a number or tensor.

    A tensor's power of a number gives other last bits at the end of a tensor than in its
    middle, so a clip would depend on the batch that it is rendered in; ``exp`` does not.
    """
    return math.exp(exponent) if isinstance(exponent, float | int) else exponent.exp()


def _log(value: "float | Tensor") -> Any:
    """Return the natural logarithm of a number or tensor."""
    return math.log(value) if isinstance(value, float | int) else value.log()


def _asinh(value: "float | Tensor") -> Any:
    """Return the inverse hyperbolic sine of a number or tensor."""
    return math.asinh(value) if isinstance(value, float | int) else value.asinh()
