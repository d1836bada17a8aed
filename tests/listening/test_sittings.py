"""Sittings: orders from a seed, nothing saved is lost, nothing is taken twice."""

import json
from collections import Counter
from pathlib import Path

import pytest

from graphophone.errors import FormatError, UsageError
from graphophone.listening.plan import Plan, load
from graphophone.listening.ratings import read
from graphophone.listening.sitting import order
from graphophone.listening.sittings import Sittings, UnknownListenerError
from tests.listening.sounds import planned


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return load(planned(tmp_path))


def sittings(tmp_path: Path, plan: Plan, digest: str = "d") -> Sittings:
    return Sittings(tmp_path / "results", plan, digest)


def fill(kept: Sittings, code: str, pages: int) -> None:
    kept.begin(code)
    for number in range(pages):
        kept.rate(code, number, [float(10 * number + k) for k in range(7)], 5_000)


def test_orders_are_drawn_for_each_listener_and_stay(plan: Plan) -> None:
    orders = {name: order(plan, name) for name in map(str, range(200))}
    assert orders["7"] == order(plan, "7")
    assert {shown[0].trial.name for shown in orders.values()} == {"excerpt-3"}, "training first"
    firsts = Counter(shown[1].trial.name for shown in orders.values())
    places = Counter(shown[1].conditions.index("reference") for shown in orders.values())
    for counts, choices in ((firsts, 3), (places, 7)):
        assert len(counts) == choices
        assert all(abs(n - 200 / choices) < 4 * (200 / choices) ** 0.5 for n in counts.values())
    for shown in orders.values():
        for page in shown:
            assert sorted(page.conditions) == sorted(
                ["reference", "anchor35", "anchor70", *page.trial.conditions]
            )
    other = plan.model_copy(update={"seed": 4})
    assert order(other, "7") != orders["7"]


def test_a_page_is_on_disk_before_the_next_and_training_is_not_counted(
    tmp_path: Path, plan: Plan
) -> None:
    kept = sittings(tmp_path, plan)
    fill(kept, "Ann", 1)
    assert not kept.results.exists(), "that was training"
    kept.rate("ann", 1, list(range(7)), 1_234.4)
    ratings = read(kept.results)
    shown = order(plan, "ann")[1]
    assert {r.condition: r.score for r in ratings} == {
        name: k for k, name in enumerate(shown.conditions)
    }
    assert {(r.test, r.listener, r.trial, r.milliseconds) for r in ratings} == {
        ("planted", "ann", shown.trial.name, 1_234.0)
    }
    again = sittings(tmp_path, plan)
    assert len(again.begin("ann").pages) == 2
    assert again.page(again.get("ann")) == order(plan, "ann")[2]


def test_a_kill_between_a_page_and_the_results_loses_neither(tmp_path: Path, plan: Plan) -> None:
    kept = sittings(tmp_path, plan)
    fill(kept, "ann", 3)
    whole = kept.results.read_bytes()
    kept.results.unlink()
    assert sittings(tmp_path, plan).results.read_bytes() == whole
    left = tmp_path / "results" / "sittings" / ".ann.json-1"
    left.write_text("{")  # what a kill leaves of a file that was not complete
    assert len(sittings(tmp_path, plan).get("ann").pages) == 3


def test_a_page_that_is_sent_again_is_taken_once(tmp_path: Path, plan: Plan) -> None:
    kept = sittings(tmp_path, plan)
    fill(kept, "ann", 2)
    assert len(kept.rate("ann", 1, [10.0 + k for k in range(7)], 9_000).pages) == 2
    with pytest.raises(UsageError, match="2 of 4 pages are saved, got page 2"):
        kept.rate("ann", 1, [50.0] * 7, 9_000)
    with pytest.raises(UsageError, match="2 of 4 pages are saved, got page 4"):
        kept.rate("ann", 3, [50.0] * 7, 9_000)


def test_what_cannot_be_a_page_is_refused(tmp_path: Path, plan: Plan) -> None:
    kept = sittings(tmp_path, plan)
    kept.begin("ann")
    with pytest.raises(UsageError, match="has 7 sounds to rate, got 6 scores"):
        kept.rate("ann", 0, [1.0] * 6, 0)
    with pytest.raises(UsageError, match="a score must be 0 to 100, got 101"):
        kept.rate("ann", 0, [101.0] * 7, 0)
    with pytest.raises(UsageError, match="time on a page must be 0 ms or more, got -1"):
        kept.rate("ann", 0, [1.0] * 7, -1)
    with pytest.raises(UsageError, match="the questionnaire comes after the last page"):
        kept.answer("ann", {})
    with pytest.raises(UnknownListenerError, match="nobody has begun with the code 'bob'"):
        kept.get("bob")
    for code in ("", "../x", "a b", "-a", "ä", "x" * 33):
        with pytest.raises(UsageError, match="a code has 1 to 32 letters"):
            kept.begin(code)
    assert kept.suggestion() != kept.suggestion()


def test_the_questionnaire_is_in_every_line_of_its_listener(tmp_path: Path, plan: Plan) -> None:
    kept = sittings(tmp_path, plan)
    fill(kept, "ann", 4)
    fill(kept, "bob", 2)
    assert kept.page(kept.get("ann")) is None
    with pytest.raises(UsageError, match="headphones must be one of open, closed, got 'none'"):
        kept.answer("ann", {"headphones": "none"})
    with pytest.raises(UsageError, match="there is no question 'name'"):
        kept.answer("ann", {"name": "Ann"})
    with pytest.raises(UsageError, match="age may have 1000 characters, got 1001"):
        kept.answer("ann", {"age": "x" * 1001})
    kept.answer("ann", {"age": "31"})
    found = {rating.listener: dict(rating.answers) for rating in read(kept.results)}
    assert found == {
        "ann": {"age": "31", "headphones": ""},
        "bob": {"age": "", "headphones": ""},
    }
    header = kept.results.read_text().partition("\n")[0]
    assert header == (
        "session_test_id,age,headphones,session_uuid,trial_id,"
        "rating_stimulus,rating_score,rating_time,rating_comment"
    )


def test_results_of_another_version_of_the_test_are_not_mixed_with_this_one(
    tmp_path: Path, plan: Plan
) -> None:
    fill(sittings(tmp_path, plan), "ann", 1)
    with pytest.raises(FormatError, match="results of 'ann' are of another version of the test"):
        sittings(tmp_path, plan, "other")
    path = tmp_path / "results" / "sittings" / "ann.json"
    for text in ("{", "[]", "{}", json.dumps({"graphophone_sitting": 2})):
        path.write_text(text)
        with pytest.raises(FormatError, match=r"ann\.json: .*sitting"):
            sittings(tmp_path, plan)
