"""What an estimator says about recordings, in every way that a metric asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from graphophone.audio.heard import Heard
from graphophone.codec.tokens import END, Token, Tokens, decode
from graphophone.codec.travel import Travel, with_travels
from graphophone.evaluation.audio import Stage
from graphophone.evaluation.parameters import parameter_loss
from graphophone.evaluation.prototype import free_errors, iou, is_valid, token_errors
from graphophone.evaluation.tally import Score, Tally
from graphophone.graph.model import Graph
from graphophone.models.estimator import Estimator
from graphophone.models.writing import write
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
        oracle: The true prototype with these knobs.
        free: Prototype decoded freely without the mask; it may break any rule.
        valid: Whether it breaks none and came to an end.
        free_finished: The same with estimated knobs; where it is not valid nothing can be
            rendered, and the masked graph, which is what a user gets, stands in.
        masked: What a user gets: the graph that has most in common with all readings drawn
            with the mask, knobs estimated.
    """

    said: list[Token]
    said_masked: list[Token]
    values: Tensor
    oracle: Graph
    free: Graph
    valid: bool
    free_finished: Graph
    masked: Graph


@torch.inference_mode()
def answers(estimator: Estimator, heard: Heard, truths: Sequence[Tokens]) -> list[Answer]:
    """Ask an estimator everything about a batch of recordings.

    Args:
        estimator: Whom to ask.
        heard: What there is to hear of them.
        truths: The true prototypes, which only the teacher-forced answers and those about
            knobs are shown.
    """
    vocabulary = estimator.vocabulary
    latents = estimator.listen(*heard)
    values = estimator.travels(latents, truths)
    masked = estimator.graphs(latents)
    written = write(estimator.model, latents, None, estimator.grammar.max_tokens)
    free = [decode(tokens, vocabulary) for tokens in written]
    valid = [
        tokens.types[-1] == END and is_valid(graph)
        for tokens, graph in zip(written, free, strict=True)
    ]
    finished = list(masked)
    if good := [i for i, ok in enumerate(valid) if ok]:
        for i, graph in zip(
            good, estimator.set_knobs(latents[good], [free[i] for i in good]), strict=True
        ):
            finished[i] = graph
    said = estimator.said(latents, truths)
    said_masked = estimator.said(latents, truths, masked=True)
    return [
        Answer(
            said=said[i],
            said_masked=said_masked[i],
            values=values[i],
            oracle=with_travels(
                decode(truth, vocabulary), truth, values[i].tolist(), vocabulary, SPECS
            ),
            free=free[i],
            valid=valid[i],
            free_finished=finished[i],
            masked=masked[i],
        )
        for i, truth in enumerate(truths)
    ]


def score(truth: Truth, answer: Answer, *, by_track: bool) -> Score:
    """Score an answer on every metric.

    Args:
        truth: The example.
        answer: What was said about it.
        by_track: Whether overlap is counted by track, as for drums.
    """
    true, stage = truth.graph, truth.stage
    return {
        **token_errors(truth.tokens, answer.said),
        "invalid_rate": Tally(float(not answer.valid)),
        "iou": iou(true, answer.free, by_track=by_track),
        "mss_default": Tally(stage.default_distance(true, answer.free_finished)),
        "parameter_loss": parameter_loss(truth.travel, answer.values),
        "mss_oracle": Tally(stage.distance(true, answer.oracle)),
        "mss_full": Tally(stage.distance(true, answer.free_finished)),
        **token_errors(truth.tokens, answer.said_masked, "_masked"),
        **free_errors(true, answer.free),
        "iou_masked": iou(true, answer.masked, by_track=by_track),
        "mss_default_masked": Tally(stage.default_distance(true, answer.masked)),
        "mss_full_masked": Tally(stage.distance(true, answer.masked)),
        **free_errors(true, answer.masked, "_masked"),
    }
