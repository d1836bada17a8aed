"""A run learns, and a run that was killed is the run that was not."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from graphophone.errors import FormatError, WeightsError
from graphophone.models.weights import load_weights
from graphophone.training import loop, streamed
from graphophone.training.checkpoint import read_about
from graphophone.training.config import Config, SetConfig, TrainConfig
from graphophone.training.loop import learning_rate, pick_device, train
from graphophone.training.rows import Row
from graphophone.training.sets import ensure_dataset
from tests.generation.small import shrink
from tests.training.test_streamed import Here

Make = Callable[..., Config]


def lines(run: Path, kind: str) -> list[dict[str, float]]:
    found = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [line for line in found if line["kind"] == kind]


def test_a_model_learns_its_examples_by_heart(config: Make, tmp_path: Path) -> None:
    made = config(
        dropout=0.0, steps=120, warmup=10, batch=16, learning_rate=2e-3, label_smoothing=0.0
    )
    result = train(made, tmp_path)
    assert result.finished
    assert result.metrics["node_error"] < 0.15  # without listening it stays above 0.25
    assert result.metrics["edge_error"] < 0.02
    assert result.metrics["parameter_loss"] < 0.23


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_killed_run_gives_the_weights_of_one_that_was_not(
    config: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    made = config(steps=9, checkpoint_every=2, precision=precision, tilt_db=3.0)
    whole = train(made, tmp_path / "whole")

    real, calls = loop.update, []

    def killed(*arguments: object) -> object:
        calls.append(0)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "update", killed)
    with pytest.raises(KeyboardInterrupt):
        train(made, tmp_path / "killed")
    monkeypatch.setattr(loop, "update", real)
    assert read_about(tmp_path / "killed" / "checkpoint.safetensors")["step"] == 4
    resumed = train(made, tmp_path / "killed")
    assert resumed.step == whole.step == 9
    a, b = load_file(whole.weights), load_file(resumed.weights)
    assert a.keys() == b.keys()
    for name in a:
        torch.testing.assert_close(a[name], b[name], atol=0, rtol=0)


def test_a_run_leaves_logs_and_weights_that_load(config: Make, tmp_path: Path) -> None:
    result = train(config(), tmp_path)
    weights = load_weights(result.weights)
    assert (weights.task, weights.step) == ("singing", 6)
    assert weights.notes["name"] == "tiny"
    assert [line["step"] for line in lines(tmp_path, "train")] == [2, 4, 6]
    assert [line["step"] for line in lines(tmp_path, "held_out")] == [3, 6]
    assert list((tmp_path / "tensorboard").iterdir())
    assert json.loads((tmp_path / "config.json").read_text())["name"] == "tiny"


def test_a_finished_run_is_left_as_it_is(config: Make, tmp_path: Path) -> None:
    train(config(), tmp_path)
    before = (tmp_path / "weights.safetensors").read_bytes()
    assert train(config(), tmp_path).finished
    assert load_file(tmp_path / "weights.safetensors").keys()
    assert len(before) > 0
    assert len(lines(tmp_path, "train")) == 3


def test_time_runs_out(config: Make, tmp_path: Path) -> None:
    result = train(config(steps=100_000, max_minutes=1e-9), tmp_path)
    assert result.step == 0
    assert not result.finished


def test_a_run_of_another_configuration_is_not_continued(config: Make, tmp_path: Path) -> None:
    train(config(steps=2), tmp_path)
    with pytest.raises(FormatError, match="holds a run of another configuration"):
        train(config(steps=2, learning_rate=0.1), tmp_path)
    assert train(config(steps=3), tmp_path).step == 3  # a longer run of the same kind
    assert train(config(steps=2, learning_rate=0.1), tmp_path, resume=False).finished


def test_a_model_that_does_not_listen_hears_no_difference(config: Make, tmp_path: Path) -> None:
    weights = load_weights(train(config("none", steps=3), tmp_path).weights)
    encoder = {n: p for n, p in weights.model.named_parameters() if n.startswith("encoder")}
    assert encoder
    assert not weights.model.listen(torch.rand(1, 2, 64, 48)).any()


def test_a_checkpoint_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(WeightsError, match=r"checkpoint\.safetensors is not a checkpoint"):
        read_about(path)


def test_the_rate_rises_and_falls_linearly() -> None:
    config = TrainConfig(steps=100, warmup=20, learning_rate=1.0)
    assert [learning_rate(s, config) for s in (0, 9, 19)] == pytest.approx([0.05, 0.5, 1.0])
    assert [learning_rate(s, config) for s in (20, 60, 99)] == pytest.approx([1.0, 0.5, 1 / 80])


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_a_device_that_is_not_there_is_named() -> None:
    assert pick_device(TrainConfig()) == torch.device("cpu")
    with pytest.raises(FormatError, match="finds no CUDA device here"):
        pick_device(TrainConfig(device="cuda"))


def test_a_missing_set_is_made_as_the_configuration_says(
    config: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    cards: list[Path] = []

    def generate(recipe: object, out: Path, **options: object) -> SimpleNamespace:
        calls.append((recipe, out, options))
        return SimpleNamespace(made=7)

    monkeypatch.setattr("graphophone.generation.dataset.generate", generate)
    monkeypatch.setattr(
        "graphophone.generation.card.write_card", lambda folder, workers: cards.append(folder)
    )
    wanted = SetConfig(folder=tmp_path / "new", mix="wide", count=7, seed=3, split="seen")
    made = config()
    assert ensure_dataset(wanted, made) == tmp_path / "new"
    ((recipe, out, options),) = calls
    assert (recipe.task, recipe.mix, recipe.count, recipe.seed) == ("singing", "wide", 7, 3)
    assert (recipe.split, out) == ("seen", tmp_path / "new")
    assert options == {
        "store": "features",
        "workers": 2,
        "strict": False,
        "repair": False,
        "thorough": False,
    }
    for damaged in ("repair", "skip"):
        data = made.data.model_copy(update={"damaged": damaged})
        ensure_dataset(wanted, made.model_copy(update={"data": data}))
    assert calls[1][2] == options | {"repair": True, "thorough": True}
    (tmp_path / "new").mkdir()
    ensure_dataset(wanted, made.model_copy(update={"data": data}))  # taken as it is
    assert len(calls) == 3
    assert cards == [tmp_path / "new"] * 3


def test_a_run_learns_from_what_is_made_on_the_way_and_goes_on_with_it(
    config: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sixteen(Here):
        """Features of 64 bands, as the model wants them."""

        def submit(self, work: object, order: streamed.Order) -> Future[Row]:
            future = super().submit(work, order)
            row = future.result()
            seen.append(order.number)
            future = Future()
            future.set_result(row._replace(mel=row.mel[:, ::4, :48].copy()))
            return future

    shrink(monkeypatch.setattr)
    monkeypatch.setattr(streamed, "processes", Sixteen)
    stream = [{"stream": True, "mix": "wide", "count": 6, "seed": 4}]
    made = config(sets=stream, steps=4, batch=2, checkpoint_every=1)
    seen: list[int] = []
    whole = train(made, tmp_path / "whole")
    assert len(seen) == len(set(seen)) == 8
    assert sorted(seen[:6]) == list(range(6))  # then another epoch with examples of its own
    assert set(seen[6:]) <= set(range(6, 12))
    order, seen = seen, []
    real = loop.save_checkpoint

    def killed(path: Path, *rest: object) -> None:
        real(path, *rest)  # type: ignore[arg-type]
        if len(list(path.parent.glob("checkpoint*"))) and len(seen) >= 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "save_checkpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        train(made, tmp_path / "killed")
    monkeypatch.setattr(loop, "save_checkpoint", real)
    step = int(read_about(tmp_path / "killed" / "checkpoint.safetensors")["step"])
    assert 0 < step < 4
    seen = []
    resumed = train(made, tmp_path / "killed")
    assert seen == order[2 * step :]
    a, b = load_file(whole.weights), load_file(resumed.weights)
    for name in a:
        torch.testing.assert_close(a[name], b[name], atol=0, rtol=0)


def test_a_run_may_begin_with_the_weights_of_another(config: Make, tmp_path: Path) -> None:
    first = train(config(), tmp_path / "first")
    made = config(start=first.weights, steps=1, learning_rate=1e-9)
    made = made.model_copy(
        update={"model": made.model.model_copy(update={"echoes": True, "ripples": True})}
    )
    second = train(made, tmp_path / "next")
    trained, goes_on = load_file(first.weights), load_file(second.weights)
    assert load_weights(second.weights).notes["before"]["step"] == first.step
    for name, part in trained.items():
        torch.testing.assert_close(goes_on[name], part, atol=1e-3, rtol=1e-3)
    assert {name.split(".")[1] for name in goes_on.keys() - trained.keys()} == {"echoes", "ripples"}


def test_a_run_refuses_to_begin_with_weights_of_another_shape(config: Make, tmp_path: Path) -> None:
    first = train(config(), tmp_path / "first")
    made = config(start=first.weights)
    made = made.model_copy(update={"model": made.model.model_copy(update={"width": 64})})
    with pytest.raises(FormatError, match="does not fit this configuration: its"):
        train(made, tmp_path / "next")
