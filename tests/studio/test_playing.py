"""What sounds: a rendering is the whole, a voice goes on from it, knobs turn as on hardware."""

from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.graph.model import Graph
from graphophone.processors import CATALOGUE
from graphophone.render.render import freeze, render
from graphophone.render.stream import Stream
from graphophone.spec import ProcessorSpec
from graphophone.studio import probing
from graphophone.studio.playing import Playing
from graphophone.studio.probing import compare, probe
from graphophone.studio.readings import named
from graphophone.studio.rendering import Rendering
from graphophone.studio.signals import Signal, SignalWriter
from graphophone.studio.states import Snapshot, Snapshots
from graphophone.studio.takes import Inputs, energy_of
from graphophone.studio.voices import Voice
from tests.studio.conftest import RATE, chain, heard, noise
from tests.studio.waiting import until


def entering(graph: Graph, folder: Path, audio: torch.Tensor) -> Inputs:
    writer = SignalWriter(folder / "take.f32", RATE)
    writer.write(audio)
    signal = writer.finish("take")
    return Inputs.of(graph, {"": signal}, energies={"": energy_of(signal)})


@pytest.fixture
def graph() -> Graph:
    return freeze(named(heard()), {"voice": noise()}, RATE)


@pytest.fixture
def inputs(graph: Graph, tmp_path: Path) -> Inputs:
    return entering(graph, tmp_path, noise(3.0, gain=0.02))


def turned(graph: Graph, kind: str, **knobs: float) -> Graph:
    nodes = [n.with_knobs({**n.knobs, **knobs}) if n.type == kind else n for n in graph.nodes]
    return graph.with_parts(nodes, graph.edges)


def finished_of(rendering: Rendering) -> tuple[Signal, list[int]]:
    """Run a rendering; return its result and what it told."""
    told: list[int] = []
    result = rendering.run(told.append)
    assert result is not None
    return result, told


def test_a_rendering_is_what_render_gives(graph: Graph, inputs: Inputs, tmp_path: Path) -> None:
    rendering = Rendering(graph, inputs, tmp_path / "result.f32")
    result, told = finished_of(rendering)
    whole = render(graph, {"voice": noise(3.0, gain=0.02)}, RATE, tail=True).numpy().T
    made = result.read(0, 10**9)
    assert result.samples == len(made) == len(whole) == told[-1]
    assert told[:-2] == sorted(told[:-2])
    np.testing.assert_allclose(made, whole, atol=1e-5)


def test_a_rendering_can_be_stopped(graph: Graph, inputs: Inputs, tmp_path: Path) -> None:
    rendering = Rendering(graph, inputs, tmp_path / "result.f32")
    rendering.stopped.set()
    told: list[int] = []
    assert (rendering.run(told.append), told) == (None, [])


@pytest.mark.parametrize("start", [0, 1, 20_000, 33_333])
def test_a_voice_from_a_state_is_the_rendering(
    graph: Graph, inputs: Inputs, tmp_path: Path, start: int
) -> None:
    rendering = Rendering(graph, inputs, tmp_path / "result.f32")
    result, _ = finished_of(rendering)
    voice = Voice.begin(graph, inputs, start, [rendering.snapshots.before(start)])
    heard = np.concatenate([voice.read(count) for count in (100, 7, 3_000)])
    np.testing.assert_allclose(heard, result.read(start, 3_107), atol=1e-6)


def test_a_turned_knob_sounds_as_on_hardware(graph: Graph, inputs: Inputs, tmp_path: Path) -> None:
    """All nodes remember what was; only the knob is another from the playhead on."""
    start, state = 20_000, 16_000
    other = turned(graph, "distortion", gain=3.0)
    stream = Stream(graph, RATE)
    stream.process(inputs.block(0, state))
    kept = Snapshot.of(stream, state)
    live = kept.resumed(other, RATE)
    expected = live.process(inputs.block(state, start + 500 - state)) * inputs.undo
    voice = Voice.begin(other, inputs, start, [kept])
    np.testing.assert_allclose(voice.read(500), expected.numpy().T[-500:], atol=1e-6)
    assert not torch.allclose(
        expected, stream.process(inputs.block(state, start + 500 - state)) * inputs.undo
    ), "the knob changed nothing"


def states_after(stream: Stream, kind: str) -> tuple[object, ...]:
    place = next(i for i, n in enumerate(stream.plan.graph.nodes) if n.type == kind)
    return stream.memories[place].states


def test_what_a_knob_gives_its_length_begins_afresh(graph: Graph, inputs: Inputs) -> None:
    stream = Stream(graph, RATE)
    stream.process(inputs.block(0, 8_000))
    kept = Snapshot.of(stream, 8_000)
    assert states_after(kept.resumed(graph, RATE), "pingpong_delay") != ()
    softer = turned(graph, "pingpong_delay", mix=0.1, feedback=0.2)
    assert states_after(kept.resumed(softer, RATE), "pingpong_delay") != ()
    longer = turned(graph, "pingpong_delay", delay=0.2)
    assert states_after(kept.resumed(longer, RATE), "pingpong_delay") == ()
    assert states_after(kept.resumed(longer, RATE), "stereo_reverb") != ()
    delayed = kept.resumed(longer, RATE).process(inputs.block(8_000, 8_000))
    fresh = Voice.begin(longer, inputs, 8_000, []).read(8_000)
    late = slice(5_000, 8_000)  # the new delay is heard, which a kept line would not give
    kept_line = kept.resumed(softer, RATE).process(inputs.block(8_000, 8_000))
    assert np.isfinite(fresh).all()
    assert not torch.allclose(delayed[:, late], kept_line[:, late], atol=1e-4)


