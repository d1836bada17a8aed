"""Write everything that an estimate gives into a folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from graphophone.audio.files import Recording, write
from graphophone.codec import json
from graphophone.codec.drawing import svg
from graphophone.errors import AudioError, UsageError
from graphophone.models.listen import Estimate
from graphophone.processors import SPECS
from graphophone.report.page import Page, html
from graphophone.report.sound import SECONDS, Sound, clips, excerpt
from graphophone.report.wear import Take, built_in, wear
from graphophone.tensors import Stereo

LEAD_SECONDS = 1.0


@dataclass(frozen=True)
class Delivery:
    """What was written.

    Attributes:
        files: Paths by role: ``graph``, ``drawing``, ``report``, and ``take`` if there was one.
        notes: What was assumed, in sentences.
    """

    files: dict[str, Path]
    notes: tuple[str, ...]


def plan(out: Path, take: Path | None) -> dict[str, Path]:
    """Name the files that a delivery will write."""
    files = {name: out / file for name, file in NAMES.items()}
    if take is not None:
        files["take"] = out / f"{take.stem}-wet.wav"
    return files


NAMES = {"graph": "graph.json", "drawing": "graph.svg", "report": "report.html"}


def refuse_overwriting(outputs: list[Path], inputs: list[Path]) -> None:
    """Make sure that no output is an input.

    Raises:
        UsageError: One is.
    """
    for output in outputs:
        for given in inputs:
            same = output.exists() and given.exists() and output.samefile(given)
            if same or output.absolute() == given.absolute():
                raise UsageError(f"{output}: this is an input, outputs never overwrite one")


def folder(out: Path) -> Path:
    """Make a folder for outputs, or take the one that is there.

    Raises:
        AudioError: It cannot be made or written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AudioError(f"{out}: the folder cannot be made ({error.strerror})") from None
    if not os.access(out, os.W_OK):
        raise AudioError(f"{out}: the folder cannot be written to")
    return out


def deliver(
    estimate: Estimate,
    recording: Recording,
    name: str,
    files: dict[str, Path],
    *,
    take: Take | None = None,
    dry: Take | None = None,
    bpm: float | None = None,
) -> Delivery:
    """Write the graph, its drawing, the report, and the take with the graph on it.

    Args:
        estimate: What was heard.
        recording: In what.
        name: What the recording is called.
        files: Where to, as :func:`plan` names them.
        take: A take of the user's to put the graph on.
        dry: The dry original of the recording.
        bpm: Tempo, where it is known.
    """
    notes = [*recording.notes, *estimate.notes]
    worn: Stereo | None = None
    start = max(0.0, min(estimate.starts) - LEAD_SECONDS)
    whole = Sound("Recording", name, recording.audio, recording.rate)
    sounds = [excerpt(whole, start)]
    if recording.audio.shape[1] / recording.rate > SECONDS:
        notes.append(f"the report holds excerpts of {SECONDS:.0f} s, from {start:.1f} s on")
    if dry is not None:
        wet, said = wear(estimate.graph, dry)
        notes += said
        sounds.append(excerpt(Sound("Graph on the dry file", dry.name, wet, dry.rate), start))
    if take is not None:
        worn, said = wear(estimate.graph, take)
        notes += said
        sounds.append(excerpt(Sound("Your take, dry", take.name, take.mixed, take.rate)))
        sounds.append(excerpt(Sound("Your take with the graph", take.name, worn, take.rate)))
    if take is None and dry is None:
        stand_in = built_in(estimate.graph)
        wet, _ = wear(estimate.graph, stand_in)
        sounds.append(excerpt(Sound("Dry", stand_in.name, stand_in.mixed, stand_in.rate)))
        sounds.append(excerpt(Sound("With the graph", stand_in.name, wet, stand_in.rate)))
    folder(files["graph"].parent)  # not before all takes have turned out to fit
    if take is not None and worn is not None:
        write(files["take"], worn, take.rate)
    json.save(estimate.graph, files["graph"])
    page = Page(
        title=name,
        estimate=estimate,
        clips=clips(sounds),
        seconds=recording.audio.shape[1] / recording.rate,
        notes=tuple(notes),
        bpm=bpm,
    )
    put(files["drawing"], svg(estimate.graph, SPECS, estimate.verdict.nodes))
    put(files["report"], html(page))
    return Delivery(files, tuple(notes))


def put(path: Path, text: str) -> None:
    """Write a file under a temporary name, then put it in place.

    Raises:
        AudioError: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise AudioError(f"{path}: the file cannot be written ({error.strerror})") from None
