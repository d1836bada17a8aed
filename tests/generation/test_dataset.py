"""Sets on disk: the same for any number of workers, resumed, extended, repaired, never mixed up."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from graphophone.codec.json import from_json
from graphophone.errors import FormatError, StorageError, UsageError
from graphophone.generation import dataset, recipe
from graphophone.generation.dataset import Summary
from graphophone.generation.mix import read_mix
from graphophone.generation.reading import open_set
from graphophone.generation.recipe import Recipe
from graphophone.processors import SPECS
from tests.generation.small import RECIPE, contents

ROOT = Path(__file__).parents[2]


def generate(wanted: Recipe, out: Path, **options: Any) -> Summary:
    """Two examples an archive, unless told otherwise; a piece is one."""
    return dataset.generate(wanted, out, **{"shard": 2, "piece": 1} | options)


@pytest.mark.usefixtures("small")
def test_a_set_is_archives_with_an_index_each(tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    notes: list[str] = []
    summary = generate(
        RECIPE, tmp_path / "a", progress=lambda *state: told.append(state), note=notes.append
    )
    assert (summary.items, summary.made) == (5, 5)
    assert summary.checksum.startswith("sha256:")
    assert [state[:2] for state in told] == [(n, 5) for n in range(1, 6)]
    names = [f"shard-{n:05}.{kind}" for n in range(3) for kind in ("json", "tar")]
    assert list(contents(tmp_path / "a")) == ["dataset.json", "ghosts.json", *names]
    assert summary.bytes == sum(p.stat().st_size for p in (tmp_path / "a").glob("*.tar"))
    assert 0 < told[-1][2] <= summary.bytes
    assert notes[0].startswith("5 examples will take about")
    records = list(open_set(tmp_path / "a").records())
    assert [record.index for record in records] == list(range(5))
    for record in records:
        from_json(record.graph, SPECS)
        assert record.provenance["noise"] > 0
    manifest = json.loads((tmp_path / "a" / "dataset.json").read_text())
    assert manifest["recipe"]["seed"] == 3
    assert manifest["made"]["checksum"] == summary.checksum


@pytest.mark.usefixtures("small")
def test_a_set_is_the_same_again_however_it_is_cut(tmp_path: Path) -> None:
    one = generate(RECIPE, tmp_path / "one")
    two = generate(RECIPE, tmp_path / "two", piece=3)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (one.checksum, one.ghost_redraws) == (two.checksum, two.ghost_redraws)
    assert generate(RECIPE, tmp_path / "large", shard=9).checksum == one.checksum
    assert generate(replace(RECIPE, seed=4), tmp_path / "other").checksum != one.checksum
    assert generate(RECIPE, tmp_path / "bare", store="graphs").checksum == one.checksum
    assert generate(RECIPE, tmp_path / "audio", store="audio").checksum == one.checksum


@pytest.mark.usefixtures("small")
def test_a_finished_set_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = generate(RECIPE, tmp_path)
    times = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}

    def refuse(*_: Any, **__: Any) -> None:
        raise FormatError("the data folder has no MANIFEST.csv")

    monkeypatch.setattr(recipe, "settle", refuse)
    after = generate(RECIPE, tmp_path)
    assert (after.made, after.checksum) == (0, before.checksum)
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == times
    with pytest.raises(FormatError, match=r"has no MANIFEST\.csv"):
        generate(RECIPE, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("small")
def test_a_lost_archive_is_made_again_and_nothing_else_is(tmp_path: Path) -> None:
    before = generate(RECIPE, tmp_path)
    content = contents(tmp_path)
    kept = (tmp_path / "shard-00000.tar").stat().st_mtime_ns
    for name in ("shard-00001.tar", "shard-00001.json"):
        (tmp_path / name).unlink()
    after = generate(RECIPE, tmp_path)
    assert (before.made, after.made, after.items) == (5, 2, 5)
    assert contents(tmp_path) == content
    assert after.checksum == before.checksum
    assert (tmp_path / "shard-00000.tar").stat().st_mtime_ns == kept


@pytest.mark.usefixtures("small")
def test_a_larger_count_continues_the_same_set(tmp_path: Path) -> None:
    generate(replace(RECIPE, count=3), tmp_path / "grown")
    grown = generate(RECIPE, tmp_path / "grown")
    assert grown.made == 2
    generate(RECIPE, tmp_path / "whole")
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")
    generate(replace(RECIPE, count=7), tmp_path / "grown", shard=50)  # archives keep their size
    generate(replace(RECIPE, count=7), tmp_path / "again")
    assert contents(tmp_path / "grown") == contents(tmp_path / "again")
    with pytest.raises(FormatError, match="is to hold 7 examples of this set; ask for as many or"):
        generate(RECIPE, tmp_path / "grown")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "change",
    [
        {"seed": 9},
        {"mix": "paper"},
        {"split": "unseen"},
        {"store": "graphs"},
        {"copies": 0.5},
        {"audible": True},
        {"mix_text": 'like = "wide"\n[voice.motifs]\necho = 9.0\n'},
    ],
)
def test_a_folder_with_another_set_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    one = replace(RECIPE, count=1)
    generate(one, tmp_path)
    before = contents(tmp_path)
    options = {"store": change.pop("store")} if "store" in change else {}
    with pytest.raises(FormatError, match=r"holds another set, its \w+ is .* choose an empty"):
        generate(replace(one, **change), tmp_path, **options)
    assert contents(tmp_path) == before


@pytest.mark.usefixtures("small")
def test_a_set_that_another_version_began_is_not_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(replace(RECIPE, count=2), tmp_path / "a")
    real = recipe.generate_item

    def changed(*words: Any, **more: Any) -> Any:
        return replace(real(*words, **more), redraws=77)

    monkeypatch.setattr(recipe, "generate_item", changed)
    with pytest.raises(FormatError, match=r"begun by another version .* example 0 comes out diff"):
        generate(RECIPE, tmp_path / "a")
    assert generate(replace(RECIPE, count=2), tmp_path / "a").items == 2  # nothing was missing
    monkeypatch.setattr(recipe, "generate_item", real)
    with pytest.raises(KeyboardInterrupt):  # a piece alone tells, too
        generate(RECIPE, tmp_path / "b", progress=stop)
    assert list((tmp_path / "b" / "pieces").iterdir())
    monkeypatch.setattr(recipe, "generate_item", changed)
    with pytest.raises(FormatError, match="begun by another version"):
        generate(RECIPE, tmp_path / "b")


def stop(*_: int) -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("piece", [1, 2, 5])
def test_a_run_that_stops_anywhere_goes_on_with_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    real, calls = recipe.generate_item, []

    def stops(task: Any, mix: Any, seed: int, index: int, *rest: Any, **more: Any) -> Any:
        if index == 3:
            raise KeyboardInterrupt
        calls.append(index)
        return real(task, mix, seed, index, *rest, **more)

    generate(RECIPE, tmp_path / "whole")
    monkeypatch.setattr(recipe, "generate_item", stops)
    with pytest.raises(KeyboardInterrupt):
        generate(RECIPE, tmp_path / "stopped", piece=piece)
    assert calls == [0, 1, 2]
    monkeypatch.setattr(recipe, "generate_item", real)
    resumed = generate(RECIPE, tmp_path / "stopped", piece=piece)
    assert resumed.made == 5 - (2 if piece > 1 else 3)
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


@pytest.mark.usefixtures("small")
def test_pieces_that_are_half_there_or_lie_across_others_do_no_harm(tmp_path: Path) -> None:
    generate(RECIPE, tmp_path / "whole", shard=5)
    with pytest.raises(KeyboardInterrupt):
        generate(RECIPE, tmp_path / "a", shard=5, piece=2, progress=stop)
    folder = tmp_path / "a" / "pieces"
    (one,) = folder.iterdir()
    assert one.name == "000000000-000000002.tar"
    with pytest.raises(KeyboardInterrupt):
        generate(RECIPE, tmp_path / "b", shard=5, piece=1, progress=stop)
    (short,) = (tmp_path / "b" / "pieces").iterdir()
    shutil.copy(short, folder)  # it lies in the other one
    (folder / "000000002-000000004.tar").write_bytes(one.read_bytes()[:3_000])
    (folder / "000000004-000000005.tar.part").write_bytes(b"half")
    (tmp_path / "a" / "shard-00000.tar.part").write_bytes(b"half")
    made = generate(RECIPE, tmp_path / "a", shard=5)
    assert made.made == 4
    assert contents(tmp_path / "a") == contents(tmp_path / "whole")


@pytest.mark.usefixtures("small")
def test_a_damaged_archive_is_named_and_made_again_when_asked(tmp_path: Path) -> None:
    generate(RECIPE, tmp_path)
    before = contents(tmp_path)
    tar = tmp_path / "shard-00001.tar"
    content = bytearray(tar.read_bytes())
    content[len(content) // 2] ^= 1
    tar.write_bytes(content)
    damaged = contents(tmp_path)
    with pytest.raises(
        FormatError, match=r"shard-00001\.tar does not match the SHA-256.*--repair makes the"
    ):
        generate(RECIPE, tmp_path)
    assert contents(tmp_path) == damaged
    assert generate(RECIPE, tmp_path, thorough=False).made == 0
    repaired = generate(RECIPE, tmp_path, repair=True)
    assert (repaired.made, [fault.file for fault in repaired.repaired]) == (2, [tar.name])
    assert contents(tmp_path) == before


@pytest.mark.usefixtures("small")
def test_a_set_that_will_not_fit_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000))
    with pytest.raises(StorageError, match="5 examples will take about"):
        generate(RECIPE, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    generate(replace(RECIPE, count=1), tmp_path / "bare", store="graphs")


def test_ten_kills_lose_double_and_tear_nothing(tmp_path: Path) -> None:
    """In a process of its own, which forks those that are killed."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.generation.mortal", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["killed"] == 10
    assert told["torn"] == []
    assert told["checksum"] == told["uninterrupted"]
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


