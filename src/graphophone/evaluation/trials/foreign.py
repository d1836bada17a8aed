"""The suite ``foreign``: chains of effects that other software made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from graphophone.audio.features import RATE
from graphophone.errors import AudioError
from graphophone.evaluation.foreign.chain import Chain, draw_chain
from graphophone.evaluation.foreign.software import absent
from graphophone.evaluation.foreign.table import SOFTWARE, Table, table
from graphophone.evaluation.tally import Figure, Tally, summarise
from graphophone.evaluation.trials.setting import Setting, told, who
from graphophone.evaluation.trials.trial import Aim, Heard, Marks, Trial, check_lines
from graphophone.graph.model import Graph
from graphophone.tensors import Stereo

RECORDINGS = 5
"""Recordings that are drawn to find one on which enough effects can be heard."""
AIMS = {"f1": Aim(0.8), "exact_3": Aim(0.5)}


@dataclass(frozen=True, slots=True)
class Case:
    """A chain on a recording.

    Attributes:
        dry: Shape (2, time), at the reference level.
        source: Whose recording it is.
        chain: What was done to it.
    """

    dry: Stereo
    source: str
    chain: Chain


def case(setting: Setting, benchmark: Table, software: str, index: int) -> Case:
    """Return a chain of the benchmark; lengths take turns, from one to the longest.

    Raises:
        AudioError: The software is missing, fails, or cannot be heard on any recording.
    """
    length = 1 + index % benchmark.longest
    rng = setting.rng("foreign", software, index)
    for _ in range(RECORDINGS):
        dry, drawn = setting.dry(rng, round(benchmark.seconds * RATE))
        chain = draw_chain(benchmark, software, dry, RATE, length, rng)
        if chain is not None:
            return Case(dry, who(drawn.provenance), chain)
    raise AudioError(f"no {length} effects of {software} are heard on {RECORDINGS} recordings")


def marks(benchmark: Table, true: set[str], graph: Graph, sure: Sequence[float]) -> Marks:
    """Say of each node that counts how sure it was, and whether the chain has such an effect.

    Of two nodes of a kind the surer is right.
    """
    left, found = Counter(true), []
    for i in sorted(range(len(graph)), key=lambda i: (-sure[i], i)):
        kind = benchmark.named(graph.nodes[i].type)
        if kind is not None:
            right = left[kind] > 0
            left[kind] -= right
            found.append((float(sure[i]), right))
    return tuple(found)


def explained(true: set[str], said: set[str]) -> str:
    """Say in a sentence which kinds of effects were missed, and which are not there."""
    parts = (("missed", true - said), ("not there", said - true))
    told = "; ".join(f"{word}: {', '.join(sorted(some))}" for word, some in parts if some)
    return f"{told[:1].upper()}{told[1:]}." if told else "All effects are named, and no other."


@dataclass(frozen=True, slots=True)
class Foreign:
    """Name the effects of chains that other software made on unseen dry recordings."""

    setting: Setting
    benchmark: Table
    lines: tuple[str, ...]
    missing: Mapping[str, str]
    name = "foreign"
    bad = "effects missed and added"

    @classmethod
    def of(cls, setting: Setting, software: Sequence[str] = SOFTWARE) -> "Foreign":
        """Look for software.

        Raises:
            UsageError: The benchmark knows no such software.
        """
        check_lines(software, SOFTWARE)
        gone = {one: why for one, why in absent().items() if one in software}
        return cls(setting, table(), tuple(s for s in software if s not in gone), gone)

    @property
    def conditions(self) -> Mapping[str, Any]:
        """What decides the trials: the mix does not."""
        effects = f"version {self.benchmark.version}, {self.benchmark.digest}"
        return self.setting.conditions(suite=self.name, effects=effects) | {"mix": ""}

    @torch.inference_mode()
    def trial(self, line: str, index: int) -> Trial:
        """Listen to one chain."""
        found = case(self.setting, self.benchmark, line, index)
        estimate = self.setting.ear(found.chain.wet)
        true = {use.kind for use in found.chain.uses}
        said = self.benchmark.kinds_of(estimate.graph)
        right = len(true & said)
        missed, added = true - said, said - true
        return Trial(
            line,
            index,
            {
                "length": float(len(true)),
                "right": float(right),
                "missed": float(len(missed)),
                "added": float(len(added)),
            },
            marks(self.benchmark, true, estimate.graph, estimate.verdict.nodes),
            told(
                estimate,
                source=found.source,
                chain=[use.to_json() for use in found.chain.uses],
                said=sorted(said),
                why=explained(true, said),
            ),
        )

    def figures(self, line: str, trials: Sequence[Trial], seed: int) -> dict[str, Figure]:
        """Return F1 over all effects, exact sets by length, and how often each effect is named."""
        return summarise([self._score(trial) for trial in trials], seed)

    def aims(self, line: str) -> Mapping[str, Aim]:
        """Return what is aimed at."""
        return AIMS

    def badness(self, trial: Trial) -> float:
        """Return how many effects were missed or added."""
        return trial.figures["missed"] + trial.figures["added"]

    @torch.inference_mode()
    def sounds(self, trial: Trial) -> list[Heard]:
        """Return the recording before and after."""
        found = case(self.setting, self.benchmark, trial.line, trial.index)
        return [
            ("Dry", found.source, found.dry),
            ("Wet", f"by {trial.line}, what was heard", found.chain.wet),
        ]

    def _score(self, trial: Trial) -> dict[str, Tally]:
        """Sets are compared: F1 is 2 TP / (2 TP + FP + FN), summed over all recordings."""
        right, missed, added = (trial.figures[name] for name in ("right", "missed", "added"))
        exact = Tally(float(not missed and not added))
        named = {
            f"recall {use['software']} {use['name']}": Tally(
                float(use["kind"] in trial.told["said"])
            )
            for use in trial.told["chain"]
        }
        return {
            "f1": Tally(2 * right, 2 * right + missed + added),
            "precision": Tally(right, right + added),
            "recall": Tally(right, right + missed),
            **{
                f"exact_{n}": exact if trial.figures["length"] == n else Tally(0.0, 0.0)
                for n in range(1, self.benchmark.longest + 1)
            },
            **named,
        }
