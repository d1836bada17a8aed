"""Analyses of voices, kept on disk: each is made once for all processes and sets.

Taking speech apart lasts a tenth as long as speaking, and every worker of every run needs the same.
An analysis is known by what it was made of: the samples, the code and the libraries. The ones
longest unused make room for new ones, so those of older editions go by themselves.
"""

import hashlib
import os
import zipfile
from contextlib import suppress
from dataclasses import fields
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy

from graphophone.dsp.compile import cache_folder, edition
from graphophone.sources.vocoder import Analyser, Analysis, analyse

PURPOSE = "voices"
LIMIT_BYTES = 1_000_000_000
"""A second of speech takes about 0.2 MB."""
NAMES = tuple(field.name for field in fields(Analysis))


class Analyses:
    """An analyser that first looks whether the same was analysed before.

    What cannot be read is made again, and where nothing can be written nothing is kept.

    Args:
        analyser: What takes recordings apart.
        limit_bytes: How much is kept.
    """

    def __init__(self, analyser: Analyser = analyse, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.analyser = analyser
        self.limit_bytes = limit_bytes

    def __call__(self, samples: npt.NDArray[np.float64], rate: int) -> Analysis:
        """Return the analysis of (time,) samples, see :class:`.vocoder.Analyser`."""
        digest = hashlib.blake2b(f"{self._edition} {rate}".encode(), digest_size=16)
        digest.update(samples.tobytes())
        path = self._folder / f"{digest.hexdigest()}.npz"
        voice = _read(path)
        if voice is None:
            voice = self.analyser(samples, rate)
            self._keep(path, voice)
        return voice

    def _keep(self, path: Path, voice: Analysis) -> None:
        """Write an analysis under a temporary name first, and make room for it."""
        temporary = path.with_suffix(f".{os.getpid()}.part")
        try:
            with temporary.open("wb") as file:
                np.savez(file, **{name: getattr(voice, name) for name in NAMES})
            temporary.replace(path)
            self._make_room()
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _make_room(self) -> None:
        """Remove what was not used for longest; another process may do so at the same time."""
        there = []
        for entry in os.scandir(self._folder):
            with suppress(FileNotFoundError):
                stat = entry.stat()
                there.append((stat.st_mtime_ns, stat.st_size, entry.path))
        total = sum(size for _, size, _ in there)
        for _, size, path in sorted(there):
            if total <= self.limit_bytes:
                break
            Path(path).unlink(missing_ok=True)
            total -= size

    @cached_property
    def _folder(self) -> Path:
        return cache_folder(PURPOSE)

    @cached_property
    def _edition(self) -> str:
        """Name all that decides an analysis but the samples."""
        code = edition(Path(__file__).parent)
        made_by = f"{self.analyser.__module__}.{getattr(self.analyser, '__qualname__', '')}"
        return f"{code} {made_by} numpy {np.__version__} scipy {scipy.__version__}"


def _read(path: Path) -> Analysis | None:
    """Return an analysis, which now counts as used; None where there is none, or a torn one."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            voice = Analysis(**{name: kept[name] for name in NAMES})
        os.utime(path)
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile):
        return None
    return voice
