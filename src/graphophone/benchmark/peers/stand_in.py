"""A stand-in for torchaudio, of which GRAFX imports one filter that no case uses."""

import sys
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import scipy.signal
import torch
from torch import Tensor

NAME = "torchaudio"
VERSION = "2.4.0"
"""What GRAFX asks for at least."""


def register() -> bool:
    """Put the stand-in where torchaudio would be if that is missing; say whether it stands there.

    Builds of torchaudio belong to one version of PyTorch each, and there is not one for every.
    """
    if NAME not in sys.modules and find_spec(NAME) is None:
        module, functional = ModuleType(NAME), ModuleType(f"{NAME}.functional")
        functional.lfilter = lfilter  # type: ignore[attr-defined]
        module.functional = functional  # type: ignore[attr-defined]
        module.__version__ = VERSION  # type: ignore[attr-defined]
        module.stands_in = True  # type: ignore[attr-defined]
        sys.modules[NAME] = module
        sys.modules[f"{NAME}.functional"] = functional
    return hasattr(sys.modules.get(NAME), "stands_in")


def lfilter(
    waveform: Tensor, a_coeffs: Tensor, b_coeffs: Tensor, clamp: bool = True, batching: bool = True
) -> Tensor:
    """Filter each row with its own coefficients, by SciPy and without a gradient.

    Args:
        waveform: Shape (rows, time).
        a_coeffs: Feedback, shape (rows, order + 1).
        b_coeffs: Feed-forward, same shape.
        clamp: Whether to hold the result within -1 and 1.
        batching: Must be true: one filter a row.
    """
    rows = zip(waveform.detach(), a_coeffs.detach(), b_coeffs.detach(), strict=True)
    done = [scipy.signal.lfilter(b.numpy(), a.numpy(), x.numpy()) for x, a, b in rows]
    out = torch.from_numpy(np.stack(done)).to(waveform.dtype)
    return out.clamp(-1, 1) if clamp else out
