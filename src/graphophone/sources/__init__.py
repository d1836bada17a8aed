"""Dry audio: recorded and procedural voices and drum kits, and how they are split."""

from graphophone.sources.dry import Dry, Pool
from graphophone.sources.pools import open_pool

__all__ = ["Dry", "Pool", "open_pool"]
