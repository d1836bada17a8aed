"""Sets on disk: the same for any number of workers, resumed, extended, never mixed up."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from graphophone.audio import cepstrum
from graphophone.audio.cepstrum import LAGS
from graphophone.audio.features import BANDS, HOP
from graphophone.codec.json import from_json
from graphophone.errors import FormatError, UsageError
from graphophone.generation import dataset
from graphophone.generation.dataset import Recipe, Summary, generate
from graphophone.generation.mix import read_mix
from graphophone.generation.prototype import Target
from graphophone.processors import SPECS
from graphophone.sources import Dry
from tests.generation.conftest import SAMPLES

RECIPE = Recipe(task="singing", mix="wide", count=5, seed=3)


class Noise:
    """A pool that costs nothing."""

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        generator = torch.Generator().manual_seed(rng.getrandbits(32))
        noise = 0.1 * torch.randn(2, samples, generator=generator)
        return Dry({"voice": noise}, {"noise": generator.initial_seed()})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, short: None) -> None:
    """Two examples a shard, each a second of noise with a graph of two nodes or so."""
    monkeypatch.setattr(dataset, "SHARD", 2)
    monkeypatch.setattr(dataset, "open_pool", lambda *_, **__: Noise())
    monkeypatch.setattr(
        "graphophone.generation.item.draw_size", lambda rng, mix: Target(rng.randint(0, 2))
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_set_is_a_line_and_a_picture_an_example(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    summary = generate(RECIPE, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert summary.items == 5
    assert summary.checksum.startswith("sha256:")
    assert told == [(1, 3), (2, 3), (3, 3)]
    lines = [
        json.loads(line)
        for name, content in files(tmp_path).items()
        if name.endswith(".jsonl")
        for line in content.splitlines()
    ]
    assert [line["index"] for line in lines] == [0, 1, 2, 3, 4]
    for line in lines:
        from_json(line["graph"], SPECS)
        assert line["provenance"]["noise"] > 0
    mel = np.load(tmp_path / "shard-00001.mel.npy")
    assert (mel.shape, mel.dtype) == ((2, 2, BANDS, 1 + SAMPLES // HOP), np.uint8)
    ripples = np.load(tmp_path / "shard-00001.cepstra.npy")
    assert (ripples.shape, ripples.dtype) == ((2, 2, LAGS, 1 + SAMPLES // cepstrum.HOP), np.uint8)
    assert json.loads((tmp_path / "dataset.json").read_text())["recipe"]["seed"] == 3


def test_a_set_is_the_same_again(tmp_path: Path) -> None:
    one = generate(RECIPE, tmp_path / "one")
    two = generate(RECIPE, tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert (one.checksum, one.ghost_redraws) == (two.checksum, two.ghost_redraws)
    other = generate(replace(RECIPE, seed=4), tmp_path / "other")
    assert other.checksum != one.checksum


def test_a_lost_shard_is_made_again_and_nothing_else_is(tmp_path: Path) -> None:
    before = generate(RECIPE, tmp_path)
    content = files(tmp_path)
    kept = (tmp_path / "shard-00000.jsonl").stat().st_mtime_ns
    for name in ("shard-00001.jsonl", "shard-00001.mel.npy"):
        (tmp_path / name).unlink()
    told: list[tuple[int, int]] = []
    after = generate(RECIPE, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]
    assert (before.made, after.made, after.items) == (5, 2, 5)
    assert files(tmp_path) == content
    assert after.checksum == before.checksum
    assert (tmp_path / "shard-00000.jsonl").stat().st_mtime_ns == kept


def test_a_larger_count_continues_the_same_set(tmp_path: Path) -> None:
    generate(replace(RECIPE, count=3), tmp_path / "grown")
    grown = generate(RECIPE, tmp_path / "grown")
    whole = generate(RECIPE, tmp_path / "whole")
    assert grown.checksum == whole.checksum
    assert files(tmp_path / "grown") == files(tmp_path / "whole")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 9},
        {"mix": "paper"},
        {"split": "unseen"},
        {"copies": 0.5},
        {"audible": True},
        {"mix_text": 'like = "wide"\n[voice.motifs]\necho = 9.0\n'},
    ],
)
def test_a_folder_with_another_set_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    generate(replace(RECIPE, count=1), tmp_path)
    before = files(tmp_path)
    with pytest.raises(FormatError, match=r"holds another set; choose an empty folder"):
        generate(replace(RECIPE, **change), tmp_path)
    assert files(tmp_path) == before


def test_recordings_are_needed_to_make_a_set_and_not_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = generate(RECIPE, tmp_path / "made")

    def refuse(*_: Any, **__: Any) -> None:
        raise FormatError("the data folder has no MANIFEST.csv")

    monkeypatch.setattr(dataset, "open_pool", refuse)
    assert generate(RECIPE, tmp_path / "made").checksum == made.checksum
    with pytest.raises(FormatError, match=r"has no MANIFEST\.csv"):
        generate(RECIPE, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_stored_things_or_another_catalogue_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = replace(RECIPE, count=1)
    generate(one, tmp_path)
    with pytest.raises(FormatError, match="holds another set"):
        generate(one, tmp_path, store="graphs")
    monkeypatch.setattr(dataset, "CATALOGUE_HASH", "000000000000")
    with pytest.raises(FormatError, match="holds another set"):
        generate(one, tmp_path)


def test_graphs_alone_or_audio_too_can_be_stored(tmp_path: Path) -> None:
    one = replace(RECIPE, count=1)
    bare = generate(one, tmp_path / "graphs", store="graphs")
    full = generate(one, tmp_path / "audio", store="audio")
    assert bare.checksum == full.checksum
    assert files(tmp_path / "graphs").keys() == {
        "dataset.json",
        "ghosts.json",
        "shard-00000.jsonl",
    }
    with np.load(tmp_path / "audio" / "shard-00000.npz") as audio:
        assert {name: audio[name].shape for name in audio.files} == {
            "0/wet": (2, SAMPLES),
            "0/voice": (2, SAMPLES),
        }


def test_a_run_that_stops_in_a_shard_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dataset.generate_item

    def stops(task: Any, mix: Any, seed: int, index: int, *rest: Any, **kwargs: Any) -> Any:
        if index == 3:
            raise KeyboardInterrupt
        return real(task, mix, seed, index, *rest, **kwargs)

    monkeypatch.setattr(dataset, "generate_item", stops)
    with pytest.raises(KeyboardInterrupt):
        generate(RECIPE, tmp_path)
    assert sorted(p.name for p in tmp_path.glob("shard*")) == [
        "shard-00000.cepstra.npy",
        "shard-00000.jsonl",
        "shard-00000.mel.npy",
    ]
    monkeypatch.setattr(dataset, "generate_item", real)
    resumed = generate(RECIPE, tmp_path)
    assert resumed.checksum == generate(RECIPE, tmp_path / "whole").checksum


def test_workers_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are stood in for by threads, so that the small shards reach them."""
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setattr(
        dataset, "ProcessPoolExecutor", lambda workers, **_: ThreadPoolExecutor(workers)
    )
    alone = generate(RECIPE, tmp_path / "alone", workers=1)
    together: Summary = generate(RECIPE, tmp_path / "together", workers=3)
    assert alone.checksum == together.checksum
    assert files(tmp_path / "alone") == files(tmp_path / "together")


