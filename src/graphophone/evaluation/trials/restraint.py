"""The suite ``restraint``: is a model still where nothing was done, and is it rightly sure?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import torch

from graphophone.audio.features import SEGMENT
from graphophone.evaluation.foreign.software import absent
from graphophone.evaluation.foreign.table import SOFTWARE, Table, table
from graphophone.evaluation.tally import Figure, Tally, summarise
from graphophone.evaluation.trials import foreign
from graphophone.evaluation.trials.selective import Levels
from graphophone.evaluation.trials.setting import Setting, told, untouched, who
from graphophone.evaluation.trials.telling import explained, marks
from graphophone.evaluation.trials.trial import Aim, Heard, Trial, check_lines
from graphophone.graph.model import Graph

LINES = ("dry", "own", "foreign")
SURE = ("precision_at_half", "precision", "risk_area")
FALSE_NODES, PRECISION = Aim(0.3, least=False), Aim(0.95)


def false_nodes(graph: Graph) -> int:
    """Count the nodes of the estimate of an unprocessed recording that are too many.

    All are but the ends and, where there are several sources, the one join of them.
    """
    join = len(graph.inputs) > 1 and any(node.type == "mix" for node in graph.nodes)
    return sum(node.type not in ("in", "out") for node in graph.nodes) - join


@dataclass(frozen=True, slots=True)
class Restraint:
    """Listen to unprocessed recordings, to graphs of our own, and to chains of other software.

    The line ``dry`` counts false nodes. The other two say how often nodes are right, against how
    sure they are.
    """

    setting: Setting
    benchmark: Table
    lines: tuple[str, ...]
    software: tuple[str, ...]
    missing: Mapping[str, str]
    name = "restraint"
    bad = "nodes that are not there, weighted by how sure they are"

    @classmethod
    def of(cls, setting: Setting, lines: Sequence[str] = LINES) -> "Restraint":
        """Look for software; without any there is no line ``foreign``.

        Raises:
            UsageError: There is no such line.
        """
        check_lines(lines, LINES)
        gone = absent()
        software = tuple(one for one in SOFTWARE if one not in gone)
        if software or "foreign" not in lines:
            return cls(setting, table(), tuple(lines), software, {})
        left = tuple(line for line in lines if line != "foreign")
        return cls(setting, table(), left, software, {"foreign": "; ".join(gone.values())})

    @property
    def conditions(self) -> Mapping[str, Any]:
        """What decides the trials."""
        effects = f"version {self.benchmark.version}, {self.benchmark.digest}"
        return self.setting.conditions(
            suite=self.name, effects=effects, software=list(self.software)
        )

    @torch.inference_mode()
    def trial(self, line: str, index: int) -> Trial:
        """Listen to one recording."""
        if line == "dry":
            return self._dry(index)
        if line == "own":
            item = self.setting.item(index)
            estimate = self.setting.ear(item.wet)
            graph, sure = estimate.graph, estimate.verdict.nodes
            found = marks(item.graph, graph, sure, by_track=self.setting.by_track)
            why = explained(item.graph, graph, sure)
            plain = told(estimate, item.graph, source=who(item.provenance), why=why)
            return Trial(line, index, _counts(found), found, plain)
        software, place = self._foreign(index)
        case = foreign.case(self.setting, self.benchmark, software, place)
        estimate = self.setting.ear(case.chain.wet)
        kinds = {use.kind for use in case.chain.uses}
        found = foreign.marks(self.benchmark, kinds, estimate.graph, estimate.verdict.nodes)
        chain = [use.to_json() for use in case.chain.uses]
        why = foreign.explained(kinds, self.benchmark.kinds_of(estimate.graph))
        return Trial(
            line, index, _counts(found), found,
            told(estimate, source=case.source, chain=chain, why=why),
        )  # fmt: skip

    def figures(self, line: str, trials: Sequence[Trial], seed: int) -> dict[str, Figure]:
        """Return false nodes, or precision against coverage; lines have no common sum."""
        if line == "dry":
            return summarise(
                [
                    {
                        "false_nodes": Tally(t.figures["false_nodes"]),
                        "left_alone": Tally(float(t.figures["false_nodes"] == 0)),
                    }
                    for t in trials
                ],
                seed,
            )
        if line not in LINES:
            return {}
        levels = levels_of(trials)
        return {name: levels.figure(name, seed) for name in SURE} if levels.count else {}

    def aims(self, line: str) -> Mapping[str, Aim]:
        """Return what is aimed at."""
        return {"false_nodes": FALSE_NODES} if line == "dry" else {"precision_at_half": PRECISION}

    def badness(self, trial: Trial) -> float:
        """Return how many nodes are wrong, each as much as it was sure."""
        return sum(sure for sure, right in trial.marks if not right)

    @torch.inference_mode()
    def sounds(self, trial: Trial) -> list[Heard]:
        """Return what was heard."""
        if trial.line == "dry":
            audio, _ = self.setting.dry(self._rng(trial.index), SEGMENT)
            return [("Dry", f"{trial.told['source']}, what was heard", audio)]
        if trial.line == "own":
            wet = self.setting.item(trial.index).wet
            return [("Wet", f"{trial.told['source']}, what was heard", wet)]
        case = foreign.case(self.setting, self.benchmark, *self._foreign(trial.index))
        return [("Dry", case.source, case.dry), ("Wet", "what was heard", case.chain.wet)]

    def _rng(self, index: int) -> Random:
        return self.setting.rng("dry", index)

    def _foreign(self, index: int) -> tuple[str, int]:
        """Return whose chain it is, and which; software takes turns."""
        return self.software[index % len(self.software)], index // len(self.software)

    def _dry(self, index: int) -> Trial:
        audio, drawn = self.setting.dry(self._rng(index), SEGMENT)
        estimate = self.setting.ear(audio)
        graph, sure = estimate.graph, estimate.verdict.nodes
        truth = untouched(tuple(drawn.tracks))
        found = marks(truth, graph, sure, by_track=self.setting.by_track)
        figures = {"false_nodes": float(false_nodes(graph))}
        why = explained(truth, graph, sure)
        plain = told(estimate, truth, source=who(drawn.provenance), why=why)
        return Trial("dry", index, figures, found, plain)


def levels_of(trials: Sequence[Trial]) -> Levels:
    """Return how right the nodes of some estimates are against how sure."""
    return Levels.of([trial.marks for trial in trials])


def curves(lines: Mapping[str, Sequence[Trial]]) -> dict[str, list[tuple[float, float, float]]]:
    """Return risk against coverage, by line: (coverage, risk, how sure) at each level."""
    found = {}
    for line in ("own", "foreign"):
        levels = levels_of(lines.get(line, ()))
        if levels.count:
            found[line] = levels.curve()
    return found


def _counts(found: Sequence[tuple[float, bool]]) -> dict[str, float]:
    return {"nodes": float(len(found)), "right": float(sum(right for _, right in found))}
