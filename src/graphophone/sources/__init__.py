"""Dry audio: recorded, virtual and procedural voices and drum kits, and how they are split.

Tracks are given as they were recorded, unless a pool is asked for ``equalised`` kits.
"""

from graphophone.sources.calibration import calibration
from graphophone.sources.dry import Dry, Pool
from graphophone.sources.folders import folder_pool
from graphophone.sources.instruments import INSTRUMENTS
from graphophone.sources.supply import Stock, Supply, open_pool, settle

__all__ = [
    "INSTRUMENTS",
    "Dry",
    "Pool",
    "Stock",
    "Supply",
    "calibration",
    "folder_pool",
    "open_pool",
    "settle",
]
