"""Readings of windows vote."""

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.audio.heard import Heard
from graphophone.graph.build import GraphBuilder
from graphophone.graph.canonical import canonical
from graphophone.models.listen import listen
from graphophone.models.percussive import PERCUSSIVE, percussiveness
from graphophone.models.vote import MOST_OTHERS, Guess, vote
from graphophone.models.windows import choose
from graphophone.processors import SPECS
from graphophone.sources import calibration


def guess(*types: str, weight: float = 1.0, **knobs: float) -> Guess:
    """A chain; the knobs are those of its first processor."""
    builder = GraphBuilder(SPECS)
    last = builder.add("in", source="voice")
    for k, type_ in enumerate(types):
        node = builder.add(type_, **(knobs if k == 0 else {}))
        builder.connect(last, node)
        last = node
    builder.connect(last, builder.add("out"))
    graph = builder.graph()
    return Guess(graph, weight)


def types(guess_: Guess) -> list[str]:
    return sorted(node.type for node in guess_.graph.nodes)


def test_one_window_decides_alone() -> None:
    one = guess("distortion")
    verdict = vote([one], SPECS)
    assert verdict.graph == canonical(one.graph, SPECS)
    assert (verdict.agreement, verdict.share, verdict.alternatives) == (1, 1, ())
    assert verdict.nodes == (1, 1, 1)
    assert verdict.edges == (1, 1)
    assert verdict.knobs[1] == dict.fromkeys(("gain", "hardness", "asymmetry"), 1)


def test_the_majority_wins_and_the_others_are_alternatives() -> None:
    verdict = vote([guess("chorus"), guess("distortion"), guess("distortion")], SPECS)
    assert "distortion" in types(Guess(verdict.graph))
    assert verdict.share == pytest.approx(2 / 3)
    (other,) = verdict.alternatives
    assert "chorus" in types(Guess(other.graph))
    assert other.share == pytest.approx(1 / 3)


def test_a_frequent_reading_outweighs_two_rare_ones() -> None:
    rare = [guess("chorus", weight=0.2), guess("chorus", weight=0.2)]
    verdict = vote([*rare, guess("distortion", weight=0.6)], SPECS)
    assert "distortion" in types(Guess(verdict.graph))
    sure = dict(zip((n.type for n in verdict.graph.nodes), verdict.nodes, strict=True))
    assert sure == pytest.approx({"out": 1, "distortion": 0.6, "in": 1})


def test_what_readings_agree_on_beats_the_most_frequent_one() -> None:
    empty = guess(weight=0.28)
    wet = [guess("stereo_reverb", t, weight=0.24) for t in ("bell", "highshelf", "lowshelf")]
    assert "stereo_reverb" in types(Guess(vote([empty, *wet], SPECS).graph))


def test_what_windows_share_wins_where_none_has_a_majority() -> None:
    ballots = [guess("chorus"), guess("distortion"), guess("distortion", "stereo_reverb")]
    graph = vote(ballots, SPECS).graph
    assert any(node.type == "distortion" for node in graph.nodes)


def test_settings_are_medians_in_knob_travel() -> None:
    ballots = [guess("lowpass", frequency=f) for f in (500.0, 2_000.0, 19_000.0)]
    verdict = vote(ballots, SPECS)
    place = next(i for i, n in enumerate(verdict.graph.nodes) if n.type == "lowpass")
    assert verdict.graph.nodes[place].knobs["frequency"] == pytest.approx(2_000)
    assert verdict.knobs[place]["frequency"] < verdict.knobs[place]["q"], "they differ there"
    assert vote(ballots[:2], SPECS).graph.nodes[place].knobs["frequency"] == pytest.approx(1_000)


def test_order_of_windows_does_not_matter() -> None:
    ballots = [guess("chorus", weight=0.5), guess("distortion", gain=9.0), guess("bitcrush")]
    verdict = vote(ballots, SPECS)
    assert vote(ballots[::-1], SPECS).graph == verdict.graph


def test_exchangeable_filters_agree_in_canonical_form() -> None:
    verdict = vote([guess("lowpass", "highpass"), guess("highpass", "lowpass")], SPECS)
    assert (verdict.agreement, verdict.share) == (1, 1)
    assert verdict.nodes == (1,) * 4


def test_a_recording_gets_one_graph_with_named_nodes() -> None:
    audio = 0.1 * torch.randn(2, 11 * RATE, generator=torch.Generator().manual_seed(1))
    heard = []

    def listener(windows: Heard) -> list[list[Guess]]:
        heard.append((windows.mel.shape, windows.cepstra.shape))
        return [[guess("distortion")], *[[guess("chorus")]] * (len(windows.mel) - 1)]

    estimate = listen(listener, audio, RATE, "singing", ["a note"])
    assert heard == [((3, 2, 256, 417), (3, 2, 176, 139))]
    assert [node.id for node in estimate.graph.nodes] == ["n0", "n1", "n2"]
    assert estimate.notes[0] == "a note"
    assert "3 windows heard; on average a reading shares" in estimate.notes[1]
    assert estimate.confidence["nodes"].keys() == {"n0", "n1", "n2"}
    assert estimate.confidence["edges"][0]["from"][0] in estimate.confidence["nodes"]
    assert estimate.alternatives[0].share == pytest.approx(1 / 3)


def test_drums_are_told_from_a_voice() -> None:
    kit = sum(calibration("drums").tracks.values())
    voice = calibration("singing").tracks["voice"]
    assert percussiveness(choose(voice, RATE)) < PERCUSSIVE
    assert percussiveness(choose(torch.as_tensor(kit), RATE)) >= PERCUSSIVE


def test_only_the_strongest_others_are_told() -> None:
    types_ = ("chorus", "bell", "bitcrush", "panning", "expander", "lowpass", "highpass")
    ballots = [guess(t, weight=1 + k) for k, t in enumerate(types_)]
    others = vote(ballots, SPECS).alternatives
    assert len(others) == MOST_OTHERS
    assert [other.share for other in others] == sorted((o.share for o in others), reverse=True)
