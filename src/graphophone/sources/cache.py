"""Decoded files, kept while there is room."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graphophone.audio.files import read, resample
from graphophone.errors import AudioError

LIMIT_BYTES = 1_000_000_000
FULL_SCALE = 32_767
UNIT = np.float32(1 / FULL_SCALE)


class Decoded:
    """A least-recently-used store of recordings as 16-bit samples at one rate or more.

    A mono file is kept as one channel. Samples beyond full scale are clipped.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.size = 0
        self._kept: OrderedDict[tuple[Path, int], npt.NDArray[np.int16]] = OrderedDict()

    def __call__(self, path: Path, rate: int) -> npt.NDArray[np.int16]:
        """Return a file's samples (1 or 2, time) at ``rate``.

        Raises:
            AudioError: One sentence that names the file and why it cannot be decoded.
        """
        key = (path, rate)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            recording = read(path)
        except OSError as error:  # a disk that fails, a server that is gone
            raise AudioError(f"{path}: the file cannot be read ({error.strerror})") from None
        audio = recording.audio
        if bool((audio[0] == audio[1]).all()):
            audio = audio[:1]
        samples = resample(audio, recording.rate, rate).numpy()
        kept: npt.NDArray[np.int16] = (
            (np.clip(samples, -1, 1) * FULL_SCALE).round().astype(np.int16)
        )
        self._kept[key] = kept
        self.size += kept.nbytes
        while self.size > self.limit_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self.size -= oldest.nbytes
        return kept


DECODED = Decoded()
