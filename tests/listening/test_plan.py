"""The file of a test: what is wrong in it is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from graphophone.errors import AudioError, FormatError, UsageError
from graphophone.listening.pages import Pages
from graphophone.listening.plan import load
from tests.listening.sounds import RATE, noise, planned


def changed(path: Path, **fields: Any) -> Path:
    data = json.loads(path.read_text()) | fields
    path.write_text(json.dumps(data))
    return path


def test_a_plan_in_yaml_is_the_same_as_in_json(tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="tests in YAML need PyYAML (extra `listening`)")
    path = planned(tmp_path)
    other = tmp_path / "test.yaml"
    other.write_text(yaml.safe_dump(json.loads(path.read_text())))
    assert load(other) == load(path)
    other.write_text("a: [1")
    with pytest.raises(FormatError, match="line 1: not YAML"):
        load(other)


def test_without_yaml_it_is_said_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    (tmp_path / "test.yaml").write_text("{}")
    with pytest.raises(UsageError, match=r"pip install 'graphophone\[listening\]', or write JSON"):
        load(tmp_path / "test.yaml")


def test_whatever_is_wrong_in_a_plan_is_named(tmp_path: Path) -> None:
    path = planned(tmp_path, trials=2)
    good = json.loads(path.read_text())
    two = [good["trials"][0], good["trials"][1] | {"conditions": {"ours": "0-ours.wav"}}]
    for fields, sentence in (
        ({"trials": []}, "trials: Tuple should have at least 1 item"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted, got 'red'"),
        ({"graphophone_listening_test": 2}, "graphophone_listening_test: Input should be 1"),
        ({"anchors": ["anchor10"]}, "anchors.0: Input should be 'anchor35' or 'anchor70'"),
        ({"anchors": ["anchor35"] * 2}, "every anchor needs a name of its own, got 'anchor35'"),
        ({"trials": good["trials"][:1] * 2}, "every page needs .* got 'excerpt-0' twice"),
        ({"trials": two}, "the same conditions, 'row2' is in one of 'excerpt-0' and 'excerpt-1'"),
        ({"questions": [{"name": "rating_score", "text": "?"}]}, "'rating_score', that is a col"),
        ({"questions": good["questions"] + good["questions"]}, "every question .* 'age' twice"),
    ):
        path.write_text(json.dumps(good | fields))
        with pytest.raises(FormatError, match=f"^{path}: .*{sentence}"):
            load(path)
    path.write_text("{]")
    with pytest.raises(FormatError, match="line 1: not JSON"):
        load(path)
    (tmp_path / "test.txt").touch()
    with pytest.raises(FormatError, match=r"a test is a file in .yaml or .json, got '.txt'"):
        load(tmp_path / "test.txt")
    with pytest.raises(FormatError, match=r"no.json: the test cannot be read \(No such file"):
        load(tmp_path / "no.json")


def test_a_page_has_all_its_sounds_and_refuses_what_does_not_fit(tmp_path: Path) -> None:
    from graphophone.audio.files import write

    plan = load(planned(tmp_path, trials=1, training=0))
    page = Pages(plan, tmp_path).get(plan.trials[0])
    assert (page.rate, page.samples) == (RATE, RATE // 2)
    assert list(page.sounds) == ["reference", "anchor35", "anchor70", *plan.trials[0].conditions]

    ours = tmp_path / "0-ours.wav"
    for sound, rate, sentence in (
        (noise(9, 0.5, 8_000), 8_000, r"0-ours.wav: .* the reference's, 16000 Hz, got 8000 Hz"),
        (noise(9, 0.6), RATE, "page 'excerpt-0': ours must have the reference's channels and samp"),
    ):
        write(ours, sound, rate)
        with pytest.raises(AudioError, match=sentence):
            Pages(plan, tmp_path).check()
    many = planned(tmp_path / "many", trials=1, conditions={f"c{i}": 100.0 for i in range(10)})
    with pytest.raises(
        UsageError, match=r"page 'excerpt-1': a page has 1 to 9 conditions .* got 10"
    ):
        Pages(load(many), tmp_path / "many").check()
    long = planned(tmp_path / "long", trials=1, training=0, seconds=12.5)
    with pytest.raises(AudioError, match=r"must be 0.5 s to 12 s long, got 12.50 s"):
        Pages(load(long), tmp_path / "long").check()


def test_the_digest_is_of_what_decides_a_rating(tmp_path: Path) -> None:
    from graphophone.audio.files import write

    path = planned(tmp_path, trials=1)
    digest = Pages(load(path), tmp_path).check()
    assert Pages(load(changed(path, title="Other", welcome="Hello")), tmp_path).check() == digest
    for fields in ({"seed": 4}, {"question": "Which?"}, {"match_loudness": True}):
        assert Pages(load(changed(path, **fields)), tmp_path).check() != digest
    changed(path, seed=3, question="How close is each sound to the reference?")
    changed(path, match_loudness=False)
    assert Pages(load(path), tmp_path).check() == digest
    write(tmp_path / "0-ours.wav", noise(77), RATE)
    assert Pages(load(path), tmp_path).check() != digest