REAL = Recipe(task="singing", mix="wide", count=5, seed=8)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    out = tmp_path_factory.mktemp("alone")
    return out, generate(REAL, out, shard=3, piece=2)


def test_two_workers_change_nothing(alone: tuple[Path, Summary], tmp_path: Path) -> None:
    folder, summary = alone
    together = generate(REAL, tmp_path, shard=3, piece=2, workers=2)
    assert together.checksum == summary.checksum
    assert contents(tmp_path) == contents(folder)


@pytest.mark.filterwarnings("ignore")
def test_ray_changes_nothing(
    alone: tuple[Path, Summary], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    folder, summary = alone
    far = generate(REAL, tmp_path, shard=3, piece=2, workers=2, engine="ray")
    assert far.checksum == summary.checksum
    assert contents(tmp_path) == contents(folder)


def test_a_set_of_copies_has_the_graphs_of_the_clean_one(tmp_path: Path) -> None:
    generate(replace(REAL, count=3), tmp_path / "clean", store="audio")
    generate(replace(REAL, count=3, copies=1.0), tmp_path / "spoiled", store="audio")
    sets = [open_set(tmp_path / name).records() for name in ("clean", "spoiled")]
    for clean, spoiled in zip(*sets, strict=True):
        assert spoiled.provenance.pop("copy")
        assert spoiled.graph == clean.graph
        assert spoiled.provenance == clean.provenance
        mine, other = spoiled.sounds(), clean.sounds()
        assert not torch.equal(mine.pop("wet"), other.pop("wet"))
        assert all(torch.equal(mine[name], other[name]) for name in other)
        assert spoiled.members["mel.png"] != clean.members["mel.png"]


@pytest.mark.parametrize("copies", [-0.1, 1.1])
def test_copies_are_a_share(copies: float) -> None:
    with pytest.raises(FormatError, match=rf"copies must be a share from 0 to 1, got {copies}"):
        replace(RECIPE, copies=copies)


@pytest.mark.usefixtures("small")
def test_a_mix_that_says_something_else_is_another_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even under the same name, as when a mix of the package changes."""
    one = replace(RECIPE, count=1)
    generate(one, tmp_path)
    assert json.loads((tmp_path / "dataset.json").read_text())["mix"] == read_mix("wide").digest
    changed = read_mix("wide").model_copy(update={"untouched": 0.5})
    monkeypatch.setattr(recipe, "read_mix", lambda word: changed)
    with pytest.raises(FormatError, match="holds another set, its mix 'wide' was another one then"):
        generate(one, tmp_path)
    assert open_set(tmp_path).manifest["mix"] != changed.digest  # it is still read as it was


@pytest.mark.usefixtures("small")
def test_a_set_of_ones_own_mix_needs_no_file_to_be_made_again(tmp_path: Path) -> None:
    text = 'like = "short"\n[voice.motifs]\necho = 9.0\n'
    own = replace(RECIPE, mix="mine", mix_text=text)
    summary = generate(own, tmp_path / "a")
    again = open_set(tmp_path / "a").recipe
    assert again == own
    assert generate(again, tmp_path / "b").checksum == summary.checksum


def test_a_wrong_mix_is_named_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"mix mine: unknown key 'echo'"):
        generate(replace(RECIPE, mix="mine", mix_text='like = "wide"\necho = 1'), tmp_path / "x")
    with pytest.raises(UsageError, match=r"a mix is .*, got 'wode'"):
        generate(replace(RECIPE, mix="wode"), tmp_path / "x")
    assert not (tmp_path / "x").exists()


@pytest.mark.usefixtures("small")
def test_a_set_tells_its_ghosts(tmp_path: Path) -> None:
    some = generate(RECIPE, tmp_path / "some")
    every = generate(replace(RECIPE, audible=True), tmp_path / "all")
    assert (some.ghosts.examples, some.ghosts.asked) == (5, 1)  # the first of a hundred
    assert (every.ghosts.examples, every.ghosts.asked) == (5, 5)
    assert every.ghosts.ghosts.total() == 0
    for summary, folder in ((some, "some"), (every, "all")):
        written = json.loads((tmp_path / folder / "ghosts.json").read_text())
        assert written == summary.ghosts.to_json()
        assert summary.ghost_redraws == summary.ghosts.redraws + summary.ghosts.redrawn
