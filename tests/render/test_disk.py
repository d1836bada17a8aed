"""Recordings on disk, block by block: the same as all at once, and no more of it in memory."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from graphophone.audio import blocks
from graphophone.audio.blocks import track
from graphophone.audio.files import read, resample
from graphophone.errors import AudioError, GraphError
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Energy, Graph
from graphophone.processors import SPECS
from graphophone.render import disk
from graphophone.render.disk import Rendered, measure, render_to_file
from graphophone.render.render import render
from tests.render.graphs import random_graph

RATE = 8_000


@contextmanager
def quiet(_: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


def save(
    path: Path, seconds: float, gain: float = 0.1, rate: int = RATE, fade: float = 1.0
) -> Path:
    noise = np.random.default_rng(len(path.stem)).standard_normal((round(seconds * rate), 2))
    envelope = np.geomspace(1, fade, len(noise))[:, None]
    soundfile.write(path, gain * envelope * noise, rate, subtype="FLOAT")
    return path


def on_disk(
    graph: Graph, paths: Mapping[str, Path], out: Path, *, rate: int = RATE, as_is: bool = False
) -> Rendered:
    with ExitStack() as stack:
        tracks = {name: stack.enter_context(track(path)) for name, path in paths.items()}
        entry = measure(graph, tracks, rate, quiet, as_is=as_is)
        return render_to_file(graph, entry, out, quiet)


def at_once(
    graph: Graph, paths: Mapping[str, Path], *, rate: int = RATE, as_is: bool = False
) -> Tensor:
    recordings = {name: read(path) for name, path in paths.items()}
    clips = {name: resample(r.audio, r.rate, rate) for name, r in recordings.items()}
    return render(graph, clips, rate, as_is=as_is, tail=True)


def chain(energy: Energy) -> Graph:
    patch = GraphBuilder(SPECS)
    patch.chain(
        patch.add("in", source="voice"),
        patch.add("bell", gain=9.0),
        patch.add("compressor"),
        patch.add("mono_delay", delay=0.4, feedback=0.5),
        patch.add("out"),
    )
    return patch.graph(energy=energy)


@pytest.mark.parametrize("as_is", [False, True])
@pytest.mark.parametrize("energy", ["plain", "normalised"])
def test_blocks_are_the_whole(tmp_path: Path, energy: Energy, as_is: bool) -> None:
    paths = {"voice": save(tmp_path / "voice.wav", 3.3, gain=2.0)}
    done = on_disk(chain(energy), paths, tmp_path / "out.wav", as_is=as_is)
    expected = at_once(chain(energy), paths, as_is=as_is)
    assert soundfile.info(tmp_path / "out.wav").subtype == "FLOAT", "it is louder than 1"
    actual = read(tmp_path / "out.wav").audio
    torch.testing.assert_close(actual, expected, rtol=0, atol=1e-5)
    assert (done.samples, done.notes) == (expected.shape[1], ())


@pytest.mark.parametrize("energy", ["frozen", "normalised"])
def test_random_graphs_with_recordings_of_unequal_length(
    tmp_path: Path, energy: Energy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 700)
    files = {
        "voice": save(tmp_path / "voice.wav", 0.31, fade=0.05),
        "kick": save(tmp_path / "kick.wav", 0.47, gain=0.02),
        "hat": save(tmp_path / "hat.wav", 0.2, rate=11_025),
    }
    for seed in range(5):
        graph = random_graph(Random(seed), energy=energy)
        names = [str(graph.nodes[i].source) for i in graph.inputs]
        paths = {name: files[name] for name in names}
        expected = at_once(graph, paths)
        on_disk(graph, paths, tmp_path / "out.wav")
        actual = torch.from_numpy(soundfile.read(tmp_path / "out.wav", dtype="float32")[0].T)
        assert actual.shape == expected.shape, f"seed {seed}"
        size = float(expected.abs().max())
        torch.testing.assert_close(actual, expected, rtol=0, atol=1e-5 * max(1.0, size))


def test_it_resamples_as_it_reads(tmp_path: Path) -> None:
    paths = {"voice": save(tmp_path / "voice.wav", 3.1)}
    on_disk(chain("plain"), paths, tmp_path / "out.wav", rate=22_050)
    expected = at_once(chain("plain"), paths, rate=22_050)
    actual = read(tmp_path / "out.wav")
    assert actual.rate == 22_050
    torch.testing.assert_close(actual.audio, expected, rtol=0, atol=1e-5)


def test_levels_are_measured_on_the_beginning_of_what_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "FREEZE_SECONDS", 1.0)
    paths = {"voice": save(tmp_path / "voice.wav", 5.0, fade=0.01)}
    done = on_disk(chain("normalised"), paths, tmp_path / "out.wav")
    assert [n for n in done.notes if "measured on the first 1 s" in n] == list(done.notes) != []
    whole = at_once(chain("normalised"), paths)
    actual = read(tmp_path / "out.wav").audio
    assert actual.shape == whole.shape
    assert 1e-3 < float((actual - whole).norm() / whole.norm()) < 0.5


def test_a_minute_is_read_and_rendered_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: dict[str, list[int]] = {"read": [], "render": []}

    class Counted(soundfile.SoundFile):  # type: ignore[misc]
        def read(self, *args: object, **kwargs: object) -> object:
            frames = super().read(*args, **kwargs)
            sizes["read"].append(len(frames))
            return frames

    def counted(self: disk.Stream, block: Mapping[str, Tensor]) -> Tensor:
        sizes["render"].append(block["voice"].shape[1])
        return process(self, block)

    process = disk.Stream.process
    monkeypatch.setattr(soundfile, "SoundFile", Counted)
    monkeypatch.setattr(disk.Stream, "process", counted)
    paths = {"voice": save(tmp_path / "voice.wav", 60)}
    done = on_disk(chain("plain"), paths, tmp_path / "out.wav")
    assert done.samples > 60 * RATE
    assert max(sizes["read"]) == max(sizes["render"]) == blocks.BLOCK
    assert sum(sizes["read"]) == 2 * 60 * RATE, "once to measure and once to render"
    assert sum(sizes["render"]) == (60 + 10) * RATE


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
@pytest.mark.parametrize("where", ["process", "finish"])
def test_a_stopped_render_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], where: str
) -> None:
    paths = {"voice": save(tmp_path / "voice.wav", 6.0)}
    old = tmp_path / "out.wav"
    old.write_bytes(b"what was there before")
    process, count = disk.Stream.process, [0]

    def stop(self: disk.Stream, block: Mapping[str, Tensor]) -> Tensor:
        count[0] += 1
        if count[0] == 3:
            raise error
        return process(self, block)

    @contextmanager
    def stage(what: str) -> Iterator[Callable[[int, int], None]]:
        def progress(done: int, total: int) -> None:
            if what == "writing":
                raise error

        yield progress

    if where == "process":
        monkeypatch.setattr(disk.Stream, "process", stop)
    with track(paths["voice"]) as voice:
        entry = measure(chain("plain"), {"voice": voice}, RATE, quiet)
        with pytest.raises((error, AudioError)):
            render_to_file(chain("plain"), entry, old, stage)
    assert {path.name for path in tmp_path.iterdir()} == {"voice.wav", "out.wav"}
    assert old.read_bytes() == b"what was there before"


def test_what_runs_away_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(self: disk.Stream, block: Mapping[str, Tensor]) -> Tensor:
        return torch.full_like(block["voice"], float("nan"))

    monkeypatch.setattr(disk.Stream, "process", spoil)
    paths = {"voice": save(tmp_path / "voice.wav", 0.5)}
    with pytest.raises(AudioError, match="not finite, nothing was written"):
        on_disk(chain("plain"), paths, tmp_path / "out.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["voice.wav"]


def test_an_invalid_graph_is_refused(tmp_path: Path) -> None:
    graph, paths = chain("plain"), {"voice": save(tmp_path / "voice.wav", 0.5)}
    with pytest.raises(GraphError, match="1 bell has no cable at its inlet 'in'"):
        on_disk(graph.with_parts(graph.nodes, graph.edges[1:]), paths, tmp_path / "out.wav")


def test_a_gate_that_stays_shut_gives_a_silent_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(self: disk.Stream, block: Mapping[str, Tensor]) -> Tensor:
        return 0 * block["voice"]

    monkeypatch.setattr(disk.Stream, "process", shut)
    paths = {"voice": save(tmp_path / "voice.wav", 0.5)}
    done = on_disk(chain("plain"), paths, tmp_path / "out.wav")
    assert (done.samples, done.level_db) == (RATE // 2, None)
