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
from graphophone.codec.steps import Step
from graphophone.codec.tokens import END, NODE, Token, Tokens, decode, encode
from graphophone.codec.travel import Travel, travels, with_travels
from graphophone.graph.model import Graph
from graphophone.graph.order import decoding_order
from graphophone.models.batch import Settings, TokenBatch
from graphophone.models.setting import SettingPen, Sketch, travels_along
from graphophone.models.shapes import Cepstra, Latents, Mel
from graphophone.models.stepping import said_steps, write_steps
from graphophone.models.vote import Guess, vote
from graphophone.models.weights import Weights, load_weights, pretrained
from graphophone.models.writing import Draws, said, tokens_of, write
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
        self.decoding = weights.model.config.decoding
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
        repeated = latents.repeat_interleave(len(draws), dim=0)
        written = self.written(repeated, draws=draws * len(latents))
        guesses = []
        for row, start in enumerate(range(0, len(written), len(draws))):
            counts = Counter(written[start : start + len(draws)])
            graphs = self.finished(latents[row].expand(len(counts), -1, -1), list(counts))
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
    def read(self, graphs: Sequence[Graph]) -> Latents:
        """Return the latents of finished graphs, for a model that is conditioned on them."""
        tokens = [encode(graph, self.vocabulary, SPECS) for graph in graphs]
        like = next(self.model.parameters())
        settings = self.settings([travels(graph, SPECS) for graph in graphs])
        return self.model.read(TokenBatch.of(tokens).to(like.device), settings)

    @torch.inference_mode()
    def written(
        self,
        latents: Latents,
        *,
        masked: bool = True,
        draws: Sequence[Draws | None] | None = None,
    ) -> list[Sketch]:
        """Decode a sequence for each row, greedily unless there are draws.

        Args:
            latents: What was heard.
            masked: Whether to keep to the grammar; otherwise any rule may be broken.
            draws: Numbers that draw tokens, a row a sequence.
        """
        grammar, longest = self.grammar if masked else None, self.grammar.max_tokens
        smoothing = self.smoothing if draws else 0.0
        if self.decoding == "nodes":
            steps = write_steps(self.model, latents, grammar, longest, draws, smoothing)
            return [Sketch(tokens) for tokens in steps]
        if self.decoding == "single":
            pen = SettingPen(self.model, latents)
            return pen.sketches(write(self.model, latents, grammar, longest, draws, smoothing, pen))
        plain = write(self.model, latents, grammar, longest, draws, smoothing)
        return [Sketch(tokens) for tokens in plain]

    def prototypes(self, latents: Latents, *, masked: bool = True) -> list[Graph]:
        """Decode greedily; without the mask, prototypes may break any rule."""
        written = [sketch.tokens for sketch in self.written(latents, masked=masked)]
        if masked:
            return [self._read(decode(tokens, self.vocabulary), tokens) for tokens in written]
        return [decode(tokens, self.vocabulary) for tokens in written]

    def said(
        self, latents: Latents, truths: Sequence[Tokens], *, masked: bool = False
    ) -> list[list[Token]] | list[list[Step]]:
        """Return what is said in place of each true token, the true ones before it being shown.

        A model that writes node by node is asked step by step.
        """
        grammar = self.grammar if masked else None
        if self.decoding == "nodes":
            return said_steps(self.model, latents, truths, grammar)
        return said(self.model, latents, truths, grammar)

    @torch.inference_mode()
    def travels(
        self, latents: Latents, tokens: Sequence[Tokens], truths: Sequence[Travel] = ()
    ) -> list[Tensor]:
        """Return knob travels (tokens, knobs) for each finished sequence.

        Args:
            latents: What was heard.
            tokens: The sequences.
            truths: Their true knobs. A model that sets knobs along is shown those of the tokens
                before each; no other model looks at them.
        """
        if self.decoding == "single":
            return travels_along(self.model, latents, tokens, self.settings(truths))
        batch = TokenBatch.of(tokens).to(latents.device).graph_only()
        values = self.model.set_knobs(latents, batch).cpu()
        return [row[: len(one)] for row, one in zip(values, tokens, strict=True)]

    def settings(self, travels: Sequence[Travel]) -> Settings:
        """Pad the knobs of several graphs to one length."""
        like = next(self.model.parameters())
        length = max(len(one.values) for one in travels)
        travel = torch.full((len(travels), length, self.model.knobs), 0.5)
        live = torch.zeros(travel.shape, dtype=torch.bool)
        for row, one in enumerate(travels):
            travel[row, : len(one.values)] = torch.from_numpy(one.values)
            live[row, : len(one.live)] = torch.from_numpy(one.live)
        return Settings(travel.to(like), live.to(like.device))

    def finished(self, latents: Latents, sketches: Sequence[Sketch]) -> list[Graph]:
        """Return finished graphs of what was written; what was cut short is repaired."""
        if self.decoding == "single":
            return [self._set(sketch) for sketch in sketches]
        read = [self._read(decode(one.tokens, self.vocabulary), one.tokens) for one in sketches]
        return self.set_knobs(latents, read)

    def set_knobs(self, latents: Latents, prototypes: Sequence[Graph]) -> list[Graph]:
        """Set every knob of valid prototypes; nodes come out in decoding order."""
        tokens = [encode(graph, self.vocabulary, SPECS) for graph in prototypes]
        return [
            with_travels(decode(one, self.vocabulary), one, row.tolist(), self.vocabulary, SPECS)
            for one, row in zip(tokens, self.travels(latents, tokens), strict=True)
        ]

    def _set(self, sketch: Sketch) -> Graph:
        """Return the graph of a sequence that was written with its knobs."""
        rows, nodes = [], 0
        for type_, kind, source, target in sketch.tokens.rows():
            if type_ == NODE:  # written without a mask, a node may misname itself
                source = target = nodes
                nodes += 1
            rows.append((type_, kind, source, target))
        tokens = tokens_of(rows)
        graph = with_travels(
            decode(tokens, self.vocabulary), tokens, sketch.values, self.vocabulary, SPECS
        )
        return self._read(graph, tokens)

    def _read(self, graph: Graph, tokens: Tokens) -> Graph:
        """Make a graph whole that was cut short, and put it into decoding order."""
        if tokens.types[-1] != END:
            graph = finish(graph, SPECS, self.grammar.sources)
        return graph.reordered(decoding_order(graph, SPECS).nodes)
