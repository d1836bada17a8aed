"""Null tests: what other software makes of an export is held against our own rendering.

A null test subtracts the two; what is left, over what we render, is given in dB.

* Faust: every processor, still, moved by each kind of control at each inlet, and with a sidechain,
  at its defaults, at both ends of all knobs and at drawn settings, sliders being set after
  compilation; then random graphs as they are drawn for training. The program is compiled by
  ``faust`` and ``g++`` in double precision.
* REAPER: the same cases and graphs as projects, with control signals sent as audio. Pure Data plays
  them and its ``jsusfx~`` compiles the effects; Debian has both. See
  :mod:`benchmarks.jsfx_player`.
* LV2: every processor at its defaults, as a plug-in that ``faust2lv2`` makes, in ``lv2file``, which
  Debian has.
* pedalboard: every processor at its defaults, in both modes.

``python -m benchmarks.null_test`` runs them all.
"""

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import soundfile
import torch

from benchmarks import jsfx_player
from graphophone.export.bounded import absent, run
from graphophone.export.faust import plugin, tools
from graphophone.export.faust.program import Program
from graphophone.export.fidelity import Part
from graphophone.export.patch import Patch
from graphophone.export.pedalboard.script import Script
from graphophone.export.reaper.project import files
from graphophone.export.reaper.routing import Routing
from graphophone.generation.item import Task, generate_item
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.render.render import freeze
from graphophone.sources.pools import procedural_pool

Signal = tools.Signal
Settings = Mapping[str, float]
RATE = 44_100
SECONDS = 1.5
BOUND_DB = -60.0
"""What a null test is to reach."""
SILENT_DB = -350.0
"""What nothing at all is called."""
DRAWS = 3
MOVERS = ("mono_lfo", "stereo_lfo", "envelope_follower")


@dataclass(frozen=True)
class Case:
    """One processor in one place.

    Attributes:
        kind: Its type.
        moved: A control inlet, and what moves it.
        sidechain: Whether its sidechain is connected.
    """

    kind: str
    moved: tuple[str, str] | None = None
    sidechain: bool = False

    @property
    def graph(self) -> Graph:
        """A graph of it alone; its position is 1."""
        builder, spec = GraphBuilder(ALL_SPECS), ALL_SPECS[self.kind]
        voice, node = builder.add("in", source="voice"), builder.add(self.kind)
        for inlet in spec.audio_inlets:
            if inlet.required:
                gain_db = -3.0 if inlet.name == "side" else 0.0
                builder.connect(voice, node, inlet=inlet.name, gain_db=gain_db)
            elif self.sidechain:
                key = builder.add("in", source="key")
                builder.connect(key, node, inlet=inlet.name, gain_db=2.5, invert=True)
        if self.moved:
            inlet_name, mover = self.moved
            builder.connect(_control(builder, mover, voice), node, inlet=inlet_name, depth=0.4)
        out = builder.add("out")
        if spec.group == "control":
            pan = builder.add("panning")
            builder.connect(node, pan, inlet="pan", depth=0.4)
            builder.chain(voice, pan, out)
        else:
            for i, outlet in enumerate(spec.outlets):
                builder.connect(node, out, outlet.name, gain_db=-2.0 * i)
        return builder.graph(energy="plain")

    @property
    def settings(self) -> list[Settings]:
        """Its defaults, both ends of all knobs, and drawn ones."""
        spec = ALL_SPECS[self.kind]
        rng = Random(f"{self}")
        low = {name: param.low for name, param in spec.params.items()}
        high = {name: param.high for name, param in spec.params.items()}
        return [spec.defaults(), low, high, *(spec.draw(rng) for _ in range(DRAWS))]


def _control(builder: GraphBuilder, kind: str, heard: int) -> int:
    node = builder.add(kind)
    if ALL_SPECS[kind].audio_inlets:
        builder.connect(heard, node)
    return node


def cases(kind: str) -> Iterator[Case]:
    """Give all places in which a processor is tested."""
    yield Case(kind)
    for inlet in ALL_SPECS[kind].inlets:
        if inlet.signal == "control":
            yield from (Case(kind, (inlet.name, mover)) for mover in MOVERS)
        elif not inlet.required:
            yield Case(kind, sidechain=True)


