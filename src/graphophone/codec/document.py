"""Read a graph document strictly: what is there has a place in the format, or is refused."""

import math
from collections.abc import Mapping
from typing import Any, get_args

from graphophone.errors import FormatError
from graphophone.graph import Edge, Energy, Graph, Node
from graphophone.graph.fault import listing
from graphophone.graph.rules import Specs, suggestion

FORMAT = 1
"""Version of the document format; versioned apart from the package."""

GRAPH_KEYS = (
    "graphophone", "catalogue", "sample_rate", "energy", "reference_rms_db", "meta", "nodes",
    "edges",
)  # fmt: skip
NODE_KEYS = ("id", "type", "source", "params", "scale_db", "bypass", "amount")
EDGE_KEYS = ("from", "to", "gain_db", "invert", "depth")
NEUTRAL: dict[str, Any] = {"bypass": False, "amount": 1}
"""Reserved node keys, and the value at which they are accepted."""
RESERVED = ("plugin", "neural", "convolution")
"""Reserved node types; each will carry a ``ref`` with a ``name`` and a ``sha256``."""


class Reader:
    """Turns a parsed document into a graph, naming the place of whatever does not fit.

    The rules of the graph itself are checked afterwards.
    """

    def __init__(self, specs: Specs, catalogue: str) -> None:
        self.specs = specs
        self.catalogue = catalogue

    def graph(self, document: Any) -> Graph:
        """Read the outermost object."""
        whole = _object(document, "a graph")
        version = whole.get("graphophone")
        if version is None:
            raise FormatError('not a graph document, the key "graphophone" is missing')
        if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
            raise FormatError(
                f"written by a newer version of Graphophone (format {version}, "
                f"this one reads format {FORMAT})"
            )
        if version is True or version != FORMAT:
            raise FormatError(f'"graphophone" must be {FORMAT}, got {version!r}')
        _keys(whole, GRAPH_KEYS, "the graph")
        energy = whole.get("energy", "normalised")
        if energy not in get_args(Energy):
            raise FormatError(f"energy must be one of {listing(get_args(Energy))}, got {energy!r}")
        meta = dict(_object(whole.get("meta", {}), "meta"))
        catalogue = _text(whole.get("catalogue", self.catalogue), "catalogue")
        if catalogue != self.catalogue:
            meta["catalogue"] = catalogue
        rate = _number(whole.get("sample_rate", 44_100), "sample_rate")
        if rate != round(rate):
            raise FormatError(f"sample_rate must be a whole number of Hz, got {rate:g}")

        nodes = [self._node(item, f"nodes[{i}]") for i, item in enumerate(_list(whole, "nodes"))]
        place = {node.id: i for i, node in enumerate(nodes)}
        if len(place) < len(nodes):
            ids = [node.id for node in nodes]
            twice = next(name for name in ids if ids.count(name) > 1)
            raise FormatError(f"two nodes have the id {twice!r}")
        edges = [
            self._edge(item, f"edges[{i}]", place) for i, item in enumerate(_list(whole, "edges"))
        ]
        return Graph(
            tuple(nodes),
            tuple(edges),
            sample_rate=int(rate),
            energy=energy,
            reference_rms_db=_number(whole.get("reference_rms_db", -20), "reference_rms_db"),
            meta=meta,
        )

    def _node(self, item: Any, where: str) -> Node:
        item = _object(item, where)
        kind = _text(_required(item, "type", where), f"{where}.type")
        if kind in RESERVED:
            raise FormatError(f"{where}: the node type {kind!r} is reserved for a later version")
        if "ref" in item:
            raise FormatError(f'{where}: "ref" is reserved for a later version')
        _keys(item, NODE_KEYS, where)
        for key, neutral in NEUTRAL.items():
            value = item.get(key, neutral)
            if value != neutral or isinstance(value, bool) != isinstance(neutral, bool):
                raise FormatError(
                    f'{where}: "{key}" is reserved for a later version, '
                    f"only {str(neutral).lower()} is allowed, got {value!r}"
                )
        params = {
            name: _number(value, f"{where}.params.{name}")
            for name, value in _object(item.get("params", {}), f"{where}.params").items()
        }
        order = tuple(self.specs[kind].params) if kind in self.specs else ()
        known = [(name, params[name]) for name in order if name in params]
        strange = [(name, value) for name, value in params.items() if name not in order]
        name = _text(_required(item, "id", where), f"{where}.id")
        if not name:
            raise FormatError(f"{where}.id must not be empty")
        return Node(
            kind,
            (*known, *strange),
            source=_text(item["source"], f"{where}.source") if "source" in item else None,
            scale_db=_number(item["scale_db"], f"{where}.scale_db") if "scale_db" in item else None,
            id=name,
        )

    def _edge(self, item: Any, where: str, place: Mapping[str, int]) -> Edge:
        item = _object(item, where)
        _keys(item, EDGE_KEYS, where)
        source, outlet = self._end(_required(item, "from", where), f"{where}.from", place)
        target, inlet = self._end(_required(item, "to", where), f"{where}.to", place)
        invert = item.get("invert", False)
        if not isinstance(invert, bool):
            raise FormatError(f"{where}.invert must be true or false, got {invert!r}")
        gain_db = _number(item.get("gain_db", 0), f"{where}.gain_db")
        depth = _number(item.get("depth", 1), f"{where}.depth")
        return Edge(source, target, outlet, inlet, gain_db, invert, depth)

    def _end(self, item: Any, where: str, place: Mapping[str, int]) -> tuple[int, str]:
        if not isinstance(item, list) or len(item) != 2:
            raise FormatError(f"{where} must be [node id, port name], got {_short(item)}")
        node, port = (_text(part, where) for part in item)
        if node not in place:
            raise FormatError(f"{where}: there is no node {node!r}{suggestion(node, place)}")
        return place[node], port


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FormatError(f"{where} must be a JSON object, got {_short(value)}")
    return value


def _list(whole: Mapping[str, Any], key: str) -> list[Any]:
    value = _required(whole, key, "the graph")
    if not isinstance(value, list):
        raise FormatError(f"{key} must be a JSON array, got {_short(value)}")
    return value


def _required(item: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in item:
        raise FormatError(f'{where}: the key "{key}" is missing')
    return item[key]


def _keys(item: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in item:
        if key not in allowed:
            raise FormatError(f"{where}: unknown key {key!r}{suggestion(key, allowed)}")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise FormatError(f"{where} must be text, got {_short(value)}")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"{where} must be a number, got {_short(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise FormatError(f"{where} must be a finite number, got {number}")
    return number


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
