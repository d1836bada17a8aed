"""The ghosts of a whole set, counted and kept beside it: ``ghosts.json``."""

import json
from pathlib import Path

from graphophone.generation.disk import put
from graphophone.generation.ghosts import Census
from graphophone.generation.reading import open_set

NAME = "ghosts.json"


def count_ghosts(folder: Path) -> Census:
    """Count what the examples of a finished set say of their ghosts, and keep the figures.

    Raises:
        FormatError: The set is damaged or not finished.
    """
    census = Census()
    for record in open_set(folder).records():
        census.add(record.provenance, record.redraws)
    path, content = folder / NAME, json.dumps(census.to_json(), indent=2).encode()
    if not path.exists() or path.read_bytes() != content:
        put(path, [content])
    return census
