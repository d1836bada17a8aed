"""The ten lines of Python that the README promises."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

import graphophone
from graphophone import Estimator, GraphophoneError, load, load_graph
from graphophone.api.graph import Graph
from graphophone.audio.arrays import stereo
from graphophone.cli.demo import known_graph
from graphophone.errors import AudioError, UsageError, WeightsError
from graphophone.graph import model
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from tests.cli.sounds import RATE, sound


@pytest.fixture
def graph() -> Graph:
    return Graph.of(known_graph())


@pytest.fixture
def take(tmp_path: Path) -> np.ndarray:
    return load(sound(tmp_path / "take.wav"))[0]


def test_a_graph_is_exported(graph: Graph, take: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "vocal.dsp"
    fidelity = graph.export(path, "faust", take, RATE, strict=True)
    assert fidelity.lost == ()
    assert "// Levels were measured on a recording." in path.read_text()
    with pytest.raises(UsageError, match="is there already; --force replaces it"):
        graph.export(path, "faust", take, RATE)
    graph.export(path, "faust", force=True)
    assert "// Levels were measured on the built-in calibration voice." in path.read_text()
    with pytest.raises(UsageError, match="--mode of faust must be none, got 'exact'"):
        graph.export(path, "faust", mode="exact")


def test_a_recording_is_loaded(tmp_path: Path) -> None:
    audio, rate = load(sound(tmp_path / "x.wav", 0.5, channels=1))
    assert (audio.shape, audio.dtype, rate) == ((2, RATE // 2), np.float32, RATE)
    part, _ = load(tmp_path / "x.wav", 0.1, 0.3)
    np.testing.assert_array_equal(part, audio[:, RATE // 10 : 3 * RATE // 10])


def test_a_graph_is_heard_seen_saved_and_read(
    graph: Graph, take: np.ndarray, tmp_path: Path
) -> None:
    wet = graph.render(take, RATE)
    assert (wet.shape, wet.dtype) == (take.shape, np.float32)
    assert graph.render(take, RATE, tail=True).shape[1] > take.shape[1]
    graph.save(tmp_path / "g.json")
    again = load_graph(tmp_path / "g.json")
    assert again == graph
    assert model.Graph(graph.nodes, graph.edges, graph.sample_rate) == graph
    np.testing.assert_array_equal(again.render(take, RATE), wet)
    assert graph.draw().startswith("<svg")
    assert graph.sentence() == "heavily distorted, then a 380 ms ping-pong into a long plate"
    assert "2 pingpong_delay" in str(graph)


def test_mono_is_two_equal_channels(graph: Graph, take: np.ndarray) -> None:
    np.testing.assert_array_equal(graph.render(take[0], RATE), graph.render(take, RATE))
    np.testing.assert_array_equal(graph.render(take[:1], RATE), graph.render(take, RATE))


def test_a_frozen_graph_sounds_the_same(graph: Graph, take: np.ndarray) -> None:
    frozen = graph.freeze(take, RATE)
    assert frozen.energy == "frozen"
    np.testing.assert_allclose(frozen.render(take, RATE), graph.render(take, RATE), atol=1e-5)


def test_freezing_without_audio_says_on_what(graph: Graph) -> None:
    frozen = graph.freeze()
    assert frozen.meta["frozen_on"]["calibration"] == "singing"
    assert isinstance(frozen, Graph)


def test_several_inputs_need_names(take: np.ndarray) -> None:
    builder = GraphBuilder(SPECS)
    mix, out = builder.add("mix"), builder.add("out")
    for name in ("kick", "snare"):
        builder.connect(builder.add("in", source=name), mix)
    builder.connect(mix, out)
    kit = Graph.of(builder.graph())
    with pytest.raises(UsageError, match="the graph has the inputs kick, snare"):
        kit.render(take, RATE)
    assert kit.render({"kick": take, "snare": take}, RATE).shape == take.shape


def test_changing_a_graph_keeps_its_methods(graph: Graph) -> None:
    changed = graph.with_parts(graph.nodes, graph.edges)
    assert isinstance(changed, Graph)
    assert isinstance(pickle.loads(pickle.dumps(graph)), Graph)


@pytest.mark.parametrize(
    ("audio", "rate", "why"),
    [
        (np.zeros((2, 3, 4)), RATE, "float array"),
        (np.zeros(0), RATE, "float array"),
        (np.zeros(10, np.int16), RATE, "float array"),
        (np.zeros((100, 2)), RATE, "turn it with .T"),
        (np.zeros(100), 4_000, "sample rate must be"),
        (np.full(100, np.nan), RATE, "not finite"),
    ],
)
def test_what_is_no_audio(audio: np.ndarray, rate: int, why: str) -> None:
    with pytest.raises(AudioError, match=why):
        stereo(audio, rate)


def test_estimating(tmp_path: Path, take: np.ndarray) -> None:
    from graphophone.models.weights import save_weights
    from tests.cli.conftest import small_model

    save_weights(tmp_path / "m.safetensors", small_model("singing"), task="singing", step=0)
    estimator = Estimator.load(tmp_path / "m.safetensors")
    torch.set_num_threads(1)
    graph = estimator(take, RATE)
    heard = estimator.listen(take, RATE)
    assert isinstance(graph, Graph)
    assert graph == heard.graph
    assert graph.render(take, RATE).shape == take.shape
    assert set(heard.confidence) == {"agreement", "windows", "nodes", "edges", "knobs"}
    assert heard.sentence() == graph.sentence()


def test_a_model_that_is_not_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("graphophone.models.weights.pretrained_path", lambda task: tmp_path / task)
    with pytest.raises(WeightsError, match="there are no weights"):
        graphophone.estimate(np.full(RATE, 0.1), RATE)
    with pytest.raises(GraphophoneError):
        Estimator.pretrained("singing")


def test_there_is_nothing_else_in_the_package() -> None:
    with pytest.raises(AttributeError, match="no attribute 'teleport'"):
        graphophone.teleport  # noqa: B018
