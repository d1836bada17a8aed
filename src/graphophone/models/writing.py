"""Let a model write token sequences: freely, by the grammar, or after the true tokens."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from graphophone.codec.grammar import Grammar, Legal, State
from graphophone.codec.tokens import EDGE, END, NODE, SAID, START, Token, Tokens
from graphophone.models.batch import TokenBatch
from graphophone.models.model import GraphModel
from graphophone.models.shapes import Latents

Row = np.ndarray[Any, np.dtype[np.float32]]
FIRST: Token = (START, -1, -1, -1)


class Scores(NamedTuple):
    """Log-probabilities of the next token, as in :class:`graphophone.models.model.NextToken`."""

    types: Row
    node_kinds: Row
    edge_kinds: Row
    sources: Row
    targets: Row


@dataclass(frozen=True, slots=True)
class Written:
    """A sequence and how sure the model was of each token.

    Attributes:
        tokens: The sequence; it ends in an end token unless it was cut short.
        probabilities: Of the type and kind of each token, and of both ends of an edge; 1 for
            the start.
    """

    tokens: Tokens
    probabilities: tuple[float, ...]

    @property
    def ended(self) -> bool:
        """Whether the model came to an end."""
        return self.tokens.types[-1] == END

    @property
    def log_probability(self) -> float:
        """Logarithm of the probability of the whole sequence."""
        return sum(math.log(max(p, 1e-30)) for p in self.probabilities)


@torch.inference_mode()
def write(
    model: GraphModel,
    latents: Latents,
    grammar: Grammar | None,
    max_tokens: int = 192,
) -> list[Written]:
    """Write one sequence for each row of latents, always taking the most probable token.

    The type is decided first, then what belongs to it, so that a token of many likely kinds
    is not passed over for an early end.

    Args:
        model: The model, in evaluation mode.
        latents: What it heard.
        grammar: Rules to keep to; without them a sequence may be any nonsense.
        max_tokens: Longest sequence.
    """
    states = [State(grammar) if grammar else None for _ in latents]
    rows: list[list[Token]] = [[FIRST] for _ in latents]
    sure: list[list[float]] = [[1.0] for _ in latents]
    going = list(range(len(latents)))
    memory = model.memory()
    while going and len(rows[going[0]]) < max_tokens:
        last = TokenBatch.of([_tokens(rows[i][-1:]) for i in going]).to(latents.device)
        scores = model.write_on(latents[going], last, memory)
        ahead = [F.log_softmax(part[:, -1].cpu(), dim=-1).numpy() for part in scores]
        stay = []
        for place, i in enumerate(going):
            state = states[i]
            legal = state.legal() if state else None
            choice = choose(Scores(*(part[place] for part in ahead)), legal, _count(rows[i]))
            if choice is None:
                continue
            token, probability = choice
            rows[i].append(token)
            sure[i].append(probability)
            if state:
                state.push(token)
            if token[0] != END:
                stay.append(place)
        if len(stay) < len(going):
            memory.keep(stay)
            going = [going[place] for place in stay]
    return [Written(_tokens(r), tuple(p)) for r, p in zip(rows, sure, strict=True)]


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
    ahead = [F.log_softmax(part, dim=-1).cpu().numpy() for part in model.write(latents, batch)]
    results = []
    for row, truth in enumerate(truths):
        state = State(grammar) if grammar else None
        tokens = []
        for place, true in enumerate(list(truth.rows())[1:]):
            scores = Scores(*(part[row, place] for part in ahead))
            nodes = sum(t == NODE for t in truth.types[: place + 1])
            choice = choose(scores, state.legal() if state else None, nodes)
            tokens.append(choice[0] if choice else (END, -1, -1, -1))
            if state:
                state.push(true)
        results.append(tokens)
    return results


def choose(scores: Scores, legal: Legal | None, nodes: int) -> tuple[Token, float] | None:
    """Take the most probable type, then the most probable token of that type.

    Args:
        scores: Log-probabilities of each head, one dimension each.
        legal: What is allowed; ``None`` allows everything, wrong ids of new nodes too.
        nodes: Number of nodes so far, which is the id of a new one.

    Returns:
        The token and the probability of what was chosen, or nothing if nothing is legal.
    """
    types = scores.types.copy()
    if legal is not None:
        if not legal.anything:
            return None
        types[[not legal.nodes.any(), len(legal.edges) == 0, not legal.end]] = -np.inf
    type_ = SAID[int(types.argmax())]
    log = float(scores.types[type_ - SAID[0]])
    if type_ == END:
        return (END, -1, -1, -1), math.exp(log)
    if type_ == NODE:
        kinds = scores.node_kinds
        if legal is not None:
            kinds = np.where(legal.nodes, kinds, -np.inf)
        kind, ends = int(kinds.argmax()), (nodes, nodes)
        if legal is None:
            ends = int(scores.sources.argmax()), int(scores.targets.argmax())
        return (NODE, kind, *ends), math.exp(log + float(scores.node_kinds[kind]))
    if legal is None:
        source, target = int(scores.sources.argmax()), int(scores.targets.argmax())
        kind = int(scores.edge_kinds.argmax())
    else:
        source, target, kind = legal.edges[int(_edge_scores(scores, legal.edges).argmax())].tolist()
    edge = np.array([[source, target, kind]])
    return (EDGE, kind, source, target), math.exp(log + float(_edge_scores(scores, edge)[0]))


def _edge_scores(scores: Scores, edges: Any) -> Any:
    """Return the log-probability of each (source, target, kind)."""
    parts = (scores.sources, scores.targets, scores.edge_kinds)
    return sum(part[edges[:, column]] for column, part in enumerate(parts))


def _count(rows: Sequence[Token]) -> int:
    return sum(row[0] == NODE for row in rows)


def _tokens(rows: Sequence[Token]) -> Tokens:
    return Tokens(*zip(*rows, strict=True))
