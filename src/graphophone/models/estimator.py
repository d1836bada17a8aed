"""From features to finished graphs: listen, write the prototype, set the knobs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from graphophone.codec.grammar import Grammar, finish
from graphophone.codec.tokens import EDGE, NODE, Tokens, decode, encode
from graphophone.codec.travel import with_travels
from graphophone.graph.model import Graph
from graphophone.graph.order import decoding_order
from graphophone.models.batch import TokenBatch
from graphophone.models.shapes import Latents, Mel
from graphophone.models.vote import Guess
from graphophone.models.weights import Weights, load_weights, pretrained
from graphophone.models.writing import Written, said, write
from graphophone.processors import SPECS
from graphophone.spec import SOURCES

TASK_SOURCES: Final = {"singing": ("voice",), "drums": tuple(s for s in SOURCES if s != "voice")}
"""Sources that may enter a graph of each task."""
TOKENS_PER_NODE: Final = 3
"""The longest sequence, in parts of the largest number of nodes."""


class Estimator:
    """A trained model in use; every graph that it gives is valid.

    Args:
        weights: The model and its task.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.model = weights.model
        self.vocabulary = weights.model.vocabulary
        nodes = weights.model.config.max_nodes
        self.grammar = Grammar(
            self.vocabulary, SPECS, TASK_SOURCES[weights.task], nodes, TOKENS_PER_NODE * nodes
        )

    @classmethod
    def load(cls, path: Path, device: torch.device | str = "cpu") -> "Estimator":
        """Load a model from a weight file."""
        return cls(load_weights(path, device))

    @classmethod
    def pretrained(cls, task: str, device: torch.device | str = "cpu") -> "Estimator":
        """Load the model that is shipped for a task."""
        return cls(pretrained(task, device))

    @property
    def task(self) -> str:
        """What the model was trained for."""
        return self.weights.task

    @torch.inference_mode()
    def __call__(self, mel: Mel) -> list[Guess]:
        """Return a finished graph for each row of features, with probabilities."""
        latents = self.listen(mel)
        guesses = [self._guess(one) for one in write(self.model, latents, self.grammar)]
        graphs = self.set_knobs(latents, [guess.graph for guess in guesses])
        return [replace(g, graph=graph) for g, graph in zip(guesses, graphs, strict=True)]

    @torch.inference_mode()
    def listen(self, mel: Mel) -> Latents:
        """Return what the encoder hears."""
        return self.model.listen(mel.to(next(self.model.parameters())))

    def prototypes(self, latents: Latents, *, masked: bool = True) -> list[Graph]:
        """Decode greedily; without the mask, prototypes may break any rule."""
        if masked:
            return [self._guess(w).graph for w in write(self.model, latents, self.grammar)]
        longest = self.grammar.max_tokens
        written = write(self.model, latents, None, longest)
        return [decode(w.tokens, self.vocabulary) for w in written]

    def said(
        self, latents: Latents, truths: Sequence[Tokens], *, masked: bool = False
    ) -> list[list[tuple[int, int, int, int]]]:
        """Return what is said in place of each true token, the true ones before it being shown."""
        return said(self.model, latents, truths, self.grammar if masked else None)

    @torch.inference_mode()
    def travels(self, latents: Latents, tokens: Sequence[Tokens]) -> list[Tensor]:
        """Return knob travels (tokens, knobs) for each finished sequence."""
        batch = TokenBatch.of(tokens).to(latents.device).graph_only()
        values = self.model.set_knobs(latents, batch).cpu()
        return [row[: len(one)] for row, one in zip(values, tokens, strict=True)]

    def set_knobs(self, latents: Latents, prototypes: Sequence[Graph]) -> list[Graph]:
        """Set every knob of valid prototypes; nodes come out in decoding order."""
        tokens = [encode(graph, self.vocabulary, SPECS) for graph in prototypes]
        return [
            with_travels(decode(one, self.vocabulary), one, row.tolist(), self.vocabulary, SPECS)
            for one, row in zip(tokens, self.travels(latents, tokens), strict=True)
        ]

    def _guess(self, written: Written) -> Guess:
        """Read a sequence as a valid prototype in decoding order, with its probabilities."""
        said = list(zip(written.tokens.rows(), written.probabilities, strict=True))
        nodes = [p for (type_, *_), p in said if type_ == NODE]
        edges = {
            (source, *self.vocabulary.edge_kinds[kind], target): p
            for (type_, kind, source, target), p in said
            if type_ == EDGE
        }
        graph = decode(written.tokens, self.vocabulary)
        named = (replace(node, id=str(i)) for i, node in enumerate(graph.nodes))
        graph = graph.with_parts(named, graph.edges)
        if not written.ended:
            graph = finish(graph, SPECS, self.grammar.sources)
        graph = graph.reordered(decoding_order(graph, SPECS).nodes)
        was = [int(node.id) if node.id else -1 for node in graph.nodes]
        return Guess(
            graph.with_parts((replace(node, id="") for node in graph.nodes), graph.edges),
            # What only the repair put there was never said: its probability is 0.
            tuple(nodes[i] if i >= 0 else 0.0 for i in was),
            tuple(
                edges.get((was[e.source], e.outlet, e.inlet, was[e.target]), 0.0)
                for e in graph.edges
            ),
        )
