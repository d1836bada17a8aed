"""Let a model write graphs node by node: freely, by the grammar, or after the true steps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from graphophone.codec.grammar import Grammar, Legal, State
from graphophone.codec.steps import Step, by_step, steps_of
from graphophone.codec.tokens import EDGE, END, NODE, PAD, SAID, Token, Tokens
from graphophone.models.batch import TokenBatch
from graphophone.models.model import GraphModel, NextToken
from graphophone.models.shapes import Latents
from graphophone.models.writing import FIRST, Draws, log_probabilities, pick, tokens_of

Row = np.ndarray[Any, np.dtype[np.float64]]
Chances = np.ndarray[Any, np.dtype[np.float64]]
"""Probability of each cable of a new node (old node, way)."""
EVEN = 0.5
"""A cable that is more probable than this is said to be there."""
NOTHING: Token = (PAD, -1, -1, -1)


class Draft:
    """One sequence in the making.

    Args:
        grammar: Rules to keep to; without them a sequence may be any nonsense.
        longest: Most tokens.
        most: Most nodes.
        luck: Numbers that draw its nodes and cables; without them the most probable ones are taken.
    """

    def __init__(
        self, grammar: Grammar | None, longest: int, most: int, luck: Draws | None
    ) -> None:
        self.rows = [FIRST]
        self.state = State(grammar) if grammar else None
        self.longest, self.most, self.luck = longest, most, luck
        self.nodes = 0

    def next_node(self, types: Row, kinds: Row) -> Token | None:
        """Choose the next node or the end, and append it; nothing where nothing is legal.

        Args:
            types: Log-probabilities over ``SAID``.
            kinds: Log-probabilities over node kinds.
        """
        if len(self.rows) >= self.longest:
            return None
        first = None if self.luck is None else float(self.luck[len(self.rows), 0])
        token = choose_node(types, kinds, self.state.legal() if self.state else None, first)
        if token is None:
            return None
        if token[0] == NODE:
            if self.nodes == self.most:
                return None
            token = (NODE, token[1], self.nodes, self.nodes)
            self.nodes += 1
        self._push(token)
        return token

    def plug(self, chances: Chances) -> list[Token]:
        """Append the cables of the newest node, and return them."""
        wanted = chances > EVEN
        if self.luck is not None:  # one number opens a sequence of them, one a cable
            seed = int(self.luck[len(self.rows) - 1, 1] * 2**53)
            wanted = np.random.default_rng(seed).random(chances.shape) < chances
        room = self.longest - 1 - len(self.rows)
        cables = choose_cables(chances, wanted, self.nodes - 1, self.state, room)
        for cable in cables:
            self._push(cable)
        return cables

    def _push(self, token: Token) -> None:
        self.rows.append(token)
        if self.state:
            self.state.push(token)


@torch.inference_mode()
def write_steps(
    model: GraphModel,
    latents: Latents,
    grammar: Grammar | None,
    max_tokens: int = 192,
    draws: Sequence[Draws | None] | None = None,
    smoothing: float = 0.0,
) -> list[Tokens]:
    """Write one sequence for each row of latents, in the order of steps.

    The arguments are those of :func:`graphophone.models.writing.write`. With a grammar a new node
    has the most probable of the cables that may come from it, and then all that are said to be
    there and are legal.
    """
    luck = draws or [None] * len(latents)
    drafts = [Draft(grammar, max_tokens, model.config.max_nodes, one) for one in luck]
    heard = [latents.new_zeros(0, latents.shape[2]) for _ in drafts]
    going, memory = list(range(len(drafts))), model.memory()
    ahead, _ = model.write_steps_on(latents, _batch([[FIRST] for _ in going], latents), memory)
    types, kinds = _node_scores(ahead, smoothing, [0] * len(going))
    while going:
        chosen = [drafts[i].next_node(types[p], kinds[p]) for p, i in enumerate(going)]
        stay = [place for place, token in enumerate(chosen) if token and token[0] == NODE]
        if not stay:
            break
        memory.keep(stay)
        going = [going[place] for place in stay]
        nodes = [[drafts[i].rows[-1]] for i in going]
        ahead, hidden = model.write_steps_on(latents[going], _batch(nodes, latents), memory)
        types, kinds = _node_scores(ahead, smoothing, [0] * len(going))
        cables = []
        for place, i in enumerate(going):
            scores = model.score_cables(hidden[place][None], heard[i][None])[0, 0]
            cables.append(drafts[i].plug(torch.sigmoid(scores.double()).cpu().numpy()))
            heard[i] = torch.cat([heard[i], hidden[place]])
        if any(cables):
            padded = _batch([one or [NOTHING] for one in cables], latents)
            ahead, _ = model.write_steps_on(latents[going], padded, memory)
            last = [max(len(one) - 1, 0) for one in cables]
            told = np.array([bool(one) for one in cables])[:, None]
            after = _node_scores(ahead, smoothing, last)
            types, kinds = np.where(told, after[0], types), np.where(told, after[1], kinds)
    return [tokens_of(draft.rows) for draft in drafts]


@torch.inference_mode()
def said_steps(
    model: GraphModel,
    latents: Latents,
    truths: Sequence[Tokens],
    grammar: Grammar | None = None,
) -> list[list[Step]]:
    """Return what the model says in place of each true step, shown those before it.

    Cables are asked for on the true node.

    Args:
        model: The model, in evaluation mode.
        latents: What it heard.
        truths: The true sequences, in whichever order.
        grammar: Rules to keep to.
    """
    ordered = [by_step(tokens) for tokens in truths]
    step = model.write_steps(latents, TokenBatch.of(ordered).to(latents.device).history())
    types, kinds = (log_probabilities(part) for part in (step.ahead.types, step.ahead.node_kinds))
    chances = torch.sigmoid(step.cables.double()).cpu().numpy()
    results = []
    for row, tokens in enumerate(ordered):
        state = State(grammar) if grammar else None
        said, place, node = [], 0, 0
        for true in steps_of(tokens):
            legal = state.legal() if state else None
            token = choose_node(types[row, place], kinds[row, place], legal)
            token = token or (END, -1, -1, -1)
            if token[0] == NODE:
                token = (NODE, token[1], node, node)
            cables: list[Token] = []
            if true.node[0] == NODE:
                own = chances[row, node, :node]
                after = state.copy() if state else None
                if after:
                    after.push(true.node)
                cables = choose_cables(own, own > EVEN, node, after, own.size)
                node += 1
            said.append(Step(token, frozenset(cables)))
            if state:
                for one in (true.node, *sorted(true.cables)):
                    state.push(one)
            place += 1 + len(true.cables)
        results.append(said)
    return results


def choose_node(
    types: Row, kinds: Row, legal: Legal | None, draw: float | None = None
) -> Token | None:
    """Choose the next node, its id left open, or the end; nothing if neither is legal.

    One draw in [0, 1) serves both: what is left of it after the type draws the kind.
    """
    node, end = types[SAID.index(NODE)], types[SAID.index(END)]
    if legal is not None:
        kinds = np.where(legal.nodes, kinds, -np.inf)
        node = node if legal.nodes.any() else -np.inf
        end = end if legal.end else -np.inf
    if max(node, end) == -np.inf:
        return None
    share = float(np.exp(node) / (np.exp(node) + np.exp(end)))
    if node < end if draw is None else draw >= share:
        return END, -1, -1, -1
    return NODE, pick(kinds, None if draw is None else draw / share), -1, -1


def choose_cables(
    chances: Chances, wanted: Any, node: int, state: State | None, room: int
) -> list[Token]:
    """Choose the cables of a new node.

    Args:
        chances: Their probabilities.
        wanted: Which of them are said to be there.
        node: Id of the node; it is the newest one.
        state: The sequence with that node, where a grammar is to be kept to; it stays as it is.
        room: Most cables.

    Returns:
        Their tokens, ordered as in :func:`graphophone.codec.steps.step_order`.
    """
    kinds = chances.shape[1] // 2 if node else 0
    said = {_cable(node, int(old), int(way), kinds) for old, way in np.argwhere(wanted)}
    if state is None:
        return _ordered(said)[: max(room, 0)]
    found: list[Token] = []
    state = state.copy()
    while len(found) < room and (said or state.pending):
        legal = {(EDGE, kind, s, t) for s, t, kind in state.legal().edges.tolist()}
        able = legal & said
        if not able and state.pending:
            able = {cable for cable in legal if node in cable[2:]}
        if not able:
            break
        best = max(sorted(able), key=lambda cable: chances[_place(node, cable, kinds)])
        state.push(best)
        said.discard(best)
        found.append(best)
    return _ordered(found)


def _cable(node: int, old: int, way: int, kinds: int) -> Token:
    """Return a cable between a new node and an old one; the first half of all ways lead to it."""
    return (EDGE, way, node, old) if way < kinds else (EDGE, way - kinds, old, node)


def _place(node: int, cable: Token, kinds: int) -> tuple[int, int]:
    """Return the old node and the way of a cable: the inverse of :func:`_cable`."""
    _, kind, source, target = cable
    return (target, kind) if source == node else (source, kind + kinds)


def _ordered(cables: Any) -> list[Token]:
    return sorted(cables, key=lambda one: (one[2], one[3], one[1]))


def _batch(rows: Sequence[Sequence[Token]], latents: Latents) -> TokenBatch:
    return TokenBatch.of([tokens_of(row) for row in rows]).to(latents.device)


def _node_scores(ahead: NextToken, smoothing: float, last: Sequence[int]) -> tuple[Row, Row]:
    """Return log-probabilities of type and node kind after one token of each row."""
    rows = torch.arange(len(last))
    parts = (part[rows, torch.tensor(last)] for part in (ahead.types, ahead.node_kinds))
    types, kinds = (log_probabilities(part, smoothing) for part in parts)
    return types, kinds
