"""Linear parts of a graph as impulse responses."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch

from graphophone.processors import PROCESSORS

Response = npt.NDArray[np.float32]
SECONDS = 10.0
"""Longest response."""
FLOOR_DB = -100.0
"""Where a response ends, below its energy."""


def responses(kind: str, knobs: Mapping[str, float], rate: int) -> tuple[dict[str, Response], bool]:
    """Render what a linear processor answers to an impulse on either side.

    Args:
        kind: Name of a processor with one audio inlet.
        knobs: Its settings.
        rate: Samples per second.

    Returns:
        For each outlet (from, to, time), float32; and whether all of them have died away.
    """
    samples = int(SECONDS * rate)
    impulse = torch.zeros(2, 2, samples, dtype=torch.float64)
    impulse[0, 0, 0] = impulse[1, 1, 0] = 1.0
    controls = {k: torch.full((2, 1, 1), v, dtype=torch.float64) for k, v in knobs.items()}
    with torch.inference_mode():
        made = PROCESSORS[kind].outputs(
            {"in": impulse}, controls, sample_rate=rate, samples=samples
        )
    found, whole = {}, True
    for outlet, signal in made.items():
        answer = signal.numpy()
        left = np.cumsum((answer**2).sum((0, 1))[::-1])[::-1]
        heard = int((left > left[0] * 10 ** (FLOOR_DB / 10)).sum())
        whole = whole and heard < samples
        found[outlet] = np.ascontiguousarray(answer[..., : max(heard, 1)], np.float32)
    return found, whole
