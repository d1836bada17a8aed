"""From a graph to files of a target, without losing or overwriting anything unasked."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from graphophone.audio.files import resample
from graphophone.errors import StorageError, UsageError
from graphophone.export.fidelity import Export, Fidelity
from graphophone.export.names import plain
from graphophone.export.patch import Patch, drawn, measured
from graphophone.export.target import Target, find
from graphophone.graph.model import Graph
from graphophone.sources import INSTRUMENTS, calibration
from graphophone.tensors import Stereo


@dataclass(frozen=True)
class Recordings:
    """What a graph is frozen on.

    Attributes:
        tracks: A recording (2, time) for each source; the key ``""`` stands for the only one.
        rate: Samples per second.
        title: What they are, in words.
    """

    tracks: Mapping[str, Stereo]
    rate: int
    title: str


def prepared(target: Target, graph: Graph, title: str, given: Recordings | None) -> Patch:
    """Bring a graph to what a target takes.

    Without recordings it is frozen on the built-in voice or kit, whichever has its sources.

    Raises:
        UsageError: There is one recording without a name, and the graph has several inputs.
        GraphError: The recordings do not fit the graph's inputs.
        AudioError: A recording is silent.
    """
    if not target.sounds:
        return drawn(graph, title)
    names = [str(graph.nodes[i].source) for i in graph.inputs]
    given = given or built_in(names, graph.sample_rate)
    tracks = given.tracks
    if "" in tracks:
        if len(names) > 1:
            wanted = " ".join(f"--input {plain(name)}=FILE" for name in names)
            raise UsageError(f"the graph has {len(names)} inputs, give a recording each: {wanted}")
        tracks = {names[0]: tracks[""]}
    if unknown := [name for name in tracks if name not in names]:
        raise UsageError(f"the graph has no input {unknown[0]!r} (it has {', '.join(names)})")
    return measured(graph, title, tracks, given.rate, given.title)


def built_in(names: list[str], rate: int) -> Recordings:
    """Return the built-in voice or kit for some sources; what is neither gets one of its tracks."""
    drums = any(name in INSTRUMENTS for name in names)
    dry = calibration("drums" if drums else "singing")
    some = next(iter(dry.tracks.values()))
    tracks = {name: resample(dry.tracks.get(name, some), 44_100, rate) for name in names}
    return Recordings(tracks, rate, f"the built-in calibration {'kit' if drums else 'voice'}")


def refuse_losses(target: Target, fidelity: Fidelity) -> None:
    """Make sure that nothing is lost.

    Raises:
        UsageError: Something is; the sentence names it.
    """
    if fidelity.lost:
        listed = "; ".join(f"{part.grade}: {part}" for part in fidelity.lost)
        raise UsageError(f"--strict: {target.name} would not carry everything ({listed})")


def paths(export: Export, out: Path) -> dict[Path, bytes]:
    """Return where the files of an export go, and what is in them."""
    if export.content is None:
        return {out / name: content for name, content in export.beside.items()}
    beside = {out.with_name(out.stem + end): content for end, content in export.beside.items()}
    return {out: export.content, **beside}


def refuse_replacing(outputs: Iterable[Path], *, force: bool, folder: bool = False) -> None:
    """Make sure that nothing is replaced unasked.

    Raises:
        UsageError: Something is there.
    """
    for path in outputs:
        if path.exists() and not force:
            raise UsageError(f"{path} is there already; --force replaces it")
        if path.is_dir() is not folder and path.exists():
            there, wanted = ("file", "folder") if folder else ("folder", "file")
            raise UsageError(f"{path} is a {there}, and a {wanted} of that name is to be written")


def delivered(
    to: str,
    graph: Graph,
    out: Path,
    given: Recordings | None = None,
    *,
    title: str | None = None,
    mode: str | None = None,
    strict: bool = False,
    force: bool = False,
) -> Export:
    """Write a graph for another program.

    Args:
        to: Name of the target.
        graph: A finished graph.
        out: Path of the file, or of the folder.
        given: What levels are measured on; the built-in voice or kit if nothing.
        title: What it is called; as the file by default.
        mode: How to write it; the target's usual way by default.
        strict: Whether to write nothing unless all of the graph is carried.
        force: Whether files that are there may be replaced.

    Returns:
        What was written; :func:`paths` says where.

    Raises:
        UsageError: There is no such target or mode, something is there, a tool is missing, or
            something would be lost although that was forbidden.
        StorageError: It cannot be written.
    """
    target = find(to)
    chosen = target.mode(mode)
    refuse_replacing([out], force=force, folder=target.folder)
    made = target.write(prepared(target, graph, title or out.stem, given), chosen)
    if strict:
        refuse_losses(target, made.fidelity)
    written(made, out, force=force)
    return made


def written(export: Export, out: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files of an export.

    Args:
        export: What to write.
        out: Path of the file that was asked for; others go beside it.
        force: Whether files that are there may be replaced.

    Returns:
        The paths.

    Raises:
        UsageError: Something is there already.
        StorageError: It cannot be written.
    """
    files = paths(export, out)
    refuse_replacing(files, force=force)
    for path, content in files.items():
        _put(path, content)
    return tuple(files)


def _put(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, then put it in place."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise StorageError(f"{path}: the file cannot be written ({error.strerror})") from None
