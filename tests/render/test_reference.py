"""The fast renderer equals the slow one on graphs as they are patched for music.

On graphs of any kind, tests/reliability holds one against the other.
"""

from collections import Counter
from random import Random

import pytest
import torch

from graphophone.generation.prototype import draw_size, drums_prototype, singing_prototype
from graphophone.graph.canonical import canonical
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from graphophone.render.reference import reference_render
from tests.render.conftest import Clips
from tests.render.graphs import TYPES, random_graph, with_drawn_settings

RATES = (8_000, 16_000, 44_100, 48_000)
TOLERANCE = 1e-9
"""Relative error, L2 over the clip, in float64. Both renderers add cables in the same order,
so only the last bit of a scale differs. A bit crusher or a gate could turn that bit into a
step, far above this tolerance; no sample of these seeds lies that close to a decision."""


def relative_error(actual: torch.Tensor, expected: torch.Tensor) -> float:
    return float((actual - expected).norm() / expected.norm().clamp(min=1e-30))


def assert_renders_alike(graph: Graph, clips: Clips, rng: Random, seed: int) -> None:
    rate = rng.choice(RATES)
    dry = clips(seed, rng.randint(256, 1_024))
    actual = execute(plan(graph, SPECS), dry, rate).result()
    expected = reference_render(graph, dry, rate)
    assert expected.isfinite().all(), f"seed {seed}\n{graph}"
    assert relative_error(actual, expected) < TOLERANCE, f"seed {seed}\n{graph}"


def test_the_random_graphs_contain_everything_that_can_be_patched() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        graph = random_graph(Random(seed))
        seen.update(node.type for node in graph.nodes)
        pairs = Counter((e.source, e.target) for e in graph.edges)
        seen["parallel"] += max(pairs.values()) > 1
        seen["summed"] += any(len(graph.incoming(i)) > 1 for i in range(len(graph)))
        for e in graph.edges:
            outlet = SPECS[graph.nodes[e.source].type].outlet(e.outlet)
            seen["modulation"] += outlet is not None and outlet.signal == "control"
            seen["sidechain"] += e.inlet == "sidechain"
            seen["split"] += e.outlet in {"high", "side"}
            seen["inverted"] += e.invert
    features = {"parallel", "summed", "modulation", "sidechain", "split", "inverted"}
    assert not {name for name in features | set(TYPES) if seen[name] < 5}


@pytest.mark.parametrize("task", ["singing", "drums"])
def test_musical_graphs_equal_the_reference(task: str, clips: Clips) -> None:
    for seed in range(30):
        rng = Random(seed)
        if task == "singing":
            prototype = singing_prototype(rng, "paper", draw_size(rng, "paper")).graph
        else:
            prototype = drums_prototype(rng, "paper", ("kick", "snare", "hat")).graph
        assert_renders_alike(with_drawn_settings(prototype, rng), clips, rng, seed)


@pytest.mark.parametrize("energy", ["normalised", "frozen", "plain"])
def test_canonical_form_sounds_the_same(energy: str, clips: Clips) -> None:
    changed = 0
    for seed in range(80):
        rng = Random(seed)
        graph = random_graph(rng, energy=energy)  # type: ignore[arg-type]
        form = canonical(graph, SPECS)
        changed += str(form) != str(graph)
        dry = clips(seed, 512)
        execution = execute(plan(graph, SPECS), dry, 44_100)
        if any(not 0.07 < float(s) < 14 for s in execution.scales.values()):
            continue  # a scale at its limit of 24 dB does not restore the energy it was given
        actual = execute(plan(form, SPECS), dry, 44_100).result()
        assert relative_error(actual, execution.result()) < 1e-4, f"seed {seed}\n{graph}\n{form}"
    assert changed > 40
