"""All settings of a graph as one vector, and what the sound changes with it."""

from random import Random

import pytest
import torch

from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.knobs import Knobs
from graphophone.render.plan import plan
from tests.render.conftest import Clips
from tests.render.graphs import TYPES, random_graph

RATE = 44_100
STEEP = {"bitcrush", "noisegate", "compressor", "expander"}
"""Types that decide something at a sample: a difference may step over the decision."""
SMOOTH = tuple(t for t in TYPES if t not in STEEP)


def test_the_vector_stands_where_the_graph_does(clips: Clips) -> None:
    for seed in range(20):
        graph = random_graph(Random(seed))
        knobs, dry = Knobs(graph, SPECS), clips(seed, 400)
        settings = knobs.settings(knobs.travel)
        expected = execute(plan(graph, SPECS), dry, RATE).result()
        actual = execute(plan(graph, SPECS), dry, RATE, settings=settings).result()
        torch.testing.assert_close(actual, expected, rtol=1e-6, atol=1e-9)
        assert Knobs(knobs.written(knobs.travel), SPECS).travel.tolist() == pytest.approx(
            knobs.travel.tolist()
        )


def test_each_clip_of_a_batch_may_have_its_own_settings(clips: Clips) -> None:
    graph = random_graph(Random(3), energy="plain")
    knobs, dry = Knobs(graph, SPECS), clips(3, 300, batch=2)
    other = knobs.travel.lerp(torch.full_like(knobs.travel, 0.5), 0.3)
    both = torch.stack([knobs.travel, other])
    together = execute(plan(graph, SPECS), dry, RATE, settings=knobs.settings(both)).result()
    for row, travel in enumerate(both):
        one = {name: clip[row : row + 1] for name, clip in dry.items()}
        alone = execute(plan(graph, SPECS), one, RATE, settings=knobs.settings(travel)).result()
        torch.testing.assert_close(together[row], alone[0])


@pytest.mark.parametrize("seed", range(24))
def test_gradients_reach_every_smooth_knob(seed: int, clips: Clips) -> None:
    rng = Random(seed)
    graph = random_graph(rng, energy=rng.choice(("normalised", "plain")), types=SMOOTH)
    knobs, dry = Knobs(graph, SPECS), clips(seed, 300)
    moves = torch.tensor([float(place.param.gradient) for place in knobs.places])
    towards = torch.rand(len(moves), generator=torch.Generator().manual_seed(seed)) - 0.5
    towards = (towards * moves).double()
    start = 0.05 + 0.9 * knobs.travel  # differences need room on both sides

    def loss(travel: torch.Tensor) -> torch.Tensor:
        wet = execute(plan(graph, SPECS), dry, RATE, settings=knobs.settings(travel)).result()
        return (wet * wet).sum() + wet.sum()

    travel = start.clone().requires_grad_()
    loss(travel).backward()
    assert travel.grad is not None
    slope = float(travel.grad @ towards)
    h = 1e-6
    difference = float(loss(start + h * towards) - loss(start - h * towards)) / (2 * h)
    assert slope == pytest.approx(difference, rel=1e-4, abs=1e-5), str(graph)
