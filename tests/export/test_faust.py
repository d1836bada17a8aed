"""Faust programs: complete, and the same sound as ours once they are compiled."""

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from benchmarks.nulls import BOUND_DB, Case, FaustPlayer, bare, depth_db, probe, rendered
from graphophone.errors import UsageError, WorkerError
from graphophone.export import bounded
from graphophone.export.faust import tools
from graphophone.export.faust.library import LIBRARY
from graphophone.export.faust.program import Program
from graphophone.export.patch import measured
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS, CATALOGUE, SPECS
from graphophone.render.render import freeze, render
from tests.export.hostile import NAMES, graph
from tests.export.rows import APART, GROUPS, row
from tests.render.graphs import random_graph

TIGHT_DB = -150.0
"""What rounding leaves in double precision, after a dozen processors."""
needs_faust = pytest.mark.skipif(bool(tools.missing()), reason=tools.missing())


def null_db(graph: Graph, folder: Path) -> float:
    """How deep the null test of a graph is, its energy rule being frozen."""
    dry = probe([str(graph.nodes[i].source) for i in graph.inputs])
    dry = {name: clip[:, :22_050] for name, clip in dry.items()}
    return depth_db(FaustPlayer(graph, folder).played(dry), rendered(graph, dry))


def test_rows_hold_every_processor() -> None:
    rows = {kind for kinds in GROUPS.values() for kind in kinds}
    assert rows | APART | {"mono_lfo", "stereo_lfo", "envelope_follower"} == CATALOGUE.keys()


@needs_faust
@pytest.mark.parametrize("group", GROUPS)
def test_programs_sound_like_our_rendering(group: str, tmp_path: Path) -> None:
    assert null_db(row(GROUPS[group], group), tmp_path) < TIGHT_DB


@needs_faust
def test_any_wiring_sounds_like_our_rendering(tmp_path: Path) -> None:
    drawn = random_graph(Random("export"), most=8)
    dry = probe([str(drawn.nodes[i].source) for i in drawn.inputs])
    clips = {name: torch.from_numpy(clip[:, :22_050]) for name, clip in dry.items()}
    assert null_db(freeze(drawn, clips, 44_100, as_is=True), tmp_path) < BOUND_DB


@needs_faust
def test_a_take_sounds_as_render_makes_it(tmp_path: Path) -> None:
    """What enters at any level leaves as loud as from the renderer, thresholds and all."""
    builder = GraphBuilder(SPECS)
    voice, key = builder.add("in", source="voice"), builder.add("in", source="key")
    gain, drive = builder.add("compressor"), builder.add("distortion")
    builder.chain(voice, gain, drive, builder.add("out"))
    builder.connect(key, gain, inlet="sidechain")
    normalised = builder.graph()
    levels = {"voice": 3.0, "key": 0.05}
    dry = {name: clip * levels[name] for name, clip in probe(["voice", "key"]).items()}
    clips = {name: torch.from_numpy(clip) for name, clip in dry.items()}
    patch = measured(normalised, "song", clips, 44_100, "a take")
    source = tmp_path / "song.dsp"
    source.write_text(Program(patch).text(), encoding="utf-8")
    both = np.concatenate([dry["voice"], dry["key"]])
    theirs = tools.played(tools.compiled(source, tmp_path), both, 44_100)
    assert depth_db(theirs, render(normalised, clips, 44_100).numpy()) < -100


@needs_faust
def test_sliders_are_the_knobs_and_compute_coefficients(tmp_path: Path) -> None:
    still = Case("bell").graph
    player, spec = FaustPlayer(still, tmp_path), SPECS["bell"]
    found = tools.sliders(player.executable)
    for name, param in spec.params.items():
        assert found[f"1 bell/{name}"] == pytest.approx((param.default, param.low, param.high))
    dry, turned = probe(["voice"]), {"frequency": 5_000.0, "q": 3.0, "gain": -12.0}
    nodes = [still.nodes[0], still.nodes[1].with_knobs(turned), *still.nodes[2:]]
    ours = rendered(still.with_parts(nodes, still.edges), dry)
    assert depth_db(player.played(dry, turned), ours) < TIGHT_DB
    assert depth_db(player.played(dry), ours) > -20


