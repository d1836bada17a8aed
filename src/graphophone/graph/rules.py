"""What makes a graph valid: one list, used by builders, decoders, metrics and editors alike.

Several cables at one inlet are legal and summed, so where a ``mix`` stands is a matter of the
canonical form and no rule; see :mod:`graphophone.graph.canonical`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from graphophone.errors import GraphError
from graphophone.graph.fault import Fault, Specs, Violation, listing
from graphophone.graph.model import Graph
from graphophone.graph.settings import SETTINGS, knobs_are_set

__all__ = ["RULES", "Fault", "Specs", "Violation", "check", "violations"]


def suggestion(name: str, names: Iterable[str]) -> str:
    """Return a hint at the name that was probably meant, or nothing."""
    close = get_close_matches(name, list(names), n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def types_are_known(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """Every node is of a type that the catalogue describes."""
    for i, node in enumerate(graph.nodes):
        if node.type not in specs:
            hint = suggestion(node.type, specs)
            yield Fault(f"node {node.id or i} has the unknown type {node.type!r}{hint}", (i,))


def cables_have_two_ends(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """A cable connects two nodes of the graph."""
    for e in graph.edges:
        for end in (e.source, e.target):
            if not 0 <= end < len(graph):
                detail = f"has no node {end} for a cable to end at, it has {len(graph)} nodes"
                yield Fault(f"the graph {detail}", (), (e,))


def ports_exist(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """A cable can only be plugged into ports that its two nodes have."""
    for e in graph.edges:
        source, target = (specs.get(graph.nodes[i].type) for i in (e.source, e.target))
        if source and not source.outlet(e.outlet):
            has = listing(o.name for o in source.outlets)
            detail = f"{graph.label(e.source)} has no outlet {e.outlet!r} (it has {has})"
            yield Fault(detail, (e.source,), (e,))
        if target and not target.inlet(e.inlet):
            has = listing(i.name for i in target.inlets)
            detail = f"{graph.label(e.target)} has no inlet {e.inlet!r} (it has {has})"
            yield Fault(detail, (e.target,), (e,))


def signals_agree(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """Audio cables go to audio inlets, control cables to control inlets."""
    for e in graph.edges:
        source, target = (specs.get(graph.nodes[i].type) for i in (e.source, e.target))
        outlet = source.outlet(e.outlet) if source else None
        inlet = target.inlet(e.inlet) if target else None
        if outlet and inlet and outlet.signal != inlet.signal:
            detail = f"takes {inlet.signal} at {inlet.name!r}, got {outlet.signal} from"
            text = f"{graph.label(e.target)} {detail} {graph.label(e.source)}"
            yield Fault(text, (e.source, e.target), (e,))


def cables_are_unlike(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """There is at most one cable from one outlet to one inlet."""
    for ports, count in Counter(e.ports for e in graph.edges).items():
        if count > 1:
            twins = tuple(e for e in graph.edges if e.ports == ports)
            detail = f"cable {graph.cable(twins[0])} may be there once, got {count}"
            yield Fault(detail, (twins[0].source, twins[0].target), twins)


def has_one_out(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """The wet signal leaves in one place."""
    outs = tuple(i for i, node in enumerate(graph.nodes) if node.type == "out")
    if len(outs) != 1:
        yield Fault(f"a graph needs exactly one 'out' node, got {len(outs)}", outs)


def has_an_in(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """Something has to come in."""
    if not graph.inputs:
        yield Fault("a graph needs at least one 'in' node, got none")


def sources_are_named(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """Each ``in`` node says which dry signal it is, and no two say the same."""
    for i, node in enumerate(graph.nodes):
        if node.type == "in" and not node.source:
            yield Fault(f"{graph.label(i)} needs a source, such as 'voice'", (i,))
        if node.type != "in" and node.source is not None:
            detail = f"has no source, which only an 'in' node has, got {node.source!r}"
            yield Fault(f"node {node.id or i} {node.type} {detail}", (i,))
    names = Counter(graph.nodes[i].source for i in graph.inputs)
    for name, count in names.items():
        if name and count > 1:
            twins = tuple(i for i in graph.inputs if graph.nodes[i].source == name)
            yield Fault(f"source {name!r} may enter once, got {count} 'in' nodes", twins)


def is_acyclic(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """Rendering needs an order in which every signal exists before it is used."""
    if cycle := find_cycle(graph):
        inside = set(cycle)
        edges = tuple(e for e in graph.edges if {e.source, e.target} <= inside)
        path = " -> ".join(graph.label(i) for i in cycle)
        yield Fault(f"the graph has a cycle: {path}", cycle[:-1], edges)


def inlets_are_fed(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """Each required inlet has a cable."""
    fed = {(e.target, e.inlet) for e in graph.edges}
    for i, node in enumerate(graph.nodes):
        for inlet in specs[node.type].inlets if node.type in specs else ():
            if inlet.required and (i, inlet.name) not in fed:
                yield Fault(f"{graph.label(i)} has no cable at its inlet {inlet.name!r}", (i,))


def every_node_is_connected(graph: Graph, specs: Specs) -> Iterator[Fault]:
    """From every node a way leads to ``out``; what has none cannot be heard."""
    feeds: dict[int, list[int]] = {}
    for e in graph.edges:
        feeds.setdefault(e.target, []).append(e.source)
    heard = {i for i, node in enumerate(graph.nodes) if node.type == "out"}
    waiting = list(heard)
    while waiting:
        found = set(feeds.get(waiting.pop(), ())) - heard
        heard |= found
        waiting += found
    if heard:  # without an out, has_one_out says all there is to say
        for i in range(len(graph)):
            if i not in heard:
                yield Fault(f"{graph.label(i)} is not connected to 'out'", (i,))


RULES: tuple[Callable[[Graph, Specs], Iterator[Fault]], ...] = (
    types_are_known,
    ports_exist,
    signals_agree,
    cables_are_unlike,
    has_one_out,
    has_an_in,
    sources_are_named,
    is_acyclic,
    inlets_are_fed,
    every_node_is_connected,
    *SETTINGS,
)


def violations(graph: Graph, specs: Specs, *, prototype: bool = False) -> list[Violation]:
    """Return every broken rule; an empty list means that the graph can be rendered.

    Args:
        graph: What to look at; anything of the type, however broken.
        specs: Description of each node type, ``in`` and ``out`` included.
        prototype: Whether nodes may have no settings yet.
    """
    rules = RULES
    if any(cables_have_two_ends(graph, specs)):  # nothing else can be asked of such a graph
        rules = (cables_have_two_ends,)
    elif prototype and not any(node.params for node in graph.nodes):
        rules = tuple(rule for rule in RULES if rule is not knobs_are_set)
    return [Violation(rule.__name__, *fault) for rule in rules for fault in rule(graph, specs)]


def check(graph: Graph, specs: Specs, *, prototype: bool = False) -> Graph:
    """Return ``graph`` unchanged, or raise with everything that is wrong with it.

    Raises:
        GraphError: A rule is broken; sentences are separated by semicolons if several are.
    """
    if broken := violations(graph, specs, prototype=prototype):
        raise GraphError("; ".join(v.detail for v in broken))
    return graph


def find_cycle(graph: Graph) -> tuple[int, ...]:
    """Return the nodes of a cycle in the direction of its cables, the first also last."""
    sorter: TopologicalSorter[int] = TopologicalSorter({i: () for i in range(len(graph))})
    for e in graph.edges:
        sorter.add(e.target, e.source)
    try:
        sorter.prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()
