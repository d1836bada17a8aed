"""What a training step makes small, and what is counted beside it.

Section 3 of the paper, "Training": cross-entropy with label smoothing for the next token,
given the true ones before it, and at the same time the l1 distance of knob travels on the
true prototype. :mod:`graphophone.training.hints` may be added.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F

from graphophone.codec.tokens import EDGE, NODE, PAD, SAID
from graphophone.models.batch import TokenBatch
from graphophone.models.model import GraphModel, NextToken
from graphophone.models.shapes import Cepstra, Flags, Ids, Mel, Scalar, Travels
from graphophone.training.hints import Hints, knob_distance


class Objective(NamedTuple):
    """Means over one batch.

    Attributes:
        total: What is minimised.
        token: Sum of the cross-entropies of all heads.
        parameter: Mean distance of live knob travels.
        hint: What the latents leave unsaid; 0 where they are not asked.
    """

    total: Scalar
    token: Scalar
    parameter: Scalar
    hint: Scalar


class Errors(NamedTuple):
    """Counts over one batch, for teacher-forced error rates."""

    node_wrong: int
    nodes: int
    edge_wrong: int
    edges: int


def objective(
    model: GraphModel,
    mel: Mel,
    cepstra: Cepstra | None,
    tokens: TokenBatch,
    places: Ids,
    travel: Travels,
    live: Flags,
    circular: Flags,
    *,
    label_smoothing: float,
    parameter_weight: float,
    hints: Hints | None = None,
    hint_weight: float = 0.0,
) -> tuple[Objective, NextToken]:
    """Run both tasks on one batch."""
    latents = model.listen(mel, cepstra)
    scores = model.write(latents, tokens.history())
    token = token_loss(scores, tokens.future(), label_smoothing)
    estimate = model.set_knobs(latents, tokens.graph_only())
    parameter = knob_distance(estimate, travel, circular)[live].mean() if live.any() else token * 0
    hint = token.detach() * 0
    if hints is not None:
        presence, settings = hints(latents, tokens, places, travel, live, circular)
        hint = presence + parameter_weight * settings
    total = token + parameter_weight * parameter + hint_weight * hint
    return Objective(total, token, parameter, hint), scores


def token_loss(scores: NextToken, truth: TokenBatch, label_smoothing: float) -> Scalar:
    """Sum the mean cross-entropies of the heads, each over the tokens that it speaks for."""
    nodes, edges = truth.types == NODE, truth.types == EDGE
    said = truth.types != PAD
    placed = nodes | edges
    parts = (
        (scores.types, truth.types - SAID[0], said),
        (scores.node_kinds, truth.kinds, nodes),
        (scores.edge_kinds, truth.kinds, edges),
        (scores.sources, truth.sources, placed),
        (scores.targets, truth.targets, placed),
    )
    losses = [
        F.cross_entropy(logits[mask], labels[mask], label_smoothing=label_smoothing)
        for logits, labels, mask in parts
    ]
    return torch.stack(losses).sum()


def errors(scores: NextToken, truth: TokenBatch) -> Errors:
    """Count wrong tokens: those whose type, id or kind is not the most probable one."""
    nodes, edges = truth.types == NODE, truth.types == EDGE
    placed = (scores.types.argmax(-1) == truth.types - SAID[0]) & (
        (scores.sources.argmax(-1) == truth.sources) & (scores.targets.argmax(-1) == truth.targets)
    )
    node_right = nodes & placed & (scores.node_kinds.argmax(-1) == truth.kinds)
    edge_right = edges & placed & (scores.edge_kinds.argmax(-1) == truth.kinds)
    n, e = int(nodes.sum()), int(edges.sum())
    return Errors(n - int(node_right.sum()), n, e - int(edge_right.sum()), e)
