"""Our processors as JSFX: a slider a knob, and the same sound as ours once they are compiled."""

import re
from random import Random

import numpy as np
import pytest
import torch

from benchmarks import jsfx_player
from benchmarks.nulls import (
    BOUND_DB,
    Case,
    depth_db,
    effect_depths,
    probe,
    project,
    reaper_depths,
    rendered,
    single,
)  # fmt: skip
from graphophone.errors import WorkerError
from graphophone.export.patch import measured
from graphophone.export.reaper.effect import LIBRARY, Effect
from graphophone.export.reaper.project import files
from graphophone.export.reaper.routing import Routing
from graphophone.graph.build import GraphBuilder
from graphophone.processors import ALL_SPECS, CATALOGUE, SPECS
from graphophone.render.render import freeze, render
from tests.export.rows import GROUPS, row
from tests.render.graphs import random_graph

TIGHT_DB = -90.0
"""What single precision between effects leaves after a dozen processors."""
needs_player = pytest.mark.skipif(bool(jsfx_player.missing()), reason=jsfx_player.missing())
SLIDER = re.compile(
    r"(?m)^slider(\d+):(\w+)=([-.\d]+)<([-.\d]+),([-.\d]+),([-.\d]+)(:log=[.\d]+)?>(.*)$"
)
SHORT = 22_050


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_processor_is_an_effect_with_our_knobs(kind: str) -> None:
    effect, spec = Effect(kind), SPECS[kind]
    assert effect.known
    text = effect.text()
    found = SLIDER.findall(text)
    assert [int(number) for number, *_ in found] == list(range(1, len(found) + 1))
    for (_, name, *numbers, shape, label), param_name in zip(found, spec.params, strict=False):
        param = spec.params[param_name]
        assert name == param_name
        assert [float(n) for n in numbers[:3]] == [param.default, param.low, param.high]
        assert label == (f"{name} [{param.unit}]" if param.unit else name)
        assert bool(shape) == (param.taper == "log")
        if shape:  # the middle of the slider is the middle of the knob's travel
            middle = float(shape.removeprefix(":log="))
            assert param.to_travel(middle) == pytest.approx(0.5, abs=1e-6)
    assert ("energy" in [name for _, name, *_ in found]) == (spec.group != "control")
    assert len(re.findall("(?m)^out_pin:", text)) == 2 * len(spec.outlets)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_an_effect_defines_what_it_uses_before_it_does_and_no_more(kind: str) -> None:
    text = re.sub("//.*", "", Effect(kind).text())
    defined: set[str] = set()
    for line in text.splitlines():
        if start := re.match(r"function (\w+)\(", line):
            assert start[1] not in defined
            defined.add(start[1])
        used = set(re.findall(r"\w+(?=\()", line.removeprefix("function "))) & LIBRARY.names.keys()
        assert used <= defined
    body = text[text.index("@init") :]
    assert all(len(re.findall(rf"\b{name}\(", body)) > 1 for name in defined)


TOGETHER = (
    {"svf", "section", "band_pass_lead"},
    {"line_start", "line_ago", "line_put"},
    {"peak_start", "peak"},
    {"comb", "comb_set"},
    {"diffused", "diffused_set"},
    {"tank", "tank_set"},
)
"""Functions that keep the same state."""


def test_functions_keep_apart_what_they_remember() -> None:
    """Whoever calls two functions on one object must not let one overwrite the other's state."""
    kept: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for paragraph in LIBRARY.paragraphs:
        for text in re.split(r"(?m)^(?=function )", paragraph.text)[1:]:
            name = text.split("(")[0].removeprefix("function ")
            found = re.search(r"instance\(([^)]*)\)", text)
            kept[name] = set(found[1].split()) - {"left", "right"} if found else set()
            calls[name] = set(re.findall(r"\bthis\.(\w+)\(", text))
    for name in calls:
        reached, waiting = {name}, {name}
        while waiting:
            waiting = {other for one in waiting for other in calls[one]} - reached
            reached |= waiting
        for one in reached:
            for other in reached - {one}:
                if not any({one, other} <= group for group in TOGETHER):
                    assert not kept[one] & kept[other], (name, one, other)


