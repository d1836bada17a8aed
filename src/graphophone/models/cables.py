"""Which cables a new node has to those before it: the edge prediction of row 5 of Table 2.

Section 4.3 of the paper: a node-by-node method "estimates the next node type first and then
performs an edge prediction task using the transformer outputs", after Y. Li, O. Vinyals, C. Dyer,
R. Pascanu and P. Battaglia, Learning Deep Generative Models of Graphs, 2018. Parallel cables of
different kinds are legal here, so every kind in either direction is a question of its own.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from graphophone.codec.tokens import EDGE, NODE
from graphophone.models.batch import TokenBatch
from graphophone.models.shapes import Cables, CableScores, Hidden, New, Old, Pairs, Used

PAIR = 64
"""Most units of the layer that looks at two nodes: pairs are many."""


class NodePlaces(NamedTuple):
    """Where the nodes of sequences stand.

    Attributes:
        places: Position of each node's token (batch, nodes); 0 where there are fewer.
        there: Whether there is such a node (batch, nodes).
    """

    places: Tensor
    there: Used

    @classmethod
    def of(cls, tokens: TokenBatch) -> "NodePlaces":
        """Find them."""
        nodes = tokens.types == NODE
        most = int(nodes.sum(1).max())
        places = nodes.to(torch.int8).sort(dim=1, descending=True, stable=True).indices[:, :most]
        there = torch.arange(most, device=places.device) < nodes.sum(1, keepdim=True)
        return cls(places.masked_fill(~there, 0), there)

    @property
    def pairs(self) -> Pairs:
        """Which pairs of a new node and one before it there are (batch, new, old)."""
        return (self.there[:, :, None] & self.there[:, None, :]).tril(-1)


class CableHead(nn.Module):
    """Vectors of two nodes to the logits of all cables between them.

    Args:
        width: Size of the vectors.
        kinds: Number of edge kinds.
    """

    def __init__(self, width: int, kinds: int) -> None:
        super().__init__()
        self.new = nn.Linear(width, min(PAIR, width))
        self.old = nn.Linear(width, min(PAIR, width))
        self.ways = nn.Linear(min(PAIR, width), 2 * kinds)
        nn.init.constant_(self.ways.bias, -5.0)  # cables are few: at first there are none

    def forward(self, new: New, old: Old) -> CableScores:
        """Score cables between each new node and each old one."""
        out: Tensor = self.ways(F.gelu(self.new(new)[:, :, None] + self.old(old)[:, None]))
        return out


def nodes_of(hidden: Hidden, nodes: NodePlaces) -> New:
    """Return the vectors of node tokens alone (batch, nodes, width)."""
    return hidden.gather(1, nodes.places[..., None].expand(-1, -1, hidden.shape[-1]))


def true_cables(tokens: TokenBatch, nodes: int, kinds: int) -> Cables:
    """Lay the cables of graphs out as :class:`CableHead` scores them.

    Args:
        tokens: The graphs.
        nodes: Most nodes of a graph.
        kinds: Number of edge kinds.
    """
    there = torch.zeros(len(tokens.types), nodes, nodes, 2 * kinds, dtype=torch.bool)
    there = there.to(tokens.types.device)
    row, place = (tokens.types == EDGE).nonzero(as_tuple=True)
    source, target = tokens.sources[row, place], tokens.targets[row, place]
    new, old = torch.maximum(source, target), torch.minimum(source, target)
    there[row, new, old, tokens.kinds[row, place] + kinds * (target > source)] = True
    return there
