"""Distances of sounds on the same dry clips."""

from random import Random

import pytest
import torch

from graphophone.audio.losses import multi_scale_spectral
from graphophone.evaluation.audio import Stage, with_defaults
from graphophone.graph.canonical import prototype
from graphophone.processors import SPECS
from graphophone.render.reference import reference_render
from tests.evaluation.graphs import chain, kit

RATE = 8_000


def noise(seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(2, 4_000, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def stage() -> Stage:
    return Stage({"voice": noise(), "kick": noise(1)}, RATE)


def test_a_graph_is_as_far_from_another_as_their_sounds_are(stage: Stage) -> None:
    truth, estimate = chain("distortion"), chain("lowpass")
    dry = {"voice": noise()[None]}
    expected = multi_scale_spectral(
        reference_render(truth, dry, RATE), reference_render(estimate, dry, RATE)
    )
    assert stage.distance(truth, estimate) == pytest.approx(float(expected[0]), rel=1e-4)
    assert stage.distance(truth, truth) == 0


def test_levels_are_not_matched(stage: Stage) -> None:
    """A track that is missing makes the mix softer, and that is heard."""
    both = kit(voice=(), kick=())
    soft = both.with_parts(both.nodes, [*both.edges[1:], both.edges[0]])
    assert stage.distance(both, soft) == 0
    assert stage.distance(both, chain(source="kick")) > 0.1


def test_defaults_are_set_whatever_the_knobs_were(stage: Stage) -> None:
    graph = chain("lowpass", "panning")
    turned = graph.with_parts(
        [n.with_knobs(SPECS[n.type].draw(Random(1))) for n in graph.nodes],
        graph.edges,
    )
    assert with_defaults(turned) == graph == with_defaults(prototype(turned))
    assert stage.distance(turned, graph) > 0
    assert stage.default_distance(turned, graph) == 0


def test_a_source_that_is_not_there_is_silent(stage: Stage) -> None:
    assert not stage.sound(chain("distortion", source="crash")).any()


def test_a_sound_is_rendered_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stage.spectra(chain("bell"))
    monkeypatch.setattr("graphophone.evaluation.audio.execute", None)
    assert stage.spectra(chain("bell")) is first
