"""Whole fits: never worse, the same again, stopped and gone on with, and no node for nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from graphophone.errors import FormatError, UsageError
from graphophone.fitting import fit as fitting
from graphophone.fitting.fit import Limits, Moment, fit
from graphophone.fitting.keeping import pruned
from graphophone.fitting.objective import Objective
from graphophone.fitting.pair import Pair
from graphophone.fitting.result import Fitted, hardware, losses_of, sound_of
from graphophone.fitting.search import Search
from graphophone.fitting.starts import Starts, begun, bypass, renamed
from graphophone.fitting.state import load, save
from graphophone.graph.model import Graph
from graphophone.render.render import render
from tests.fitting.planted import RATE, chain, performance, wet_of

DRY = performance(0.4)
TRUTH = chain("lowpass", "distortion", lowpass_frequency=1_200.0)
PAIR = Pair.of({"voice": DRY}, 0.6 * wet_of(TRUTH, DRY), RATE)
START = chain("bell", "highpass")


def run(
    steps: int, start: Graph = START, state: Path | None = None, seed: int = 3, pair: Pair = PAIR
) -> Fitted:
    given = begun(start, ["voice"])
    return fit(pair, lambda: given, Limits(steps=steps), seed=seed, state=state)


@pytest.mark.parametrize("seed", range(2))
def test_a_fit_is_never_worse_than_its_start_nor_its_curve_than_before(seed: int) -> None:
    found = run(3, seed=seed)
    assert found.after.mss <= found.before.mss
    assert list(found.curve) == sorted(found.curve, reverse=True)
    assert len(found.curve) == found.steps + 1 == 4


def test_a_fit_that_starts_at_the_truth_stays_there() -> None:
    found = run(3, TRUTH)
    assert {n.type for n in found.graph.nodes} == {"in", "lowpass", "distortion", "out"}
    assert found.after.mss == pytest.approx(0, abs=5e-3)
    assert found.after.si_sdr_db > 40


def test_the_graph_on_the_dry_file_is_the_fitted_sound_at_the_level_of_the_wet_file() -> None:
    found = run(2, TRUTH)
    sound = torch.from_numpy(found.sound)
    torch.testing.assert_close(
        render(found.graph, {"voice": DRY}, RATE), sound, rtol=1e-3, atol=1e-5
    )
    wet = 0.6 * wet_of(TRUTH, DRY)
    torch.testing.assert_close(torch.from_numpy(found.residual), wet - sound, rtol=1e-3, atol=1e-5)
    assert found.graph.energy == "frozen"


def test_a_turned_polarity_is_written_into_the_graph() -> None:
    pair = Pair.of({"voice": DRY}, -wet_of(TRUTH, DRY), RATE)
    found = run(1, TRUTH, pair=pair)
    assert float(torch.from_numpy(found.residual).norm() / pair.wet.norm()) < 0.1
    assert [e.invert for e in found.graph.edges if e.target == found.graph.output] == [True]


def test_a_longer_run_begins_with_the_shorter_one() -> None:
    short, long = run(2), run(4)
    assert long.curve[:3] == short.curve
    assert run(2).graph == short.graph


def test_a_longer_run_never_ends_worse(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    losses = [run(steps, state=path).after.mss for steps in (1, 2, 3, 5)]
    assert losses == sorted(losses, reverse=True)


def test_where_the_best_is_worse_than_the_start_the_next_best_has_its_turn(tmp_path: Path) -> None:
    """As it is where a part of a recording was searched on, and all of it sounds otherwise."""
    path = tmp_path / "state.json"
    good = run(3, state=path)
    saved = load(path)
    bad = chain("bell", "highpass4", highpass4_frequency=6_000.0)
    assert saved.state.kept is not None
    saved.state.kept = replace(saved.state.kept, graph=begun(bad, ["voice"]).graphs[0])
    save(path, saved)
    found = run(3, state=path)
    assert found.after.mss < found.before.mss
    assert found.after.mss == pytest.approx(good.after.mss, rel=0.5)
    assert any("1 better graph of the search was worse than the start" in n for n in found.notes)


def test_what_the_last_cable_cannot_carry_the_last_node_does() -> None:
    pair = Pair.of({"voice": 0.02 * DRY}, wet_of(TRUTH, DRY), RATE)
    still, short = hardware(begun(TRUTH, ["voice"]).graphs[0], Objective(pair))
    assert short == 0
    assert [e.gain_db for e in still.edges if e.target == still.output] == [12.0]
    assert losses_of(sound_of(still, pair), pair).mss == pytest.approx(0, abs=5e-3)


def test_a_killed_run_goes_on_to_the_same_graph(tmp_path: Path) -> None:
    """Killed after every step: what is in the file is all that there is."""
    path = tmp_path / "state.json"
    whole = run(4)
    for steps in range(1, 5):
        parts = run(steps, state=path)
    assert (parts.graph, parts.curve) == (whole.graph, whole.curve)
    assert parts.after == whole.after
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_an_interrupt_within_a_step_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.json"
    whole = run(3)
    entered = Search._enter
    calls = 0

    def interrupted(self: Search, graphs: list[Graph]) -> None:
        nonlocal calls
        calls += 1
        entered(self, graphs)
        if calls == 3:  # in the middle of the second step, after the start and the first one
            raise KeyboardInterrupt

    monkeypatch.setattr(Search, "_enter", interrupted)
    stopped = run(3, state=path)
    assert (stopped.stopped, stopped.steps) == (True, 1)
    assert stopped.after.mss <= stopped.before.mss
    monkeypatch.undo()
    again = run(3, state=path)
    assert (again.graph, again.curve, again.stopped) == (whole.graph, whole.curve, False)


def test_time_ends_a_run_and_what_was_spent_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr(fitting.time, "monotonic", lambda: float(next(clock)))
    path, moments = tmp_path / "state.json", list[Moment]()
    given = begun(START, ["voice"])
    timed = fit(PAIR, lambda: given, Limits(seconds=8.0), state=path, watch=moments.append)
    assert 1 <= timed.steps < 8
    assert [m.step for m in moments] == list(range(1, timed.steps + 1))
    assert "s left" in str(moments[0])
    spent = load(path).seconds
    assert spent >= 8
    again = fit(PAIR, lambda: given, Limits(seconds=8.0), state=path)
    assert again.steps == timed.steps
    assert again.seconds > spent


def test_a_state_of_others_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    run(1, state=path)
    with pytest.raises(UsageError, match="of other recordings or of another seed"):
        run(1, state=path, seed=4)
    saved = load(path)
    assert fit(PAIR, lambda: begun(START, ["voice"]), Limits(steps=1), state=path, fresh=True)
    save(path, saved)
    path.write_text(path.read_text()[:-40])
    with pytest.raises(FormatError, match=r"state.json: not the state of a fit"):
        run(1, state=path)
    path.write_text('{"graphophone_fit": 99}')
    with pytest.raises(FormatError, match="of another version"):
        run(1, state=path)


def test_nodes_that_cannot_be_heard_are_left_out() -> None:
    """An equaliser at 0 dB, a low-pass above all that sounds, a width of 1."""
    idle = chain(
        "bell",
        "lowpass",
        "distortion",
        "imager",
        bell_gain=0.0,
        lowpass_frequency=1_200.0,
        imager_width=1.0,
    )
    kept = pruned(Objective(PAIR), begun(idle, ["voice"]).graphs[0])
    assert {n.type for n in kept.nodes} == {"in", "lowpass", "distortion", "out"}


@pytest.mark.parametrize(("seconds", "steps"), [(0.0, None), (-1.0, None), (None, 0)])
def test_limits_are_above_nothing(seconds: float | None, steps: int | None) -> None:
    with pytest.raises(UsageError, match="must be above 0"):
        Limits.of(seconds, steps)
    assert Limits.of(None, None).seconds == 60


def test_a_start_takes_the_name_of_the_recording_or_is_refused() -> None:
    assert [n.source for n in begun(START, ["guitar"]).graphs[0].nodes if n.source] == ["guitar"]
    two = bypass(["kick", "snare"], RATE)
    assert renamed(two, ["kick"]) is None
    with pytest.raises(UsageError, match="has the inputs kick, snare, but recordings are given"):
        begun(two, ["voice"])


def test_several_dry_recordings_are_fitted_together() -> None:
    other = performance(0.4, seed=9)
    dry = {"kick": DRY, "snare": other}
    graph = bypass(["kick", "snare"], RATE)
    wet = render(graph, dry, RATE)
    found = fit(
        Pair.of(dry, wet, RATE),
        lambda: Starts([graph], {}),
        Limits(steps=2),
    )
    assert found.after.mss == pytest.approx(0, abs=5e-3)
