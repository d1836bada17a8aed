"""The trivial baselines know a training set and nothing of the truth but what is stated."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from graphophone.audio.features import HOP
from graphophone.codec.travel import travels
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.baselines import Baselines
from graphophone.evaluation.reference import Reference, features, mean_values
from graphophone.evaluation.tally import Tally
from graphophone.generation.item import Item
from graphophone.graph.canonical import canonical, prototype
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from tests.evaluation.graphs import chain, kit

RATE = 44_100


def clip(seed: int, tilt: float = 1.0) -> torch.Tensor:
    noise = torch.randn(2, 6_000, generator=torch.Generator().manual_seed(seed))
    return 0.1 * torch.fft.irfft(torch.fft.rfft(noise) * torch.linspace(1, tilt, 3_001))


def item(graph: Graph, wet: torch.Tensor) -> Item:
    return Item(graph, wet, {"voice": clip(0)}, {}, 0)


def set_knob(graph: Graph, type_: str, **knobs: float) -> Graph:
    return graph.with_parts(
        [n.with_knobs(n.knobs | knobs) if n.type == type_ else n for n in graph.nodes],
        graph.edges,
    )


@pytest.fixture
def reference() -> Reference:
    panned = chain("panning")
    return Reference.of(
        [
            item(set_knob(panned, "panning", pan=-1.0), clip(1, 0.0)),
            item(set_knob(panned, "panning", pan=0.5), clip(2, 1.0)),
            item(chain("distortion"), clip(3, 4.0)),
        ]
    )


def test_the_most_frequent_prototype_is_found_whatever_its_knobs(reference: Reference) -> None:
    assert reference.most_frequent() == canonical(prototype(chain("panning")), SPECS)


def test_of_graphs_that_are_there_once_the_most_central_one_is_taken() -> None:
    graphs = (chain("bell"), chain("bell", "panning"), chain("bell", "panning", "imager"))
    central = Reference(graphs, np.zeros((3, 1))).most_frequent()
    assert central == canonical(prototype(graphs[1]), SPECS)


def test_knobs_are_averaged_in_travel(reference: Reference) -> None:
    assert reference.mean_travels()["panning", "pan"] == pytest.approx((0.0 + 0.75) / 2)


def test_phases_are_averaged_on_the_circle() -> None:
    def wobble(phase: float) -> Graph:
        graph = chain("lowpass")
        lfo = replace(graph.nodes[1], type="mono_lfo").with_knobs(
            SPECS["mono_lfo"].defaults() | {"phase": phase}
        )
        edge = replace(graph.edges[0], source=3, target=1, outlet="lfo", inlet="frequency")
        return graph.with_parts((*graph.nodes, lfo), (*graph.edges, edge))

    means = Reference((wobble(0.9), wobble(0.2)), np.zeros((2, 1))).mean_travels()
    assert means["mono_lfo", "phase"] == pytest.approx(0.05)


def test_knobs_that_were_never_seen_stand_half_way(reference: Reference) -> None:
    means = mean_values(reference.mean_travels(), chain("bitcrush", "panning"))
    rows = travels(chain("bitcrush", "panning"), SPECS)
    assert means.shape == rows.values.shape
    assert sorted(np.unique(means).tolist()) == [0.375, 0.5]


def test_gains_have_a_mean_of_their_own() -> None:
    graph = kit(kick=(), snare=())
    loud = graph.with_parts(
        graph.nodes, [replace(e, gain_db=12.0) if e.target == 2 else e for e in graph.edges]
    )
    assert Reference((loud,), np.zeros((1, 1))).mean_travels()["gain", "in"] == pytest.approx(1)


def test_the_nearest_neighbour_is_the_recording_of_the_same_colour(reference: Reference) -> None:
    for tilt, expected in ((0.0, 0), (1.0, 1), (4.0, 2)):
        assert reference.nearest(features(clip(9, tilt))) == reference.graphs[expected]


def test_the_neighbour_does_not_care_when_a_sound_comes() -> None:
    late = torch.nn.functional.pad(clip(4)[:, :3_000], (50 * HOP, 10 * HOP))
    early = torch.nn.functional.pad(clip(4)[:, :3_000], (10 * HOP, 50 * HOP))
    other = torch.nn.functional.pad(clip(4, 0.0)[:, :3_000], (10 * HOP, 50 * HOP))
    near, far = features(early) - features(late), features(early) - features(other)
    assert np.linalg.norm(near) < np.linalg.norm(far) / 5


def test_each_baseline_has_only_the_metrics_that_mean_something(reference: Reference) -> None:
    truth = set_knob(chain("panning"), "panning", pan=0.5)
    stage = Stage({"voice": clip(0)}, RATE)
    scores = Baselines(reference, by_track=False).scores(
        truth, travels(truth, SPECS), features(clip(2, 1.0)), stage
    )
    assert scores["mean_parameters"].keys() == {"parameter_loss", "mss_oracle"}
    whole = {"iou", "mss_default", "mss_full", "node_error_free", "edge_error_free"}
    assert scores["most_frequent_graph"].keys() == whole
    assert scores["nearest_neighbour"].keys() == whole
    # By luck the neighbour is right, the commonest graph too but for its knob.
    assert scores["nearest_neighbour"]["mss_full"].total == pytest.approx(0, abs=1e-6)
    assert scores["most_frequent_graph"]["iou"] == Tally(1.0)
    assert scores["most_frequent_graph"]["mss_default"].total == pytest.approx(0, abs=1e-6)
    assert scores["most_frequent_graph"]["mss_full"].total > 0.01
    loss = scores["mean_parameters"]["parameter_loss"]
    assert (loss.total, loss.count) == (pytest.approx(0.75 - 0.375), 1)


def test_progress_is_told_of_each_example() -> None:
    told: list[int] = []
    Reference.of([item(chain(), clip(0))] * 3, lambda: told.append(1))
    assert len(told) == 3
