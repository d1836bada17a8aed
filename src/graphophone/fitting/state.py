"""What a stopped fit leaves: all that it takes to go on at the very step."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphophone.codec.json import from_json, to_json
from graphophone.errors import FormatError, GraphophoneError, StorageError
from graphophone.fitting.keeping import Kept
from graphophone.fitting.pair import Pair
from graphophone.fitting.pool import Candidate, Pool, plain
from graphophone.fitting.search import State
from graphophone.graph.model import Graph

FORMAT = 2


@dataclass
class Saved:
    """A fit on disk.

    Attributes:
        key: Which recordings and which seed it belongs to.
        state: Where the search stands.
        start: The graph that it is measured against.
        seconds: Time spent so far, over all runs.
        notes: What was assumed, in sentences.
    """

    key: str
    state: State
    start: Graph
    seconds: float
    notes: Sequence[str]


def key_of(pair: Pair, seed: int) -> str:
    """Return a hash of recordings and seed: a state of others is not gone on with."""
    digest = hashlib.sha256(f"{FORMAT} {pair.rate} {seed}".encode())
    for name, clip in [*sorted(pair.dry.items()), ("wet", pair.wet)]:
        digest.update(name.encode())
        digest.update(clip.numpy().tobytes())
    return digest.hexdigest()


def save(path: Path, saved: Saved) -> None:
    """Write a state under a temporary name, then put it in place.

    Raises:
        StorageError: It cannot be written.
    """
    state = saved.state
    document = {
        "graphophone_fit": FORMAT,
        "key": saved.key,
        "seconds": saved.seconds,
        "step": state.step,
        "curve": state.curve,
        "prior": dict(state.prior),
        "notes": list(saved.notes),
        "start": to_json(saved.start),
        "pool": [
            {"graph": to_json(c.graph), "distance": c.distance, "score": c.score}
            for c in state.pool.members
        ],
        "kept": _kept(state.kept),
        "swept": dict(state.swept),
    }
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_text(json.dumps(document), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"{path}: the state cannot be written ({error.strerror})") from None


def load(path: Path) -> Saved:
    """Read a state.

    Raises:
        FormatError: The file is no state of a fit, or is damaged.
    """
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        if document["graphophone_fit"] != FORMAT:
            raise FormatError(
                f"{path}: the state of a fit of another version (--fresh starts anew)"
            )
        pool = Pool()
        for one in document["pool"]:
            pool.members.append(
                Candidate(_plain(one["graph"]), float(one["distance"]), float(one["score"]))
            )
        state = State(
            pool,
            {str(k): float(v) for k, v in document["prior"].items()},
            int(document["step"]),
            [float(v) for v in document["curve"]],
            _read_kept(document["kept"]),
            {str(k): int(v) for k, v in document["swept"].items()},
        )
        return Saved(
            str(document["key"]),
            state,
            _plain(document["start"]),
            float(document["seconds"]),
            tuple(map(str, document["notes"])),
        )
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror})") from None
    except FormatError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, GraphophoneError) as error:
        raise FormatError(
            f"{path}: not the state of a fit, or damaged ({error}); --fresh starts anew"
        ) from None


def _kept(kept: Kept | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    graphs = {"graph": to_json(kept.graph), "seen": to_json(kept.seen)}
    return {**graphs, "mss": kept.mss, "value": kept.value}


def _read_kept(document: Any) -> Kept | None:
    if document is None:
        return None
    mss, value = float(document["mss"]), float(document["value"])
    return Kept(_plain(document["graph"]), mss, value, _plain(document["seen"]))


def _plain(document: Any) -> Graph:
    """Read a graph without the names that its file gave to nodes, as the search holds it."""
    return plain(from_json(document))
