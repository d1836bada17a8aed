"""How kernels are compiled, and where compiled code is kept."""

import contextlib
import hashlib
import inspect
import os
import shutil
import tempfile
import time
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
KEPT_DAYS = 60
"""How long the cache of an edition outlives its last use."""


def cache_folder(purpose: str) -> Path:
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


def edition(folder: Path) -> str:
    """Return a name for what all modules of a folder say together.

    Numba compiles a kernel again when the file that it stands in has changed, and not when a
    constant or a type that it takes from another one has: so each edition has a cache of its own.
    """
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def use_edition(folder: Path, name: str) -> Path:
    """Return an edition's own folder, and remove those beside it that nothing has used lately.

    Args:
        folder: Where the caches of all editions stand.
        name: Of the edition.
    """
    used = folder / name
    used.mkdir(exist_ok=True)
    os.utime(used)
    oldest = time.time() - KEPT_DAYS * 86_400
    for other in folder.iterdir():
        with contextlib.suppress(OSError):  # another process may be removing it as well
            if other.stat().st_mtime < oldest:
                shutil.rmtree(other)
    return used


KERNELS = use_edition(cache_folder("kernels"), edition(Path(__file__).parent))
"""Where compiled kernels are kept."""
numba.config.CACHE_DIR = str(KERNELS)  # type: ignore[attr-defined]


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
    if not tensor.is_cpu:
        raise ShapeError(f"compiled kernels run on the cpu, got a tensor on {tensor.device}")
    return tensor.numpy()


def detached(tensor: Tensor) -> Array:
    """Hand a tensor's memory to a kernel inside a gradient function, which sees to its gradient."""
    return as_array(tensor.detach() if tensor.requires_grad else tensor)
