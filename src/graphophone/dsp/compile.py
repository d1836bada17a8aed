"""How kernels are compiled, and where compiled code is kept."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
import platformdirs
from torch import Tensor

from graphophone.errors import ShapeError

F = TypeVar("F", bound=Callable[..., Any])


def cache_folder() -> Path:
    """Return a folder that compiled kernels can be written to.

    It is ``GRAPHOPHONE_CACHE`` or the user's cache folder; where that cannot be written (a
    read-only home), a folder under the system's temporary directory, so that compilation is
    repeated at worst and never fails.
    """
    wanted = Path(os.environ.get("GRAPHOPHONE_CACHE") or platformdirs.user_cache_dir("graphophone"))
    folder = wanted / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"graphophone-kernels-{os.getuid()}"
        folder.mkdir(exist_ok=True)
        return folder


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: F) -> F:
    """Compile a loop over arrays on its first call, once for each dtype it meets.

    Sums may be contracted into fused multiply-adds but not reordered, so one machine gives
    one result whatever the batch; the interpreter lock is released while it runs.
    """
    compiled = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"}
    )(function)
    return cast(F, compiled)


def as_array(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Hand a tensor's memory to a compiled kernel.

    Raises:
        ShapeError: The tensor carries a gradient or lives on another device, where a
            compiled CPU kernel would silently lose it.
    """
    if tensor.requires_grad:
        raise ShapeError("compiled kernels carry no gradient; call detach() first")
    if tensor.device.type != "cpu":
        raise ShapeError(f"compiled kernels run on the cpu, got a tensor on {tensor.device}")
    return tensor.numpy()