CHAINED = [
    name
    for name, processor in CATALOGUE.items()
    if [i.name for i in processor.spec.audio_inlets if i.required] == ["in"]
    and [o.signal for o in processor.spec.outlets] == ["audio"]
]
"""Processors that can stand in a chain."""


def settings(spec: ProcessorSpec) -> list[dict[str, float]]:
    return [{name: p.from_travel(t) for name, p in spec.params.items()} for t in (0.3, 0.7)]


@pytest.mark.parametrize("name", CHAINED)
def test_every_processor_can_be_gone_on_from(name: str, tmp_path: Path) -> None:
    """Whatever knob is turned, sound goes on; what is kept gives what its new settings say."""
    spec = CATALOGUE[name].spec
    one, other = (
        chain((name, {k: p.snap(v[k]) for k, p in spec.params.items()})) for v in settings(spec)
    )
    first, second = (freeze(named(g), {"voice": noise()}, RATE) for g in (one, other))
    inputs = entering(first, tmp_path, noise(0.5))
    stream = Stream(first, RATE)
    stream.process(inputs.block(0, 4_000))
    wet = Snapshot.of(stream, 4_000).resumed(second, RATE).process(inputs.block(4_000, 2_000))
    assert torch.isfinite(wet).all()
    again = Snapshot.of(stream, 4_000).resumed(first, RATE).process(inputs.block(4_000, 2_000))
    torch.testing.assert_close(again, stream.process(inputs.block(4_000, 2_000)))


def test_snapshots_keep_to_their_memory(graph: Graph, inputs: Inputs) -> None:
    stream = Stream(graph, RATE)
    stream.process(inputs.block(0, 100))
    size = Snapshot.of(stream, 100).size
    assert size > 1_000
    kept = Snapshots(100, 5 * size + 1)
    for sample in range(0, 3_200, 100):
        kept.add(stream, sample)
    assert kept.every > 100
    for sample in range(0, 3_200, 77):
        before = kept.before(sample)
        assert before is not None
        assert 0 <= sample - before.sample < 2 * kept.every
    assert Snapshots(100, 1).before(10**9) is None


def test_the_newest_graph_is_rendered_and_old_files_go(
    graph: Graph, inputs: Inputs, tmp_path: Path
) -> None:
    playing = Playing(tmp_path)
    for gain in (3.0, 6.0, 9.0):
        playing.begin(turned(graph, "distortion", gain=gain), inputs)
    until(lambda: playing.finished is not None)
    assert playing.finished is playing.current
    until(lambda: [p.name for p in tmp_path.glob("result-*")] == ["result-3.f32"])
    playing.stop()


def test_a_probe_is_what_a_cable_carries(graph: Graph, inputs: Inputs, tmp_path: Path) -> None:
    last = next(n.id for n in graph.nodes if n.type == "stereo_reverb")
    found = probe(graph, inputs, last, "out", tmp_path / "probe.f32")
    rendering = Rendering(graph, inputs, tmp_path / "result.f32")
    result, _ = finished_of(rendering)
    count = found.samples
    np.testing.assert_allclose(found.read(0, count) * inputs.undo, result.read(0, count), atol=1e-5)


def test_a_probe_of_a_long_take_lies_around_the_playhead(
    graph: Graph, inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence before it; what the nodes heard in the seconds before is in it."""
    monkeypatch.setattr(probing, "PROBE_SECONDS", 1.0)
    monkeypatch.setattr(probing, "BEFORE_SECONDS", 0.25)
    whole, _ = finished_of(Rendering(graph, inputs, tmp_path / "result.f32"))
    drive = next(n.id for n in graph.nodes if n.type == "distortion")
    at, first = round(1.75 * RATE), round(1.5 * RATE)
    found = probe(graph, inputs, drive, "out", tmp_path / "probe.f32", at)
    early = probe(graph, inputs, drive, "out", tmp_path / "early.f32")
    assert (early.samples, found.samples) == (RATE, first + RATE)
    assert not found.read(0, first).any()
    assert found.level_db == pytest.approx(early.level_db, abs=1.0)
    heard = compare(graph, graph, inputs, False, tmp_path / "same.f32", at)
    np.testing.assert_allclose(heard.read(first, RATE), whole.read(first, RATE), atol=1e-3)
    end = probe(graph, inputs, drive, "out", tmp_path / "end.f32", 10**9)
    assert end.samples == inputs.samples


def test_what_is_heard_without_a_node_and_what_it_does_are_the_whole(
    graph: Graph, inputs: Inputs, tmp_path: Path
) -> None:
    other = turned(graph, "distortion", gain=1.0)
    names = ("with", "without", "difference")
    made = [
        compare(*pair, inputs, difference, tmp_path / f"{name}.f32")
        for pair, difference, name in zip(
            ((graph, graph), (graph, other), (graph, other)),
            (False, False, True),
            names,
            strict=True,
        )
    ]
    whole, rest, change = (signal.read(0, signal.samples) for signal in made)
    np.testing.assert_allclose(rest + change, whole, atol=1e-6)
    assert np.abs(change).max() > 1e-3
