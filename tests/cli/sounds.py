"""Small recordings, and what a command leaves."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

RATE = 16_000


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1, "one document and nothing else"
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line that a failed command says; there is no traceback in it."""
        assert self.status in (1, 2)
        lines = [x for x in self.err.splitlines() if not x.startswith(("note:", "preparing:"))]
        assert len(lines) == 1, self.err
        assert lines[0].startswith("graphophone: ")
        return lines[0].removeprefix("graphophone: ")


def sound(
    path: Path,
    seconds: float = 0.5,
    rate: int = RATE,
    channels: int = 1,
    gain: float = 0.2,
    subtype: str = "PCM_24",
) -> Path:
    """Write a tone with some noise."""
    time = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 220 * time) + 0.1 * np.random.default_rng(1).standard_normal(
        len(time)
    )
    samples = gain * tone[:, None] / 1.3 * np.linspace(1, 0.5, channels)
    soundfile.write(path, samples, rate, subtype=subtype)
    return path
