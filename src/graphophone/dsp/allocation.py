"""Memory for results that no cache holds."""

import numpy as np
import torch
from torch import Tensor


def empty_like(tensor: Tensor) -> Tensor:
    """Return a contiguous tensor of the same shape and dtype, its elements undefined.

    NumPy asks the system for large pages where an array is large, PyTorch does not. In small ones,
    each of which the system hands over by itself, the result for a batch of clips costs as much
    as many an effect.
    """
    return torch.from_numpy(np.empty(tensor.shape, tensor.detach().numpy().dtype))
