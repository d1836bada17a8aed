"""The suite ``robustness``: is a recording's copy the same recording?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from graphophone.codec.json import to_json
from graphophone.evaluation.robustness import Spoiler
from graphophone.evaluation.tally import Figure, Tally, quantile, summarise
from graphophone.evaluation.trials.setting import Setting, told, who
from graphophone.evaluation.trials.telling import explained
from graphophone.evaluation.trials.trial import Aim, Heard, Trial
from graphophone.generation.copies import available
from graphophone.generation.item import Item
from graphophone.graph.canonical import canonical, prototype
from graphophone.graph.compare import iou_by_segment, node_iou
from graphophone.graph.model import Graph
from graphophone.models.listen import Estimate
from graphophone.processors import SPECS
from graphophone.spec import DEPTH, GAIN

COPIES = (
    "mp3=128",
    "aac=128",
    "gain=-12",
    "gain=12",
    "resampling=22050",
    "limiting",
    "shift=0.5",
    "shift=-0.5",
    "room_tone",
)
"""Copies that are made unless others are asked for."""
JACCARD, UNCHANGED = Aim(0.85), Aim(1.0)
NOTHING = 0.01
"""Travel of a knob that is no change: the last bits of a sound may turn one by so much."""


@dataclass(slots=True)
class Robustness:
    """Compare the estimate of a recording with those of its copies; the truth plays no part.

    Attributes:
        setting: Where.
        spoiler: Makes the copies, a line each.
        last: The recording that was listened to last, for its copies come one after the other.
    """

    setting: Setting
    spoiler: Spoiler
    last: tuple[int, Item, Estimate] | None = field(default=None, repr=False)
    name = "robustness"
    bad = "how much of the graph changed"

    @classmethod
    def of(cls, setting: Setting, words: Sequence[str] = ()) -> "Robustness":
        """Read which copies are wanted, as :meth:`Spoiler.of` does; those of the suite by default.

        Raises:
            UsageError: There is no such copy.
            AudioError: One that was asked for by name cannot be made here.
        """
        seed = f"{setting.task}/{setting.mix}/{setting.seed}"
        if words:
            return cls(setting, Spoiler.of(words, seed))
        _, reasons = available()
        here = [word for word in COPIES if word.partition("=")[0] not in reasons]
        absent = {word: reasons[word.partition("=")[0]] for word in COPIES if word not in here}
        spoiler = Spoiler.of(here, seed)
        return cls(setting, Spoiler(spoiler.kinds, absent, seed))

    @property
    def lines(self) -> tuple[str, ...]:
        """The copies."""
        return tuple(self.spoiler.kinds)

    @property
    def missing(self) -> Mapping[str, str]:
        """Why a copy cannot be made."""
        return self.spoiler.missing

    @property
    def conditions(self) -> Mapping[str, Any]:
        """What decides the trials."""
        return self.setting.conditions(suite=self.name)

    @torch.inference_mode()
    def trial(self, line: str, index: int) -> Trial:
        """Listen to one copy of one recording."""
        item, clean = self._clean(index)
        copy = self.spoiler.copies([item], line, index)[0]
        plain: dict[str, Any] = {"clean": to_json(clean.graph), "source": who(item.provenance)}
        if not copy.wet.any():
            return Trial(line, index, {}, told=plain | {"why": "the copy is silent"})
        heard = self.setting.ear(copy.wet)
        figures = {
            "jaccard": self._jaccard(clean.graph, heard.graph),
            "unchanged": float(moved(clean.graph, heard.graph) <= NOTHING),
        }
        why = explained(clean.graph, heard.graph, heard.verdict.nodes)
        plain |= told(heard, why=f"Held against the estimate of the clean recording. {why}")
        return Trial(line, index, figures, told=plain)

    def figures(self, line: str, trials: Sequence[Trial], seed: int) -> dict[str, Figure]:
        """Return the Jaccard index of node types, that of the worst 5 %, and how many are alike."""
        heard = [trial.figures for trial in trials if trial.figures]
        if not heard:
            return {}
        names = ("jaccard", "unchanged")
        shares = summarise([{n: Tally(one[n]) for n in names} for one in heard], seed)
        worst = quantile([one["jaccard"] for one in heard], 0.05, seed)
        return {**shares, "jaccard_worst_5_percent": worst}

    def aims(self, line: str) -> Mapping[str, Aim]:
        """Return what is aimed at: a gain is to change nothing at all."""
        if line.partition("=")[0] == "gain":
            return {"jaccard": JACCARD, "unchanged": UNCHANGED}
        return {"jaccard": JACCARD}

    def badness(self, trial: Trial) -> float:
        """Return how much changed."""
        return 1 - trial.figures["jaccard"] if trial.figures else -1.0

    @torch.inference_mode()
    def sounds(self, trial: Trial) -> list[Heard]:
        """Return the recording and its copy."""
        item = self.setting.item(trial.index)
        copy = self.spoiler.copies([item], trial.line, trial.index)[0]
        return [("Recording", trial.told["source"], item.wet), ("Copy", trial.line, copy.wet)]

    def _clean(self, index: int) -> tuple[Item, Estimate]:
        if self.last is None or self.last[0] != index:
            item = self.setting.item(index)
            self.last = index, item, self.setting.ear(item.wet)
        return self.last[1:]

    def _jaccard(self, a: Graph, b: Graph) -> float:
        return iou_by_segment(a, b, SPECS) if self.setting.by_track else node_iou(a, b)


def moved(a: Graph, b: Graph) -> float:
    """Return how far apart, in travel, the knobs and cables of two graphs are at most.

    Returns:
        The largest difference; infinity where the graphs are not of the same types, wired alike.
    """
    a, b = (canonical(graph, SPECS) for graph in (a, b))
    if prototype(a) != prototype(b):
        return math.inf
    gaps = [0.0]
    for one, other in zip(a.nodes, b.nodes, strict=True):
        params = SPECS[one.type].params
        gaps += [param.distance(one.knobs[n], other.knobs[n]) for n, param in params.items()]
    for cable, twin in zip(a.edges, b.edges, strict=True):
        gaps.append(GAIN.distance(cable.gain_db, twin.gain_db))
        gaps.append(DEPTH.distance(cable.depth, twin.depth))
    return max(gaps)
