"""Some examples of a stored set, ready to be looked at and listened to."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from graphophone.audio.features import RATE, STEP_DB
from graphophone.codec.json import from_json
from graphophone.errors import FormatError, GraphError
from graphophone.generation.inspection import Failure, Inspection
from graphophone.generation.item import Item
from graphophone.generation.reading import Record, StoredSet
from graphophone.generation.remake import Remaker, difference, spread
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from graphophone.report.picture import RANGE_DB, coloured, png
from graphophone.report.sound import Clip, Sound, clips
from graphophone.tensors import Stereo

WHY = {
    "nodes": "largest graph",
    "redraws": "most redraws",
    "quietest": "quietest wet",
    "scales": "largest scale of the energy rule",
}
"""What makes a worst case one."""


@dataclass(frozen=True)
class Sample:
    """One example to show.

    Attributes:
        record: As it is stored.
        graph: Its graph.
        clips: The dry and the wet sound; empty where neither is stored nor was made again.
        picture: Its stored spectrogram as a data address, where there are no clips.
        why: What it was chosen for; empty if it only stands for the rest.
        about: Where the clips come from.
    """

    record: Record
    graph: Graph
    clips: Sequence[Clip]
    picture: str = ""
    why: str = ""
    about: str = ""


def choose(found: Inspection, count: int, shown: int) -> dict[int, str]:
    """Choose indices: the worst case of each kind, and others evenly spread over the set.

    Returns:
        What each was chosen for, in order of the indices.
    """
    chosen = {index: "" for index in spread(count, shown)} if shown else {}
    for name, why in WHY.items() if shown else ():
        for case in found.extremes.get(name, ())[:1]:
            chosen[case.index] = ", ".join(filter(None, (chosen.get(case.index, ""), why)))
    return dict(sorted(chosen.items()))


def samples(
    stored: StoredSet,
    chosen: Mapping[int, str],
    remaker: Remaker | None,
    listen: int,
    workers: int | None = 1,
) -> Iterator[Sample | Failure]:
    """Read the chosen examples, and make the sound of some again that store none.

    Args:
        stored: The set.
        chosen: Indices, and what each was chosen for.
        remaker: Makes examples again; ``None`` where none shall be.
        listen: How many to make again at most.
        workers: Processes that do; None for one a core.

    Yields:
        Samples, and failures where an example made again is not the stored one.
    """
    made: dict[int, Item] = {}
    if remaker is not None and stored.manifest["store"] != "audio":
        made = remaker.items(list(chosen)[:listen], workers)
    for record in _picked(stored, set(chosen)):
        try:
            graph = from_json(record.graph, SPECS)
            sounds = _stored(record)
        except (FormatError, GraphError):
            continue  # the inspection has told
        about = "as stored"
        if item := made.get(record.index):
            if reason := difference(record, item):
                yield Failure(f"example {record.index}", reason)
            sounds = _pair(item.dry, item.wet)
            about = "made again from the seed"
        picture = "" if sounds else _picture(record)
        yield Sample(
            record, graph, clips(sounds) if sounds else (), picture, chosen[record.index], about
        )


def _picked(stored: StoredSet, wanted: set[int]) -> Iterator[Record]:
    """Yield the wanted records, as long as there are any."""
    for record in stored.records() if wanted else ():
        if record.index in wanted:
            yield record
            wanted.discard(record.index)
            if not wanted:
                return


def _stored(record: Record) -> list[Sound]:
    """Return what is stored of the sound."""
    stored = record.sounds()
    dry = {name.removeprefix("dry."): clip for name, clip in stored.items() if name != "wet"}
    return _pair(dry, stored["wet"]) if "wet" in stored else []


def _pair(dry: Mapping[str, Stereo], wet: Stereo) -> list[Sound]:
    """Return before and after."""
    after = Sound("Wet", "through the graph", wet, RATE)
    if not dry:
        return [after]
    total = torch.stack(list(dry.values())).sum(0)
    return [Sound("Dry", ", ".join(dry), total, RATE), after]


def _picture(record: Record) -> str:
    """Draw the stored spectrogram of mid, as the pictures of clips are; empty if none is stored."""
    try:
        mel = record.heard().mel[0, 0].numpy()
    except FormatError:
        return ""
    levels = mel.astype(np.float32) * STEP_DB
    shade = np.clip((levels - levels.max()) / RANGE_DB + 1, 0, 1)[::-1]
    return "data:image/png;base64," + base64.b64encode(png(coloured(shade))).decode()
