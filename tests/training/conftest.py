"""A data set small enough for tests: chains of processors, and coloured noise for features."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.audio import png
from graphophone.audio.dry import MIX
from graphophone.codec.json import to_json
from graphophone.generation import archive
from graphophone.generation.example import DRY, FEATURES, GRAPH, PROVENANCE
from graphophone.generation.manifest import Manifest
from graphophone.generation.pieces import Pieces
from graphophone.generation.recipe import Recipe, Store
from graphophone.generation.shards import plan
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import SPECS
from graphophone.training import sets
from graphophone.training.config import Config

torch.set_num_threads(1)  # threads that wait for each other are slower than one
TYPES = ("bell", "lowpass", "distortion", "mono_reverb")


def chain(rng: random.Random, most: int = 3) -> Graph:
    """A voice through up to ``most`` processors."""
    types = [rng.choice(TYPES) for _ in range(rng.randint(0, most))]
    nodes = [Node("out"), *(Node(t).with_knobs(SPECS[t].draw(rng)) for t in types)]
    nodes.append(Node("in", source="voice"))
    return Graph(tuple(nodes), tuple(Edge(i + 1, i) for i in range(len(nodes) - 1)))


def write_set(
    folder: Path, count: int, seed: int, shard: int = 10, store: Store = "features"
) -> Path:
    """Write a data set of so many examples, ``shard`` in an archive."""
    rng = random.Random(seed)
    recipe = Recipe(task="singing", mix="wide", count=count, seed=seed)
    folder.mkdir(parents=True)
    Manifest(recipe, store, shard).write(folder)
    pieces = Pieces(folder)
    for part in plan(folder, count, shard):
        files = []
        for number in part.examples:
            colours = np.random.default_rng((seed, number)).integers(0, 256, (128, 1), np.uint8)
            contents = {
                GRAPH: json.dumps(to_json(chain(rng))).encode(),
                PROVENANCE: b'{"provenance":{},"redraws":0}',
                FEATURES["mel"]: png.encode(colours.repeat(48, axis=1)),
                FEATURES["cepstra"]: png.encode(colours.repeat(32, axis=1)),
            }
            if store == "dry":
                contents[DRY[MIX]] = png.encode(255 - colours.repeat(48, axis=1))
            files += [(f"{archive.key(number)}.{s}", content) for s, content in contents.items()]
        span = part.examples.start, part.examples.stop
        pieces.put(*span, archive.pack(files))
        part.assemble(pieces, [span])
    pieces.finish()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set", 16, seed=1)


@pytest.fixture
def config(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Config]:
    """Make configurations of a tiny run over the set."""
    monkeypatch.setattr(sets, "ensure_dataset", lambda wanted, _: wanted.folder)

    def make(
        conditioning: str | None = None,
        tilt_db: float = 0.0,
        dropout: float = 0.1,
        sets: object = None,
        row: int | None = None,
        store: str = "features",
        **train: object,
    ) -> Config:
        return Config.model_validate(
            {
                "name": "tiny",
                "task": "singing",
                "data": {
                    "train": sets or [{"folder": folder, "store": store}],
                    "held_out": [{"folder": folder, "store": store}],
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
                    **({"conditioning": conditioning} if conditioning else {}),
                },
                "row": row,
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
