"""The suite of foreign effects: planted chains and planted answers give the planted figures."""

import pytest
import torch

from graphophone.evaluation.foreign import chain as chains
from graphophone.evaluation.foreign.table import Effect, table
from graphophone.evaluation.trials.foreign import Foreign, case, marks
from graphophone.evaluation.trials.running import run
from graphophone.evaluation.trials.setting import Ear
from graphophone.tensors import Stereo
from tests.evaluation.trials.planted import NOTHING, chain, estimated, setting


@pytest.fixture(autouse=True)
def playful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Effects that can be heard, and cost nothing; recordings that are short."""

    def applied(effect: Effect, settings: object, audio: Stereo, rate: int) -> Stereo:
        return audio.flip(1) if audio[0, 0] == 0 else audio.roll(len(effect.name) + 99, 1)

    monkeypatch.setattr(chains, "applied", applied)
    monkeypatch.setattr(chains, "changed", lambda before, after: 1.0)
    monkeypatch.setattr("graphophone.evaluation.trials.foreign.RATE", 2_000)


def suite(ear: Ear) -> Foreign:
    return Foreign(setting(ear), table(), ("sox", "ffmpeg"), {"lv2": "it is not there"})


def told(ear_of: object) -> Foreign:
    """A suite whose listener is told which chain it hears: the truth as the benchmark has it."""
    known = {}
    where = suite(lambda audio: estimated(NOTHING))
    for line in where.lines:
        for index in range(10):
            found = case(where.setting, table(), line, index)
            known[found.chain.wet.numpy().tobytes()] = [use.kind for use in found.chain.uses]
    return suite(lambda audio: estimated(ear_of(known[audio.numpy().tobytes()])))  # type: ignore[operator]


def named(kinds: list[str]) -> object:
    return chain(*(table().kinds[kind][-1] for kind in kinds))


def test_who_knows_the_chain_gets_everything() -> None:
    found = run(told(named), 10)
    for line in ("sox", "ffmpeg", "all"):
        figures = found.figures[line]
        assert figures["f1"].value == figures["precision"].value == figures["recall"].value == 1
        assert all(figures[f"exact_{n}"].value == 1 for n in range(1, 6))
    lengths = [trial.figures["length"] for trial in found.lines["sox"]]
    assert lengths == [1, 2, 3, 4, 5] * 2
    assert found.missing == {"lv2": "it is not there"}


def test_who_says_nothing_gets_nothing() -> None:
    figures = run(suite(lambda audio: estimated(NOTHING)), 5).figures["sox"]
    assert figures["f1"].value == figures["recall"].value == figures["exact_3"].value == 0
    assert "precision" not in figures


def test_a_known_share_of_errors_is_the_share_that_is_printed() -> None:
    # Of 1 to 5 effects the last one is missed: 10 of 15 are found, and one is added each time.
    found = run(told(lambda kinds: chain(*(table().kinds[k][0] for k in kinds[:-1]), "imager")), 5)
    figures = found.figures["sox"]
    assert figures["recall"].value == pytest.approx(10 / 15)
    assert figures["precision"].value == pytest.approx(10 / 15)
    assert figures["f1"].value == pytest.approx(2 * 10 / (2 * 10 + 5 + 5))
    assert figures["exact_3"].value == 0
    recalls = [f for name, f in figures.items() if name.startswith("recall sox ")]
    assert 0 < sum(f.value for f in recalls) / len(recalls) < 1
    assert found.worst[0].told["why"].endswith("ot there: imager.")


def test_joins_and_oscillators_cost_nothing_and_a_second_of_a_kind_is_wrong_once() -> None:
    graph = chain("lowpass", "lowpass4", "chorus")
    sure = (1.0, 0.3, 0.8, 0.5, 1.0)
    found = marks(table(), {"lowpass"}, graph, sure)
    assert found == ((0.8, True), (0.5, False), (0.3, False))


def test_a_recording_and_its_chain_are_the_same_again_and_differ_by_index_and_software() -> None:
    where = suite(lambda audio: estimated(NOTHING)).setting
    one, again = (case(where, table(), "sox", 3) for _ in range(2))
    assert torch.equal(one.chain.wet, again.chain.wet)
    assert one.chain.uses == again.chain.uses
    other, theirs = case(where, table(), "sox", 8), case(where, table(), "ffmpeg", 3)
    assert one.chain.uses != other.chain.uses
    assert not torch.equal(one.dry, theirs.dry)


def test_the_version_and_the_bytes_of_the_table_are_part_of_the_conditions() -> None:
    told_ = suite(lambda audio: estimated(NOTHING)).conditions
    assert told_["effects"] == f"version {table().version}, {table().digest}"
