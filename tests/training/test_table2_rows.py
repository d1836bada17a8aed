"""Each row of Table 2 learns, goes on after a kill, loads, and writes valid graphs."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from graphophone.audio.features import unpack
from graphophone.codec.json import from_json
from graphophone.errors import FormatError
from graphophone.generation.reading import open_set
from graphophone.graph.compare import node_iou
from graphophone.graph.model import Graph
from graphophone.graph.rules import check
from graphophone.models.estimator import Estimator
from graphophone.models.shapes import Latents
from graphophone.processors import SPECS
from graphophone.training import loop
from graphophone.training.checkpoint import read_about
from graphophone.training.config import Config, load_config
from graphophone.training.loop import train
from graphophone.training.sets import open_examples
from tests.training.conftest import write_set

Make = Callable[..., Config]
BY_HEART = {
    "dropout": 0.0,
    "steps": 120,
    "warmup": 10,
    "batch": 16,
    "learning_rate": 2e-3,
    "label_smoothing": 0.0,
    "measure_every": 1_000,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set", 16, seed=1, store="dry")


def heard(estimator: Estimator, config: Config, graphs: list[Graph]) -> Latents:
    """What a row knows of all examples."""
    if config.model.conditioning == "graph":
        return estimator.read(graphs)
    examples = open_examples(config.data.train, config, estimator.vocabulary)
    mel = torch.cat([examples.batch([i]).mel for i in range(len(examples))])
    return estimator.listen(unpack(mel))


@pytest.mark.parametrize("row", [1, 2, 4, 5, 6])
def test_a_row_learns_its_examples_by_heart_and_writes_valid_graphs(
    row: int, config: Make, folder: Path, tmp_path: Path
) -> None:
    made = config(row=row, store="dry", **(BY_HEART | ({"steps": 20} if row == 2 else {})))
    assert made.model.row == row
    result = train(made, tmp_path)
    estimator = Estimator.load(result.weights)
    assert estimator.model.config == made.model
    graphs = [from_json(one.graph, SPECS) for one in open_set(folder).records()]
    latents = heard(estimator, made, graphs)
    written = estimator.finished(latents, estimator.written(latents))
    for graph in written:
        check(graph, SPECS)
    overlap = sum(node_iou(a, b) for a, b in zip(graphs, written, strict=True)) / len(graphs)
    if row == 2:  # it hears nothing, so it cannot tell one example from another
        assert len({str(graph) for graph in written}) == 1
        assert result.metrics["node_error"] > 0.2
        return
    assert result.metrics["node_error"] < 0.15
    assert result.metrics["edge_error"] < 0.02
    assert result.metrics["parameter_loss"] < 0.23
    assert overlap > 0.7


@pytest.mark.parametrize("row", [1, 4, 5, 6])
def test_a_killed_run_of_a_row_gives_the_weights_of_one_that_was_not(
    row: int, config: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = config(row=row, store="dry", steps=3, checkpoint_every=1, measure_every=3)
    whole, real, calls = train(made, tmp_path / "whole"), loop.update, []

    def killed(*arguments: object) -> object:
        calls.append(0)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "update", killed)
    with pytest.raises(KeyboardInterrupt):
        train(made, tmp_path / "killed")
    assert read_about(tmp_path / "killed" / "checkpoint.safetensors")["step"] == 2
    monkeypatch.setattr(loop, "update", real)
    a, b = load_file(whole.weights), load_file(train(made, tmp_path / "killed").weights)
    assert a.keys() == b.keys()
    for name in a:
        torch.testing.assert_close(a[name], b[name], atol=0, rtol=0)


def test_a_row_is_a_word_for_what_the_model_is_given_and_how_it_decodes(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        'name = "a"\ntask = "drums"\nrow = 4\n[[data.train]]\nfolder = "sets/a"\nstore = "stems"\n'
    )
    assert load_config(path).model.conditioning == "dry"
    assert load_config(path).model.heard_inputs == 4
    stems = load_config(path, ["model.conditioning=stems"]).model
    assert (stems.row, stems.heard_inputs) == (4, 14)
    for row, given, way in ((1, "graph", "tokens"), (5, "wet", "nodes"), (6, "wet", "single")):
        model = load_config(path, [f"row={row}"]).model
        assert (model.conditioning, model.decoding, model.row) == (given, way, row)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("row=7", r"row: .*1, 2, 3, 4, 5 or 6, got 7"),
        ("model.decoding=nodes", r"row 4 has model\.decoding 'tokens', got 'nodes'"),
        ("model.conditioning=wet", r"row 4 has model\.conditioning 'dry' or 'stems', got 'wet'"),
        ("task=singing", r"a voice has no stems: model\.conditioning 'stems' is for drums"),
        ("data.train.0.store=dry", r"'stems' needs sets with store = 'stems', sets/a has 'dry'"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(tmp_path: Path, change: str, message: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        'name = "a"\ntask = "drums"\nrow = 4\n[[data.train]]\nfolder = "sets/a"\nstore = "stems"\n'
        '[model]\nconditioning = "stems"\n'
    )
    with pytest.raises(FormatError, match=message):
        load_config(path, [change])
