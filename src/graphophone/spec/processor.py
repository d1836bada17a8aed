"""Read a processor's ports and knobs off its signature."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType, NoneType
from typing import Any, Generic, Literal, ParamSpec, TypeAlias, TypeVar, get_args, get_type_hints

from graphophone.errors import ShapeError
from graphophone.spec.param import Param

P = ParamSpec("P")
R = TypeVar("R")

Group = Literal["terminal", "filter", "delay", "nonlinear", "utility", "control"]
Signal = Literal["audio", "control"]
Trait = Literal["lti", "per_channel", "structural"]
"""``lti``: linear and time-invariant while no control inlet is connected.
``per_channel``: acts alike, and separately, on every channel.
``structural``: routes signals; exempt from the search for nodes that cannot be heard."""


@dataclass(frozen=True, slots=True)
class Inlet:
    """Where a cable can be plugged in; a control inlet moves ``knob``."""

    name: str
    signal: Signal = "audio"
    required: bool = True
    knob: str | None = None


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where a cable can come from."""

    name: str
    signal: Signal = "audio"


@dataclass(frozen=True, slots=True)
class Dead:
    """A zone in which a knob does nothing: while ``when`` lies within [low, high]."""

    knob: str
    when: str
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorSpec:
    """Everything about a processor that is not signal processing."""

    name: str
    group: Group
    inlets: tuple[Inlet, ...] = ()
    outlets: tuple[Outlet, ...] = ()
    params: Mapping[str, Param] = field(default_factory=lambda: MappingProxyType({}))
    traits: frozenset[Trait] = frozenset()
    dead: tuple[Dead, ...] = ()
    revision: int = 1
    summary: str = ""
    source: str = ""

    @property
    def audio_inlets(self) -> tuple[Inlet, ...]:
        """Inlets that take audio, in the order of the signature."""
        return tuple(i for i in self.inlets if i.signal == "audio")

    def inlet(self, name: str) -> Inlet | None:
        """Return the inlet called ``name``, or ``None``."""
        return next((i for i in self.inlets if i.name == name), None)

    def outlet(self, name: str) -> Outlet | None:
        """Return the outlet called ``name``, or ``None``."""
        return next((o for o in self.outlets if o.name == name), None)

    def defaults(self) -> dict[str, float]:
        """Return the value of every untouched knob."""
        return {name: param.default for name, param in self.params.items()}

    def draw(self, rng: Random) -> dict[str, float]:
        """Draw every knob independently and uniformly over its travel."""
        return {name: param.draw(rng) for name, param in self.params.items()}

    def live(self, knobs: Mapping[str, float]) -> tuple[str, ...]:
        """Name the knobs that do something at these settings."""
        idle = {d.knob for d in self.dead if d.low <= knobs[d.when] <= d.high}
        return tuple(name for name in self.params if name not in idle)

    def check_shapes(self, audio: Mapping[str, Any], knobs: Mapping[str, Any]) -> None:
        """Raise :class:`ShapeError`, naming the argument, unless all shapes agree."""
        sizes: dict[str, tuple[int, ...]] = {}
        for inlet, signal in audio.items():
            got = tuple(signal.shape)
            if len(got) != 3:
                raise ShapeError(f"{self.name}: {inlet} must be (batch, channel, time), got {got}")
            if sizes.setdefault("audio", got) != got:
                raise ShapeError(f"{self.name}: {inlet} must be {sizes['audio']}, got {got}")
        for name in self.params.keys() & knobs.keys():
            got = tuple(knobs[name].shape)
            batch, channels, time = sizes.get("audio", (got[0], 2, got[-1]))
            if len(got) != 3 or not (
                got[0] == batch and got[1] in (1, channels) and got[2] in (1, time)
            ):
                allowed = f"({batch}, 1 or {channels}, 1 or {time})"
                raise ShapeError(f"{self.name}: {name} must be {allowed}, got {got}")

    def table(self) -> str:
        """Render the knobs as a Markdown table for the documentation."""
        rows = ["| knob | range | default | taper | meaning |", "|---|---|---|---|---|"]
        for name, p in self.params.items():
            span = f"{p.text(p.low)} … {p.text(p.high)}"
            rows.append(f"| `{name}` | {span} | {p.text(p.default)} | {p.taper} | {p.help} |")
        return "\n".join(rows)

    def to_json(self) -> dict[str, Any]:
        """Return what decides the sound and the vocabulary, ready for ``json.dump``."""
        return {
            "name": self.name,
            "revision": self.revision,
            "inlets": [[i.name, i.signal, i.required, i.knob] for i in self.inlets],
            "outlets": [[o.name, o.signal] for o in self.outlets],
            "params": {name: param.to_json() for name, param in self.params.items()},
        }


