"""Looking through whole sets: what is said, written and found."""

import base64
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
import soundfile

from graphophone import __version__
from graphophone.audio.features import RATE
from graphophone.cli.main import main
from graphophone.generation import remake
from graphophone.generation.card import NAMES, write_card
from graphophone.generation.item import Item
from graphophone.generation.reading import Record, open_set
from graphophone.generation.remake import Remaker, difference, largest_scale_db, spread
from graphophone.generation.scales import measured
from graphophone.processors import CATALOGUE_HASH
from tests.cli.sounds import Ran
from tests.generation.small import RECIPE

Run = Callable[..., Ran]
COUNT = 5
WORDS = ("generate", "--task", "singing", "--mix", "short", "--count", str(COUNT), "--seed", "4")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same five examples with features, with audio, and their graphs alone."""
    folder = tmp_path_factory.mktemp("sets")
    for store in ("features", "audio", "graphs"):
        assert main([*WORDS, "--store", store, "--out", str(folder / store)]) == 0
    return {store: folder / store for store in ("features", "audio", "graphs")}


@pytest.fixture
def features(made: dict[str, Path], tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return shutil.copytree(made["features"], tmp_path / "set")


def card(folder: Path) -> dict[str, object]:
    plain: dict[str, object] = json.loads((folder / "card.json").read_text())
    return plain


def test_a_sound_set_is_called_so(run: Run, made: dict[str, Path]) -> None:
    for folder in made.values():
        ran = run("inspect", folder)
        assert ran.status == 0
        assert f"{folder}: {COUNT} sound examples, nothing found wrong" in ran.out
        assert "| nodes |" in ran.out
        answer = run("inspect", folder, "--json").json
        assert (answer["command"], answer["examples"], answer["failed"]) == ("inspect", COUNT, 0)
        assert answer["statistics"]["graphs"] == COUNT


def test_whatever_is_lost_or_cut_short_is_named(run: Run, features: Path) -> None:
    files = [p for p in features.iterdir() if p.name not in (*NAMES, "dataset.json", "ghosts.json")]
    assert files
    for file in files:
        content = file.read_bytes()
        for damaged in (None, content[: len(content) // 2]):
            file.unlink() if damaged is None else file.write_bytes(damaged)
            ran = run("inspect", features)
            assert ran.status == 1
            assert "found wrong" in ran.out
            assert file.name.split(".")[0] in ran.out.partition("found wrong")[2]
            answer = run("inspect", features, "--json").json
            assert answer["failed"] > 0
            assert answer["failures"][0].keys() == {"file", "reason"}
            file.write_bytes(content)
    assert run("inspect", features).status == 0


def test_a_folder_that_holds_no_set_or_one_of_another_catalogue(run: Run, features: Path) -> None:
    assert run("inspect", features.parent).refusal.endswith("it has no dataset.json")
    manifest = features / "dataset.json"
    manifest.write_text(manifest.read_text().replace(CATALOGUE_HASH, "0" * 12))
    assert "catalogue 000000000000" in run("inspect", features).refusal
    manifest.write_text("{}")
    assert run("inspect", features).status == 1


def test_a_set_of_another_version_is_told_and_its_card_says_which(run: Run, features: Path) -> None:
    assert "version" not in run("inspect", features).err
    manifest = features / "dataset.json"
    manifest.write_text(re.sub('"version": "[^"]*"', '"version": "0.0.1"', manifest.read_text()))
    ran = run("inspect", features, "--card")
    assert (ran.status, f"was made by version 0.0.1, this is {__version__}" in ran.err) == (0, True)
    assert card(features)["made_with"] == "0.0.1"
    assert f"Graphophone 0.0.1; card by {__version__}" in (features / "card.md").read_text()


def test_words_that_do_not_fit_are_refused(run: Run, features: Path, tmp_path: Path) -> None:
    ran = run("inspect", features, "--listen", 1)
    assert (ran.status, "say with --out" in ran.refusal) == (2, True)
    (tmp_path / "g.json").write_text("{}")
    for words in (("--card",), ("--listen", 1), ("--out", tmp_path / "x")):
        ran = run("inspect", tmp_path / "g.json", *words)
        assert (ran.status, "are for the folder of a set" in ran.refusal) == (2, True)


class Tags(HTMLParser):
    """Collects what a page refers to, and whether its tags are closed."""

    VOID = frozenset({"meta", "img", "path", "circle", "rect", "line", "br", "tr", "th", "td"})

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [str(v) for k, v in attrs if k in ("src", "href", "action", "data")]
        self.ids += [str(v) for k, v in attrs if k == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def players(text: str) -> list[list[dict[str, str]]]:
    blocks = re.findall(r'class="sounds">(.*?)</script>', text)
    return [json.loads(block) for block in blocks]


def page(run: Run, folder: Path, *words: str | int | Path) -> str:
    out = folder.parent / f"page-{folder.name}"
    ran = run("inspect", folder, "--out", out, *words)
    assert ran.status == 0, ran.err
    assert str(out / "set.html") in ran.out
    assert (out / "statistics.svg").read_text().startswith("<svg ")
    return (out / "set.html").read_text()


def test_the_page_needs_nothing_from_elsewhere(run: Run, made: dict[str, Path]) -> None:
    text = page(run, made["audio"], "--samples", 3)
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert len(set(tags.ids)) == len(tags.ids)
    assert all(link.startswith("data:") for link in tags.links)
    bare = re.sub(r'xmlns="[^"]*"', "", text)
    assert not re.findall(r"https?://|url\(|@import|fetch\(|XMLHttp", bare)
    assert "@@" not in text
    assert "prefers-color-scheme: dark" in text


def test_stored_sound_is_on_the_page_before_and_after(run: Run, made: dict[str, Path]) -> None:
    text = page(run, made["audio"], "--samples", COUNT)
    found = players(text)
    assert len(found) == COUNT
    assert text.count("sound as stored") == COUNT
    for clips in found:
        assert len(clips) == 2
        for clip in clips:
            audio, rate = soundfile.read(BytesIO(base64.b64decode(clip["audio"].partition(",")[2])))
            assert rate == RATE
            assert len(audio) / rate == pytest.approx(float(clip["seconds"]), abs=0.1)
    assert text.count("<details><summary>Settings") == COUNT
    assert text.count("<details><summary>Provenance") == COUNT


def test_sound_is_made_again_where_that_is_asked(run: Run, made: dict[str, Path]) -> None:
    silent = page(run, made["features"], "--samples", 2)
    assert players(silent) == []
    assert "Stored spectrogram" in silent
    text = page(run, made["features"], "--samples", 2, "--listen", 1)
    assert len(players(text)) == 1
    assert text.count("sound made again from the seed") == 1
    bare = page(run, made["graphs"], "--samples", 1)
    assert players(bare) == []
    assert "Stored spectrogram" not in bare


def test_only_what_is_to_be_heard_is_made_again_for_the_page(
    run: Run, features: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def counted(order: remake.Order) -> Item:
        made.append(order.index)
        return real(order)

    real = remake.item_of
    monkeypatch.setattr(remake, "item_of", counted)
    before = page(run, features, "--samples", 3)
    assert made == []
    plain = card(features)
    worst = plain["worst"]["scales"]  # type: ignore[index]
    told = f"{worst[0]['index']} ({worst[0]['value']:.1f} dB)"
    assert told in before
    page(run, features, "--samples", 3, "--listen", 1)
    assert len(made) == 1
    plain["recipe"]["seed"] = 5  # type: ignore[index]
    for text in (json.dumps(plain), "torn", "[]"):
        (features / "card.json").write_text(text)
        assert told not in page(run, features, "--samples", 0)
    assert len(made) == 1


def test_a_card_makes_a_tenth_again_by_workers(
    made: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[int], int]] = []

    def local(work: object, orders: list[remake.Order], workers: int) -> object:
        asked.append(([order.index for order in orders], workers))
        return [(order, float(order.index)) for order in reversed(orders)]

    monkeypatch.setattr(remake.engines, "local", local)
    stored = open_set(made["graphs"])
    for count, workers, share in ((5, 2, 1), (100, 2, 2), (150, 8, 3), (3_000, 4, 4)):
        monkeypatch.setattr(type(stored), "recipe", replace(RECIPE, count=count))
        scales = measured(stored, None, workers)
        assert asked[-1] == (spread(count, scales.examples), share)
        assert scales.examples == {5: 5, 100: 10, 150: 15, 3_000: 40}[count]
        assert [case.index for case in scales.worst] == asked[-1][0][:-6:-1]


def test_no_examples_on_the_page_if_none_are_wanted(run: Run, made: dict[str, Path]) -> None:
    assert ">Example " not in page(run, made["graphs"], "--samples", 0)


def test_examples_made_again_are_the_stored_ones(made: dict[str, Path]) -> None:
    stored = open_set(made["audio"])
    remaker = Remaker.of(stored)
    for record in stored.records():
        item = remaker.item(record.index)
        assert difference(record, item) == ""
        assert 0 <= largest_scale_db(item) <= 24 + 1e-6
        other = Record(record.index, record.graph | {"meta": {"x": 1}}, record.provenance, 0, {})
        assert "another graph" in difference(other, item)
        other = Record(record.index, record.graph, {}, 0, {})
        assert "another provenance" in difference(other, item)


def test_another_graph_is_found_by_making_it_again(
    run: Run, made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphophone.report.samples.difference", lambda *_: "has another graph")
    ran = run("inspect", made["graphs"], "--out", tmp_path, "--samples", 1, "--listen", 1)
    assert ran.status == 1
    assert "example 0 has another graph" in ran.out
    assert "has another graph" in (tmp_path / "set.html").read_text()


def test_every_set_gets_a_card(run: Run, made: dict[str, Path]) -> None:
    for store, folder in made.items():
        plain = card(folder)
        assert (plain["examples"], plain["store"], plain["failed"]) == (COUNT, store, 0)
        text = (folder / "card.md").read_text()
        for said in ("mix `short`", "seed 4", CATALOGUE_HASH, "none needed", "Known biases"):
            assert said in text
        assert ("quietest wet" in text) == (store != "graphs")
    one, other = card(made["features"]), card(made["graphs"])
    assert one["statistics"] == other["statistics"]
    assert one["redraws"] == other["redraws"]


def test_a_card_says_what_the_set_says(made: dict[str, Path]) -> None:
    plain = card(made["audio"])
    records = list(open_set(made["audio"]).records())
    sizes = {r.index: len(r.graph["nodes"]) for r in records}
    worst = plain["worst"]
    assert isinstance(worst, dict)
    assert worst["nodes"][0]["value"] == max(sizes.values())
    assert sizes[worst["nodes"][0]["index"]] == max(sizes.values())
    redraws = plain["redraws"]
    assert isinstance(redraws, dict)
    assert redraws["in_all"] == sum(r.redraws for r in records)
    remaker = Remaker.of(open_set(made["audio"]))
    scales = [round(largest_scale_db(remaker.item(i)), 2) for i in range(COUNT)]
    assert worst["scales"][0]["value"] == max(scales)
    assert plain["remade"]["examples"] == COUNT  # type: ignore[index]


def test_a_card_is_written_when_asked_and_is_the_same_again(run: Run, features: Path) -> None:
    before = {name: (features / name).read_bytes() for name in NAMES}
    for name in NAMES:
        (features / name).unlink()
    ran = run("inspect", features, "--card")
    assert str(features / "card.md") in ran.out
    assert {name: (features / name).read_bytes() for name in NAMES} == before
    assert write_card(features).read_bytes() == before["card.md"]


def test_a_card_without_the_recordings_says_so(
    features: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRAPHOPHONE_DATA", raising=False)
    manifest = features / "dataset.json"
    plain = json.loads(manifest.read_text())
    plain["recipe"]["sources"] = "mixed"
    manifest.write_text(json.dumps(plain))
    assert "were not here" in write_card(features).read_text()
    assert card(features)["remade"] == {"examples": 0, "share_with_a_limited_scale": None}


def test_a_sample_is_spread_evenly() -> None:
    assert spread(10, 1) == [0]
    assert spread(3, 9) == [0, 1, 2]
    assert spread(101, 5) == [0, 25, 50, 75, 100]
    for count in (7, 40, 1_000):
        chosen = spread(count, 6)
        steps = {b - a for a, b in pairwise(chosen)}
        assert (chosen[0], chosen[-1], len(chosen)) == (0, count - 1, 6)
        assert max(steps) - min(steps) <= 1
