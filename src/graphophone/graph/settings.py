"""Rules for values: knobs, cable levels and depths, and the scales of frozen graphs."""

import math
from collections.abc import Callable, Iterator

from graphophone.errors import ParameterError
from graphophone.graph.fault import Fault, Specs, listing
from graphophone.graph.model import Graph
from graphophone.spec import DEPTH, GAIN, Param, ProcessorSpec

SCALE = Param(
    low=-24, high=24, default=0, unit="dB", help="gain that stands for the energy rule of a node"
)


def is_scaled(spec: ProcessorSpec) -> bool:
    """Whether the energy rule holds for a node: every audio processor, but no ``in`` or ``out``."""
    return spec.group != "terminal" and any(o.signal == "audio" for o in spec.outlets)


def refusal(param: Param, value: float, name: str) -> str | None:
    """Return the sentence that says why ``value`` is not allowed, or ``None`` if it is."""
    try:
        param.check(value, name=name)
    except ParameterError as error:
        return str(error)
    return None


def knobs_are_set(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """A node has each of its type's knobs once, in the order of the spec, and no other."""
    for i, node in enumerate(graph.nodes):
        if node.type not in specs:
            continue
        allowed, got = tuple(specs[node.type].params), tuple(name for name, _ in node.params)
        if got == allowed:
            continue
        label, has = graph.label(i), f"(it has {listing(allowed)})"
        strange = [name for name in dict.fromkeys(got) if name not in allowed]
        for name in strange:
            yield Fault(f"{label} has no knob {name!r} {has}", (i,))
        missing = [name for name in allowed if name not in got]
        if missing:
            yield Fault(f"{label} has no value for {listing(missing)}", (i,))
        if not strange and not missing:
            detail = f"must list its knobs once each, as {listing(allowed)}, got {listing(got)}"
            yield Fault(f"{label} {detail}", (i,))


def knobs_are_in_range(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """A knob stands within the range of its literal; NaN stands nowhere."""
    for i, node in enumerate(graph.nodes):
        params = specs[node.type].params if node.type in specs else {}
        for name, value in node.params:
            if name in params and (why := refusal(params[name], value, name)):
                yield Fault(f"{graph.label(i)}: {why}", (i,))


def cables_are_set(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """Audio cables have a level and a polarity; control cables have a depth."""
    for e in graph.edges:
        spec = specs.get(graph.nodes[e.source].type)
        outlet = spec.outlet(e.outlet) if spec else None
        if outlet is None:
            continue
        where, ends = f"cable {graph.cable(e)}", (e.source, e.target)
        if outlet.signal == "audio":
            if why := refusal(GAIN, e.gain_db, "gain_db"):
                yield Fault(f"{where}: {why}", ends, (e,))
            if e.depth != 1:
                yield Fault(f"{where} carries audio and has no depth, got {e.depth:g}", ends, (e,))
        else:
            if why := refusal(DEPTH, e.depth, "depth"):
                yield Fault(f"{where}: {why}", ends, (e,))
            if e.gain_db != 0 or e.invert:
                got = f"gain_db {e.gain_db:g}" if e.gain_db != 0 else "invert"
                yield Fault(f"{where} carries control and has only a depth, got {got}", ends, (e,))


def scales_fit_the_energy_rule(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """In a frozen graph every audio processor has its ``scale_db``; elsewhere no node has."""
    for i, node in enumerate(graph.nodes):
        if node.type not in specs:
            continue
        wanted = graph.energy == "frozen" and is_scaled(specs[node.type])
        label, scale = graph.label(i), node.scale_db
        if wanted and scale is None:
            yield Fault(f"{label} has no scale_db, which a frozen graph needs", (i,))
        elif not wanted and scale is not None:
            detail = f"has no scale_db in a graph whose energy is {graph.energy}, got {scale:g}"
            yield Fault(f"{label} {detail}", (i,))
        elif scale is not None:
            rounded = scale if math.isnan(scale) else round(scale, 6)
            if why := refusal(SCALE, rounded, "scale_db"):
                yield Fault(f"{label}: {why}", (i,))


def globals_are_set(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """The rate is one we render at, the reference level is a level."""
    if not 8_000 <= graph.sample_rate <= 192_000:
        yield Fault(f"sample_rate must be in [8000, 192000] Hz, got {graph.sample_rate}")
    if not -120 <= graph.reference_rms_db <= 0:
        yield Fault(f"reference_rms_db must be in [-120, 0] dB, got {graph.reference_rms_db:g}")


SETTINGS: tuple[Callable[[Graph, Specs], Iterator[Fault]], ...] = (
    knobs_are_set,
    knobs_are_in_range,
    cables_are_set,
    scales_fit_the_energy_rule,
    globals_are_set,
)
