"""REAPER projects: read back they are the graph again, and nothing of a name gets out."""

import io
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath
from random import Random
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from benchmarks.nulls import bare, probe
from graphophone.errors import UsageError
from graphophone.export.delivery import refuse_losses
from graphophone.export.patch import Patch
from graphophone.export.reaper.project import files
from graphophone.export.reaper.routing import Routing
from graphophone.export.target import find
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS, SPECS
from tests.export.hostile import NAMES, graph
from tests.render.graphs import random_graph

try:
    import rpp
except ImportError:
    rpp = None
needs_rpp = pytest.mark.skipif(rpp is None, reason="rpp is missing (extra reaper)")
Cable = tuple[int, str, int, str]
CONTROLS = ("mono_lfo", "stereo_lfo", "envelope_follower")


def wired(seed: str) -> Graph:
    """A random graph; most of its cables change nothing, so that nodes can stand in a row."""
    one, rng = random_graph(Random(seed), energy="plain", most=14), Random(seed)
    edges = [
        edge if rng.random() < 0.2 else replace(edge, gain_db=0.0, invert=False)
        for edge in one.edges
    ]
    return one.with_parts(one.nodes, edges)


def recorded(one: Graph) -> Patch:
    """A graph with its levels left alone, and short recordings for it."""
    names = [str(one.nodes[i].source) for i in one.inputs]
    tracks = {n: torch.from_numpy(c[:, :50].astype(np.float32)) for n, c in probe(names).items()}
    return replace(bare(one), tracks=tracks)


def made(one: Graph, *, native: bool = False) -> dict[str, bytes]:
    patch = recorded(one)
    return files(patch, Routing(patch, native=native))


def parsed(folder: Mapping[str, bytes]) -> Any:
    (text,) = (content for path, content in folder.items() if path.endswith(".rpp"))
    return rpp.loads(text.decode())


def value(element: Any, name: str) -> list[str]:
    """The words of the only line of some name."""
    (line,) = element.findall(name)
    return list(line[1:])


def effects(track: Any) -> list[tuple[int, str, list[float]]]:
    """The effects on a track: node, type, and where sliders stand."""
    found = []
    for one in track.find("FXCHAIN").findall("JS"):
        path, name = one.attrib
        sliders = [float(word) for word in one[0] if word != "-"]
        assert len(one[0]) == 64
        found.append((int(name.split()[0]), PurePosixPath(path).stem, sliders))
    return found


def inlets(kind: str) -> list[str]:
    """The inlets of a type in the order of channels: audio, then control."""
    if kind == "level":
        return ["in"]
    spec = ALL_SPECS[kind]
    controls = [inlet.name for inlet in spec.inlets if inlet.signal == "control"]
    return [inlet.name for inlet in spec.audio_inlets] + controls


def outlets(kind: str) -> list[str]:
    return ["out"] if kind == "level" else [outlet.name for outlet in ALL_SPECS[kind].outlets]


