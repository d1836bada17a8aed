"""What can be taken away from the studio: its own formats, and whatever `export` has registered."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graphophone.codec.drawing import svg
from graphophone.codec.json import to_json
from graphophone.codec.text import describe
from graphophone.export import delivery, target
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS
from graphophone.render.disk import FREEZE_SECONDS
from graphophone.studio.signals import stereo
from graphophone.studio.takes import Inputs

STEM = "graph"


@dataclass(frozen=True)
class Download:
    """A file to save.

    Attributes:
        body: What is in it.
        suffix: End of its name.
        media_type: What browsers call it.
        lost: What of the graph it does not carry as it is, in sentences.
    """

    body: bytes
    suffix: str
    media_type: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        title: What people call it.
        common: Whether it is one of those that everyone wants.
        write: Turns the graph that sounds, and what enters it, into a file.
    """

    title: str
    common: bool
    write: Callable[[Graph, Inputs], Download]


def _json(graph: Graph, inputs: Inputs) -> Download:
    text = json.dumps(to_json(graph), indent=2, ensure_ascii=False) + "\n"
    return Download(text.encode(), ".json", "application/json")


def _svg(graph: Graph, inputs: Inputs) -> Download:
    return Download(svg(graph, ALL_SPECS).encode(), ".svg", "image/svg+xml")


def _text(graph: Graph, inputs: Inputs) -> Download:
    text = describe(graph, ALL_SPECS) + "\n"
    return Download(text.encode(), ".txt", "text/plain; charset=utf-8")


OWN: Mapping[str, Format] = {
    "json": Format("graph as JSON", True, _json),
    "svg": Format("diagram", True, _svg),
    "text": Format("list of settings", False, _text),
}


def formats() -> dict[str, Format]:
    """Return all formats by name."""
    others = {name: _registered(t) for name, t in target.targets().items() if name not in OWN}
    return {**OWN, **others}


def written(name: str, graph: Graph, inputs: Inputs) -> Download:
    """Write the graph that sounds in a format."""
    return formats()[name].write(graph, inputs)


def _registered(to: target.Target) -> Format:
    """Return a registered target as a format; several files, or a folder, become an archive."""

    def write(graph: Graph, inputs: Inputs) -> Download:
        count = round(FREEZE_SECONDS * inputs.rate)
        tracks = {name: stereo(signal.read(0, count)) for name, signal in inputs.tracks.items()}
        take = delivery.Recordings(tracks, inputs.rate, "the take in the studio")
        export = to.write(delivery.prepared(to, graph, STEM, take), to.mode(None))
        lost = tuple(f"{part.grade}: {part}" for part in export.fidelity.lost)
        if export.content is not None and not export.beside:
            return Download(export.content, to.suffix, "application/octet-stream", lost)
        if export.content is None:
            files = {f"{STEM}{to.suffix}/{name}": body for name, body in export.beside.items()}
        else:
            files = {STEM + end: body for end, body in export.beside.items()}
            files[STEM + to.suffix] = export.content
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for name, body in files.items():
                file.writestr(name, body)
        return Download(archive.getvalue(), f"{to.suffix}.zip", "application/zip", lost)

    return Format(f"{to.name}: {to.summary}", False, write)
