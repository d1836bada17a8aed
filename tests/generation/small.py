"""Sets that cost nothing: a second of noise through a graph of two nodes or so."""

import hashlib
from pathlib import Path
from random import Random
from typing import Any

import torch

from graphophone.generation import item, recipe
from graphophone.generation.mix import Target
from graphophone.generation.recipe import Recipe
from graphophone.sources import Dry, Supply

SAMPLES = 44_100
RECIPE = Recipe(task="singing", mix="wide", count=5, seed=3)


def noise(seed: int) -> torch.Tensor:
    """A second of noise, (2, time)."""
    return 0.1 * torch.randn(2, SAMPLES, generator=torch.Generator().manual_seed(seed))


class Noise:
    """A pool that costs nothing."""

    def draw(self, rng: Random, samples: int, rate: int) -> Dry:
        seed = rng.getrandbits(32)
        return Dry({"voice": noise(seed)[:, :samples]}, {"noise": seed})


class Noisy(Supply):
    """A supply of noise."""

    def pool(self) -> Noise:
        return Noise()


def shrink(patch: Any) -> None:
    """Make small examples; ``patch`` sets an attribute of a module."""
    recipe.stock_of.cache_clear()
    patch(item, "SEGMENT", SAMPLES)
    patch(item, "draw_size", lambda rng, mix: Target(rng.randint(0, 2)))
    patch(recipe, "settle", lambda *_, **__: Noisy("singing", "procedural", "train"))


def contents(folder: Path) -> dict[str, str]:
    """What each file of a folder holds, by name."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
