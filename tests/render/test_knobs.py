"""All settings of a graph as one vector. Its gradients are tried in tests/reliability."""

from random import Random

import pytest
import torch

from graphophone.processors import SPECS
from graphophone.render.execute import execute
from graphophone.render.knobs import Knobs
from graphophone.render.plan import plan
from tests.render.conftest import Clips
from tests.render.graphs import random_graph

RATE = 44_100


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
