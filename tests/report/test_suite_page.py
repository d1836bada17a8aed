"""The page of a suite, pairs of graphs, and the paper's figures from a run."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.codec.drawing import svg
from graphophone.errors import FormatError
from graphophone.evaluation.foreign.table import table
from graphophone.evaluation.trials.journal import Journal
from graphophone.evaluation.trials.restraint import Restraint
from graphophone.evaluation.trials.running import run
from graphophone.evaluation.trials.setting import told
from graphophone.evaluation.trials.trial import Trial
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.report.pairs import pair, size
from graphophone.report.paper_figures import examples, pictures
from graphophone.report.suite_page import Case, html, picture
from tests.evaluation.graphs import kit
from tests.evaluation.trials.planted import PlantedSetting, Set, chain, estimated, says

RING = 'stroke-dasharray="6 3"'
TRUTH, SAID = chain("lowpass", "chorus"), chain("lowpass", "bitcrush", "panning")


def restraint(graph: Graph) -> Restraint:
    at = PlantedSetting.on(Set([TRUTH] * 40), says(graph, (1.0, 0.9, 0.6, 0.3, 1.0)))
    return Restraint(at, table(), ("own",), (), {})


def test_marked_nodes_alone_are_ringed() -> None:
    assert svg(TRUTH, SPECS).count(RING) == 0
    assert svg(TRUTH, SPECS, marked=(1, 2)).count(RING) == 2


def test_a_pair_shows_both_graphs_and_rings_what_the_other_has_not() -> None:
    drawn = pair(TRUTH, SAID, title="both")
    ElementTree.fromstring(drawn)
    assert drawn.count(RING) == 1 + 2
    assert "True graph" in drawn
    assert "Estimated graph" in drawn
    assert pair(TRUTH, TRUTH, title="same").count(RING) == 0
    alone = size(svg(TRUTH, SPECS, title="True graph"))[0]
    assert size(drawn)[0] > 2 * alone * 0.8


def test_wide_graphs_stand_one_above_the_other() -> None:
    long = chain("bell", "lowpass", "chorus", "mono_delay", "mono_reverb", "compressor")
    single, both = size(svg(long, SPECS, title="x")), size(pair(long, long, title="long"))
    assert both[0] < 2 * single[0]
    assert both[1] > 2 * single[1]


def test_the_page_shows_the_worst_with_figures_curve_drawings_and_sounds() -> None:
    suite = restraint(SAID)
    found = run(suite, 21)
    sound = torch.zeros(2, RATE // 4)
    sound[:, ::50] = 0.1
    cases = [Case(trial, [("Wet", "planted", sound)]) for trial in found.worst]
    page = html(found, cases)
    assert len(cases) == 2
    assert "The worst 2 of 21 trials, by nodes that are not there" in page
    assert page.count('class="player"') == 2
    assert page.count("Missed: chorus; not there: bitcrush (60% sure), panning (30% sure).") == 2
    assert page.count(RING) == 2 * 3
    assert "at least 0.95: 0.283 below" in page
    assert "data:image/svg+xml;base64," in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    ElementTree.fromstring(picture(found))


def planted_run(folder: Path, task: str, pairs: list[tuple[Graph, Graph]]) -> None:
    conditions = {"suite": "transfer", "task": task, "mix": "wide", "seed": 0}
    journal = Journal(folder, conditions)
    for index, (truth, said) in enumerate(pairs):
        journal.add(Trial(task, index, {}, told=told(estimated(said), truth)))


def test_figures_are_chosen_by_their_rules(tmp_path: Path) -> None:
    crushed = chain("bell", "lowshelf", "bitcrush")
    low = crushed.with_parts(
        [n.with_knobs({"bit": 4.0}) if n.type == "bitcrush" else n for n in crushed.nodes],
        crushed.edges,
    )
    singing = [
        (TRUTH, TRUTH),
        (chain("distortion", "lowpass"), chain("lowpass", "distortion")),
        (chain("distortion", "lowpass", "chorus"), chain("lowpass", "distortion", "chorus")),
        (low, chain("bitcrush")),
        (low, chain("bell", "lowshelf", "bitcrush")),
        (chain("distortion"), chain()),
    ]
    mixes = [kit(kick=(), snare=("bell",), hat=(), ride=()), kit(kick=(), snare=("bell",))]
    right, wrong = mixes[0], kit(kick=("chorus",), snare=(), hat=(), ride=())
    drums = [(right, right), (right, mixes[1]), (right, wrong), (mixes[1], mixes[1])]
    planted_run(tmp_path / "a" / "singing", "singing", singing)
    planted_run(tmp_path / "a" / "drums", "drums", drums)
    drawn = {one.name: one for one in pictures(examples(tmp_path))}
    assert drawn["figure-1"].example == "singing, wide, seed 0, 5"
    assert drawn["figure-5"].example == "drums, wide, seed 0, 2"
    assert drawn["figure-6a"].example == "singing, wide, seed 0, 2"
    assert drawn["figure-6b"].example == "singing, wide, seed 0, 3"
    for one in drawn.values():
        ElementTree.fromstring(one.svg)


def test_a_figure_without_an_example_says_so_and_a_folder_without_trials_is_refused(
    tmp_path: Path,
) -> None:
    planted_run(tmp_path / "singing", "singing", [(TRUTH, TRUTH)])
    drawn = {one.name: one for one in pictures(examples(tmp_path))}
    assert drawn["figure-5"].svg == ""
    assert drawn["figure-6a"].example == "the run has no such example"
    with pytest.raises(
        FormatError, match="holds no trials of graphs of our own: `graphophone eval"
    ):
        examples(tmp_path / "nothing")
