"""The two ends of a graph, and the knobs of its cables."""

import pytest

from graphophone.spec import DEPTH, GAIN, IN, OUT, SOURCES, Inlet, Outlet


def test_sound_enters_at_one_end_and_leaves_at_the_other() -> None:
    assert (IN.name, IN.inlets, IN.outlets) == ("in", (), (Outlet("out"),))
    assert (OUT.name, OUT.inlets, OUT.outlets) == ("out", (Inlet("in"),), ())
    assert IN.traits == OUT.traits == {"structural"}


def test_an_untouched_cable_changes_nothing() -> None:
    assert (GAIN.default, DEPTH.default) == (0.0, 1.0)


@pytest.mark.parametrize("depth", [0.005, 0.05, 0.5])
def test_depth_is_symmetric(depth: float) -> None:
    assert DEPTH.to_travel(depth) + DEPTH.to_travel(-depth) == pytest.approx(1)


def test_sources_are_a_voice_and_six_drums() -> None:
    assert SOURCES == ("voice", "kick", "snare", "hat", "tom", "ride", "crash")
