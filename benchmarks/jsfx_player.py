"""Plays projects of ours as REAPER's documents say that it would, in software that runs anywhere.

The project file is read back, and its tracks, sends and effects become a patch for Pure Data, whose
object ``jsusfx~`` (Debian package ``pd-jsusfx``) compiles the effects. What REAPER itself modulates
is not played. Samples between effects and values of sliders are in single precision there.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from graphophone.errors import WorkerError
from graphophone.export.bounded import absent, run

Signal = npt.NDArray[np.float64]
OBJECT = Path("/usr/lib/pd/extra/jsusfx~")
Port = tuple[int, int]
"""An object of the patch and one of its outlets."""
BLOCK = 64
"""Samples that Pure Data computes at a time."""


def missing() -> str:
    """Name what is missing, with its package; nothing if all is there."""
    if away := absent({"pd": "puredata-core"}):
        return away
    if not OBJECT.is_dir():
        return "missing: jsusfx~ (Debian package pd-jsusfx)"
    try:
        import rpp  # noqa: F401
    except ImportError:
        return "missing: rpp (extra reaper)"
    return ""


def played(
    projects: Sequence[Mapping[str, bytes]],
    sources: Sequence[str],
    dry: Mapping[str, Signal],
    rate: int,
) -> list[Signal]:
    """Play some projects on the same recordings.

    Args:
        projects: The files of each, by their paths in its folder.
        sources: The names of recordings, in the order in which they are given.
        dry: The recordings, each of shape (2, time).
        rate: Samples per second.

    Returns:
        What goes to the master of each, of shape (2, time).
    """
    with tempfile.TemporaryDirectory() as folder:
        heard = np.concatenate([dry[name] for name in sources])
        length = -(-heard.shape[1] // BLOCK) * BLOCK
        patch = _Patch(Path(folder), heard.shape[0], 2 * len(projects), length)
        for place, files in enumerate(projects):
            patch.add(files, sources, place)
        padded = np.pad(heard, ((0, 0), (0, length - heard.shape[1])))
        soundfile.write(patch.folder / "in.wav", padded.T, rate, subtype="FLOAT")
        (patch.folder / "patch.pd").write_text(patch.text(), encoding="utf-8")
        host = ["sh", "pd", "-nogui", "-batch", "-noaudio", "-r", str(rate), "-path", str(OBJECT)]
        said = run(["sh", "-c", 'exec "$@" 2>&1', *host, "-open", "patch.pd"], folder=patch.folder)
        if errors := [line for line in said.decode().splitlines() if "error:" in line]:
            raise WorkerError(errors[0])
        made, _ = soundfile.read(patch.folder / "out.wav", always_2d=True)
    wet = made.T[:, : heard.shape[1]]
    return [wet[2 * i : 2 * i + 2] for i in range(len(projects))]


class _Patch:
    """A patch that grows by projects."""

    def __init__(self, folder: Path, ins: int, outs: int, length: int) -> None:
        self.folder = folder
        self._lines: list[str] = []
        self._cables: list[tuple[int, int, int, int]] = []
        self._names = count()
        for name in (*(f"in{i}" for i in range(ins)), *(f"out{i}" for i in range(outs))):
            self._object(f"table {name} {length}")
        self._ins = [self._object(f"tabplay~ in{i}") for i in range(ins)]
        self._outs = [self._object(f"tabwrite~ out{i}") for i in range(outs)]
        # Read, compute, begin; write and end when all has been played.
        start, end = self._object("t b b b"), self._object("t b b")
        self._connect([(self._object("loadbang"), 0)], start, 0)
        self._connect([(self._ins[0], 1)], end, 0)
        names = (" ".join(f"{end}{i}" for i in range(n)) for end, n in (("in", ins), ("out", outs)))
        for (outlet, at), words in zip(
            ((2, start), (1, end)),
            (f"read in.wav {next(names)}", f"write -wave -bytes 4 out.wav {next(names)}"),
            strict=True,
        ):
            message = self._message(words)
            self._connect([(at, outlet)], message, 0)
            self._connect([(message, 0)], self._object("soundfiler"), 0)
        self._connect([(start, 1)], self._message("\\; pd dsp 1"), 0)
        for one in (*self._ins, *self._outs):
            self._connect([(start, 0)], one, 0)
        self._connect([(end, 0)], self._message("\\; pd quit"), 0)

    def text(self) -> str:
        cables = (f"connect {a} {b} {c} {d}" for a, b, c, d in self._cables)
        lines = ["#N canvas 0 0 100 100 10", *(f"#X {line}" for line in (*self._lines, *cables))]
        return "".join(f"{line};\n" for line in lines)

    def add(self, files: Mapping[str, bytes], sources: Sequence[str], place: int) -> None:
        """Add a project, whose master goes to a pair of channels."""
        import rpp

        (text,) = (content for path, content in files.items() if path.endswith(".rpp"))
        tracks = rpp.loads(text.decode()).findall("TRACK")
        self._effects = files
        outputs: list[list[list[Port]]] = []
        for track in tracks:
            fields = {line[0]: line[1:] for line in track if isinstance(line, list)}
            channels: list[list[Port]] = [[] for _ in range(int(fields["NCHAN"][0]))]
            if (item := track.find("ITEM")) is not None:
                (name,) = (line[1] for line in item if isinstance(line, list) and line[0] == "NAME")
                first = 2 * list(sources).index(name)
                for side in (0, 1):
                    channels[side].append((self._ins[first + side], 0))
            for send in track.findall("AUXRECV"):
                self._send(send[1:], outputs, channels)
            chain = track.find("FXCHAIN")
            for effect in chain.findall("JS") if chain is not None else ():
                self._effect(effect, channels)
            outputs.append(channels)
            if fields["MAINSEND"][0] == "1":
                for side in (0, 1):
                    self._connect(channels[side], self._outs[2 * place + side], 0)

    def _object(self, line: str, kind: str = "obj") -> int:
        self._lines.append(f"{kind} 0 0 {line}")
        return len(self._lines) - 1

    def _message(self, line: str) -> int:
        return self._object(line, "msg")

    def _connect(self, ports: Sequence[Port], to: int, inlet: int) -> None:
        self._cables += [(*port, to, inlet) for port in ports]

    def _send(
        self, words: Sequence[str], outputs: Sequence[list[list[Port]]], channels: list[list[Port]]
    ) -> None:
        source, mode, volume, pan, mute, mono, invert, out, into = words[:9]
        if (mode, pan, mute, mono) != ("0", "0", "0", "0"):
            raise ValueError(f"a send that is not played: {words}")
        factor = -float(volume) if invert == "1" else float(volume)
        for side in (0, 1):
            scaled = self._object(f"*~ {factor!r}")
            self._connect(outputs[int(source)][int(out) + side], scaled, 0)
            channels[int(into) + side].append((scaled, 0))

    def _effect(self, element: Any, channels: list[list[Port]]) -> None:
        """Put an effect on a track, its sliders at their values."""
        text = self._effects[f"Effects/{element.attrib[0]}"].decode()
        for number, value in enumerate(element[0], start=1):
            if value != "-":
                text, found = re.subn(rf"(?m)^(slider{number}:\w+=)[^<]+<", rf"\g<1>{value}<", text)
                if found != 1:
                    raise ValueError(f"{element.attrib[0]} has no slider {number}")
        name = f"effect{next(self._names)}.jsfx"
        (self.folder / name).write_text(text, encoding="utf-8")
        made = self._object(f"jsusfx~ {self.folder / name}")
        ins, outs = (len(re.findall(f"(?m)^{end}_pin:", text)) for end in ("in", "out"))
        for channel in range(min(ins, len(channels))):
            self._connect(channels[channel], made, channel)
        for channel in range(min(outs, len(channels))):
            channels[channel] = [(made, channel)]
