"""Plain folders of a user's own recordings."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graphophone.audio.files import find
from graphophone.errors import AudioError, FormatError
from graphophone.sources.clip import NOT_STATED, OWN, Clip
from graphophone.sources.drums import Drums
from graphophone.sources.dry import Pool
from graphophone.sources.instruments import ARTICULATIONS, INSTRUMENTS
from graphophone.sources.patterns import PatternGrooves
from graphophone.sources.pools import recorded_kits
from graphophone.sources.shelf import Shelf, read_shelf
from graphophone.sources.splits import drawn_role
from graphophone.sources.voices import RecordedVoices

CLASSES = {
    **{name: name for name in ARTICULATIONS},
    "hat": "hihat_closed",
    "hihat": "hihat_closed",
    "tom": "tom_mid",
}
NOISES = ("noise", "room tone", "room_tone")
SCORE_SUFFIXES = (".mid", ".midi")


def folder_pool(path: str | Path, task: str = "singing") -> Pool:
    """Return a pool of everything in a folder, unchecked and whatever its licence.

    Kits in SFZ and Hydrogen format are played as they say (:mod:`.sampled`).

    Raises:
        FormatError: The task is unknown, there is nothing for it in the folder, or a kit cannot
            be read.
    """
    folder = Path(path)
    shelf = read_shelf(folder) if task == "drums" else Shelf()
    clips = plain_clips(folder, task, shelf)
    if task == "singing":
        return RecordedVoices(clips)
    for clip in clips:
        if clip.fault:
            raise FormatError(f"{clip.path}: {clip.fault}")
    shots = [clip for clip in clips if clip.category == "drums"]
    return Drums(recorded_kits(shots), [(PatternGrooves(), 1.0)])


def plain_clips(folder: Path, task: str, shelf: Shelf) -> tuple[Clip, ...]:
    """Return what a folder holds for a task.

    For ``singing`` every audio file is a voice recording; those in one subfolder are one
    singer. For ``drums`` subfolders are named by instrument (``kick``, ``snare``, ``hat``,
    ``tom``, ``ride``, ``crash``) or by a finer class (``hihat_open``, ``tom_low``, ...) and
    hold one-shots; what lies above them is the kit. Other subfolders are left out. MIDI files
    are scores, and those in one subfolder are one drummer. For both, a subfolder named ``noise``
    or ``room_tone`` holds what may be added to copies. What lies beside or below the file of
    a sampled kit is a part of that kit and nothing else.

    A fifth of the singers and kits are unseen, by their names. Where that would leave none to
    train on, all are training ones.

    Args:
        folder: The folder.
        task: ``singing`` or ``drums``.
        shelf: The sampled kits that were found in it.

    Raises:
        FormatError: The task is unknown, or there is nothing for it in the folder.
    """
    if task not in ("singing", "drums"):
        raise FormatError(f"task must be singing or drums, got {task!r}")
    if not folder.is_dir():
        raise FormatError(f"{folder}: a folder of recordings is needed, there is none")
    try:
        files = find([folder])
    except AudioError:
        files = ()
    noises = [file for file in files if _is_noise(file, folder)]
    files = tuple(file for file in files if file not in noises)
    rooms = drawn([_noise(file, folder) for file in noises])
    if task == "singing":
        if not files:
            raise FormatError(f"{folder}: there is no audio file in this folder")
        return drawn([_clip(file, folder, "singing", file.parent, "") for file in files]) + rooms
    shots = [
        _clip(file, folder, "drums", file.parent.parent, CLASSES[file.parent.name.lower()])
        for file in files
        if file.parent.name.lower() in CLASSES and file.parent != folder and not shelf.holds(file)
    ]
    if not shots and not shelf.clips:
        raise FormatError(
            f"{folder}: no subfolder is named by an instrument ({', '.join(INSTRUMENTS)}), and "
            "there is no kit in SFZ or Hydrogen format"
        )
    scores = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SCORE_SUFFIXES)
    grooves = [_clip(file, folder, "midi", file.parent, "") for file in scores]
    return drawn([*shots, *shelf.clips]) + drawn(grooves) + rooms


def _is_noise(file: Path, folder: Path) -> bool:
    return any(part.lower() in NOISES for part in file.relative_to(folder).parts[:-1])


def _noise(file: Path, folder: Path) -> Clip:
    """Return a recording of noise; its role is drawn from its own name."""
    made = _clip(file, folder, "noise", file.parent, "")
    return replace(made, role=drawn_role(made.name))


def _clip(file: Path, folder: Path, category: str, group: Path, cls: str) -> Clip:
    name = file.relative_to(folder).as_posix()
    label = group.relative_to(folder).as_posix()
    group_name = folder.name if label == "." else label
    role = drawn_role(group_name)
    return Clip(file, name, category, group_name, cls, OWN, "", role=role, licence=NOT_STATED)


def drawn(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """Return the files in their drawn roles, or all for training where none would be."""
    if any(clip.role == "train" for clip in clips):
        return tuple(clips)
    return tuple(replace(clip, role="train") for clip in clips)
