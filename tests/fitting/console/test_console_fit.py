"""Whole fits of a console: pruned, the same again, stopped and gone on with."""

from pathlib import Path

import pytest
import torch

from graphophone.errors import FormatError, UsageError
from graphophone.fitting.console.fit import Plan, fit_console
from graphophone.fitting.console.tuning import Tuning
from graphophone.fitting.fit import Limits
from graphophone.fitting.pair import Pair
from graphophone.fitting.result import Fitted
from graphophone.render.render import render
from tests.fitting.planted import RATE, performance

DRY = {"kick": performance(0.6), "bass": performance(0.6, seed=2)}
WET = 0.3 * DRY["kick"] + 0.9 * DRY["bass"]
PAIR = Pair.of(DRY, WET, RATE)
HOW = Plan(full=2, tune=2, tolerance=0.1, pieces=1)


def run(steps: int, state: Path | None = None, seed: int = 1, pair: Pair = PAIR) -> Fitted:
    return fit_console(pair, Limits(steps=steps), how=HOW, seed=seed, state=state)


def test_it_is_pruned_and_its_graph_is_the_sound() -> None:
    found = run(4)
    assert found.console is not None
    assert found.console.processors < found.console.processors_full == 21
    assert found.console.sentence().startswith(f"{found.console.processors} of the console's 21")
    assert found.after.mss < found.before.mss
    assert found.graph.energy == "plain"
    sound = torch.from_numpy(found.sound)
    torch.testing.assert_close(render(found.graph, DRY, RATE), sound, rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(torch.from_numpy(found.residual), WET - sound, rtol=1e-3, atol=1e-5)


def test_a_killed_run_goes_on_to_the_same_graph_and_a_longer_one_begins_with_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.safetensors"
    whole = run(4)
    for steps in (1, 3, 4):
        parts = run(steps, path)
        assert parts.curve == whole.curve[:steps]
    assert parts.graph == whole.graph
    assert [p.name for p in tmp_path.iterdir()] == ["state.safetensors"]


def test_an_interrupt_ends_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    advance = Tuning.advance

    def interrupted(self: Tuning, *words: object) -> float:
        if self.step == 1:
            raise KeyboardInterrupt
        return advance(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(Tuning, "advance", interrupted)
    found = run(4)
    assert (found.stopped, found.steps) == (True, 1)
    assert found.console is not None
    assert "there was no time" in found.console.sentence()


def test_a_state_of_others_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    run(1, path)
    with pytest.raises(UsageError, match="of other recordings, groups or of another seed"):
        run(1, path, seed=2)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match="not the state of a console, or damaged"):
        run(1, path)
