"""The measurement of sample rates: what keeps its bounds passes, what takes a wrong rate fails."""

from typing import Any

import pytest

from benchmarks.sample_rates import (
    DYNAMICS,
    ECHO,
    LINE,
    RATELESS,
    REFERENCE,
    RESPONSE,
    ROOM,
    STILL,
    Case,
    apart,
    cases,
    measure,
    page,
    verdict,
)
from graphophone.processors import CATALOGUE
from graphophone.spec import AnyProcessor, Processor

RATES = (22_050, 48_000)
HIGHPASS, COMPRESSOR = Case(RESPONSE, ({},)), Case(DYNAMICS, ({},))
each = pytest.mark.parametrize(
    ("name", "case", "bounds"),
    [("highpass", HIGHPASS, [0.5]), ("compressor", COMPRESSOR, [0.2, 0.2])],
    ids=["highpass", "compressor"],
)


def deaf(processor: AnyProcessor) -> AnyProcessor:
    """The same processor, taking every rate for the reference."""

    def kernel(*audio: Any, sample_rate: int, **rest: Any) -> Any:
        return processor.kernel(*audio, **rest, sample_rate=REFERENCE)

    return Processor(processor.spec, kernel)


@each
def test_bounds_are_held_at_the_defaults(name: str, case: Case, bounds: list[float]) -> None:
    rows = [r for r in measure(CATALOGUE[name], case, RATES) if r.figure.bound is not None]
    assert [row.figure.bound for row in rows] == bounds
    assert all(row.worst.keys() == set(RATES) for row in rows)
    assert [verdict(row) for row in rows] == ["held"] * len(bounds)


@each
def test_a_processor_that_takes_a_wrong_rate_is_found_out(
    name: str, case: Case, bounds: list[float]
) -> None:
    rows = measure(deaf(CATALOGUE[name]), case, (48_000,))
    (worst, *_) = sorted(rows, key=lambda row: -(row.over or 0.0))
    assert worst.held is False
    assert verdict(worst).startswith("not held: ")


def test_a_delay_that_takes_a_wrong_rate_is_found_out() -> None:
    case = Case(LINE, (STILL,))
    (right,) = measure(CATALOGUE["chorus"], case, RATES)
    (wrong,) = measure(deaf(CATALOGUE["chorus"]), case, RATES)
    assert right.held is True
    assert wrong.held is False
    assert "| chorus | moving delay | 1 sample |" in page([right, wrong], [])


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("pingpong_delay", Case(ECHO, ({"delay": 0.0633, "stereo_offset": -0.37},))),
        ("mono_reverb", Case(ROOM, ({"size": 0.37},))),
        ("flanger", Case(RESPONSE, ({"delay": 0.0045, "feedback": 0.9, "mix": 0.5},))),
    ],
    ids=["echoes", "room", "comb"],
)
def test_what_falls_between_samples_holds_its_bounds(name: str, case: Case) -> None:
    rows = [r for r in measure(CATALOGUE[name], case, RATES) if r.figure.bound is not None]
    assert {verdict(row) for row in rows} == {"held"}
    wrong = measure(deaf(CATALOGUE[name]), case, RATES)
    assert all(row.held is False for row in wrong if row.figure.bound is not None)


def test_every_processor_is_measured_or_does_not_depend_on_the_rate() -> None:
    assert {name for name, p in CATALOGUE.items() if not list(cases(p))} == set(RATELESS)
    assert all(apart(CATALOGUE[name]) < 1e-12 for name in RATELESS)
