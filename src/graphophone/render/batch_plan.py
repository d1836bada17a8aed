"""Many graphs to one plan: equal processors of all of them are computed together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphophone.graph.model import Graph
from graphophone.render.plan import Plan, Port, Step, plan
from graphophone.spec import ProcessorSpec

TOGETHER = 8
"""Members of a group that are computed at once: their lanes fill the registers of a processor, and
their signals are small enough that the memory of one part serves the next."""

BatchPort = tuple[int, int, str]
"""A signal of a batch: position of its graph, of its node, and its outlet."""
Key = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What members of a group have in common: type, connected audio inlets, modulated knobs."""


@dataclass(frozen=True, slots=True)
class Member:
    """One node of one graph.

    Attributes:
        graph: Position of its graph.
        step: What it reads and is, within its graph.
        planes: Where each of its outlets is written in the buffer.
    """

    graph: int
    step: Step
    planes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GroupStep:
    """Equal processors that need not wait for each other."""

    spec: ProcessorSpec
    members: tuple[Member, ...]

    def parts(self, size: int) -> Iterator["GroupStep"]:
        """Cut the group into so many members each, which are computed at once."""
        for first in range(0, len(self.members), size):
            yield GroupStep(self.spec, self.members[first : first + size])


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """All steps of a batch of graphs.

    Attributes:
        graphs: The graphs.
        steps: Groups, in an order in which every signal exists before it is read.
        planes: Where every signal lies while it is needed.
        width: Planes of the buffer: the largest number of signals that live at once.
        together: Members of a group that are computed at once, at most.
        room: Signals that the memory of one going in or out of a processor is counted as, for what
            it needs meanwhile.
    """

    graphs: tuple[Graph, ...]
    steps: tuple[GroupStep, ...]
    planes: Mapping[BatchPort, int]
    width: int
    together: int = TOGETHER
    room: int = 1

    def bytes(self, samples: int, item: int = 4) -> int:
        """Return the memory of the buffer and of the largest group, in and out, in bytes."""
        widest = max((_lanes(step, self.together) for step in self.steps), default=0)
        return 2 * samples * item * (self.width + self.room * widest)

    def traffic(self, samples: int, item: int = 4) -> int:
        """Return the bytes of all signals that processors read and write, each once."""
        return 2 * samples * item * sum(_lanes(step, len(step.members)) for step in self.steps)

    def __str__(self) -> str:
        """One line a step: how many of what; then how well it groups, and the buffer."""
        lines = [f"{n:3} {len(s.members):4} x {s.spec.name}" for n, s in enumerate(self.steps)]
        nodes = sum(len(step.members) for step in self.steps)
        lines.append(
            f"{len(self.graphs)} graphs, {nodes} nodes in {len(self.steps)} steps, no padding; "
            f"{self.width} signals at once, {self.bytes(1)} bytes a sample"
        )
        return "\n".join(lines)


def batch_plan(
    graphs: Sequence[Graph],
    specs: Mapping[str, ProcessorSpec],
    *,
    together: int = TOGETHER,
    room: int = 1,
) -> BatchPlan:
    """Order the nodes of many valid graphs such that as many equal ones as possible meet.

    At every turn the largest group that is ready is taken (list scheduling).

    Args:
        graphs: Finished graphs.
        specs: What each node type is.
        together: Members of a group that are computed at once, at most.
        room: See :class:`BatchPlan`.
    """
    plans = [plan(graph, specs) for graph in graphs]
    planes, free, width = dict[BatchPort, int](), list[int](), 0
    unread = Counter(
        (g, *port) for g, one in enumerate(plans) for s in one.steps for port in _reads(s)
    )
    steps = []
    for group in _groups(plans):
        members, done = [], []
        for g, step in group:
            own = {}
            for outlet in () if step.spec.name == "out" else step.spec.outlets:
                if not free:
                    free.append(width)
                    width += 1
                port = g, step.node, outlet.name
                own[outlet.name] = planes[port] = free.pop()
                done += [port] if not unread[port] else []
            members.append(Member(g, step, own))
        for g, step in group:
            for read in _reads(step):
                unread[g, *read] -= 1
                done += [(g, *read)] if not unread[g, *read] else []
        free += [planes[port] for port in done]
        steps.append(GroupStep(group[0][1].spec, tuple(members)))
    return BatchPlan(tuple(graphs), tuple(steps), planes, width, together, room)


def _groups(plans: Sequence[Plan]) -> Iterator[list[tuple[int, Step]]]:
    """Yield groups of equal steps, each when all its members can be computed."""
    waiting: dict[tuple[int, int], int] = {}
    readers: dict[tuple[int, int], list[tuple[int, Step]]] = {}
    ready: dict[Key, list[tuple[int, Step]]] = {}
    for g, one in enumerate(plans):
        for step in one.steps:
            sources = {node for node, _ in _reads(step)}
            waiting[g, step.node] = len(sources)
            for source in sources:
                readers.setdefault((g, source), []).append((g, step))
            if not sources:
                ready.setdefault(_key(step), []).append((g, step))
    while ready:
        key = max(ready, key=lambda k: (len(ready[k]), k))
        group = ready.pop(key)
        yield group
        for g, step in group:
            for reader in readers.get((g, step.node), []):
                waiting[reader[0], reader[1].node] -= 1
                if not waiting[reader[0], reader[1].node]:
                    ready.setdefault(_key(reader[1]), []).append(reader)


def _reads(step: Step) -> set[Port]:
    """Return the signals that a step needs."""
    cables = (*step.audio.values(), *step.control.values())
    return {feed.port for feeds in cables for feed in feeds}


def _key(step: Step) -> Key:
    return step.spec.name, tuple(sorted(step.audio)), tuple(sorted(step.control))


def _lanes(step: GroupStep, together: int) -> int:
    """Count the signals that a group reads and writes at once."""
    return min(len(step.members), together) * (
        len(step.members[0].step.audio) + len(step.spec.outlets)
    )
