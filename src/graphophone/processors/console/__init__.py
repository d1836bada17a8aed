"""Processors of a mixing console, outside the estimator's vocabulary.

They serve comparison with consoles of fixed chains, and fitting. Graphs of them are rendered
like any other, but no shipped model writes them, so they are no part of the catalogue's hash.
"""

from collections.abc import Mapping
from types import MappingProxyType

from graphophone.processors.console.gain_pan import gain_pan
from graphophone.processors.console.graphic_equaliser import graphic_equaliser
from graphophone.processors.console.multitap_delay import multitap_delay
from graphophone.spec import AnyProcessor

CONSOLE: Mapping[str, AnyProcessor] = MappingProxyType(
    {p.spec.name: p for p in (graphic_equaliser, gain_pan, multitap_delay)}
)
"""The processors by name."""
