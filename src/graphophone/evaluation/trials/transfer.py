"""The suite ``transfer``: hear an effect on one voice, put it on another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.losses import spectra, spectral_distance
from graphophone.audio.match_eq import match_eq
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.tally import Figure, Tally, quantile, summarise
from graphophone.evaluation.trials.setting import Setting, graph_of, mixture, told, who
from graphophone.evaluation.trials.telling import explained
from graphophone.evaluation.trials.trial import Aim, Heard, Trial
from graphophone.generation.item import Item
from graphophone.sources import Dry
from graphophone.tensors import Stereo

DRAWS = 50
"""Recordings that are drawn to find one of another voice, or of a kit with the same drums."""
RIVALS = ("bypass", "match_eq")
AIM = Aim(0.8)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Estimate a graph from a wet recording of voice A, and put it on a dry recording of voice B.

    What is right is the true graph on B. An estimate is worth something where it comes nearer to
    that than B itself (``bypass``) and than what an equaliser alone can do: B with the average
    spectrum of the wet recording of A (``match_eq``).
    """

    setting: Setting
    name = "transfer"
    bad = "distance from the true graph on the other voice"

    @property
    def lines(self) -> tuple[str, ...]:
        """The task alone."""
        return (self.setting.task,)

    @property
    def missing(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    @property
    def conditions(self) -> Mapping[str, Any]:
        """What decides the trials."""
        return self.setting.conditions(suite=self.name)

    @torch.inference_mode()
    def trial(self, line: str, index: int) -> Trial:
        """Transfer one graph."""
        item = self.setting.item(index)
        other = self._other(item, index)
        estimate = self.setting.ear(item.wet)
        stage = Stage(other.tracks, RATE)
        sounds = {
            "mss": stage.sound(estimate.graph),
            "bypass": mixture(other.tracks)[None],
            "match_eq": match_eq(mixture(other.tracks), item.wet)[None],
        }
        truth = stage.spectra(item.graph)
        figures = {
            name: float(spectral_distance(truth, spectra(sound))[0])
            for name, sound in sounds.items()
        }
        return Trial(
            line,
            index,
            figures,
            told=told(
                estimate,
                item.graph,
                source=who(item.provenance),
                other=who(other.provenance),
                why=explained(item.graph, estimate.graph, estimate.verdict.nodes),
            ),
        )

    def figures(self, line: str, trials: Sequence[Trial], seed: int) -> dict[str, Figure]:
        """Return shares of pairs, medians, and what the worst 5 % exceed."""
        columns = {name: [t.figures[name] for t in trials] for name in ("mss", *RIVALS)}
        shares = summarise(
            [
                {
                    "better": Tally(float(all(t.figures["mss"] < t.figures[r] for r in RIVALS))),
                    **{
                        f"below_{rival}": Tally(float(t.figures["mss"] < t.figures[rival]))
                        for rival in RIVALS
                    },
                }
                for t in trials
            ],
            seed,
        )
        found = dict(shares)
        for title, share in (("median", 0.5), ("worst_5_percent", 0.95)):
            for name, values in columns.items():
                found[f"{name}_{title}"] = quantile(values, share, seed)
        return found

    def aims(self, line: str) -> Mapping[str, Aim]:
        """Return the share of pairs that is aimed at."""
        return {"better": AIM}

    def badness(self, trial: Trial) -> float:
        """Return the distance."""
        return trial.figures["mss"]

    @torch.inference_mode()
    def sounds(self, trial: Trial) -> list[Heard]:
        """Return the wet recording, the other voice, and both graphs on it."""
        item = self.setting.item(trial.index)
        other = self._other(item, trial.index)
        stage, estimate = Stage(other.tracks, RATE), graph_of(trial.told["estimate"])
        dry = mixture(other.tracks)
        return [
            ("Wet", f"{trial.told['source']}, what was heard", item.wet),
            ("Other, dry", trial.told["other"], dry),
            ("True graph", "on the other", _kept(stage.sound(item.graph)[0])),
            ("Estimate", "on the other", _kept(stage.sound(estimate)[0])),
            ("Match EQ", "on the other", match_eq(dry, item.wet)),
        ]

    def _other(self, item: Item, index: int) -> Dry:
        """Draw a recording of another voice; of kits, one on which most of the drums are played."""
        rng = self.setting.rng("transfer", index)
        mine, best, most = who(item.provenance), Dry({}, {}), -2
        for _ in range(DRAWS):
            drawn = self.setting.pool.draw(rng, SEGMENT, RATE)
            another = not mine or who(drawn.provenance) != mine  # who has no name is another
            shared = len(item.dry.keys() & drawn.tracks.keys()) if another else -1
            if shared > most:
                best, most = drawn, shared
            if most == len(item.dry):
                break
        return best


def _kept(sound: Stereo) -> Stereo:
    """Return a sound that no later rendering writes over."""
    return sound.clone()