@dataclass(frozen=True, slots=True)
class Processor(Generic[P, R]):
    """A kernel together with its spec."""

    spec: ProcessorSpec
    kernel: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Check shapes by name, then run the kernel."""
        names = [i.name for i in self.spec.audio_inlets]
        audio = dict(zip(names, args, strict=False))
        self.spec.check_shapes({n: s for n, s in audio.items() if s is not None}, kwargs)
        return self.kernel(*args, **kwargs)

    def outputs(
        self,
        audio: Mapping[str, Any],
        knobs: Mapping[str, Any],
        *,
        sample_rate: int,
        samples: int,
    ) -> dict[str, Any]:
        """Run with signals by inlet name and return signals by outlet name.

        This is the one way a renderer calls a processor, whatever its ports.

        Args:
            audio: Signal of each connected audio inlet.
            knobs: Control tensor of each knob, in physical units.
            sample_rate: Samples per second.
            samples: Length of the clip, for generators that have no inlet.

        Returns:
            One tensor an outlet.
        """
        args = [audio.get(i.name) for i in self.spec.audio_inlets]
        extra = {} if args else {"samples": samples}
        result: Any = self.kernel(*args, **knobs, **extra, sample_rate=sample_rate)  # type: ignore[arg-type]
        names = [o.name for o in self.spec.outlets]
        return dict(zip(names, result if isinstance(result, tuple) else (result,), strict=True))


AnyProcessor: TypeAlias = Processor[..., Any]


def processor(
    *,
    group: Group,
    source: str,
    traits: tuple[Trait, ...] = (),
    dead: tuple[Dead, ...] = (),
    revision: int = 1,
) -> Callable[[Callable[P, R]], Processor[P, R]]:
    """Turn a documented function into a :class:`Processor`.

    The signature is read, never repeated:

    * positional arguments are audio inlets; ``in_`` becomes ``in``; one that may be ``None``
      is optional;
    * keyword arguments annotated with a :class:`Param` are knobs, and those whose ``Param``
      names an inlet have one;
    * the outlets are the fields of a ``NamedTuple`` result, else ``out``; a field annotated
      ``Control`` is a control outlet;
    * ``sample_rate`` is always handed in, and ``samples`` to a processor without inlets.

    Args:
        group: Family, which is also the folder it lives in.
        source: Where the algorithm comes from, precise enough to look up.
        traits: What may be assumed of it; tested, not believed.
        dead: Zones in which a knob has no effect.
        revision: Raised whenever the sound changes, so that sets and weights know.

    Returns:
        A decorator.
    """

    def wrap(kernel: Callable[P, R]) -> Processor[P, R]:
        from graphophone.tensors import Control  # torch is loaded only where signals are

        hints = get_type_hints(kernel, include_extras=True)
        arguments = inspect.signature(kernel).parameters.values()
        knobs = {
            argument.name: meta
            for argument in arguments
            for meta in getattr(hints[argument.name], "__metadata__", ())
            if isinstance(meta, Param)
        }
        audio = tuple(
            Inlet(a.name.rstrip("_"), required=NoneType not in get_args(hints[a.name]))
            for a in arguments
            if a.kind is not a.KEYWORD_ONLY
        )
        control = tuple(
            Inlet(p.inlet, "control", required=False, knob=name)
            for name, p in knobs.items()
            if p.inlet
        )
        result = hints["return"]
        fields = get_type_hints(result) if hasattr(result, "_fields") else {"out": result}
        spec = ProcessorSpec(
            name=kernel.__name__,
            group=group,
            inlets=audio + control,
            outlets=tuple(
                Outlet(name, "control" if hint is Control else "audio")
                for name, hint in fields.items()
            ),
            params=MappingProxyType(knobs),
            traits=frozenset(traits),
            dead=dead,
            revision=revision,
            summary=(inspect.getdoc(kernel) or "").partition("\n")[0],
            source=source,
        )
        return Processor(spec, kernel)

    return wrap
