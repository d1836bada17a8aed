"""A data set small enough for tests: chains of processors, and coloured noise for features."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.codec.json import to_json
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import CATALOGUE_HASH, SPECS
from graphophone.training import loop
from graphophone.training.config import Config

torch.set_num_threads(1)  # threads that wait for each other are slower than one
TYPES = ("bell", "lowpass", "distortion", "mono_reverb")


def chain(rng: random.Random, most: int = 3) -> Graph:
    """A voice through up to ``most`` processors."""
    types = [rng.choice(TYPES) for _ in range(rng.randint(0, most))]
    nodes = [Node("out"), *(Node(t).with_knobs(SPECS[t].draw(rng)) for t in types)]
    nodes.append(Node("in", source="voice"))
    return Graph(tuple(nodes), tuple(Edge(i + 1, i) for i in range(len(nodes) - 1)))


def write_set(folder: Path, shards: tuple[int, ...], seed: int) -> Path:
    """Write a data set with shards of the given sizes."""
    rng = random.Random(seed)
    folder.mkdir(parents=True)
    manifest = {"graphophone": 1, "catalogue": CATALOGUE_HASH}
    (folder / "dataset.json").write_text(json.dumps(manifest))
    for number, count in enumerate(shards):
        lines = [json.dumps({"graph": to_json(chain(rng))}) for _ in range(count)]
        stem = folder / f"shard-{number:05}"
        stem.with_suffix(".jsonl").write_text("\n".join(lines) + "\n")
        colours = np.random.default_rng(seed + number).integers(0, 256, (count, 2, 64, 1), np.uint8)
        mel = colours.repeat(48, axis=3)
        np.save(stem.with_suffix(".mel.npy"), mel)
        np.save(stem.with_suffix(".cepstra.npy"), colours.repeat(32, axis=3))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set", (10, 6), seed=1)


@pytest.fixture
def config(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Config]:
    """Make configurations of a tiny run over the set."""
    monkeypatch.setattr(loop, "ensure_dataset", lambda wanted, _: wanted.folder)

    def make(
        conditioning: str = "wet", tilt_db: float = 0.0, dropout: float = 0.1, **train: object
    ) -> Config:
        return Config.model_validate(
            {
                "name": "tiny",
                "task": "singing",
                "data": {
                    "train": [{"folder": folder}],
                    "held_out": [{"folder": folder}],
                    "tilt_db": tilt_db,
                },
                "model": {
                    "width": 32,
                    "layers": 2,
                    "heads": 2,
                    "dropout": dropout,
                    "channels": (16,) * 7,
                    "bands": 64,
                    "max_nodes": 8,
                    "conditioning": conditioning,
                },
                "train": {
                    "steps": 6,
                    "warmup": 2,
                    "batch": 4,
                    "precision": "float32",
                    "log_every": 2,
                    "measure_every": 3,
                    "device": "cpu",
                    **train,
                },
            }
        )

    return make
