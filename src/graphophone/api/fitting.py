"""The graph that turns a dry recording into a wet one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from graphophone.api.estimator import Listeners
from graphophone.api.graph import Graph
from graphophone.api.recordings import Takes
from graphophone.audio.arrays import stereo
from graphophone.graph import model

if TYPE_CHECKING:
    from graphophone.fitting.result import Fitted
    from graphophone.fitting.starts import Starts


def fit(
    dry: Takes,
    wet: npt.NDArray[Any],
    rate: int,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    start: model.Graph | None = None,
    console: bool | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    task: str = "auto",
    weights: Path | None = None,
    state: Path | None = None,
    fresh: bool = False,
    watch: Callable[[object], None] | None = None,
) -> "Fitted":
    """Search for the graph that turns a dry recording into a wet one.

    Args:
        dry: The dry recording; one for each source by name if there are several.
        wet: The wet recording of the same performance.
        rate: Samples a second of all of them.
        seconds: When to end, counted over all runs; a minute if ``steps`` is not given either.
        steps: The same in steps; equal seeds and steps give equal graphs.
        seed: Decides all draws.
        start: A graph to begin with; by default a model listens to the wet recording.
        console: Prune a mixing console; by default with several dry recordings and no start.
        groups: Names of the sources of each subgroup of the console; one for all by default.
        task: What it listens for, as in :func:`estimate`.
        weights: A model of your own.
        state: File to keep the state in, and to go on from.
        fresh: Begin anew, even if there is a state.
        watch: Called after each step with something to print.

    Returns:
        The graph, its losses and what it sounds like; an interrupt returns the best so far.
    """
    from graphophone.fitting import fit as search  # with which optimisers are loaded
    from graphophone.fitting.pair import Pair
    from graphophone.fitting.starts import begun, heard

    takes = dry if isinstance(dry, Mapping) else {"": dry}
    tracks = {name or "voice": stereo(take, rate) for name, take in takes.items()}
    audio, limits = stereo(wet, rate), search.Limits.of(seconds, steps)

    def starts() -> "Starts":
        if start is not None:
            return begun(start, list(tracks))
        guess = {1: "singing"}.get(len(tracks), "drums") if task == "auto" else task
        estimator, _ = Listeners(guess, weights).choose(audio, rate)
        return heard(estimator.listen(wet, rate), list(tracks), rate)

    pair = Pair.of(tracks, audio, rate)
    more: Any = {"seed": seed, "state": state, "fresh": fresh, "watch": watch}
    if console or (console is None and len(tracks) > 1 and start is None):
        from graphophone.fitting.console.fit import fit_console

        found = fit_console(pair, limits, groups=groups, **more)
    else:
        found = search.fit(pair, starts, limits, **more)
    return replace(found, graph=Graph.of(found.graph))
