"""Let a model set the knobs of each token as it writes it: the single stage of row 6 of Table 2.

Section 4.3 of the paper: "we decoded the node/edge parameters along with the categorical types.
Since the transformer only has access to the decoded intermediate graph, its parameter estimation
performance was much worse". Each token is heard with its knobs by those after it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphophone.codec.tokens import NODE, Token, Tokens
from graphophone.codec.travel import live_of
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.model import GraphModel, NextToken
from graphophone.models.shapes import Hidden, Latents
from graphophone.models.writing import Pen, tokens_of
from graphophone.processors import SPECS


class Sketch(NamedTuple):
    """A sequence that was written.

    Attributes:
        tokens: The sequence.
        values: Knob travels, a row a token, of a model that sets them along; else none.
    """

    tokens: Tokens
    values: tuple[tuple[float, ...], ...] = ()


class SettingPen(Pen):
    """A pen that sets knobs along."""

    def __init__(self, model: GraphModel, latents: Latents) -> None:
        super().__init__(model, latents)
        self.going = list(range(len(latents)))
        empty = (0.5,) * model.knobs
        self.values = [[empty] for _ in self.going]
        travel = latents.new_full((len(latents), 1, model.knobs), 0.5)
        self.settings = Settings(travel, torch.zeros_like(travel, dtype=torch.bool))
        self.hidden: Hidden = latents

    def ahead(self, last: TokenBatch) -> NextToken:
        """Score what comes after the newest token of each sequence, its knobs being heard."""
        scores, self.hidden = self.model.write_set_on(
            self.latents, last, self.memory, self.settings
        )
        return scores

    def keep(self, rows: list[int]) -> None:
        """Forget all sequences but these."""
        super().keep(rows)
        self.going = [self.going[row] for row in rows]
        self.hidden = self.hidden[rows]

    def told(self, rows: Sequence[Sequence[Token]]) -> None:
        """Set the newest token of each sequence."""
        if not rows:
            return
        newest = TokenBatch.of([tokens_of(row[-1:]) for row in rows]).to(self.hidden.device)
        travel = self.model.set_next(self.hidden, newest)
        live = []
        for i, row, values in zip(self.going, rows, travel[:, 0].tolist(), strict=True):
            self.values[i].append(tuple(values))
            kinds = [token[1] for token in row if token[0] == NODE]
            live.append(live_of(row[-1], kinds, values, self.model.vocabulary, SPECS))
        flags = torch.from_numpy(np.stack(live))[:, None].to(travel.device)
        self.settings = Settings(travel.to(self.hidden.dtype), flags)

    def sketches(self, written: Sequence[Tokens]) -> list[Sketch]:
        """Return what was written with its knobs."""
        empty = (0.5,) * self.model.knobs
        return [
            Sketch(tokens, (*values, *[empty] * (len(tokens) - len(values))))
            for tokens, values in zip(written, self.values, strict=True)
        ]


@torch.inference_mode()
def travels_along(
    model: GraphModel, latents: Latents, truths: Sequence[Tokens], settings: Settings
) -> list[Tensor]:
    """Return knob travels (tokens, knobs) of true graphs, each told the true tokens before it.

    Args:
        model: The model, in evaluation mode.
        latents: What it heard.
        truths: The true sequences.
        settings: Their true knobs, padded to the longest.
    """
    tokens = TokenBatch.of(truths).to(latents.device)
    _, travel = model.write_set(latents, tokens.history(), settings.history(), tokens.future())
    first = travel.new_full((len(travel), 1, model.knobs), 0.5)  # the start has no knobs
    whole = torch.cat([first, travel], dim=1).cpu()
    return [row[: len(one)] for row, one in zip(whole, truths, strict=True)]
