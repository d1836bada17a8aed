"""What models know of examples, each in its own way, and how their answers are scored."""

from collections.abc import Mapping, Sequence

import torch

from graphophone.audio.dry import DRY_NAMES, beside, dry_mels
from graphophone.audio.features import RATE
from graphophone.audio.heard import Packed
from graphophone.codec.tokens import encode
from graphophone.codec.travel import travels
from graphophone.evaluation.answers import Truth, answers, score
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.baselines import NAMES, Baselines
from graphophone.evaluation.reference import features
from graphophone.evaluation.tally import Score
from graphophone.generation.item import Item
from graphophone.models.estimator import Estimator
from graphophone.models.shapes import Latents
from graphophone.processors import SPECS
from graphophone.render.threads import side_by_side


@torch.inference_mode()
def hear(estimator: Estimator, items: Sequence[Item], wet: Packed) -> Latents:
    """Return what an estimator knows of examples.

    Args:
        estimator: Whom to ask. It hears the wet sound, the dry one too if it was trained so, or
            is shown the true graph if it is an autoencoder.
        items: The examples.
        wet: Features of their wet sound.
    """
    given = estimator.model.config.conditioning
    if given == "graph":
        return estimator.read([item.graph for item in items])
    if given in DRY_NAMES:
        mels = [
            beside(mel.numpy(), dry_mels(item.dry, given), given)
            for mel, item in zip(wet.mel, items, strict=True)
        ]
        wet = wet._replace(mel=torch.stack([torch.from_numpy(mel) for mel in mels]))
    return estimator.listen(*wet.unpacked())


def judged(
    items: Sequence[Item],
    asked: Mapping[str, Estimator],
    *,
    by_track: bool,
    baselines: Baselines | None = None,
) -> dict[str, list[Score]]:
    """Score models, and baselines where there are any, on a batch of examples.

    Args:
        items: The examples.
        asked: Models by name.
        by_track: Whether overlap is counted by track, as for drums.
        baselines: The trivial ones.

    Returns:
        A score an example for each name.
    """
    with torch.inference_mode():
        wet = Packed.of(torch.stack([item.wet for item in items]))
    stages = [Stage(item.dry, RATE) for item in items]
    knobs = [travels(item.graph, SPECS) for item in items]
    truths = {
        name: [
            Truth(item.graph, encode(item.graph, one.vocabulary, SPECS), travel, stage)
            for item, travel, stage in zip(items, knobs, stages, strict=True)
        ]
        for name, one in asked.items()
    }
    given = {name: answers(one, hear(one, items, wet), truths[name]) for name, one in asked.items()}

    @torch.inference_mode()
    def judge(i: int) -> dict[str, Score]:
        scores = {
            name: score(truths[name][i], given[name][i], one.vocabulary, by_track=by_track)
            for name, one in asked.items()
        }
        if baselines is not None:
            look = features(items[i].wet)
            scores |= baselines.scores(items[i].graph, knobs[i], look, stages[i])
        return scores

    found = side_by_side(judge, range(len(items)))
    names = (*asked, *NAMES) if baselines is not None else asked
    return {name: [scores[name] for scores in found] for name in names}
