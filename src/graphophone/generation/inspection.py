"""One pass over a stored set: is it whole and sound, and what is in it?

Nothing is kept of an example that has been seen but counts and the few most extreme ones, so
memory does not grow with the set.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from graphophone.codec.json import from_json
from graphophone.errors import FormatError, GraphError
from graphophone.generation.contents import Contents
from graphophone.generation.ghosts import Census
from graphophone.generation.reading import Record, StoredSet
from graphophone.generation.statistics import Statistics, Tally
from graphophone.generation.usage import Origin, Usage
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.sources.licences import Register

STEP = 50
"""Examples between two words on the progress."""
LISTED = 100
"""Most failures that are listed one by one; all are counted."""
EXTREMES = 5
"""How many of the worst cases are kept of each kind."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """Something in a set that is not as it should be.

    Attributes:
        file: A file, or an example.
        reason: What is wrong with it, in words that follow the name.
    """

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file} {self.reason}"


@dataclass(frozen=True, slots=True, order=True)
class Extreme:
    """An example at the edge of a set."""

    value: float
    index: int


@dataclass(frozen=True)
class Inspection:
    """What a pass over a set found.

    Attributes:
        examples: How many were read and were sound.
        statistics: Figures of their graphs; ``None`` where there was none.
        failures: What is wrong, the first hundred.
        failed: How much is wrong in all.
        origins: What the examples draw on.
        licences: Share of the examples that each (licence, tier) binds.
        redraws: Graphs and knobs thrown away because something could not be heard.
        redrawn: Share of the examples in which at least one was.
        told: Share of the examples whose provenance says yes to a key, such as ``other_hands``,
            says how the wet sound was spoiled (``copy``), or is of the kind ``virtual``.
        ghosts: What was found where nodes were left out one by one.
        decoded: Of how many examples features and audio were decoded.
        extremes: The examples at the edge, the farthest first: ``nodes``, ``redraws`` and,
            where sound or features are stored, ``quietest``, the mean level in dB.
    """

    examples: int
    statistics: Statistics | None
    failures: tuple[Failure, ...]
    failed: int
    origins: tuple[Origin, ...]
    licences: dict[tuple[str, str], float]
    redraws: int
    redrawn: float
    told: dict[str, float]
    ghosts: Census
    decoded: int
    extremes: dict[str, tuple[Extreme, ...]]


@dataclass
class _Pass:
    """The state of a pass."""

    usage: Usage
    contents: Contents
    every: int
    decoded: int = 0
    tally: Tally = field(default_factory=Tally)
    failures: list[Failure] = field(default_factory=list)
    failed: int = 0
    redraws: int = 0
    redrawn: int = 0
    told: Counter[str] = field(default_factory=Counter)
    ghosts: Census = field(default_factory=Census)
    heaps: dict[str, list[tuple[float, int]]] = field(default_factory=dict)

    def fail(self, file: str, reason: str) -> None:
        self.failed += 1
        if len(self.failures) < LISTED:
            self.failures.append(Failure(file, reason))

    def extreme(self, name: str, value: float, index: int) -> None:
        """Keep an example if its value is among the largest; the earlier of two equal ones."""
        heap = self.heaps.setdefault(name, [])
        (heappush if len(heap) < EXTREMES else heappushpop)(heap, (value, -index))

    def add(self, record: Record, graph: Graph) -> None:
        """Count an example that is sound."""
        provenance = record.provenance
        self.tally.add(graph, provenance.get("motifs"))
        self.usage.add(provenance)
        self.redraws += record.redraws
        self.redrawn += record.redraws > 0
        self.ghosts.add(provenance, record.redraws)
        self.told.update(key for key, value in provenance.items() if value is True)
        self.told.update(["copy"] if provenance.get("copy") else [])
        self.told.update(["virtual"] if provenance.get("kind") == "virtual" else [])
        self.extreme("nodes", len(graph), record.index)
        self.extreme("redraws", record.redraws, record.index)


def inspect_set(
    stored: StoredSet,
    register: Register | None = None,
    *,
    every: int = 1,
    progress: Progress | None = None,
) -> Inspection:
    """Look through a whole set.

    Every index of the recipe must be there once; every graph must hold the rules; features and
    audio must be readable, of one shape, without NaN, and not silent. What the set found damaged
    when it was opened, or finds in reading, is listed too; for check sums of whole archives open
    it with ``open_set(folder, damaged="skip", thorough=True)``.

    Args:
        stored: The set.
        register: Terms of the recordings.
        every: Features and audio of each example whose index is a multiple of this are decoded,
            which takes most of the time; all else is looked at in every example.
        progress: Called with (examples done, examples in all).
    """
    count = stored.recipe.count
    state = _Pass(Usage(register), Contents(stored.manifest["store"]), every)
    for fault in stored.faults:
        state.fail(fault.file, fault.reason)
    known = len(stored.faults)
    seen = bytearray(count)
    for done, record in enumerate(stored.records(), start=1):
        where = f"example {record.index}"
        if not 0 <= record.index < count:
            state.fail(where, f"is none of the set, which has 0 to {count - 1}")
        elif seen[record.index]:
            state.fail(where, "is there twice")
        else:
            seen[record.index] = 1
            _look(record, where, state)
        if progress and done % STEP == 0:
            progress(done, count)
    for fault in stored.faults[known:]:
        state.fail(fault.file, fault.reason)
    for first, last in _gaps(seen):
        if first == last:
            state.fail(f"example {first}", "is missing")
        else:
            state.fail(f"examples {first} to {last}", "are missing")
    return _inspection(state)


def _look(record: Record, where: str, state: _Pass) -> None:
    """Check one example, and count it if it is sound."""
    try:
        graph = from_json(record.graph, SPECS)
    except (FormatError, GraphError) as error:
        state.fail(where, f"has no valid graph: {error}")
        return
    try:
        level = None
        if record.index % state.every == 0:
            level = state.contents.check(record)
            state.decoded += 1
    except FormatError as error:
        state.fail(where, f"is not stored well: {error}")
        return
    if level is not None:
        state.extreme("quietest", -level, record.index)
    state.add(record, graph)


def _gaps(seen: bytearray) -> Iterator[tuple[int, int]]:
    """Yield first and last of every run of zeros."""
    start = seen.find(0)
    while start >= 0:
        end = seen.find(1, start)
        yield start, (end if end >= 0 else len(seen)) - 1
        start = seen.find(0, end) if end >= 0 else -1


def _inspection(state: _Pass) -> Inspection:
    examples = state.tally.graphs
    farthest = {
        name: tuple(Extreme(value, -index) for value, index in sorted(heap, reverse=True))
        for name, heap in state.heaps.items()
    }
    if "quietest" in farthest:
        farthest["quietest"] = tuple(Extreme(-e.value, e.index) for e in farthest["quietest"])
    return Inspection(
        examples=examples,
        statistics=state.tally.statistics() if examples else None,
        failures=tuple(state.failures),
        failed=state.failed,
        origins=state.usage.origins(),
        licences=state.usage.licences(),
        redraws=state.redraws,
        redrawn=state.redrawn / max(examples, 1),
        told={name: n / examples for name, n in sorted(state.told.items())},
        ghosts=state.ghosts,
        decoded=state.decoded,
        extremes=farthest,
    )
