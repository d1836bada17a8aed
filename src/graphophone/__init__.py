"""Hear a sound, get its patch: wet audio in, audio processing graph out.

The names below are imported when they are first used, so ``import graphophone`` is light.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Estimator": "api.estimator",
    "Graph": "api.graph",
    "estimate": "api.estimator",
    "fit": "api.fitting",
    "load": "api.recordings",
    "load_graph": "api.graph",
    "GraphophoneError": "errors",
}
__all__ = ["Estimator", "Graph", "GraphophoneError", "estimate", "fit", "load", "load_graph"]


def __getattr__(name: str) -> Any:
    """Import the module that holds a public name on its first use (PEP 562)."""
    if name in _HOME:
        return getattr(import_module(f"graphophone.{_HOME[name]}"), name)
    raise AttributeError(f"module 'graphophone' has no attribute {name!r}")
