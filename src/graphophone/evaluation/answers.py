"""What an estimator says about recordings, in every way that a metric asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from graphophone.codec.tokens import END, Tokens, Vocabulary, decode
from graphophone.codec.travel import Travel, with_travels
from graphophone.evaluation.analysis import analyses
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.parameters import parameter_loss
from graphophone.evaluation.prototype import Said, free_errors, iou, is_valid, token_errors
from graphophone.evaluation.tally import NONE, Score, Tally
from graphophone.graph.model import Graph
from graphophone.models.estimator import Estimator
from graphophone.models.shapes import Latents
from graphophone.processors import SPECS


@dataclass(frozen=True, slots=True)
class Truth:
    """One example as the metrics see it.

    Attributes:
        graph: The true graph.
        tokens: Its prototype in canonical order.
        travel: Its knobs, a row a token.
        stage: Its dry clips.
    """

    graph: Graph
    tokens: Tokens
    travel: Travel
    stage: Stage


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said about one recording.

    Attributes:
        said: Next tokens when the true ones before each are shown, without the mask.
        said_masked: The same with the grammar mask.
        values: Knob travels estimated on the true prototype, a row a token.
        oracle: The true prototype with these knobs; none of a model that sets knobs along, for
            it sets none of a finished prototype.
        free: Prototype decoded freely without the mask; it may break any rule.
        valid: Whether it breaks none and came to an end.
        free_finished: The same with estimated knobs; where it is not valid nothing can be
            rendered, and the masked graph, which is what a user gets, stands in.
        masked: What a user gets: the graph that has most in common with all readings drawn
            with the mask, knobs estimated.
    """

    said: Said
    said_masked: Said
    values: Tensor
    oracle: Graph | None
    free: Graph
    valid: bool
    free_finished: Graph
    masked: Graph


@dataclass(frozen=True, slots=True)
class Free:
    """What was decoded freely, without the mask.

    Attributes:
        prototype: It may break any rule.
        finished: The same with estimated knobs, where it breaks none and came to an end.
    """

    prototype: Graph
    finished: Graph | None


@torch.inference_mode()
def freely(estimator: Estimator, latents: Latents) -> list[Free]:
    """Decode a row of latents each, greedily and without the mask."""
    written = estimator.written(latents, masked=False)
    prototypes = [decode(sketch.tokens, estimator.vocabulary) for sketch in written]
    finished: list[Graph | None] = [None] * len(written)
    good = [
        i
        for i, (sketch, graph) in enumerate(zip(written, prototypes, strict=True))
        if sketch.tokens.types[-1] == END and is_valid(graph)
    ]
    if good:
        graphs = estimator.finished(latents[good], [written[i] for i in good])
        for i, graph in zip(good, graphs, strict=True):
            finished[i] = graph
    return [Free(*pair) for pair in zip(prototypes, finished, strict=True)]


@torch.inference_mode()
def answers(estimator: Estimator, latents: Latents, truths: Sequence[Truth]) -> list[Answer]:
    """Ask an estimator everything about a batch of recordings.

    Args:
        estimator: Whom to ask.
        latents: What it knows of them (:func:`graphophone.evaluation.hearing.hear`).
        truths: What is true, which only the teacher-forced answers and those about knobs are
            shown.
    """
    vocabulary = estimator.vocabulary
    tokens = [truth.tokens for truth in truths]
    values = estimator.travels(latents, tokens, [truth.travel for truth in truths])
    masked = estimator.graphs(latents)
    free = freely(estimator, latents)
    finished = [
        mine if one.finished is None else one.finished
        for one, mine in zip(free, masked, strict=True)
    ]
    said = estimator.said(latents, tokens)
    said_masked = estimator.said(latents, tokens, masked=True)
    along = estimator.decoding == "single"
    return [
        Answer(
            said=said[i],
            said_masked=said_masked[i],
            values=values[i],
            oracle=None
            if along
            else with_travels(decode(one, vocabulary), one, values[i].tolist(), vocabulary, SPECS),
            free=free[i].prototype,
            valid=free[i].finished is not None,
            free_finished=finished[i],
            masked=masked[i],
        )
        for i, one in enumerate(tokens)
    ]


def score(truth: Truth, answer: Answer, vocabulary: Vocabulary, *, by_track: bool) -> Score:
    """Score an answer on every metric, and count its errors by their kind.

    Args:
        truth: The example.
        answer: What was said about it.
        vocabulary: What the numbers in tokens mean.
        by_track: Whether overlap is counted by track, as for drums.
    """
    true, stage, free = truth.graph, truth.stage, answer.free if answer.valid else None
    oracle = answer.oracle
    return {
        **token_errors(truth.tokens, answer.said),
        "invalid_rate": Tally(float(not answer.valid)),
        "iou": iou(true, answer.free, by_track=by_track),
        "mss_default": Tally(stage.default_distance(true, answer.free_finished)),
        "parameter_loss": parameter_loss(truth.travel, answer.values),
        "mss_oracle": NONE if oracle is None else Tally(stage.distance(true, oracle)),
        "mss_full": Tally(stage.distance(true, answer.free_finished)),
        **token_errors(truth.tokens, answer.said_masked, "_masked"),
        **free_errors(true, answer.free),
        "iou_masked": iou(true, answer.masked, by_track=by_track),
        "mss_default_masked": Tally(stage.default_distance(true, answer.masked)),
        "mss_full_masked": Tally(stage.distance(true, answer.masked)),
        **free_errors(true, answer.masked, "_masked"),
        **analyses(true, truth.tokens, answer.said, free, vocabulary, by_track=by_track),
    }
