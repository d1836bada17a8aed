"""The paper's test, built of rows that know nothing on a few procedural examples."""

import json
from pathlib import Path

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.audio.files import read
from graphophone.audio.loudness import loudness
from graphophone.codec.json import load as load_graph
from graphophone.errors import FormatError, UsageError
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.suites import EVALUATION_SEEDS
from graphophone.evaluation.table2 import Run, find_runs
from graphophone.generation.item import generate_item
from graphophone.listening.pages import Pages
from graphophone.listening.paper import Built, Choice, build, chosen
from graphophone.listening.plan import load
from graphophone.models.estimator import Estimator
from graphophone.sources import open_pool
from tests.evaluation.test_table2 import leave

CHOICE = Choice(
    "singing", "unseen", sources="procedural", mix="wide", count=8, trials=1, training=1, seed=5
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("runs")
    for row, seed in ((2, 0), (3, 1), (3, 0)):
        leave(folder / f"row{row}-seed{seed}", row, seed)
    return find_runs([folder])


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Estimator:
    folder = tmp_path_factory.mktemp("ours")
    leave(folder / "ours", 3, 7)
    return Estimator.load(folder / "ours" / "weights.safetensors")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    cheapen(monkeypatch)


def cheapen(patch: pytest.MonkeyPatch) -> None:
    """Let graphs be small, and models think twice instead of 24 times."""
    patch.setattr("graphophone.generation.item.draw_size", lambda rng, mix: 1)
    patch.setattr("graphophone.models.estimator.READINGS", 1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, runs: list[Run], ours: Estimator) -> Built:
    patch = pytest.MonkeyPatch()
    cheapen(patch)
    try:
        return build(tmp_path_factory.mktemp("built"), CHOICE, runs, ours=ours)
    finally:
        patch.undo()


def test_a_test_has_every_row_that_is_there_and_tells_which_is_not(built: Built) -> None:
    plan = load(built.file)
    assert (len(plan.trials), len(plan.training)) == (1, 1)
    rows = ["row2", "row3"]
    assert list(built.conditions) == ["anchor_dry", *rows, "ours", "anchor_random"]
    assert built.missing == ("row1", "row4", "row5", "row6")
    assert built.runs["row3"] == "row3-seed0", "the lowest seed stands for a row"
    assert json.loads(json.dumps(built.to_json(), allow_nan=False))["missing"][0] == "row1"
    pages = Pages(plan, built.file.parent)
    pages.check()
    assert all(len(pages.get(trial).sounds) == 8 for trial in plan.pages)


def test_a_page_is_an_example_of_the_evaluation_as_its_graphs_render_it(built: Built) -> None:
    plan, folder = load(built.file), built.file.parent
    pool = open_pool("singing", sources="procedural", split="unseen")
    examples = [trial.meta["example"] for trial in plan.pages]
    assert len(set(examples)) == 2
    assert all(index < CHOICE.count for index in examples)
    for trial in plan.pages:
        item = generate_item(
            "singing", "wide", EVALUATION_SEEDS + CHOICE.seed, trial.meta["example"], pool
        )
        down = 10 ** (trial.meta["turned_down_db"] / 20)
        reference = read(folder / trial.reference)
        assert reference.rate == RATE
        torch.testing.assert_close(reference.audio, item.wet * down, atol=1e-6, rtol=0)
        stage = Stage(item.dry, RATE)
        target = loudness(reference.audio, RATE)
        for name, path in trial.conditions.items():
            sound = read(folder / path).audio
            assert loudness(sound, RATE) == pytest.approx(target, abs=0.02), name
            gain = down * 10 ** (trial.meta["gains_db"][name] / 20)
            if name == "anchor_dry":
                expected = item.dry["voice"]
            else:
                expected = stage.sound(load_graph(folder / f"graphs/{trial.name}-{name}.json"))[0]
            torch.testing.assert_close(sound, expected * gain, atol=1e-4, rtol=0)


def test_the_seed_decides(built: Built, runs: list[Run], ours: Estimator, tmp_path: Path) -> None:
    again = build(tmp_path / "again", CHOICE, runs, ours=ours)
    names = sorted(p.relative_to(built.file.parent) for p in built.file.parent.rglob("*.*"))
    assert names == sorted(
        p.relative_to(again.file.parent) for p in (tmp_path / "again").rglob("*.*")
    )
    for name in names:
        one, other = built.file.parent / name, again.file.parent / name
        assert one.read_bytes() == other.read_bytes(), name


def test_what_cannot_be_built_is_said(
    built: Built, runs: list[Run], ours: Estimator, tmp_path: Path
) -> None:
    def refused(choice: Choice, out: Path = tmp_path) -> None:
        build(out, choice, runs, ours=ours)

    with pytest.raises(UsageError, match="there are no runs for drums"):
        refused(Choice("drums", "unseen", "procedural"))
    with pytest.raises(UsageError, match=r"13 pages need as many examples .* 1 of singing, unseen"):
        refused(Choice("singing", "unseen", "procedural", "wide", count=1))
    assert list(tmp_path.iterdir()) == []
    kept = built.file.parent / "results" / "sittings"
    kept.mkdir(parents=True)
    (kept / "ann.json").write_text("{}")
    with pytest.raises(FormatError, match="listeners have begun with this test"):
        refused(CHOICE, built.file.parent)


def test_a_row_that_hears_stems_stands_in_for_row_4(tmp_path: Path) -> None:
    leave(tmp_path / "stems", 4, 0, given="stems")
    runs = find_runs([tmp_path / "stems"])
    assert chosen(runs, "singing")["4"].folder.name == "stems"
    leave(tmp_path / "dry", 4, 3, given="dry")
    both = [*runs, *find_runs([tmp_path / "dry"])]
    assert chosen(both, "singing")["4"].folder.name == "dry"


def test_a_silent_condition_leaves_its_example_out(
    runs: list[Run], ours: Estimator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render, count = Stage.sound, iter(range(10_000))

    def sound(self: Stage, graph: object) -> torch.Tensor:
        heard = render(self, graph)  # type: ignore[arg-type]
        return 0 * heard if next(count) == 1 else heard

    monkeypatch.setattr(Stage, "sound", sound)
    choice = Choice("singing", "unseen", "procedural", "wide", count=4, trials=1, training=0)
    made = build(tmp_path, choice, runs, ours=ours)
    assert list(made.silent.values()) == ["row3"]
    assert load(made.file).trials[0].meta["example"] not in made.silent
