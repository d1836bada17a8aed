"""From features to finished graphs: listen, write the prototype, set the knobs."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from graphophone.audio.heard import Heard
from graphophone.codec.grammar import Grammar, finish
from graphophone.codec.tokens import END, Tokens, decode, encode
from graphophone.codec.travel import with_travels
from graphophone.graph.model import Graph
from graphophone.graph.order import decoding_order
from graphophone.models.batch import TokenBatch
from graphophone.models.shapes import Cepstra, Latents, Mel
from graphophone.models.vote import Guess, vote
from graphophone.models.weights import Weights, load_weights, pretrained
from graphophone.models.writing import Draws, said, write
from graphophone.processors import SPECS
from graphophone.spec import SOURCES

TASK_SOURCES: Final = {"singing": ("voice",), "drums": tuple(s for s in SOURCES if s != "voice")}
"""Sources that may enter a graph of each task."""
TOKENS_PER_NODE: Final = 3
"""The longest sequence, in parts of the largest number of nodes."""


READINGS: Final = 24
"""Graphs that are drawn for each window, beside the most probable one."""
SEED: Final = 1
"""Decides the draws, so that the same sound gives the same graph."""


class Estimator:
    """A trained model in use; every graph that it gives is valid.

    Args:
        weights: The model and its task.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.model = weights.model
        self.vocabulary = weights.model.vocabulary
        taught = weights.notes.get("config", {}).get("train", {})
        self.smoothing = float(taught.get("label_smoothing", 0.0))
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

    def __call__(self, heard: Heard) -> list[list[Guess]]:
        """Return finished graphs for each recording heard, each with its share of the readings.

        The most probable graph of many likely ones can be one that has little in common with
        the rest, an empty one first of all. So graphs are also drawn, each as often as the
        model thinks it right, and :func:`graphophone.models.vote.vote` finds the one that has
        most in common with all (minimum Bayes risk decoding; Kumar and Byrne 2004).
        """
        return self.readings(self.listen(*heard))

    @torch.inference_mode()
    def readings(self, latents: Latents) -> list[list[Guess]]:
        """Return the most probable graph of each row and drawn ones, equal ones counted."""
        longest = self.grammar.max_tokens
        draws: list[Draws | None] = [None]
        draws += [np.random.default_rng((SEED, i)).random((longest, 2)) for i in range(READINGS)]
        written = write(
            self.model,
            latents.repeat_interleave(len(draws), dim=0),
            self.grammar,
            longest,
            draws * len(latents),
            self.smoothing,
        )
        guesses = []
        for row, start in enumerate(range(0, len(written), len(draws))):
            counts = Counter(written[start : start + len(draws)])
            graphs = self.set_knobs(
                latents[row].expand(len(counts), -1, -1), [self._read(one) for one in counts]
            )
            guesses.append(
                [
                    Guess(graph, count / len(draws))
                    for graph, count in zip(graphs, counts.values(), strict=True)
                ]
            )
        return guesses

    def graphs(self, latents: Latents) -> list[Graph]:
        """Return one finished graph for each row of latents, each heard alone."""
        return [vote(guesses, SPECS).graph for guesses in self.readings(latents)]

    @torch.inference_mode()
    def listen(self, mel: Mel, cepstra: Cepstra | None = None) -> Latents:
        """Return what the encoder hears; of cepstra, only models that hear ripples have need."""
        like = next(self.model.parameters())
        return self.model.listen(mel.to(like), None if cepstra is None else cepstra.to(like))

    @torch.inference_mode()
    def prototypes(self, latents: Latents, *, masked: bool = True) -> list[Graph]:
        """Decode greedily; without the mask, prototypes may break any rule."""
        if masked:
            written = write(self.model, latents, self.grammar, self.grammar.max_tokens)
            return [self._read(tokens) for tokens in written]
        written = write(self.model, latents, None, self.grammar.max_tokens)
        return [decode(tokens, self.vocabulary) for tokens in written]

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

    def _read(self, tokens: Tokens) -> Graph:
        """Read a sequence as a valid prototype in decoding order."""
        graph = decode(tokens, self.vocabulary)
        if tokens.types[-1] != END:
            graph = finish(graph, SPECS, self.grammar.sources)
        return graph.reordered(decoding_order(graph, SPECS).nodes)
