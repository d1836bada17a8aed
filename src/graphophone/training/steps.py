"""What a decoder that writes node by node makes small, and what is counted of it.

A next node is a token as any other. The cables of a step are questions of their own, of which
nearly all are answered by no: their loss is the negative log-likelihood of the true set of cables,
a node, and has no label smoothing, which would ask for many cables that are not there.
"""

import torch
import torch.nn.functional as F

from graphophone.codec.tokens import EDGE, END, NODE, SAID
from graphophone.models.batch import TokenBatch
from graphophone.models.cables import true_cables
from graphophone.models.model import NextStep
from graphophone.models.shapes import Scalar


def step_loss(scores: NextStep, tokens: TokenBatch, label_smoothing: float) -> Scalar:
    """Sum the losses of type and kind of next nodes, and of their cables.

    Args:
        scores: What was said after each token but the last.
        tokens: Whole sequences, in the order of steps.
        label_smoothing: Of types and kinds.
    """
    truth = tokens.future()
    nodes, asked = truth.types == NODE, (truth.types == NODE) | (truth.types == END)
    types = F.cross_entropy(
        scores.ahead.types[asked],
        truth.types[asked] - SAID[0],
        label_smoothing=label_smoothing,
    )
    kinds = F.cross_entropy(
        scores.ahead.node_kinds[nodes], truth.kinds[nodes], label_smoothing=label_smoothing
    )
    pairs = scores.nodes.pairs
    true = true_cables(tokens, pairs.shape[1], scores.cables.shape[-1] // 2)[pairs]
    unlikely = F.binary_cross_entropy_with_logits(
        scores.cables[pairs], true.float(), reduction="sum"
    )
    return types + kinds + unlikely / nodes.sum()


def step_counts(scores: NextStep, tokens: TokenBatch) -> tuple[int, int, int, int]:
    """Count wrong nodes, nodes, wrong cables, cables.

    Cables of a step are compared as sets: out of the larger one, as many are wrong as are not in
    both. A cable that is exchanged for another is one error, as it is token by token.
    """
    truth = tokens.future()
    nodes = truth.types == NODE
    types, kinds = scores.ahead.types.clone(), scores.ahead.node_kinds.argmax(-1)
    types[..., SAID.index(EDGE)] = -torch.inf
    right = nodes & (types.argmax(-1) == truth.types - SAID[0]) & (kinds == truth.kinds)
    pairs = scores.nodes.pairs[..., None]
    said = (scores.cables > 0) & pairs
    true = true_cables(tokens, said.shape[1], said.shape[-1] // 2) & pairs
    most = torch.maximum(said.sum((2, 3)), true.sum((2, 3)))
    both = (said & true).sum((2, 3))
    n = int(nodes.sum())
    return n - int(right.sum()), n, int((most - both).sum()), int(most.sum())