@needs_faust
def test_programs_know_the_rate(tmp_path: Path) -> None:
    rate, graph = (
        96_000,
        row(("lowpass", "mono_delay", "stereo_reverb", "compressor", "pitchshift"), "rate"),
    )
    dry = {name: clip[:, : rate // 2] for name, clip in probe(["voice", "key"], rate).items()}
    theirs = FaustPlayer(graph, tmp_path).played(dry, rate=rate)
    assert depth_db(theirs, rendered(graph, dry, rate)) < TIGHT_DB


@needs_faust
def test_hostile_names_compile_and_stay_names(tmp_path: Path) -> None:
    for i, name in enumerate(NAMES):
        patch = replace(bare(graph(name)), title=name, window=name)
        program = Program(patch).text()
        assert len(re.findall(r"^ *process\b[^:]*=", program, re.MULTILINE)) == 1
        path = tmp_path / f"{i}.dsp"
        path.write_text(program, encoding="utf-8")
        assert tools.translated(path, tmp_path).exists()


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_change_no_line(name: str, grouped: bool) -> None:
    def shape(text: str) -> list[str]:
        without = re.sub(r'"[^"]*"', '""', re.sub(r"//.*", "", text))
        return [re.sub(r"\b(in_0|panning_3)_?\w*", "", line) for line in without.splitlines()]

    hostile, tame = (
        Program(replace(bare(graph(n)), title=n, window=n), grouped=grouped).text()
        for n in (name, "voice")
    )
    assert shape(hostile) == shape(tame)


def test_a_program_says_on_what_it_was_frozen() -> None:
    patch = replace(bare(graph("voice")), window="take.wav", levels_db={"voice": -3.5})
    text = Program(patch).text()
    assert "// Levels were measured on take.wav." in text
    assert "-3.5, -120.0, 120.0" in text


def test_a_program_defines_all_that_it_uses_and_no_more() -> None:
    text = Program(bare(Case("panning").graph)).text()
    assert "panning(pan_left, pan_right, left, right)" in text
    assert "analogue" not in text
    assert "import" not in text
    defined = LIBRARY.names
    for kind in CATALOGUE:
        spec = SPECS[kind]
        several = len(spec.outlets) > 1
        wanted = [f"{kind}_{o.name}" if several else kind for o in spec.outlets]
        assert kind == "mix" or all(name in defined for name in wanted)


def test_what_has_no_definition_is_dropped_and_named() -> None:
    builder = GraphBuilder(ALL_SPECS)
    voice, bands = builder.add("in", source="voice"), builder.add("graphic_equaliser")
    builder.chain(voice, bands, builder.add("out"))
    program = Program(bare(builder.graph(energy="plain")))
    assert [str(part) for part in program.fidelity.lost] == [
        "1 graphic_equaliser: it has no definition in Faust"
    ]
    assert "graphic_equaliser_1 = in_0;" in program.text()


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def which(name: str) -> str | None:
        return None if name == "faust" else f"/usr/bin/{name}"

    monkeypatch.setattr("graphophone.export.bounded.shutil.which", which)
    with pytest.raises(UsageError, match=r"missing: faust \(Debian package faust\)"):
        tools.compiled(tmp_path / "none.dsp", tmp_path)


@needs_faust
def test_a_program_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.dsp"
    path.write_text("process = ;", encoding="utf-8")
    with pytest.raises(WorkerError, match=r"faust failed: .*syntax error"):
        tools.compiled(path, tmp_path)


def test_a_program_that_takes_too_long_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 20\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setattr(bounded, "SECONDS", 0.2)
    with pytest.raises(WorkerError, match=r"took more than 0.2 s"):
        tools.sliders(slow)
