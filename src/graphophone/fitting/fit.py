"""A fit from its start to its end: by time or by steps, stopped and gone on with."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphophone.errors import UsageError
from graphophone.fitting.objective import Objective
from graphophone.fitting.pair import Pair
from graphophone.fitting.result import Fitted, Losses, hardware, losses_of, sound_of, wet_of
from graphophone.fitting.search import Search
from graphophone.fitting.starts import Starts, bypass
from graphophone.fitting.state import Saved, key_of, load, save
from graphophone.graph.model import Graph

DEFAULT_SECONDS = 60.0
SAVE_SECONDS = 2.0
"""A killed fit loses at most the steps of this time."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a fit stands.

    Attributes:
        step: Steps done.
        loss: Distance of the best graph so far, as the search sees it.
        nodes: Nodes of that graph.
        seconds: Time spent.
        left: Seconds or steps that are left.
        unit: Which of the two.
    """

    step: int
    loss: float
    nodes: int
    seconds: float
    left: float
    unit: str

    def __str__(self) -> str:
        left = f"{self.left:.0f} {self.unit} left"
        return f"step {self.step}, loss {self.loss:.4f}, {self.nodes} nodes, {left}"


@dataclass(frozen=True)
class Limits:
    """When a fit ends: after so many seconds or steps in all, whichever comes first."""

    seconds: float | None = None
    steps: int | None = None

    @classmethod
    def of(cls, seconds: float | None, steps: int | None) -> "Limits":
        """Check limits; a minute where there is none.

        Raises:
            UsageError: One is not positive.
        """
        for name, value in (("seconds", seconds), ("steps", steps)):
            if value is not None and not value > 0:
                raise UsageError(f"{name} must be above 0, got {value:g}")
        if seconds is None and steps is None:
            seconds = DEFAULT_SECONDS
        return cls(seconds, steps)

    def moment(self, search: Search, seconds: float) -> Moment:
        """Say where a search stands."""
        best, step = search.state.pool.best, search.state.step
        if self.steps is not None:
            left, unit = float(self.steps - step), "steps"
        else:
            left, unit = max(0.0, (self.seconds or 0.0) - seconds), "s"
        return Moment(step, best.distance, len(best.graph), seconds, left, unit)

    def reached(self, search: Search, seconds: float) -> bool:
        """Whether it is over."""
        if self.steps is not None and search.state.step >= self.steps:
            return True
        return self.seconds is not None and seconds >= self.seconds


def fit(
    pair: Pair,
    starts: Callable[[], Starts],
    limits: Limits,
    *,
    seed: int = 0,
    state: Path | None = None,
    fresh: bool = False,
    watch: Callable[[Moment], None] | None = None,
) -> Fitted:
    """Fit a graph to a pair of recordings.

    Each step is decided by the recordings, the seed and its number. So a run that is limited by
    time goes the same way as one that is limited by steps, as far as it gets, and one that was
    killed goes on as if nothing had happened. An interrupt ends it with the best graph so far.

    Args:
        pair: The recordings.
        starts: Gives the graphs to begin with; not asked where a state is gone on with.
        limits: When to end.
        seed: Decides all draws.
        state: Where to keep the state, and to look for one to go on with.
        fresh: Begin anew, even where there is a state.
        watch: Called after each step.

    Raises:
        UsageError: The state belongs to other recordings or to another seed.
        FormatError: The state is damaged.
    """
    begin = time.monotonic()
    objective = Objective(pair.window())
    key = key_of(pair, seed)
    saved = _found(state, key) if state is not None and not fresh else None
    if saved is None:
        given = starts()
        search = Search.begin(objective, given.graphs, seed, given.prior)
        saved = Saved(key, search.state, given.graphs[0], 0.0, given.notes)
    else:
        search = Search(objective, saved.state, seed)
    before, written, stopped = saved.seconds, time.monotonic(), False
    try:
        while not limits.reached(search, saved.seconds):
            search.advance()
            saved.seconds = before + time.monotonic() - begin
            if watch:
                watch(limits.moment(search, saved.seconds))
            if state is not None and time.monotonic() - written > SAVE_SECONDS:
                save(state, saved)
                written = time.monotonic()
    except KeyboardInterrupt:
        stopped = True
    saved.seconds = before + time.monotonic() - begin
    if state is not None:
        save(state, saved)
    return _finished(pair, search, saved, stopped=stopped)


def _found(path: Path, key: str) -> Saved | None:
    """Return a state that can be gone on with.

    Raises:
        UsageError: It belongs to another fit.
    """
    if not path.is_file():
        return None
    saved = load(path)
    if saved.key != key:
        raise UsageError(
            f"{path} is the state of a fit of other recordings or of another seed: give another "
            "folder (--out), or start anew (--fresh)"
        )
    return saved


def _finished(pair: Pair, search: Search, saved: Saved, *, stopped: bool) -> Fitted:
    """Choose the graph, and measure it on all of the recordings."""
    objective = search.objective
    before = _measured(saved.start, objective, pair)
    nothing = _measured(bypass(list(pair.dry), pair.rate), objective, pair)
    after, passed = _chosen(search, before, pair)
    notes = [*pair.notes, *saved.notes]
    if passed:
        notes.append(
            f"on all of the recording {passed} better graph{'s' * (passed > 1)} of the search "
            f"{'were' if passed > 1 else 'was'} worse than the start, and passed over"
        )
    if abs(after.short) > 0.01:
        notes.append(
            f"the graph cannot carry the level of the wet recording: {after.short:+.1f} dB"
        )
    if objective.pair is not pair:
        notes.append(f"searched on the {objective.pair.seconds:.1f} s that sound most")
    sound = sound_of(after.graph, pair)
    return Fitted(
        graph=after.graph,
        before=before.losses,
        after=after.losses,
        bypass=nothing.losses,
        curve=tuple(search.state.curve),
        alignment=pair.alignment,
        sound=sound.numpy(),
        residual=(wet_of(pair) - sound).numpy(),
        steps=search.state.step,
        seconds=saved.seconds,
        stopped=stopped,
        notes=tuple(notes),
        kinship=pair.kinship,
    )


@dataclass(frozen=True)
class _Measured:
    """A frozen graph, by how much its level falls short, and its losses on all of the recording."""

    graph: Graph
    short: float
    losses: Losses


def _measured(graph: Graph, objective: Objective, pair: Pair) -> _Measured:
    still, short = hardware(graph, objective)
    return _Measured(still, short, losses_of(sound_of(still, pair), pair))


def _chosen(search: Search, before: _Measured, pair: Pair) -> tuple[_Measured, int]:
    """Return the best graph that is not worse than the start, and how many were.

    The search sees a part of a long recording, and graphs that are not frozen: on all of it the
    start may be better than what was kept, and the next best candidates better than the start.
    """
    kept = search.state.kept
    options = [kept.graph] if kept else []
    options += [c.graph for c in search.state.pool.members if c.graph not in options]
    for passed, graph in enumerate(options):
        after = _measured(graph, search.objective, pair)
        if after.losses.mss <= before.losses.mss:
            return after, passed
    return before, len(options)
