"""Let a model write token sequences: freely, by the grammar, or after the true tokens."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from graphophone.codec.grammar import Grammar, Legal, State
from graphophone.codec.tokens import EDGE, END, NODE, SAID, START, Token, Tokens
from graphophone.models.batch import TokenBatch
from graphophone.models.model import GraphModel, NextToken
from graphophone.models.shapes import Latents

Row = np.ndarray[Any, np.dtype[np.float32]]
Draws = np.ndarray[Any, np.dtype[np.float64]]
"""Numbers in [0, 1), two for each token, that decide what is drawn."""
FIRST: Token = (START, -1, -1, -1)


class Scores(NamedTuple):
    """Log-probabilities of the next token, as in :class:`graphophone.models.model.NextToken`."""

    types: Row
    node_kinds: Row
    edge_kinds: Row
    sources: Row
    targets: Row


class Pen:
    """A model in the act of writing several sequences, a token at a time.

    Args:
        model: The model, in evaluation mode.
        latents: What it heard, a row a sequence.
    """

    def __init__(self, model: GraphModel, latents: Latents) -> None:
        self.model, self.latents, self.memory = model, latents, model.memory()

    def ahead(self, last: TokenBatch) -> NextToken:
        """Score what comes after the newest token of each sequence that goes on."""
        return self.model.write_on(self.latents, last, self.memory)

    def keep(self, rows: list[int]) -> None:
        """Forget all sequences but these; called between ``ahead`` and ``told``."""
        self.latents = self.latents[rows]
        self.memory.keep(rows)

    def told(self, rows: Sequence[Sequence[Token]]) -> None:
        """Hear what was chosen: all tokens of each sequence that goes on."""


@torch.inference_mode()
def write(
    model: GraphModel,
    latents: Latents,
    grammar: Grammar | None,
    max_tokens: int = 192,
    draws: Sequence[Draws | None] | None = None,
    smoothing: float = 0.0,
    pen: Pen | None = None,
) -> list[Tokens]:
    """Write one sequence for each row of latents.

    The type is decided first, then what belongs to it, so that a token of many likely kinds
    is not passed over for an early end.

    Args:
        model: The model, in evaluation mode.
        latents: What it heard.
        grammar: Rules to keep to; without them a sequence may be any nonsense.
        max_tokens: Longest sequence.
        draws: For each row the numbers that draw its tokens, each as often as the model thinks
            it right; or none, and the most probable token is taken.
        smoothing: Label smoothing of the training, which is taken back before drawing.
        pen: How the model is asked; by default one that leaves knobs for later.

    Returns:
        Sequences; each ends in an end token unless it was cut short.
    """
    states = [State(grammar) if grammar else None for _ in latents]
    rows: list[list[Token]] = [[FIRST] for _ in latents]
    luck = draws or [None] * len(latents)
    going = list(range(len(latents)))
    pen = pen or Pen(model, latents)
    while going and len(rows[going[0]]) < max_tokens:
        last = TokenBatch.of([tokens_of(rows[i][-1:]) for i in going]).to(latents.device)
        ahead = _ahead(pen.ahead(last), smoothing)
        stay = []
        for place, i in enumerate(going):
            state, row = states[i], luck[i]
            token = choose(
                Scores(*(part[place, -1] for part in ahead)),
                state.legal() if state else None,
                _count(rows[i]),
                None if row is None else row[len(rows[i])],
            )
            if token is None:
                continue
            rows[i].append(token)
            if state:
                state.push(token)
            if token[0] != END:
                stay.append(place)
        if len(stay) < len(going):
            pen.keep(stay)
            going = [going[place] for place in stay]
        pen.told([rows[i] for i in going])
    return [tokens_of(r) for r in rows]


@torch.inference_mode()
def said(
    model: GraphModel,
    latents: Latents,
    truths: Sequence[Tokens],
    grammar: Grammar | None = None,
) -> list[list[Token]]:
    """Return what the model says in place of each token but the start, shown those before it.

    Args:
        model: The model, in evaluation mode.
        latents: What it heard.
        truths: The true sequences, start and end included.
        grammar: Rules to keep to.
    """
    batch = TokenBatch.of(truths).to(latents.device).history()
    ahead = _ahead(model.write(latents, batch))
    results = []
    for row, truth in enumerate(truths):
        state = State(grammar) if grammar else None
        tokens = []
        for place, true in enumerate(list(truth.rows())[1:]):
            scores = Scores(*(part[row, place] for part in ahead))
            nodes = sum(t == NODE for t in truth.types[: place + 1])
            token = choose(scores, state.legal() if state else None, nodes)
            tokens.append(token or (END, -1, -1, -1))
            if state:
                state.push(true)
        results.append(tokens)
    return results


def choose(
    scores: Scores, legal: Legal | None, nodes: int, draw: Draws | None = None
) -> Token | None:
    """Choose a type, then a token of that type.

    Args:
        scores: Log-probabilities of each head, one dimension each.
        legal: What is allowed; ``None`` allows everything, wrong ids of new nodes too.
        nodes: Number of nodes so far, which is the id of a new one.
        draw: Two numbers in [0, 1) that draw the type and the token; without them the most
            probable ones are taken.

    Returns:
        The token, or nothing if nothing is legal.
    """
    first, second = (None, None) if draw is None else draw.tolist()
    types = scores.types
    if legal is not None:
        if not legal.anything:
            return None
        types = types.copy()
        types[[not legal.nodes.any(), len(legal.edges) == 0, not legal.end]] = -np.inf
    type_ = SAID[pick(types, first)]
    if type_ == END:
        return END, -1, -1, -1
    if type_ == NODE:
        if legal is None:
            ends = int(scores.sources.argmax()), int(scores.targets.argmax())
            return NODE, pick(scores.node_kinds, second), *ends
        kind = pick(np.where(legal.nodes, scores.node_kinds, -np.inf), second)
        return NODE, kind, nodes, nodes
    if legal is None:
        heads = (scores.edge_kinds, scores.sources, scores.targets)
        return EDGE, *(int(head.argmax()) for head in heads)  # type: ignore[return-value]
    parts = (scores.sources, scores.targets, scores.edge_kinds)
    together = sum(part[legal.edges[:, column]] for column, part in enumerate(parts))
    source, target, kind = legal.edges[pick(together, second)].tolist()
    return EDGE, kind, source, target


def pick(log: Any, draw: float | None) -> int:
    """Return the place of the largest log-probability, or draw a place by them."""
    if draw is None:
        return int(log.argmax())
    share = np.exp(log - log.max()).cumsum()
    return int(np.searchsorted(share, draw * share[-1], side="right"))


def _ahead(scores: NextToken, smoothing: float = 0.0) -> list[Any]:
    return [log_probabilities(logits, smoothing) for logits in scores]


def log_probabilities(logits: Tensor, smoothing: float = 0.0) -> Any:
    """Return log-probabilities of one head as an array; label smoothing is taken back.

    Trained with smoothing s on K classes, a head learns (1 - s) p + s / K where p is right.
    """
    p = F.softmax(logits.double(), dim=-1)
    if smoothing:
        p = torch.maximum(p - smoothing / p.shape[-1], 1e-9 * p) / (1 - smoothing)
    return p.log().cpu().numpy()


def _count(rows: Sequence[Token]) -> int:
    return sum(row[0] == NODE for row in rows)


def tokens_of(rows: Sequence[Token]) -> Tokens:
    """Return tokens as a sequence."""
    return Tokens(*zip(*rows, strict=True))
