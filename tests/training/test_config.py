"""Configurations say what is wrong with them."""

from pathlib import Path

import pytest

from graphophone.errors import FormatError
from graphophone.training.config import load_config

MINIMAL = """
name = "a"
task = "singing"
[[data.train]]
folder = "sets/a"
"""
SHIPPED = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.toml"
    path.write_text(MINIMAL)
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=[p.stem for p in SHIPPED])
def test_shipped_configurations_are_valid(path: Path) -> None:
    config = load_config(path)
    assert config.name == path.stem
    assert config.task == path.stem.partition("-")[0] or path.stem == "debug"
    assert config.model.queries == (6 if config.task == "drums" else 1)


@pytest.mark.parametrize("task", ["singing", "drums"])
@pytest.mark.parametrize("row", range(1, 7))
def test_the_rows_of_table_2_differ_in_nothing_but_the_row(task: str, row: int) -> None:
    path = SHIPPED[0].parent / "table2" / f"{task}.toml"
    config, third = load_config(path, [f"row={row}"]), load_config(path)
    assert (config.task, config.model.row, third.model.row) == (task, row, 3)
    own = ("conditioning", "decoding")
    assert config.model.model_dump(exclude=set(own)) == third.model.model_dump(exclude=set(own))
    assert (config.data, config.train) == (third.data, third.train)
    if task == "drums" and row == 4:
        assert load_config(path, ["row=4", "model.conditioning=stems"]).model.heard_inputs == 14


def test_defaults_of_training_are_the_papers(path: Path) -> None:
    train = load_config(path).train
    assert (train.steps, train.warmup, train.learning_rate) == (200_000, 50_000, 5e-4)
    assert (train.batch, train.label_smoothing) == (32, 0.1)


def test_changes_are_applied(path: Path) -> None:
    changes = (
        "train.steps=100",
        "model.pools.0=[1, 2]",
        "name=mine",
        "data.train.0.count=3",
        "model.pools=[[2,2],[1,1],[1,1],[1,1],[1,1],[1,1],[1,1]]",
    )
    config = load_config(path, [c for c in changes if "pools.0" not in c])
    assert (config.train.steps, config.name, config.data.train[0].count) == (100, "mine", 3)
    assert config.model.pools[0] == (2, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("train.speed=2", r"a\.toml: unknown key 'train\.speed'"),
        ("model.wdith=2", r"unknown key 'model\.wdith'"),
        ("train.steps=0", r"train\.steps: input should be greater than or equal to 1, got 0"),
        ("train.precision=half", r"train\.precision: .*'bfloat16' or 'float32', got \"half\""),
        ("task=piano", r"task: .*'singing' or 'drums', got \"piano\""),
        ("train.steps", r"a change must look like train\.steps=100, got 'train\.steps'"),
        ("=3", r"a change must look like train\.steps=100, got '=3'"),
        ("name.first=3", r"name\.first: there is no such place"),
        ("data.train.7.count=3", r"data\.train\.7\.count: there is no such place"),
        ("data.train.first=3", r"data\.train\.first: there is no such place"),
    ],
)
def test_what_is_not_allowed_is_named(path: Path, change: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load_config(path, [change])


def test_a_missing_key_is_named(path: Path) -> None:
    path.write_text('name = "a"\ntask = "singing"\n[data]\n')
    with pytest.raises(FormatError, match=r"data\.train is missing"):
        load_config(path)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"there is no configuration .*none\.toml"):
        load_config(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(FormatError, match=r"broken\.toml is not TOML"):
        load_config(broken)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("data.train.0.stream=true", "a set has either a folder or stream = true"),
        ("data.held_out=[{stream = true}]", "a held-out set is measured on again and again"),
        ("data.damaged='ignore'", "damaged"),
    ],
)
def test_where_sets_are_is_checked(path: Path, change: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        load_config(path, [change])


def test_a_set_that_is_streamed_has_no_folder(path: Path) -> None:
    (one,) = load_config(path, ["data.train=[{stream = true}]"]).data.train
    assert one.stream
    with pytest.raises(FormatError, match="has no folder"):
        _ = one.place
