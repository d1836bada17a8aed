"""How kernels are compiled, and where compiled code is kept."""

import inspect
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy.typing as npt
import platformdirs
from torch import Tensor

from graphophone.errors import ShapeError

F = TypeVar("F", bound=Callable[..., Any])
Array: TypeAlias = npt.NDArray[Any]


def cache_folder(purpose: str = "kernels") -> Path:
    """Return a folder that compiled kernels, or what else can be made again, can be written to.

    It is ``GRAPHOPHONE_CACHE`` or the user's cache folder; where that cannot be written (a
    read-only home), a folder under the system's temporary directory, so that compilation is
    repeated at worst and never fails.
    """
    wanted = Path(os.environ.get("GRAPHOPHONE_CACHE") or platformdirs.user_cache_dir("graphophone"))
    folder = wanted / purpose
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"graphophone-{purpose}-{os.getuid()}"
        folder.mkdir(exist_ok=True)
        return folder


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: F) -> F:
    """Compile a loop over arrays on its first call, once for each dtype it meets.

    Sums may be contracted into fused multiply-adds but not reordered, so one machine gives
    one result whatever the batch; the interpreter lock is released while it runs. A check of
    argument types that the tests have wrapped around it is taken off, as it cannot be compiled.
    """
    compiled = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"}
    )(inspect.unwrap(function))
    return cast(F, compiled)


def as_array(tensor: Tensor) -> Array:
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


def detached(tensor: Tensor) -> Array:
    """Hand a tensor's memory to a kernel inside a gradient function, which sees to its gradient."""
    return as_array(tensor.detach())