def probe(names: Sequence[str], rate: int = RATE) -> dict[str, Signal]:
    """Return noise that swells and a tone that comes and goes, (2, time), for each source."""
    time = np.arange(int(SECONDS * rate)) / rate
    made = {}
    for i, name in enumerate(names):
        noise = np.random.default_rng(i).standard_normal((2, len(time)))
        swell = 0.002 + 0.1 * np.abs(np.sin(2 * np.pi * (1.3 + i) * time)) ** 4
        tone = np.sin(2 * np.pi * (110 + 40 * i) * time + np.array([[0.0], [1.0]]))
        made[name] = noise * swell + 0.1 * tone * (np.sin(2 * np.pi * 0.9 * time) > 0)
    return made


def depth_db(theirs: Signal, ours: Signal) -> float:
    """Return what is left of their rendering without ours, in dB of ours.

    Infinite where theirs holds no numbers, or sounds and ours does not.
    """
    left, whole = float(((theirs - ours) ** 2).sum()), float((ours**2).sum())
    if left == 0:
        return SILENT_DB
    return 10 * math.log10(left / whole) if math.isfinite(left) and whole else math.inf


def rendered(graph: Graph, dry: Mapping[str, Signal], rate: int = RATE) -> Signal:
    """Render a graph in double precision, levels as they are."""
    clips = {name: torch.from_numpy(clip)[None] for name, clip in dry.items()}
    with torch.inference_mode():
        wet: Signal = execute(plan(graph, ALL_SPECS), clips, rate).result()[0].numpy()
    return wet


def bare(graph: Graph, rate: int = RATE) -> Patch:
    """Return a graph with its levels left alone."""
    levels = {str(graph.nodes[i].source): 0.0 for i in graph.inputs}
    return Patch(graph, "null test", rate, levels, 0.0, "nothing")


class FaustPlayer:
    """A graph as a compiled Faust program, in a folder of its own."""

    def __init__(self, graph: Graph, folder: Path, *, double: bool = True) -> None:
        self.graph = graph
        self.program = Program(bare(graph))
        source = folder / "graph.dsp"
        source.write_text(self.program.text(), encoding="utf-8")
        self.executable = tools.compiled(source, folder, double=double)

    def played(
        self, dry: Mapping[str, Signal], settings: Settings | None = None, rate: int = RATE
    ) -> Signal:
        """Run it; settings are those of the node at position 1."""
        group = self.program.label(1)
        sliders = {f"{group}/{name}": value for name, value in (settings or {}).items()}
        names = [str(self.graph.nodes[i].source) for i in self.program.inputs]
        return tools.played(
            self.executable, np.concatenate([dry[name] for name in names]), rate, sliders
        )


def faust_depths(case: Case, rate: int = RATE) -> list[float]:
    """Return how deep a processor's null is at each of its settings."""
    graph = case.graph
    dry = probe([str(graph.nodes[i].source) for i in graph.inputs], rate)
    depths = []
    with tempfile.TemporaryDirectory() as folder:
        player = FaustPlayer(graph, Path(folder))
        for settings in case.settings:
            nodes = list(graph.nodes)
            nodes[1] = nodes[1].with_knobs(settings)
            ours = rendered(graph.with_parts(nodes, graph.edges), dry, rate)
            depths.append(depth_db(player.played(dry, settings, rate), ours))
    return depths


def single(graph: Graph) -> Graph:
    """Return a graph with its knobs as hosts hand them over: in single precision."""
    nodes = []
    for node in graph.nodes:
        params, knobs = ALL_SPECS[node.type].params, node.knobs
        held = {
            name: min(params[name].high, max(params[name].low, float(np.float32(value))))
            for name, value in knobs.items()
        }
        nodes.append(node.with_knobs(held))
    return graph.with_parts(nodes, graph.edges)


def project(graph: Graph, dry: Mapping[str, Signal], *, native: bool = False) -> dict[str, bytes]:
    """Return the files of a graph as a project for REAPER, with its recordings."""
    tracks = {name: torch.from_numpy(clip.astype(np.float32)) for name, clip in dry.items()}
    patch = replace(bare(graph), tracks=tracks)
    return files(patch, Routing(patch, native=native))