def test_a_set_of_copies_has_the_graphs_of_the_clean_one(tmp_path: Path) -> None:
    generate(RECIPE, tmp_path / "clean", store="audio")
    generate(replace(RECIPE, copies=1.0), tmp_path / "spoiled", store="audio")
    lines = [
        [
            json.loads(line)
            for path in sorted((tmp_path / name).glob("*.jsonl"))
            for line in path.read_text().splitlines()
        ]
        for name in ("clean", "spoiled")
    ]
    for clean, spoiled in zip(*lines, strict=True):
        assert spoiled["provenance"].pop("copy")
        assert spoiled == clean
    mels = [(tmp_path / name / "shard-00000.mel.npy").read_bytes() for name in ("clean", "spoiled")]
    assert mels[0] != mels[1]
    with (
        np.load(tmp_path / "clean" / "shard-00000.npz") as clean,
        np.load(tmp_path / "spoiled" / "shard-00000.npz") as spoiled,
    ):
        assert np.array_equal(clean["0/voice"], spoiled["0/voice"])
        assert not np.array_equal(clean["0/wet"], spoiled["0/wet"])


def test_a_set_from_before_there_were_copies_is_continued(tmp_path: Path) -> None:
    before = generate(RECIPE, tmp_path)
    manifest = json.loads((tmp_path / "dataset.json").read_text())
    del manifest["recipe"]["copies"]
    (tmp_path / "dataset.json").write_text(json.dumps(manifest))
    assert generate(RECIPE, tmp_path).checksum == before.checksum
    with pytest.raises(FormatError, match="holds another set"):
        generate(replace(RECIPE, copies=0.1), tmp_path)


@pytest.mark.parametrize("copies", [-0.1, 1.1])
def test_copies_are_a_share(copies: float) -> None:
    with pytest.raises(FormatError, match=rf"copies must be a share from 0 to 1, got {copies}"):
        replace(RECIPE, copies=copies)


def test_a_mix_that_says_something_else_is_another_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even under the same name, as when a mix of the package changes."""
    one = replace(RECIPE, count=1)
    generate(one, tmp_path)
    assert json.loads((tmp_path / "dataset.json").read_text())["mix"] == read_mix("wide").digest
    changed = read_mix("wide").model_copy(update={"untouched": 0.5})
    monkeypatch.setattr(dataset, "read_mix", lambda word: changed)
    with pytest.raises(FormatError, match="holds another set"):
        generate(one, tmp_path)


def test_a_set_of_ones_own_mix_needs_no_file_to_be_made_again(tmp_path: Path) -> None:
    text = 'like = "short"\n[voice.motifs]\necho = 9.0\n'
    own = replace(RECIPE, mix="mine", mix_text=text)
    summary = generate(own, tmp_path)
    written = json.loads((tmp_path / "dataset.json").read_text())["recipe"]
    again = Recipe(**{**written, "kinds": tuple(written["kinds"])})
    assert again == own
    assert generate(again, tmp_path).checksum == summary.checksum


def test_a_wrong_mix_is_named_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"mix mine: unknown key 'echo'"):
        generate(replace(RECIPE, mix="mine", mix_text='like = "wide"\necho = 1'), tmp_path / "x")
    with pytest.raises(UsageError, match=r"a mix is .*, got 'wode'"):
        generate(replace(RECIPE, mix="wode"), tmp_path / "x")
    assert not (tmp_path / "x").exists()


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
