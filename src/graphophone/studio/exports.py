"""What can be taken away from the studio."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from graphophone.codec.drawing import svg
from graphophone.codec.json import to_json
from graphophone.codec.text import describe
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS


@dataclass(frozen=True)
class Target:
    """A format.

    Attributes:
        title: What people call it.
        suffix: End of the file's name.
        media_type: What browsers call it.
        write: Turns the graph that sounds into the file.
    """

    title: str
    suffix: str
    media_type: str
    write: Callable[[Graph], bytes]


def _json(graph: Graph) -> bytes:
    return (json.dumps(to_json(graph), indent=2, ensure_ascii=False) + "\n").encode()


def _svg(graph: Graph) -> bytes:
    return svg(graph, ALL_SPECS).encode()


def _text(graph: Graph) -> bytes:
    return (describe(graph, ALL_SPECS) + "\n").encode()


TARGETS: dict[str, Target] = {
    "json": Target("graph as JSON", ".json", "application/json", _json),
    "svg": Target("diagram", ".svg", "image/svg+xml", _svg),
    "text": Target("list of settings", ".txt", "text/plain; charset=utf-8", _text),
}
"""Formats by name; whoever can write another adds it here."""
