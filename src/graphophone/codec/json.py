"""Graphs as JSON documents, and back; the format is published as ``docs/graph.schema.json``."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphophone.codec.document import FORMAT, Reader
from graphophone.errors import FormatError, GraphError
from graphophone.graph import Graph
from graphophone.graph.rules import Specs, check

__all__ = ["FORMAT", "catalogue_of", "from_json", "load", "save", "to_json"]


def to_json(
    graph: Graph, specs: Specs | None = None, *, catalogue: str | None = None
) -> dict[str, Any]:
    """Return a graph as a document, ready for ``json.dump``; numbers keep six digits.

    Args:
        graph: A finished graph. Nodes without an id, or with one that is taken, get one.
        specs: Description of each node type; by default that of the shipped processors.
        catalogue: Hash of the catalogue; by default that of the shipped processors.
    """
    specs, catalogue = _shipped(specs, catalogue)
    ids = _ids(graph)
    nodes = []
    for node, name in zip(graph.nodes, ids, strict=True):
        item: dict[str, Any] = {"id": name, "type": node.type}
        if node.source is not None:
            item["source"] = node.source
        if node.params:
            item["params"] = {knob: _rounded(value) for knob, value in node.params}
        if node.scale_db is not None:
            item["scale_db"] = _rounded(node.scale_db)
        nodes.append(item)
    edges = []
    for e in graph.edges:
        item = {"from": [ids[e.source], e.outlet], "to": [ids[e.target], e.inlet]}
        outlet = specs[graph.nodes[e.source].type].outlet(e.outlet)
        if outlet is not None and outlet.signal == "control":
            item["depth"] = _rounded(e.depth)
        else:
            item["gain_db"] = _rounded(e.gain_db)
            if e.invert:
                item["invert"] = True
        edges.append(item)
    return {
        "graphophone": FORMAT,
        "catalogue": catalogue,
        "sample_rate": graph.sample_rate,
        "energy": graph.energy,
        "reference_rms_db": _rounded(graph.reference_rms_db),
        "meta": dict(graph.meta),
        "nodes": nodes,
        "edges": edges,
    }


def from_json(document: Any, specs: Specs | None = None, *, catalogue: str | None = None) -> Graph:
    """Return the graph that a document describes.

    A document of another catalogue is read as long as it keeps this one's rules; its hash is
    then noted as ``catalogue`` in ``meta``.

    Raises:
        FormatError: The document has another shape than the format; the place is named.
        GraphError: The graph breaks a rule; the node is named by its id.
    """
    specs, catalogue = _shipped(specs, catalogue)
    return check(Reader(specs, catalogue).graph(document), specs)


def catalogue_of(document: Any) -> str | None:
    """Return the hash of the catalogue that a document was written with, if it says."""
    found = document.get("catalogue") if isinstance(document, Mapping) else None
    return found if isinstance(found, str) else None


def load(path: str | Path, specs: Specs | None = None, *, catalogue: str | None = None) -> Graph:
    """Read a graph from a file.

    Raises:
        FormatError: The file cannot be read, is not JSON or not in the format.
        GraphError: The graph breaks a rule.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FormatError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise FormatError(f"{path}: not a graph, which is JSON text in UTF-8") from None
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return from_json(parse(text), specs, catalogue=catalogue)
    except (FormatError, GraphError) as error:
        raise type(error)(f"{path}: {error}") from None


def parse(text: str) -> Any:
    """Parse JSON text strictly: a key may stand once in an object.

    Raises:
        FormatError: The text is not JSON, or a key stands twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FormatError(f"not JSON ({error.msg} at {place})") from None
    except (RecursionError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(
            "not a graph (nested too deeply or a number with too many digits)"
        ) from None


def save(
    graph: Graph,
    path: str | Path,
    specs: Specs | None = None,
    *,
    catalogue: str | None = None,
) -> None:
    """Write a graph to a file, all of it or nothing.

    Raises:
        FormatError: The file cannot be written, or ``meta`` holds what JSON cannot.
    """
    path = Path(path)
    document = to_json(graph, specs, catalogue=catalogue)
    try:
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise FormatError(f"{path}: meta must hold plain JSON values ({error})") from None
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text + "\n")
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise FormatError(f"{path}: cannot be written ({error.strerror})") from None


def _shipped(specs: Specs | None, catalogue: str | None) -> tuple[Specs, str]:
    """Fill in the shipped catalogue, which is loaded only where it is needed."""
    if specs is None or catalogue is None:
        from graphophone import processors

        specs = processors.ALL_SPECS if specs is None else specs
        catalogue = processors.CATALOGUE_HASH if catalogue is None else catalogue
    return specs, catalogue


def _ids(graph: Graph) -> list[str]:
    """Give each node its own id, or else the first free of n0, n1, ..."""
    ids, taken = [], {node.id for node in graph.nodes}
    seen: set[str] = set()
    for i, node in enumerate(graph.nodes):
        name = node.id
        if not name or name in seen:
            number = i
            while (name := f"n{number}") in taken:
                number += len(graph)
            taken.add(name)
        seen.add(name)
        ids.append(name)
    return ids


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        twice = next(key for key, _ in pairs if sum(key == k for k, _ in pairs) > 1)
        raise FormatError(f"the key {twice!r} stands twice in one object")
    return result


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