def reaper_depths(
    graphs: Sequence[Graph], dry: Mapping[str, Signal], rate: int = RATE
) -> list[float]:
    """Return how deep the nulls of graphs with the same inputs are as projects for REAPER."""
    names = [str(graphs[0].nodes[i].source) for i in graphs[0].inputs]
    heard = {name: dry[name].astype(np.float32).astype(np.float64) for name in names}
    projects = [project(graph, heard) for graph in graphs]
    played = jsfx_player.played(projects, names, heard, rate)
    return [
        depth_db(theirs, rendered(single(graph), heard, rate))
        for theirs, graph in zip(played, graphs, strict=True)
    ]


def effect_depths(case: Case, rate: int = RATE) -> list[float]:
    """Return how deep a processor's null is at each of its settings, as an effect for REAPER."""
    graph = case.graph
    graphs = []
    for settings in case.settings:
        nodes = list(graph.nodes)
        nodes[1] = nodes[1].with_knobs(settings)
        graphs.append(graph.with_parts(nodes, graph.edges))
    dry = probe([str(graph.nodes[i].source) for i in graph.inputs], rate)
    return reaper_depths(graphs, dry, rate)


def lv2_missing() -> str:
    """Name what is missing for plug-ins or their host; nothing if all is there."""
    return plugin.missing() or absent({"lv2file": "lv2file"})


def lv2_depth(graph: Graph, dry: Mapping[str, Signal]) -> float:
    """Return how deep the null of a graph is as a plug-in; knobs and signals are single there."""
    program = Program(bare(graph), grouped=False)
    order = [str(graph.nodes[i].source) for i in program.inputs]
    clips = {name: dry[name].astype(np.float32) for name in order}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "bundles" / "null.lv2").mkdir(parents=True)
        for name, content in plugin.bundle(program.text(), "null").items():
            (place / "bundles" / "null.lv2" / name).write_bytes(content)
        heard = np.concatenate([clips[name] for name in order]).T
        soundfile.write(place / "in.wav", heard, RATE, subtype="FLOAT")
        host = ["env", f"LV2_PATH={place / 'bundles'}", "lv2file", "--ignore-clipping"]
        run([*host, "-i", "in.wav", "-o", "out.wav", f"{plugin.PREFIX}/null"], folder=place)
        theirs, _ = soundfile.read(place / "out.wav")
    return depth_db(theirs.T, rendered(graph, {n: c.astype(float) for n, c in clips.items()}))


def pedalboard_depth(kind: str, *, baked: bool) -> tuple[float, Part]:
    """Return how deep a processor's null is in a script for pedalboard, and its grade."""
    graph = Case(kind).graph
    script = Script(bare(graph), baked=baked)
    dry = probe(["voice"])
    wet = scripted(script, [dry["voice"]])
    return depth_db(wet, rendered(graph, dry)), script.fidelity.parts[1]


def scripted(script: Script, dry: Sequence[Signal]) -> Signal:
    """Run a script's graph."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.py"
        if script.impulses:
            path.with_name("graph-impulses.npz").write_bytes(script.archive())
        names: dict[str, Any] = {"__name__": "graph", "__file__": str(path)}
        exec(compile(script.text(), str(path), "exec"), names)
        takes = [clip.astype(np.float32) for clip in dry]
        return np.asarray(names["process"](*takes, RATE), dtype=np.float64)


def drawn(number: int) -> tuple[Graph, dict[str, Signal]]:
    """Draw a graph as for training, every other one a drum mix, with the clips it is for."""
    task: Task = "drums" if number % 2 else "singing"
    item = generate_item(task, "extended", 0, number, procedural_pool(task, "train"))
    frozen = freeze(item.graph, item.dry, RATE, as_is=True)
    return frozen, {name: clip.double().numpy() for name, clip in item.dry.items()}


def faust_depth(graph: Graph, dry: Mapping[str, Signal]) -> float:
    """Return how deep a graph's null is as a Faust program."""
    with tempfile.TemporaryDirectory() as folder:
        return depth_db(FaustPlayer(graph, Path(folder)).played(dry), rendered(graph, dry))


def reaper_depth(graph: Graph, dry: Mapping[str, Signal]) -> float:
    """Return how deep a graph's null is as a project for REAPER."""
    return reaper_depths([graph], dry)[0]
