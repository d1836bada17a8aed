"""Windows vote."""

from dataclasses import replace

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.graph.build import GraphBuilder
from graphophone.graph.canonical import canonical
from graphophone.models.listen import listen
from graphophone.models.percussive import PERCUSSIVE, percussiveness
from graphophone.models.vote import Guess, vote
from graphophone.models.windows import choose
from graphophone.processors import SPECS
from graphophone.sources import calibration


def guess(*types: str, sure: float = 0.8, **knobs: float) -> Guess:
    """A chain; the knobs are those of its first processor."""
    builder = GraphBuilder(SPECS)
    last = builder.add("in", source="voice")
    for k, type_ in enumerate(types):
        node = builder.add(type_, **(knobs if k == 0 else {}))
        builder.connect(last, node)
        last = node
    builder.connect(last, builder.add("out"))
    graph = builder.graph()
    return Guess(graph, (sure,) * len(graph.nodes), (sure,) * len(graph.edges))


def types(guess_: Guess) -> list[str]:
    return sorted(node.type for node in guess_.graph.nodes)


def test_one_window_decides_alone() -> None:
    one = guess("distortion")
    verdict = vote([one], SPECS)
    assert verdict.graph == canonical(one.graph, SPECS)
    assert (verdict.agreement, verdict.share, verdict.alternatives) == (1, 1, ())
    assert verdict.nodes == (0.8, 0.8, 0.8)
    assert verdict.edges == (0.8, 0.8)
    assert verdict.knobs[1] == dict.fromkeys(("gain", "hardness", "asymmetry"), 0.8)


def test_the_majority_wins_and_the_others_are_alternatives() -> None:
    verdict = vote([guess("chorus"), guess("distortion"), guess("distortion")], SPECS)
    assert "distortion" in types(Guess(verdict.graph, (), ()))
    assert verdict.share == pytest.approx(2 / 3)
    (other,) = verdict.alternatives
    assert "chorus" in types(Guess(other.graph, (), ()))
    assert other.share == pytest.approx(1 / 3)


def test_a_sure_window_outweighs_two_doubtful_ones() -> None:
    doubtful = [guess("chorus", sure=0.2), guess("chorus", sure=0.2)]
    verdict = vote([*doubtful, guess("distortion", sure=0.9)], SPECS)
    assert any(node.type == "distortion" for node in verdict.graph.nodes)


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
    ballots = [guess("chorus", sure=0.5), guess("distortion", gain=9.0), guess("bitcrush")]
    verdict = vote(ballots, SPECS)
    assert vote(ballots[::-1], SPECS).graph == verdict.graph


def test_exchangeable_filters_agree_in_canonical_form() -> None:
    verdict = vote([guess("lowpass", "highpass"), guess("highpass", "lowpass")], SPECS)
    assert (verdict.agreement, verdict.share) == (1, 1)
    assert verdict.nodes == (0.8,) * 4


def test_a_recording_gets_one_graph_with_named_nodes() -> None:
    audio = 0.1 * torch.randn(2, 11 * RATE, generator=torch.Generator().manual_seed(1))
    heard = []

    def listener(mel: torch.Tensor) -> list[Guess]:
        heard.append(mel.shape)
        return [guess("distortion"), *[guess("chorus")] * (len(mel) - 1)]

    estimate = listen(listener, audio, RATE, "singing", ["a note"])
    assert heard == [(3, 2, 256, 417)]
    assert [node.id for node in estimate.graph.nodes] == ["n0", "n1", "n2"]
    assert estimate.notes[0] == "a note"
    assert "3 windows of the recording were heard" in estimate.notes[1]
    assert estimate.confidence["nodes"].keys() == {"n0", "n1", "n2"}
    assert estimate.confidence["edges"][0]["from"][0] in estimate.confidence["nodes"]
    assert estimate.alternatives[0].share == pytest.approx(1 / 3)


def test_drums_are_told_from_a_voice() -> None:
    kit = sum(calibration("drums").tracks.values())
    voice = calibration("singing").tracks["voice"]
    assert percussiveness(choose(voice, RATE)) < PERCUSSIVE
    assert percussiveness(choose(torch.as_tensor(kit), RATE)) >= PERCUSSIVE


def test_a_moved_cable_is_as_sure_as_its_ends() -> None:
    ballot = guess("highpass", "lowpass")
    verdict = vote([replace(ballot, nodes=(0.9, 0.5, 0.7, 0.8), edges=(0.1, 0.1, 0.1))], SPECS)
    assert sorted(verdict.nodes) == [0.5, 0.7, 0.8, 0.9]
    assert all(p in (0.1, 0.5, 0.7, 0.8, 0.9) for p in verdict.edges)
