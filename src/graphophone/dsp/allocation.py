"""Memory for results that no cache holds."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

CPU = torch.device("cpu")


def empty(shape: Sequence[int], dtype: torch.dtype, device: torch.device = CPU) -> Tensor:
    """Return a contiguous tensor, its elements undefined.

    NumPy asks the system for large pages where an array is large, PyTorch does not. In small ones,
    each of which the system hands over by itself, the result for a batch of clips costs as much
    as many an effect. A GPU's memory is PyTorch's.
    """
    if device.type != "cpu":
        return torch.empty(shape, dtype=dtype, device=device)
    return torch.from_numpy(np.empty(shape, str(dtype).removeprefix("torch.")))


def empty_like(tensor: Tensor) -> Tensor:
    """Return one of the same shape and dtype as another."""
    return empty(tensor.shape, tensor.dtype, tensor.device)
