"""Put an effect of other software on a recording: by a Python package, or by calling a program."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from graphophone.audio.files import read, write
from graphophone.errors import AudioError
from graphophone.evaluation.foreign.table import SOFTWARE, Effect, table
from graphophone.tensors import Stereo

PATIENCE: Final = 120.0
"""Seconds after which a program that does not end is given up."""
PROGRAMS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"sox": ("sox", "sox"), "ffmpeg": ("ffmpeg", "ffmpeg"), "lv2": ("lv2file", "lv2file")}
)
"""For each software the program that is called, and the Debian package that has it."""
Settings = Mapping[str, float]


def missing(software: str) -> str:
    """Say what is not installed and how to get it; nothing if all is there."""
    if software == "pedalboard":
        if find_spec("pedalboard") is None:
            return "pedalboard is not installed (pip install 'graphophone[compare]')"
        return ""
    program, package = PROGRAMS[software]
    if shutil.which(program) is None:
        return f"the program {program} is not installed (Debian package {package})"
    if software == "lv2" and (lacking := _lacking()):
        names = ", ".join(lacking)
        return f"LV2 plug-ins are not installed (Debian packages {names})"
    return ""


def absent() -> dict[str, str]:
    """Say of all software what is not installed."""
    return {name: reason for name in SOFTWARE if (reason := missing(name))}


def applied(effect: Effect, settings: Settings, audio: Stereo, rate: int) -> Stereo:
    """Put an effect on a recording.

    Args:
        effect: Which.
        settings: All its knobs, as :meth:`graphophone.evaluation.foreign.table.Effect.draw` gives.
        audio: Shape (2, time).
        rate: Samples a second.

    Returns:
        The same shape: what comes after the recording's end is cut off.

    Raises:
        AudioError: The software is missing, or fails.
    """
    parts = [audio] if effect.channels == 2 else [channel[None] for channel in audio]
    if len(parts) == 2 and torch.equal(*parts):
        parts = parts[:1]  # a mono plug-in does the same to equal channels
    done = [MAKERS[effect.software](effect, settings, part, rate) for part in parts]
    if (
        len(done) == 2
    ):  # what spreads in stereo keeps its left for the left, its right for the right
        done = [torch.stack([done[0][0], done[1][-1]])]
    wet = done[0].expand(2, -1)[:, : audio.shape[1]]
    wet = torch.nn.functional.pad(wet, (0, audio.shape[1] - wet.shape[1]))
    if not wet.isfinite().all():
        raise AudioError(f"{effect.software}'s {effect.name} gave samples that are no numbers")
    return wet.contiguous()


def _pedalboard(effect: Effect, settings: Settings, audio: Tensor, rate: int) -> Tensor:
    if reason := missing("pedalboard"):
        raise AudioError(reason)
    module = import_module("pedalboard")
    board = module.Pedalboard([getattr(module, effect.call)(**settings)])
    return torch.from_numpy(board(audio.numpy(), rate).copy())


def _sox(effect: Effect, settings: Settings, audio: Tensor, rate: int) -> Tensor:
    words = effect.call.format(**_words(settings)).split()
    formats = ["-e", "float", "-b", "32"]
    return _through(audio, rate, lambda dry, wet: ["sox", "-V1", dry, *formats, wet, *words])


def _ffmpeg(effect: Effect, settings: Settings, audio: Tensor, rate: int) -> Tensor:
    line = effect.call.format(**_words(settings))
    head, tail = ["ffmpeg", "-v", "error", "-nostdin", "-i"], ["-c:a", "pcm_f32le"]
    return _through(audio, rate, lambda dry, wet: [*head, dry, "-af", line, *tail, wet])


def _lv2(effect: Effect, settings: Settings, audio: Tensor, rate: int) -> Tensor:
    ports = [word for name, value in _words(settings).items() for word in ("-p", f"{name}:{value}")]
    head = ["lv2file", "--ignore-clipping"]
    return _through(
        audio, rate, lambda dry, wet: [*head, "-i", dry, "-o", wet, *ports, effect.call]
    )


MAKERS: Final[Mapping[str, Callable[[Effect, Settings, Tensor, int], Tensor]]] = MappingProxyType(
    {"pedalboard": _pedalboard, "sox": _sox, "ffmpeg": _ffmpeg, "lv2": _lv2}
)


def _words(settings: Settings) -> dict[str, str]:
    return {name: f"{value:.6g}" for name, value in settings.items()}


def _through(audio: Tensor, rate: int, command: Callable[[str, str], Sequence[str]]) -> Tensor:
    """Let a program read a file and write another, which may be longer or shorter."""
    with tempfile.TemporaryDirectory() as folder:
        dry, wet = Path(folder) / "dry.wav", Path(folder) / "wet.wav"
        write(dry, audio, rate)
        words = list(command(str(dry), str(wet)))
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, check=False, timeout=PATIENCE
            )
        except FileNotFoundError:
            raise AudioError(f"the program {words[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            raise AudioError(f"{words[0]} did not end in {PATIENCE:.0f} s") from None
        if done.returncode or not wet.is_file():
            said = " ".join((done.stderr or done.stdout).split())[-200:]
            raise AudioError(f"{words[0]} failed with status {done.returncode}: {said}")
        return read(wet).audio


def _lacking() -> list[str]:
    """Name the Debian packages whose plug-ins the LV2 host does not find."""
    done = subprocess.run(
        ["lv2file", "-l"], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    there = {word for line in done.stdout.splitlines() for word in line.split()}
    return sorted({one.debian for one in table().effects["lv2"] if one.call not in there})