def test_what_is_not_written_is_not_known() -> None:
    assert not Effect("graphic_equaliser").known
    assert {k for k in ALL_SPECS if not Effect(k).known} == {"graphic_equaliser"}


@needs_player
@pytest.mark.parametrize("group", GROUPS)
def test_effects_sound_like_our_rendering(group: str) -> None:
    one = row(GROUPS[group], group)
    dry = {n: c[:, :SHORT] for n, c in probe(["voice", "key"]).items()}
    assert reaper_depths([one], dry)[0] < TIGHT_DB


@needs_player
@pytest.mark.parametrize("kind", ["gain_pan", "multitap_delay", "compressor"])
def test_alone_they_sound_like_our_rendering_at_any_setting(kind: str) -> None:
    assert max(effect_depths(Case(kind))) < TIGHT_DB


@needs_player
def test_any_wiring_sounds_like_our_rendering() -> None:
    drawn = random_graph(Random("export"), most=8)
    dry = {
        n: c[:, :SHORT]
        for n, c in probe([str(drawn.nodes[i].source) for i in drawn.inputs]).items()
    }
    clips = {name: torch.from_numpy(clip) for name, clip in dry.items()}
    assert reaper_depths([freeze(drawn, clips, 44_100, as_is=True)], dry)[0] < BOUND_DB


@needs_player
def test_effects_know_the_rate() -> None:
    rate, one = (
        96_000,
        row(("lowpass", "mono_delay", "stereo_reverb", "compressor", "vibrato"), "r"),
    )
    dry = {name: clip[:, : rate // 2] for name, clip in probe(["voice", "key"], rate).items()}
    assert reaper_depths([one], dry, rate)[0] < TIGHT_DB


@needs_player
def test_a_take_sounds_as_render_makes_it() -> None:
    """What enters at any level leaves as loud as from the renderer, thresholds and all."""
    builder = GraphBuilder(SPECS)
    voice, key = builder.add("in", source="voice"), builder.add("in", source="key")
    gain, drive = builder.add("compressor"), builder.add("distortion")
    builder.chain(voice, gain, drive, builder.add("out"))
    builder.connect(key, gain, inlet="sidechain")
    normalised = builder.graph()
    levels = {"voice": 3.0, "key": 0.05}
    dry = {name: (clip * levels[name]).astype(np.float32) for name, clip in probe(levels).items()}
    clips = {name: torch.from_numpy(clip) for name, clip in dry.items()}
    patch = measured(normalised, "song", clips, 44_100, "a take")
    folder = files(patch, Routing(patch, native=False))
    (theirs,) = jsfx_player.played([folder], list(levels), dry, 44_100)
    assert depth_db(theirs, render(normalised, clips, 44_100).numpy()) < TIGHT_DB


@needs_player
def test_sliders_turn_what_they_name() -> None:
    still = Case("bell").graph
    dry = {"voice": probe(["voice"])["voice"][:, :SHORT].astype(np.float32).astype(float)}
    turned = [still.nodes[0], still.nodes[1].with_knobs({"frequency": 5e3, "q": 3, "gain": -12})]
    other = still.with_parts([*turned, *still.nodes[2:]], still.edges)
    first, second = jsfx_player.played(
        [project(still, dry), project(other, dry)], ["voice"], dry, 44_100
    )
    assert depth_db(first, rendered(single(still), dry)) < TIGHT_DB
    assert depth_db(second, rendered(single(other), dry)) < TIGHT_DB
    assert depth_db(first, second) > -20


@needs_player
def test_an_effect_that_is_none_is_an_error() -> None:
    dry = {"voice": probe(["voice"])["voice"][:, :512]}
    folder = project(Case("bell").graph, dry)
    broken = {p: c.replace(b"svf", b"svf)", 1) for p, c in folder.items()}
    with pytest.raises(WorkerError, match="error:"):
        jsfx_player.played([broken], ["voice"], dry, 44_100)
