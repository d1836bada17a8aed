"""Pools from plain folders of a user's own recordings."""

from pathlib import Path

from graphophone.audio.files import find
from graphophone.errors import FormatError
from graphophone.sources.drums import Drums, RecordedKits
from graphophone.sources.dry import Pool
from graphophone.sources.instruments import ARTICULATIONS, INSTRUMENTS
from graphophone.sources.manifest import Clip
from graphophone.sources.patterns import PatternGrooves
from graphophone.sources.sampled import SampledKits, kit_files
from graphophone.sources.voices import RecordedVoices

CLASSES = {
    **{name: name for name in ARTICULATIONS},
    "hat": "hihat_closed",
    "hihat": "hihat_closed",
    "tom": "tom_mid",
}


def folder_pool(path: str | Path, task: str = "singing") -> Pool:
    """Return a pool of everything in a folder.

    For ``singing`` every audio file is a voice recording; those in one subfolder are one
    singer. For ``drums`` subfolders are named by instrument (``kick``, ``snare``, ``hat``,
    ``tom``, ``ride``, ``crash``) or by a finer class (``hihat_open``, ``tom_low``, ...) and
    hold one-shots; what lies above them is the kit. Other subfolders are left out. A folder
    that holds SFZ files or Hydrogen kits is played as they say (:mod:`.sampled`).

    Raises:
        FormatError: The task is unknown, no subfolder is named by an instrument, or a kit
            cannot be read.
        AudioError: The folder holds no audio file.
    """
    folder = Path(path)
    if task not in ("singing", "drums"):
        raise FormatError(f"task must be singing or drums, got {task!r}")
    if not folder.is_dir():
        raise FormatError(f"{folder}: a folder of recordings is needed, there is none")
    if task == "drums" and (kits := kit_files(folder)):
        return Drums(SampledKits(kits), [(PatternGrooves(), 1.0)])
    files = find([folder])
    if task == "singing":
        return RecordedVoices([_clip(file, folder, "singing", file.parent, "") for file in files])
    shots = [
        _clip(file, folder, "drums", file.parent.parent, CLASSES[file.parent.name.lower()])
        for file in files
        if file.parent.name.lower() in CLASSES and file.parent != folder
    ]
    if not shots:
        raise FormatError(
            f"{folder}: no subfolder is named by an instrument ({', '.join(INSTRUMENTS)})"
        )
    return Drums(RecordedKits(shots), [(PatternGrooves(), 1.0)])


def _clip(file: Path, folder: Path, category: str, group: Path, cls: str) -> Clip:
    name = file.relative_to(folder).as_posix()
    label = group.relative_to(folder).as_posix()
    return Clip(file, name, category, folder.name if label == "." else label, cls, "own", "")
