"""Token sequences of several graphs, padded to one length."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from graphophone.codec.tokens import END, PAD, Tokens
from graphophone.models.shapes import Flags, Ids, Travels, Used


class TokenBatch(NamedTuple):
    """Token sequences; rows are padded at their end with ``PAD`` tokens.

    Attributes:
        types: Token types.
        kinds: Node kind of a node token, edge kind of an edge token, else -1.
        sources: Id of the node, or of the node an edge comes from, else -1.
        targets: Id of the node, or of the node an edge goes to, else -1.
    """

    types: Ids
    kinds: Ids
    sources: Ids
    targets: Ids

    @classmethod
    def of(cls, graphs: Sequence[Tokens]) -> "TokenBatch":
        """Stack token sequences."""
        length = max(len(tokens) for tokens in graphs)
        fill = {"types": PAD}
        return cls(
            *(
                torch.from_numpy(
                    np.stack(
                        [
                            np.pad(
                                np.asarray(getattr(tokens, name), np.int64),
                                (0, length - len(tokens)),
                                constant_values=fill.get(name, -1),
                            )
                            for tokens in graphs
                        ]
                    )
                )
                for name in cls._fields
            )
        )

    @property
    def used(self) -> Used:
        """Which tokens are none of the padding."""
        return self.types != PAD

    def history(self) -> "TokenBatch":
        """All tokens but the last: what the decoder has seen when it says each next one."""
        return TokenBatch(*(part[:, :-1] for part in self))

    def future(self) -> "TokenBatch":
        """All tokens but the first: what the decoder should say after each one."""
        return TokenBatch(*(part[:, 1:] for part in self))

    def graph_only(self) -> "TokenBatch":
        """The same tokens with every end token turned into padding: the finished prototype."""
        end = self.types == END
        return self._replace(types=self.types.masked_fill(end, PAD))

    def to(self, device: torch.device | str) -> "TokenBatch":
        """Move every tensor."""
        return TokenBatch(*(part.to(device) for part in self))


class Settings(NamedTuple):
    """Knobs of token sequences, a row for each token.

    Attributes:
        travel: Knob travels.
        live: Which of them do something; the rest is not looked at.
    """

    travel: Travels
    live: Flags

    def history(self) -> "Settings":
        """Those of all tokens but the last."""
        return Settings(*(part[:, :-1] for part in self))
