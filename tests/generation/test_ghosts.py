"""Leave-one-out rendering: finds planted ghosts, passes what can be heard."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from graphophone.audio.features import RATE
from graphophone.audio.level import to_level
from graphophone.generation.ghosts import GHOST_DB, Census, apart_db, contributions, record
from graphophone.generation.item import generate_item
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.sources import open_pool
from tests.generation.ablation import without

SOUND = to_level(
    torch.randn(1, RATE, generator=torch.Generator().manual_seed(0)).expand(2, -1).contiguous()
    * (0.3 + torch.sin(torch.arange(RATE) * 2 * math.pi * 3 / RATE).square()),
    RATE,
)[0]


def chain(*nodes: tuple[str, dict[str, Any]]) -> Graph:
    builder = GraphBuilder(SPECS)
    source = builder.add("in", source="voice")
    builder.chain(source, *(builder.add(t, **knobs) for t, knobs in nodes), builder.add("out"))
    return builder.graph()


def left_out(graph: Graph) -> dict[str, float]:
    found = contributions(graph, {"voice": SOUND}, RATE)
    return {graph.nodes[node].type: db for node, db in found.items()}


GHOSTS: list[tuple[str, dict[str, float]]] = [
    ("bell", {"gain": 0.0}),
    ("bell", {"gain": 1.0, "frequency": 20.0, "q": 10.0}),
    ("panning", {"pan": 0.0}),
    ("imager", {"width": 1.0}),
    ("compressor", {"threshold": -5.0, "ratio": 1.5, "knee": 0.0}),
]
HEARD: list[tuple[str, dict[str, float]]] = [
    ("bell", {"gain": 12.0, "frequency": 2_000.0}),
    ("compressor", {"threshold": -40.0, "ratio": 8.0}),
    ("mono_delay", {"delay": 0.2, "mix": 0.4}),
    ("distortion", {"gain": 20.0}),
    ("bitcrush", {"bit": 5.0}),
    ("crossover", {"frequency": 1_000.0}),
]


@pytest.mark.parametrize("ghost", GHOSTS, ids=lambda node: f"{node[0]} {node[1]}")
def test_a_planted_ghost_is_found_and_its_neighbours_pass(ghost: tuple[str, Any]) -> None:
    found = left_out(chain(("lowshelf", {"gain": 9.0}), ghost, ("distortion", {"gain": 18.0})))
    assert found[ghost[0]] < GHOST_DB
    assert found["lowshelf"] > GHOST_DB
    assert found["distortion"] > GHOST_DB


@pytest.mark.parametrize("node", HEARD, ids=lambda node: node[0])
def test_a_planted_audible_node_passes(node: tuple[str, Any]) -> None:
    assert left_out(chain(node))[node[0]] > GHOST_DB + 6


def moved(depth: float) -> Graph:
    builder = GraphBuilder(SPECS)
    voice, bell = builder.add("in", source="voice"), builder.add("bell", gain=15.0)
    lfo, out = builder.add("mono_lfo", frequency=2.0), builder.add("out")
    builder.chain(voice, bell, out)
    builder.connect(lfo, bell, "lfo", "frequency", depth=depth)
    return builder.graph()


def test_an_oscillator_that_hardly_moves_anything_is_a_ghost() -> None:
    assert left_out(moved(0.0005))["mono_lfo"] < GHOST_DB
    assert left_out(moved(0.3))["mono_lfo"] > GHOST_DB


def test_a_node_behind_a_louder_branch_is_found_though_it_changes_what_enters_it() -> None:
    """What the cheap test cannot see: it looks at one node at a time."""
    builder = GraphBuilder(SPECS)
    voice, bell = builder.add("in", source="voice"), builder.add("bell", gain=12.0)
    mix, out = builder.add("mix"), builder.add("out")
    builder.chain(voice, bell, mix, out)
    builder.connect(voice, mix)
    graph = builder.graph()
    drowned = graph.with_parts(
        graph.nodes,
        (
            e if e.source != bell else type(e)(e.source, e.target, e.outlet, e.inlet, -60.0)
            for e in graph.edges
        ),
    )
    assert left_out(graph)["bell"] > GHOST_DB
    assert left_out(drowned)["bell"] < GHOST_DB


def test_a_change_of_level_is_no_difference_and_of_shape_is() -> None:
    clip = SOUND[None]
    assert apart_db(clip, clip * 0.1) == -100
    assert apart_db(clip, -clip) == -100
    other = torch.randn(clip.shape, generator=torch.Generator().manual_seed(5))
    assert apart_db(clip, other) == pytest.approx(0, abs=0.5)
    nearly = clip + 0.01 * clip.std() * other
    assert apart_db(clip, nearly) == pytest.approx(-40, abs=0.6)
    assert apart_db(clip, clip * 0) == 0
    assert apart_db(clip * 0, clip) == -100


@pytest.mark.parametrize("task", ["singing", "drums"])
@pytest.mark.usefixtures("short")
def test_leaving_out_agrees_with_a_graph_that_never_had_the_node(task: Any) -> None:
    """Another way to the same figure: a smaller graph, rendered from the start."""
    pool, asked = open_pool(task, sources="procedural"), 0
    for index in range(1, 4):
        item = generate_item(task, "wide", 21, index, pool)
        dry = {name: clip[None].contiguous() for name, clip in item.dry.items()}

        def render(graph: Graph, dry: dict[str, Tensor] = dry) -> Tensor:
            return execute(plan(graph, SPECS), dry, RATE).result()

        with torch.inference_mode():
            for node, db in contributions(item.graph, item.dry, RATE).items():
                rest = without(item.graph, node)
                alone = SPECS[item.graph.nodes[node].type].group != "control"
                if rest is not None and (alone or len(item.graph.outgoing(node)) == 1):
                    other = apart_db(render(item.graph), render(rest))
                    assert db == pytest.approx(other, abs=0.5) or max(db, other) < -80
                    asked += 1
    assert asked > 10


def test_a_census_counts_what_examples_say() -> None:
    graph = chain(("bell", {"gain": 0.0}), ("distortion", {}))
    said = record(graph, {1: -60.0, 2: -3.0}, redrawn=2)
    assert said == {"nodes": 2, "types": ["bell"], "weakest_db": -60.0, "redrawn": 2}
    census = Census()
    census.add({"ghosts": said}, 5)
    census.add({}, 1)
    data = census.to_json()
    assert (data["examples"], data["asked_examples"], data["asked_nodes"]) == (2, 1, 2)
    assert (data["ghosts"], data["ghost_share"], data["ghost_types"]) == (1, 0.5, {"bell": 1})
    assert (data["redraws_per_example"], data["redrawn_graphs"]) == (2.0, 2)
    assert data["thresholds_db"]["ghost"] == GHOST_DB
    assert str(census) == "1 of 2 nodes (50.00%) of 1 example change the sound by less than -40 dB"
    assert str(Census()) == "no node was left out to look for ghosts"


def test_an_untouched_recording_has_nothing_to_leave_out() -> None:
    assert contributions(chain(), {"voice": SOUND}, RATE) == {}
    assert record(chain(), {}, 0)["weakest_db"] is None
