"""A console fitted to stems and their mix, then pruned; it can be stopped and gone on with."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphophone.fitting.console.desk import Desk, untouched
from graphophone.fitting.console.patch import graph_of
from graphophone.fitting.console.pruning import METHODS, PIECES, pruned
from graphophone.fitting.console.song import Song
from graphophone.fitting.console.state import Saved, load, save
from graphophone.fitting.console.tuning import Tuning, balanced
from graphophone.fitting.fit import Limits, Moment
from graphophone.fitting.objective import Objective
from graphophone.fitting.pair import Pair
from graphophone.fitting.result import Fitted, Pruned, hardware, losses_of, sound_of, wet_of
from graphophone.fitting.starts import bypass

FULL_STEPS = 300
"""Steps of the whole console before anything is left out."""
TUNE_STEPS = 40
"""Steps between two rounds of pruning."""
TOLERANCE = 0.01
"""By how much the distance may grow that the whole console reached."""
SAVE_SECONDS = 5.0


@dataclass(frozen=True)
class Plan:
    """How a console is fitted.

    Attributes:
        full: Steps before the first round of pruning.
        tune: Steps between two rounds.
        tolerance: By how much the distance may grow.
        method: How to prune.
        pieces: Pieces of the song that a round listens to.
    """

    full: int = FULL_STEPS
    tune: int = TUNE_STEPS
    tolerance: float = TOLERANCE
    method: str = METHODS[-1]
    pieces: int = PIECES


def fit_console(
    pair: Pair,
    limits: Limits,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    how: Plan | None = None,
    seed: int = 0,
    state: Path | None = None,
    fresh: bool = False,
    watch: Callable[[Moment], None] | None = None,
) -> Fitted:
    """Fit a console to stems and their mix, then leave out what nobody would miss.

    Step by step, each decided by seed and number: first the whole console follows the slope, then
    rounds of pruning and of tuning take turns. What is handed over is the console of the last round
    within the tolerance, with its settings of now.

    Args:
        pair: Stems and mix.
        limits: When to end.
        groups: Names of the sources of each subgroup; one for all where there are none.
        how: Steps, tolerance and method.
        seed: Decides all draws.
        state: Where to keep the state, and to look for one to go on with.
        fresh: Begin anew, even where there is a state.
        watch: Called after each step.

    Raises:
        UsageError: A group does not fit the sources, or the state belongs to another fit.
        FormatError: The state is damaged.
    """
    begin, how, song = time.monotonic(), how or Plan(), Song(pair)
    empty = Desk.of(list(pair.dry), groups)
    saved = None if state is None or fresh else load(state, pair, seed, empty)
    if saved is None:
        saved = Saved(Tuning.of(_begun(empty, song, how)), [], None, 0.0)
    before, written, stopped = saved.seconds, time.monotonic(), False
    tuning = saved.tuning
    try:
        while not _reached(limits, tuning.step, saved.seconds):
            if tuning.step >= how.full and (tuning.step - how.full) % how.tune == 0:
                _prune(saved, song, how, seed)
            saved.curve.append(tuning.advance(song, seed))
            saved.seconds = before + time.monotonic() - begin
            if watch:
                watch(_moment(limits, saved))
            if state is not None and time.monotonic() - written > SAVE_SECONDS:
                save(state, pair, seed, saved)
                written = time.monotonic()
    except KeyboardInterrupt:
        stopped = True
    saved.seconds = before + time.monotonic() - begin
    if state is not None:
        save(state, pair, seed, saved)
    return _finished(pair, song, saved, how, stopped=stopped)


def _begun(empty: Desk, song: Song, how: Plan) -> Desk:
    """Return an untouched console, with the faders set first where that is nearer."""
    options = (empty, balanced(empty, song))
    return min(options, key=lambda desk: song.distance(desk, how.pieces))


def _prune(saved: Saved, song: Song, how: Plan, seed: int) -> None:
    tuning = saved.tuning
    if saved.loss_full is None:
        saved.loss_full = song.distance(tuning.desk, how.pieces)
    limit = saved.loss_full + how.tolerance
    tuning.desk, _ = pruned(tuning.desk, song, limit, seed, how.method, how.pieces)


def _reached(limits: Limits, step: int, seconds: float) -> bool:
    over = limits.seconds is not None and seconds >= limits.seconds
    return over or (limits.steps is not None and step >= limits.steps)


def _moment(limits: Limits, saved: Saved) -> Moment:
    step, left = saved.tuning.step, int(saved.tuning.desk.kept.sum())
    if limits.steps is not None:
        return Moment(step, saved.curve[-1], left, saved.seconds, limits.steps - step, "steps")
    rest = max(0.0, (limits.seconds or 0.0) - saved.seconds)
    return Moment(step, saved.curve[-1], left, saved.seconds, rest, "s")


def _finished(pair: Pair, song: Song, saved: Saved, how: Plan, *, stopped: bool) -> Fitted:
    desk, level_db = saved.tuning.desk, pair.wet_db - pair.undo_db
    graph, short = graph_of(desk, pair.rate, level_db)
    first, _ = graph_of(_begun(untouched(desk), song, how), pair.rate, level_db)
    plain, _ = hardware(bypass(list(pair.dry), pair.rate), Objective(pair.window()))
    notes = list(pair.notes)
    if abs(short) > 0.01:
        notes.append(f"the last cable cannot carry the level of the wet recording: {short:+.1f} dB")
    sound = sound_of(graph, pair)
    left = int(desk.kept.sum())
    console = Pruned(desk.kept.numel(), left, saved.loss_full, song.distance(desk, how.pieces))
    return Fitted(
        graph=graph,
        before=losses_of(sound_of(first, pair), pair),
        after=losses_of(sound, pair),
        bypass=losses_of(sound_of(plain, pair), pair),
        curve=tuple(saved.curve),
        alignment=pair.alignment,
        sound=sound.numpy(),
        residual=(wet_of(pair) - sound).numpy(),
        steps=saved.tuning.step,
        seconds=saved.seconds,
        stopped=stopped,
        notes=tuple(notes),
        kinship=pair.kinship,
        console=console,
    )