def cables(project: Any) -> dict[Cable, float]:
    """The cables that a project says, each with what it multiplies by."""
    tracks = project.findall("TRACK")
    rows = [effects(track) for track in tracks]
    found: dict[Cable, float] = {}
    for track, row in zip(tracks, rows, strict=True):
        for (one, kind, _), (other, after, _) in pairwise(row):
            found[one, outlets(kind)[0], other, inlets(after)[0]] = 1.0
        first, kind, _ = row[0]
        for send in track.findall("AUXRECV"):
            source, mode, volume, pan, mute, mono, invert, out, into = send[1:10]
            assert (mode, pan, mute, mono) == ("0", "0", "0", "0")
            assert int(into) + 2 <= int(value(track, "NCHAN")[0])
            assert int(out) + 2 <= int(value(tracks[int(source)], "NCHAN")[0])
            last, before, _ = rows[int(source)][-1]
            names = inlets(kind)
            inlet = names[int(into) // 2] if int(into) // 2 < len(names) else f"channel {into}"
            cable = (last, outlets(before)[int(out) // 2], first, inlet)
            assert cable not in found
            found[cable] = -float(volume) if invert == "1" else float(volume)
    return found


def factors(one: Graph) -> dict[Cable, float]:
    """The cables of a graph, each with what it multiplies by."""
    found = {}
    for edge in one.edges:
        control = one.nodes[edge.source].type in CONTROLS
        gain = 10 ** (edge.gain_db / 20) * (-1 if edge.invert else 1)
        found[edge.source, edge.outlet, edge.target, edge.inlet] = edge.depth if control else gain
    return found


@needs_rpp
@pytest.mark.parametrize("seed", range(12))
def test_a_project_read_back_is_the_graph(seed: int) -> None:
    one = wired(f"reaper {seed}")
    project = parsed(made(one))
    assert cables(project) == pytest.approx(factors(one))
    tracks = project.findall("TRACK")
    (heard,) = (track for track in tracks if value(track, "MAINSEND")[0] == "1")
    assert effects(heard)[-1][0] == one.output
    nodes = {node: (kind, sliders) for track in tracks for node, kind, sliders in effects(track)}
    assert sorted(nodes) == list(range(len(one)))
    for i, node in enumerate(one.nodes):
        kind, sliders = nodes[i]
        if node.source or i == one.output:
            assert (kind, sliders) == ("level", [0.0])
            continue
        assert kind == node.type
        knobs = [node.knobs[name] for name in SPECS[kind].params]
        assert sliders[: len(knobs)] == pytest.approx(knobs)
        rest = [] if kind in CONTROLS else [0.0]
        if "sidechain" in inlets(kind):
            rest.append(float(any(e.inlet == "sidechain" for e in one.incoming(i))))
        assert sliders[len(knobs) :] == rest


@needs_rpp
@pytest.mark.parametrize("seed", range(12))
def test_effects_hear_no_channel_that_is_not_for_them(seed: int) -> None:
    """On a track with more than two channels, an effect behind the first reads two."""
    one = wired(f"channels {seed}")
    for native in (False, True):
        for track in parsed(made(one, native=native)).findall("TRACK"):
            if int(value(track, "NCHAN")[0]) > 2 and track.findall("AUXRECV"):
                assert all(len(inlets(kind)) == 1 for _, kind, _ in effects(track)[1:])


def keyed(*after: str) -> Graph:
    """A compressor with a sidechain, what follows it in a row, and a follower that moves it too."""
    builder = GraphBuilder(SPECS)
    voice, key = builder.add("in", source="voice"), builder.add("in", source="key")
    last = builder.add("compressor")
    builder.connect(voice, last)
    builder.connect(key, last, inlet="sidechain", gain_db=-3.0)
    for kind in after:
        node = builder.add(kind)
        if kind == "midside_merge":
            builder.connect(last, node, "mid", "mid")
            builder.connect(last, node, "side", "side", gain_db=-2.0)
        else:
            builder.connect(last, node)
        last = node
    builder.connect(last, builder.add("out"))
    return builder.graph(energy="plain")


def banded(*used: str) -> Graph:
    """A crossover in a row, whose bands meet again where both are used."""
    builder = GraphBuilder(SPECS)
    voice, tone = builder.add("in", source="voice"), builder.add("bell")
    bands, mix = builder.add("crossover"), builder.add("mix")
    builder.chain(voice, tone, bands)
    for band in used:
        builder.connect(bands, mix, band)
    builder.connect(mix, builder.add("out"))
    return builder.graph(energy="plain")


def followed(moved: Mapping[str, str], *after: str) -> Graph:
    """A bell with a follower on some knobs, each with a key of its own, and what is behind it."""
    builder = GraphBuilder(SPECS)
    voice, tone = builder.add("in", source="voice"), builder.add("bell")
    builder.connect(voice, tone)
    for knob, source in moved.items():
        follower = builder.add("envelope_follower")
        builder.connect(builder.add("in", source=source), follower)
        builder.connect(follower, tone, inlet=knob, depth=0.3)
    last = tone
    if after:
        split, merge = (builder.add(kind) for kind in after)
        builder.connect(last, split)
        builder.connect(split, merge, "mid", "mid")
        builder.connect(split, merge, "side", "side", gain_db=-2.0)
        last = merge
    builder.connect(last, builder.add("out"))
    return builder.graph(energy="plain")


CROWDED = {
    "a knob's inlet behind a sidechain": keyed("lowpass"),
    "a split behind a sidechain": keyed("midside_split", "midside_merge"),
    "a crossover in a row": banded("low", "high"),
    "one band of a crossover": banded("high"),
    "a split behind a key": followed({"gain": "key"}, "midside_split", "midside_merge"),
}
"""Graphs in which one thing after another wants the channels of a track."""


@needs_rpp
@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("name", CROWDED)
def test_no_two_signals_share_a_channel(name: str, native: bool) -> None:
    """Each pair of channels is wide enough, and heard by who it is for and nobody else."""
    one = CROWDED[name]
    project = parsed(made(one, native=native))
    found = cables(project)
    if not native:
        assert found == pytest.approx(factors(one))
    for track in project.findall("TRACK"):
        if any(int(send[9]) >= 2 for send in track.findall("AUXRECV")):
            assert all(len(inlets(kind)) == 1 for _, kind, _ in effects(track)[1:])


@needs_rpp
def test_each_follower_hears_its_own_key() -> None:
    one = followed({"frequency": "kick", "gain": "snare"})
    project = parsed(made(one, native=True))
    tracks = project.findall("TRACK")
    heard = {}
    for track in tracks:
        for env in track.find("FXCHAIN").findall("PROGRAMENV"):
            channel = value(env, "CHAN")[0]
            sends = [send for send in track.findall("AUXRECV") if send[9] == channel]
            (key,) = (effects(tracks[int(send[1])])[0][0] for send in sends)
            heard[list(SPECS["bell"].params)[int(env.attrib[0])]] = one.nodes[key].source
    assert heard == {"frequency": "kick", "gain": "snare"}


@needs_rpp
@pytest.mark.parametrize("native", [False, True])
def test_nothing_but_effects_and_sends_changes_the_sound(native: bool) -> None:
    one = wired("neutral")
    project = parsed(made(one, native=native))
    assert value(project, "MASTER_VOLUME")[:2] == ["1", "0"]
    assert value(project, "PANLAW") == ["1"]
    assert value(project, "SAMPLERATE")[:2] == [str(bare(one).sample_rate), "1"]
    for track in project.findall("TRACK"):
        assert value(track, "VOLPAN")[:2] == ["1", "0"]
        assert value(track, "MUTESOLO")[:2] == ["0", "0"]
        assert value(track, "FX") == ["1"]
        # By the project's law of panning, no MIDI, automated as the project is.
        assert all(send[10:] == ["-1:U", "0", "-1"] for send in track.findall("AUXRECV"))
        chain = track.find("FXCHAIN")
        bypassed = [line[1:] for line in chain if isinstance(line, list) and line[0] == "BYPASS"]
        assert bypassed == [["0", "0", "0"]] * len(chain.findall("JS"))
        if item := track.find("ITEM"):
            assert value(item, "POSITION") == ["0"]
            assert value(item, "LOOP") == ["0"]


@needs_rpp
def test_frozen_gains_and_levels_are_sliders() -> None:
    builder = GraphBuilder(SPECS)
    voice, drive = builder.add("in", source="voice"), builder.add("distortion")
    builder.chain(voice, drive, builder.add("out"))
    one = builder.graph(energy="plain")
    nodes = [one.nodes[0], replace(one.nodes[1], scale_db=-7.25), one.nodes[2]]
    frozen = replace(one.with_parts(nodes, one.edges), energy="frozen")
    patch = replace(recorded(frozen), levels_db={"voice": -3.5}, output_db=2.0)
    project = parsed(files(patch, Routing(patch, native=False)))
    (track,) = project.findall("TRACK")
    assert [sliders[-1] for _, _, sliders in effects(track)] == [-3.5, -7.25, 2.0]


def modulated(depth: float, *movers: str, **knobs: float) -> Graph:
    """A filter that is moved."""
    builder = GraphBuilder(SPECS)
    voice, tone = builder.add("in", source="voice"), builder.add("bell", frequency=500.0)
    builder.chain(voice, tone, builder.add("out"))
    for mover in movers:
        node = builder.add(mover, **knobs)
        if mover == "envelope_follower":
            builder.connect(voice, node)
        builder.connect(node, tone, inlet="frequency", depth=depth)
    return builder.graph(energy="plain")


@needs_rpp
@pytest.mark.parametrize("depth", [0.2, -0.4])
def test_oscillators_become_reapers_own(depth: float) -> None:
    one = modulated(depth, "mono_lfo", frequency=3.0, phase=0.8)
    project = parsed(made(one, native=True))
    assert cables(project).keys() == {k for k in factors(one) if k[0] != 3}
    ((env, base),) = [
        (moved, float(value(moved, "PARAMBASE")[0]))
        for track in project.findall("TRACK")
        for moved in track.find("FXCHAIN").findall("PROGRAMENV")
    ]
    assert env.attrib == ["0", "0"]
    assert base == pytest.approx(np.log(500 / 20) / np.log(1000))
    assert value(env, "LFO") == ["1"]
    assert value(env, "LFOSHAPE") == ["0"]
    strength, direction = map(float, value(env, "LFOWT"))
    speed, phase = map(float, value(env, "LFOSPEED"))
    assert (strength, direction) == (2 * abs(depth), 0)
    assert 1 / 256 + speed * (8 - 1 / 256) == pytest.approx(3.0)
    assert phase == pytest.approx(0.8 if depth > 0 else 0.3)


@needs_rpp
def test_followers_become_reapers_own_with_their_key() -> None:
    one = modulated(-0.3, "envelope_follower", attack=0.02, release=0.3, gain=2.0)
    project = parsed(made(one, native=True))
    (track,) = (t for t in project.findall("TRACK") if t.find("FXCHAIN").find("PROGRAMENV"))
    env = track.find("FXCHAIN").find("PROGRAMENV")
    assert value(env, "AUDIOCTL") == ["1"]
    assert value(env, "AUDIOCTLWT") == ["0.3", "-1"]
    assert [float(word) for word in value(env, "RMS")] == [20.0, 300.0]
    assert float(value(env, "DBHI")[0]) == pytest.approx(-20 * np.log10(2))
    channel = int(value(env, "CHAN")[0])
    assert channel >= 2 * len(inlets("bell")), "the effect must not read the key as control"
    assert any(int(send[9]) == channel for send in track.findall("AUXRECV"))
    assert int(value(track, "NCHAN")[0]) == channel + 2


@needs_rpp
def test_what_reaper_moves_otherwise_is_named() -> None:
    def said(*movers: str, depth: float = 0.2) -> list[str]:
        patch = recorded(modulated(depth, *movers))
        return [f"{p.grade} {p}" for p in Routing(patch, native=True).fidelity.lost]

    assert said("mono_lfo") == ["approximated 3 mono_lfo: REAPER's own, in steps of a block"]
    assert "both sides alike" in said("stereo_lfo")[0]
    assert "no farther than half of the travel" in said("mono_lfo", depth=0.7)[0]
    assert "follows decibels" in said("envelope_follower")[0]
    _, second = said("mono_lfo", "stereo_lfo")
    assert second == (
        "dropped 4 stereo_lfo: it does not move 1 bell frequency, which another moves"
    )
    assert len(said("mono_lfo", "envelope_follower")) == 2


@needs_rpp
def test_strict_takes_control_signals_as_audio_alone() -> None:
    target, patch = find("reaper"), recorded(modulated(0.2, "stereo_lfo"))
    with pytest.raises(UsageError, match="--strict: reaper would not carry everything"):
        refuse_losses(target, target.write(patch, "editable").fidelity)
    refuse_losses(target, target.write(patch, "exact").fidelity)


@needs_rpp
def test_what_is_no_effect_is_passed_by_and_named() -> None:
    builder = GraphBuilder(ALL_SPECS)
    voice, bands = builder.add("in", source="voice"), builder.add("graphic_equaliser")
    builder.chain(voice, bands, builder.add("out"))
    patch = recorded(builder.graph(energy="plain"))
    routing = Routing(patch, native=False)
    assert [f"{p.grade} {p}" for p in routing.fidelity.lost] == [
        "dropped 1 graphic_equaliser: it is no effect of ours for REAPER"
    ]
    assert "- 1 graphic_equaliser" in files(patch, routing)["README.txt"].decode()


@needs_rpp
@pytest.mark.parametrize(
    "one", [random_graph(Random("folder"), energy="plain", most=8), keyed("lowpass")]
)
def test_a_folder_holds_all_that_its_project_names(one: Graph) -> None:
    patch = recorded(one)
    folder = made(one)
    project = parsed(folder)
    chains = [text.decode() for path, text in folder.items() if path.endswith(".RfxChain")]
    for track, chain in zip(project.findall("TRACK"), chains, strict=True):
        assert rpp.loads(f"<FXCHAIN\n{chain}>") == track.find("FXCHAIN")
        for effect in track.find("FXCHAIN").findall("JS"):
            assert f"Effects/{effect.attrib[0]}" in folder
        source = one.nodes[effects(track)[0][0]].source
        item = track.find("ITEM")
        assert (item is None) == (source is None)
        if item is not None:
            assert value(item, "NAME") == [source]
            take, rate = soundfile.read(
                io.BytesIO(folder[value(item.find("SOURCE"), "FILE")[0]]), dtype="float32"
            )
            assert rate == patch.sample_rate
            np.testing.assert_array_equal(take.T, patch.tracks[source].numpy())
            assert float(value(item, "LENGTH")[0]) == pytest.approx(50 / rate)


@needs_rpp
@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_names(name: str) -> None:
    def shape(name: str) -> tuple[list[str], list[str]]:
        patch = replace(recorded(graph(name)), title=name, window=name)
        folder = files(patch, Routing(patch, native=True))
        parsed(folder)
        for path in folder:
            assert ".." not in PurePosixPath(path).parts
            assert not PurePosixPath(path).is_absolute()
            assert path.isprintable()
        (text,) = (c.decode() for p, c in folder.items() if p.endswith(".rpp"))
        lines = [line.split()[0] for line in text.splitlines()]
        return lines, sorted(PurePosixPath(path).suffix for path in folder)

    assert shape(name) == shape("voice")


@needs_rpp
def test_a_reader_learns_on_what_levels_were_measured() -> None:
    patch = replace(recorded(graph("voice")), window="take.wav")
    text = files(patch, Routing(patch, native=True))["README.txt"].decode()
    assert "Levels were measured on take.wav." in text
    assert re.search(r"(?m)^Approximated:\n- 4 mono_lfo|^Approximated:\n- voice4 mono_lfo", text)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rpp", None)
    patch = recorded(graph("voice"))
    with pytest.raises(UsageError, match=r"pip install 'graphophone\[reaper\]'"):
        files(patch, Routing(patch, native=True))
