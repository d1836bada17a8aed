"""What a training step makes small, and what is counted beside it.

Section 3 of the paper, "Training": cross-entropy with label smoothing for the next token,
given the true ones before it, and at the same time the l1 distance of knob travels on the
true prototype; in a single stage, on the true tokens before each. What differs node by node is in
:mod:`graphophone.training.steps`. :mod:`graphophone.training.hints` may be added.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F

from graphophone.codec.tokens import EDGE, NODE, PAD, SAID
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.model import GraphModel, NextStep, NextToken
from graphophone.models.shapes import Cepstra, Flags, Ids, Latents, Mel, Scalar, Travels
from graphophone.training.hints import Hints, knob_distance
from graphophone.training.steps import step_counts, step_loss


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
) -> tuple[Objective, NextToken | NextStep]:
    """Run both tasks on one batch."""
    settings = Settings(travel, live)
    if model.config.conditioning == "graph":
        latents = model.read(tokens, settings)
    else:
        latents = model.listen(mel, cepstra)
    scores, token, estimate = _decode(model, latents, tokens, settings, label_smoothing)
    parameter = knob_distance(estimate, travel, circular)[live].mean() if live.any() else token * 0
    hint = token.detach() * 0
    if hints is not None:
        presence, settings = hints(latents, tokens, places, travel, live, circular)
        hint = presence + parameter_weight * settings
    total = token + parameter_weight * parameter + hint_weight * hint
    return Objective(total, token, parameter, hint), scores


def _decode(
    model: GraphModel,
    latents: Latents,
    tokens: TokenBatch,
    settings: Settings,
    label_smoothing: float,
) -> tuple[NextToken | NextStep, Scalar, Travels]:
    """Return scores, the loss of tokens, and knobs of all tokens, as the model decodes them."""
    history, future = tokens.history(), tokens.future()
    if model.config.decoding == "single":
        scores, ahead = model.write_set(latents, history, settings.history(), future)
        loss = token_loss(scores, future, label_smoothing)
        return scores, loss, F.pad(ahead, (0, 0, 1, 0), value=0.5)
    estimate = model.set_knobs(latents, tokens.graph_only())
    if model.config.decoding == "nodes":
        steps = model.write_steps(latents, history)
        return steps, step_loss(steps, tokens, label_smoothing), estimate
    scores = model.write(latents, history)
    return scores, token_loss(scores, future, label_smoothing), estimate


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


def counted(scores: NextToken | NextStep, tokens: TokenBatch) -> Errors:
    """Count wrong tokens of whole sequences, however they were decoded."""
    if isinstance(scores, NextStep):
        return Errors(*step_counts(scores, tokens))
    return errors(scores, tokens.future())


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
