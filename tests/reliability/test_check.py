"""Two thousand random graphs keep every law, and a renderer that breaks one is found."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from graphophone.dsp import analogue, dynamics, shaping
from graphophone.dsp.memory import Memory
from graphophone.render import batch, execute
from tests.reliability import check
from tests.reliability.check import check_case
from tests.reliability.draw import FULL_EVERY, FULL_SAMPLES, LONGEST, RATES, draw

ROOT = Path(__file__).parent.parent.parent
CHUNK = 500


@pytest.mark.parametrize("first", range(0, 2_000, CHUNK))
def test_two_thousand_random_graphs_keep_every_law(first: int, tmp_path: Path) -> None:
    """In a process of its own, where no argument's type is checked: that would cost three times
    as much."""
    words = ["--first", str(first), "--count", str(CHUNK), "--workers", "1", "--folder", tmp_path]
    command = [sys.executable, "-m", "tests.reliability", *words]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{CHUNK} graphs, none failed" in ran.stdout


def test_laws_hold_while_types_are_checked() -> None:
    check_cases(range(50))


def check_cases(seeds: range) -> None:
    for seed in seeds:
        check_case(seed)


def test_a_case_is_its_seed() -> None:
    one, two = draw(7), draw(7)
    assert one.graph == two.graph
    assert one.rate == two.rate
    assert all(torch.equal(clip, two.dry[name]) for name, clip in one.dry.items())


def test_cases_are_of_all_kinds() -> None:
    cases = [draw(seed) for seed in range(200)]
    assert {case.rate for case in cases} == set(RATES)
    assert {case.dtype for case in cases} == {torch.float32, torch.float64}
    assert {case.graph.energy for case in cases} == {"normalised", "frozen", "plain"}
    assert sum(case.is_full for case in cases) == len(cases) // FULL_EVERY
    lengths = {case.samples for case in cases} - {FULL_SAMPLES}
    assert {1, LONGEST} <= lengths
    assert max(lengths) == LONGEST
    clips = [clip.double() for case in cases for clip in case.dry.values()]
    assert any(not clip.any() for clip in clips)
    assert any(0 < float(clip.abs().max()) < 1e-38 for clip in clips)
    assert any(float(clip.abs().min()) == 1 for clip in clips)


def louder(old: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *args, **kwargs: old(*args, **kwargs) * 1.001


def forgetful(self: Memory, fresh: Callable[[], Any]) -> Any:
    """Give up the first state of a node in every block."""
    self._next += 1
    if self._next > 1 and len(self._states) >= self._next:
        return self._states[self._next - 1]
    state = fresh()
    self._states[self._next - 1 : self._next] = [state]
    return state


def in_company(before: Any, after: Any, clip: Tensor) -> Tensor:
    """Change a last bit or so of every clip that is not alone."""
    scale = execute.energy_scale(before, after, clip)
    return scale if len(scale) == 1 else scale * (1 + 1e-6)


def bent(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
    to_audio, *rest = unbent(ctx, grad)
    return 1.01 * to_audio, *rest


unbent = shaping._Saturate.backward
stable = analogue.filtered


def unstable(audio: Tensor, *, frequency: Tensor, k: Any, **rest: Any) -> Tensor:
    """Give energy where there should be damping, wherever the corner moves."""
    damping = -0.1 * k if frequency.shape[-1] > 1 else k
    return stable(audio, frequency=frequency, k=damping, **rest)


BREAKS: tuple[tuple[Callable[..., None], Any, str, Any], ...] = (
    (check.nodes_keep_their_bounds, dynamics, "compress", louder(dynamics.compress)),
    (check.nodes_keep_their_bounds, execute, "energy_scale", louder(execute.energy_scale)),
    (check.swept_nodes_keep_their_bounds, analogue, "filtered", unstable),
    (check.render_is_the_reference, check, "reference_render", louder(check.reference_render)),
    (check.blocks_are_the_whole, Memory, "recall", forgetful),
    (check.company_changes_no_bit, batch, "energy_scale", in_company),
    (check.gradients_are_differences, shaping._Saturate, "backward", staticmethod(bent)),
)
"""Laws, and where to break the renderer, and by what, so that each does not hold."""


@pytest.mark.parametrize(("law", "place", "name", "broken"), BREAKS, ids=lambda part: None)
def test_a_broken_renderer_is_found_and_named(
    law: Callable[..., None], place: Any, name: str, broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, broken)
    monkeypatch.setattr(check, "LAWS", {law: 1})
    what = law.__name__.replace("_", " ")
    message = rf"(?s)seed \d+, \d+ samples of torch.float\d\d at \d+ Hz: not {what}: .*\n0 in:"
    with pytest.raises(AssertionError, match=message):
        check_cases(range(100))
