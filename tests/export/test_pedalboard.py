"""Scripts for pedalboard: they run, and what they call exact is."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.nulls import Case, bare, depth_db, probe, rendered, scripted
from graphophone.export.pedalboard.script import Script
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS, CATALOGUE
from tests.export.hostile import NAMES, graph

try:
    import pedalboard
except ImportError:
    pedalboard = None
needs_pedalboard = pytest.mark.skipif(
    pedalboard is None, reason="pedalboard is missing (extra compare)"
)
EXACT_DB = -80.0
SHORT = 22_050
KINDS = (
    *("bell", "crossover", "pingpong_delay", "mono_reverb", "distortion", "bitcrush"),
    *("panning", "imager", "midside_split", "midside_merge", "mix", "compressor"),
)
"""Exact in either mode, but for the first four and the last."""


def alone(kind: str, **knobs: float) -> Graph:
    """A processor at some settings, all its outlets put out."""
    made = Case(kind).graph
    nodes = list(made.nodes)
    nodes[1] = nodes[1].with_knobs({**nodes[1].knobs, **knobs})
    return made.with_parts(nodes, made.edges)


@needs_pedalboard
@pytest.mark.parametrize("baked", [False, True], ids=["editable", "exact"])
def test_what_is_called_exact_is(baked: bool) -> None:
    dry = {name: clip[:, :SHORT] for name, clip in probe(["voice"]).items()}
    exact = 0
    for kind in KINDS:
        patch = alone(kind)
        script = Script(bare(patch), baked=baked)
        depth = depth_db(scripted(script, [dry["voice"]]), rendered(patch, dry))
        if script.fidelity.parts[1].grade == "exact":
            exact += 1
            assert depth < EXACT_DB, kind
        else:
            assert script.fidelity.parts[1].note
            assert np.isfinite(depth)
    assert exact == (11 if baked else 7)


@needs_pedalboard
@pytest.mark.parametrize("asymmetry", [0.0, 0.6])
@pytest.mark.parametrize("hardness", [0.0, 0.4, 1.0])
def test_curves_are_put_together_of_theirs(asymmetry: float, hardness: float) -> None:
    patch = alone("distortion", gain=24.0, hardness=hardness, asymmetry=asymmetry)
    dry = probe(["voice"])
    script = Script(bare(patch), baked=False)
    assert script.fidelity.lost == ()
    assert depth_db(scripted(script, [dry["voice"]]), rendered(patch, dry)) < EXACT_DB


@needs_pedalboard
def test_a_script_runs_by_itself(tmp_path: Path) -> None:
    patch = alone("pingpong_delay", delay=0.1)
    script, take = Script(bare(patch), baked=True), probe(["voice"])["voice"]
    (tmp_path / "song.py").write_text(script.text(), encoding="utf-8")
    (tmp_path / "song-impulses.npz").write_bytes(script.archive())
    soundfile.write(tmp_path / "in.wav", take.T, 44_100, subtype="FLOAT")
    words = [sys.executable, "song.py", "in.wav", "out.wav"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    made, rate = soundfile.read(tmp_path / "out.wav")
    assert rate == 44_100
    assert depth_db(made.T, rendered(patch, {"voice": take})) < -100
    ran = subprocess.run(words[:3], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert b"give a recording each for voice, and a file to write" in ran.stderr


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_processor_has_a_line(kind: str) -> None:
    text = Script(bare(Case(kind).graph), baked=False).text()
    body = ast.parse(text)
    (process,) = (f for f in body.body if isinstance(f, ast.FunctionDef) and f.name == "process")
    called = {
        n.func.id
        for n in ast.walk(process)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    imported = {a.name for n in body.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert {name for name in called if name[0].isupper()} <= imported


def test_what_cannot_be_carried_is_said() -> None:
    builder = GraphBuilder(ALL_SPECS)
    voice, key = builder.add("in", source="voice"), builder.add("in", source="key")
    gate, pan = builder.add("noisegate"), builder.add("panning")
    swing, level = builder.add("mono_lfo", frequency=2.0), builder.add("envelope_follower")
    late = builder.add("chorus")
    builder.chain(voice, gate, pan, late, builder.add("out"))
    builder.connect(key, gate, inlet="sidechain")
    builder.connect(key, level)
    builder.connect(level, pan, inlet="pan", depth=0.5)
    builder.connect(swing, late, inlet="mod", depth=0.3)
    script = Script(bare(builder.graph(energy="plain")), baked=True)
    said = [f"{part.grade}: {part}" for part in script.fidelity.lost]
    assert said == [
        "approximated: 2 noisegate: hard knee, other ballistics; "
        "hears itself instead of its sidechain",
        "approximated: 3 panning: pan stands still",
        "approximated: 4 mono_lfo: as the oscillator inside what it moves",
        "dropped: 5 envelope_follower: pedalboard has no modulation",
        "approximated: 6 chorus: another sweep; delays from 1 ms",
    ]
    head = ast.get_docstring(ast.parse(script.text())) or ""
    assert "exact 3, approximated 4, dropped 1" in head
    assert all(part.note in head for part in script.fidelity.lost)
    assert "Chorus(rate_hz=2, depth=0.3," in script.text()


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_no_code(name: str) -> None:
    def code(title: str) -> str:
        patch = replace(bare(graph(title)), title=title, window=title)
        tree = ast.parse(Script(patch, baked=True).text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                node.value = ""
        return ast.dump(tree)

    assert code(name) == code("voice")
