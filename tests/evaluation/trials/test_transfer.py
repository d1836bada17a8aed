"""Transfer: who knows the truth beats all rivals, who says nothing is the bypass."""

import pytest

from graphophone.evaluation.trials.running import run
from graphophone.evaluation.trials.setting import who
from graphophone.evaluation.trials.transfer import Transfer
from graphophone.graph.model import Graph
from tests.evaluation.trials.planted import (
    NOTHING,
    PlantedSetting,
    Set,
    Voices,
    chain,
    knowing,
    says,
)

GRAPHS = [
    chain("lowpass", frequency=300.0 + 100 * i) if i % 2 else chain("distortion", "highpass")
    for i in range(8)
]


def test_who_knows_the_truth_is_at_no_distance_and_better_in_all_pairs() -> None:
    planted = Set(GRAPHS)
    ear = knowing(planted, GRAPHS.__getitem__)
    found = run(Transfer(PlantedSetting.on(planted, ear)), 6)
    figures = found.figures["singing"]
    assert figures["better"].value == 1
    assert figures["mss_worst_5_percent"].value == 0
    assert figures["bypass_median"].value > 0.1
    assert found.aims["singing"]["better"].reached(figures["better"].value)


def test_who_says_nothing_is_the_bypass_and_never_better() -> None:
    planted = Set(GRAPHS)
    found = run(Transfer(PlantedSetting.on(planted, says(NOTHING))), 4)
    for trial in found.lines["singing"]:
        assert trial.figures["mss"] == pytest.approx(trial.figures["bypass"], rel=1e-4)
        assert trial.told["other"] != trial.told["source"]
    assert found.figures["singing"]["below_match_eq"].value < 1


def test_a_known_share_of_errors_is_the_share_that_is_printed() -> None:
    planted = Set(GRAPHS)

    def wrong_every_fourth(index: int) -> Graph:
        return chain("bitcrush", bit=4.0) if index % 4 == 0 else GRAPHS[index]

    ear = knowing(planted, wrong_every_fourth)
    found = run(Transfer(PlantedSetting.on(planted, ear)), 8)
    assert found.figures["singing"]["better"].value == pytest.approx(0.75)
    assert found.worst[0].index in (0, 4)
    assert "bitcrush" in found.worst[0].told["why"]


def test_a_trial_is_the_same_again_and_can_be_heard_again() -> None:
    planted = Set(GRAPHS)
    suite = Transfer(PlantedSetting.on(planted, says(NOTHING)))
    one, other = suite.trial("singing", 2), suite.trial("singing", 2)
    assert one.to_json() == other.to_json()
    sounds = suite.sounds(one)
    assert [name for name, _, _ in sounds] == [
        "Wet",
        "Other, dry",
        "True graph",
        "Estimate",
        "Match EQ",
    ]
    assert all(audio.shape[0] == 2 for _, _, audio in sounds)


def test_of_kits_the_other_has_the_same_drums_if_any_has() -> None:
    planted = Set(GRAPHS)
    setting = PlantedSetting.on(planted, says(NOTHING))
    pool = setting.pool
    assert isinstance(pool, Voices)
    item = setting.item(0)
    kits = iter([{"kick"}, {"voice"}, {"kick", "voice"}, {"voice", "snare"}] * 50)

    def draw(rng: object, samples: int, rate: int) -> object:
        drawn = Voices.draw(pool, setting.rng("x"), samples, rate)
        names = next(kits)
        tracks = {name: drawn.tracks["voice"] for name in names}
        return type(drawn)(tracks, {"kit": "mine" if names == {"voice"} else "other"})

    pool.draw = draw  # type: ignore[method-assign, assignment]
    other = Transfer(setting)._other(
        type(item)(item.graph, item.wet, item.dry, {"kit": "mine"}, 0), 0
    )
    assert who(other.provenance) == "other"
    assert "voice" in other.tracks
