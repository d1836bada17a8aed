"""Tokens in steps: a node, then all its cables to the nodes before it.

Row 5 of Table 2 in Lee et al. 2023 decodes graphs "node-by-node". The nodes are those of
:mod:`graphophone.codec.tokens`, with the same ids in the same order, and so are the cables; only
where a cable stands is different: in the step of the later of its two ends.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from graphophone.codec.tokens import EDGE, END, NODE, Token, Tokens

Array = np.ndarray[Any, np.dtype[Any]]


class Step(NamedTuple):
    """One step of a decoder.

    Attributes:
        node: The token of the next node, or of the end.
        cables: The tokens of all its cables to nodes before it, and from them.
    """

    node: Token
    cables: frozenset[Token]


def step_order(
    types: Sequence[int] | Array,
    kinds: Sequence[int] | Array,
    sources: Sequence[int] | Array,
    targets: Sequence[int] | Array,
) -> Array:
    """Return the places of tokens in the order of steps; cables of a step by source and target."""
    type_, source, target = np.asarray(types), np.asarray(sources), np.asarray(targets)
    step = np.maximum(source, target)  # -1 for the start
    step = np.where(type_ == END, len(type_), step)
    return np.lexsort((np.asarray(kinds), target, source, type_ == EDGE, step))


def by_step(tokens: Tokens) -> Tokens:
    """Return the same tokens in the order of steps."""
    order = step_order(tokens.types, tokens.kinds, tokens.sources, tokens.targets)
    rows = list(tokens.rows())
    return Tokens(*zip(*(rows[place] for place in order), strict=True))


def steps_of(tokens: Tokens) -> list[Step]:
    """Split a sequence, in whichever order, into its steps; the end is the last."""
    rows = list(by_step(tokens).rows())
    first = [place for place, row in enumerate(rows) if row[0] in (NODE, END)]
    return [
        Step(rows[a], frozenset(rows[a + 1 : b]))
        for a, b in zip(first, [*first[1:], len(rows)], strict=True)
    ]
