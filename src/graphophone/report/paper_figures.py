"""The paper's Figures 1, 5 and 6 with graphs of a run of ours.

Lee et al. 2023: Figure 1 shows a graph of the training data, a voice in two bands, each distorted.
Figure 5 shows the true graph of a drum mix and the prediction. Figure 6 shows two voices whose
prediction is wrong: (a) in the order of processors alone, (b) before a bitcrush, which destroys
what would tell of the processors ahead of it. Which trial of a run is drawn follows from a rule,
not from a choice by eye; the rule stands below each picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphophone.codec.drawing import svg
from graphophone.errors import FormatError
from graphophone.evaluation.analysis import before_destructive, destroys
from graphophone.evaluation.trials.journal import FILE, read
from graphophone.evaluation.trials.setting import graph_of
from graphophone.evaluation.trials.telling import order_only, unpaired
from graphophone.graph.compare import iou_by_segment
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.report.pairs import pair


@dataclass(frozen=True)
class Example:
    """A true graph and an estimate.

    Attributes:
        name: Of the trial: task, line and index.
        truth: The true graph.
        estimate: The estimate.
        sure: Confidence in each of its nodes.
    """

    name: str
    truth: Graph
    estimate: Graph
    sure: tuple[float, ...]


@dataclass(frozen=True)
class Picture:
    """One figure.

    Attributes:
        name: Name of its file, without an ending.
        rule: How its example was chosen, in a sentence.
        example: Name of the trial, or why there is none.
        svg: The picture; empty where there is no example.
    """

    name: str
    rule: str
    example: str
    svg: str = ""


def examples(run: Path) -> dict[str, list[Example]]:
    """Read the trials of a run that have a true graph of ours, by task.

    Args:
        run: What ``graphophone evaluate --suite transfer`` or ``restraint`` left, or a folder of
            such.

    Raises:
        FormatError: There are none.
    """
    found: dict[str, list[Example]] = {"singing": [], "drums": []}
    seen: set[tuple[str, str]] = set()
    for path in sorted(run.rglob(FILE)):
        conditions, trials = read(path)
        if conditions.get("suite") not in ("transfer", "restraint"):
            continue
        task = str(conditions["task"])
        for trial in trials.values():
            if trial.line == "dry" or "truth" not in trial.told:
                continue
            name = f"{task}, {conditions['mix']}, seed {conditions['seed']}, {trial.index}"
            if (task, name) not in seen:  # two suites may have heard the same example
                seen.add((task, name))
                found[task].append(
                    Example(
                        name,
                        graph_of(trial.told["truth"]),
                        graph_of(trial.told["estimate"]),
                        tuple(trial.told["sure"]),
                    )
                )
    if not any(found.values()):
        raise FormatError(
            f"{run} holds no trials of graphs of our own: "
            f"`graphophone evaluate --suite transfer --count 100 --out {run}` leaves some"
        )
    return found


def pictures(found: dict[str, list[Example]]) -> list[Picture]:
    """Choose an example for each figure by its rule, and draw it."""
    return [
        _drawn(
            "figure-1",
            "The smallest true graph of a voice that has a crossover, a distortion and an "
            "oscillator, or else the most of these.",
            found["singing"],
            lambda e: (-_has(e.truth), len(e.truth)),
            alone=True,
        ),
        _drawn(
            "figure-5",
            "Of the drum mixes with four sources or more, the one whose node IOU is the median.",
            _middle([e for e in found["drums"] if len(e.truth.inputs) >= 4]),
            lambda e: (),
        ),
        _drawn(
            "figure-6a",
            "Of the voices whose estimate has all types and is wired otherwise, the one with the "
            "largest true graph.",
            [e for e in found["singing"] if order_only(e.truth, e.estimate)],
            lambda e: (-len(e.truth),),
        ),
        _drawn(
            "figure-6b",
            "Of the voices with a destructive node, the one whose estimate has that node and "
            "misses the largest share of what stands before it.",
            [e for e in found["singing"] if _lost(e)],
            lambda e: (-_lost(e), len(e.truth)),
        ),
    ]


def _drawn(
    name: str,
    rule: str,
    some: Sequence[Example],
    rank: Callable[[Example], tuple[float, ...]],
    *,
    alone: bool = False,
) -> Picture:
    if not some:
        return Picture(name, rule, "the run has no such example")
    chosen = min(some, key=lambda e: (rank(e), e.name))
    title = f"{name.replace('-', ' ').capitalize()}: {chosen.name}"
    if alone:
        return Picture(name, rule, chosen.name, svg(chosen.truth, SPECS, title=title))
    drawn = pair(chosen.truth, chosen.estimate, chosen.sure, title=title)
    return Picture(name, rule, chosen.name, drawn)


def _has(graph: Graph) -> int:
    """Count what the paper's Figure 1 shows, of crossover, distortion and oscillator."""
    types = {node.type for node in graph.nodes}
    wanted = ({"crossover"}, {"distortion"}, {"mono_lfo", "stereo_lfo"})
    return sum(bool(types & some) for some in wanted)


def _middle(some: Sequence[Example]) -> list[Example]:
    """Return the example in the middle, by node IOU over tracks and bus."""
    ranked = sorted(some, key=lambda e: (iou_by_segment(e.truth, e.estimate, SPECS), e.name))
    return ranked[len(ranked) // 2 :][:1]


def _lost(example: Example) -> float:
    """Return the share of the nodes before a destructive one that were missed.

    Nothing where no destructive node is there, or where it was missed itself.
    """
    truth = example.truth
    missed, _ = unpaired(truth, example.estimate)
    if not any(destroys(node) and i not in missed for i, node in enumerate(truth.nodes)):
        return 0.0
    behind = before_destructive(truth)
    ahead = [i for i, node in enumerate(truth.nodes) if behind[i] and node.type != "in"]
    return sum(i in missed for i in ahead) / len(ahead) if ahead else 0.0
