"""How kernels for a GPU are made, of the same arithmetic as those for the CPU, and started.

A thread takes one lane through time. Neighbouring threads take neighbouring lanes, which lie side
by side in time-major memory, so what they read and write at once is one stretch of it. What a
sample needs is computed by the functions that the CPU's kernels call; :func:`device` compiles
their Python text once more, with what they call replaced by what a GPU has for it.
"""

import inspect
import math
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import torch
from numba import cuda
from torch import Tensor

from graphophone.dsp import vectors
from graphophone.dsp.compile import KERNELS
from graphophone.errors import UsageError

WIDTH = 32
"""Threads of a block, a warp: lanes are few, so they are spread over as many cores as there are."""

cuda.config.CUDA_LOW_OCCUPANCY_WARNINGS = False
cuda.config.CACHE_DIR = str(KERNELS)

SIMULATED = bool(cuda.config.ENABLE_CUDASIM)
"""Whether kernels run in Numba's simulator, on tensors of the CPU."""


def kernel(function: Callable[..., None]) -> Any:
    """Compile a function that each thread runs, once for each set of types, and keep the code."""
    return cuda.jit(cache=not SIMULATED)(inspect.unwrap(function))


def launch(kernel: Any, threads: int, *values: Any) -> None:
    """Start a kernel on tensors of one device, after all that was started there before.

    Args:
        kernel: From :func:`kernel`; it looks itself whether its thread has something to do.
        threads: How many are needed.
        values: Tensors, whose memory is handed over as it is, and numbers.

    Raises:
        UsageError: The package numba-cuda is missing, or it finds no device.
    """
    plain = [v.detach() if isinstance(v, Tensor) else v for v in values]
    blocks = -(-threads // WIDTH)
    if SIMULATED:
        arrays = [v.numpy() if isinstance(v, Tensor) else v for v in plain]
        kernel[blocks, min(threads, WIDTH)](*arrays)
        return
    if why := _missing():
        raise UsageError(f"kernels for a GPU need the extra 'cuda' and a CUDA device, but {why}")
    place = next(v.device for v in plain if isinstance(v, Tensor))
    with torch.cuda.device(place):
        stream = cuda.external_stream(torch.cuda.current_stream(place).cuda_stream)
        kernel[blocks, WIDTH, stream](*plain)


@cache
def _missing() -> str:
    """Say why no kernel can be started, or nothing. Numba's own CUDA target is none to rely on."""
    if getattr(cuda, "implementation", "") != "NVIDIA":
        return "the package numba-cuda is not installed"
    return "" if cuda.is_available() else "numba-cuda finds no device"


@cache
def device(kernel: Any, part: str = "") -> Any:
    """Return what a kernel of the CPU computes as a function for kernels of a GPU.

    Args:
        kernel: Compiled by :func:`graphophone.dsp.compile.kernel`. It must not ask for memory.
        part: Where the kernel itself is not wanted, the name of one that it calls.
    """
    if part:
        return device(kernel.py_func.__globals__[part])
    function = kernel.py_func
    known = dict(function.__globals__)
    for name in _names(function.__code__):
        value = known.get(name)
        if value is np:
            known[name] = _numbers()
        elif isinstance(value, np.ndarray):
            known[name] = tuple(value.tolist())
        elif hasattr(value, "py_func"):
            known[name] = device(value)
        elif replaced := [made for original, made in _registers() if original is value]:
            (known[name],) = replaced
    code, name = function.__code__, function.__name__
    return inner(FunctionType(code, known, name, function.__defaults__, function.__closure__))


def _names(code: CodeType) -> set[str]:
    """Return the names that a function looks up outside itself."""
    within = [_names(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*within)


def inner(function: Callable[..., Any]) -> Any:
    """Compile a function that kernels call."""
    plain = inspect.unwrap(function)
    return plain if SIMULATED else cuda.jit(device=True)(plain)


@cache
def _registers() -> tuple[tuple[Any, Any], ...]:
    """Return the operations on vectors (:mod:`graphophone.dsp.vectors`), of one lane each."""
    single: dict[Any, Callable[..., Any]] = {
        vectors.load: lambda array, row, lane, like: np.float64(array[row, lane]),
        vectors.store: _store,
        vectors.fused: lambda a, b, c: a * b + c,
        vectors.larger: lambda a, b: a if a > b else b,
        vectors.audible: lambda value, least: 0.0 if abs(value) < least else value,
    }
    return tuple((original, inner(made)) for original, made in single.items())


def _store(array: Any, row: int, lane: int, value: float) -> None:
    array[row, lane] = value


@cache
def _numbers() -> ModuleType:
    """Return what kernels use of NumPy, as a GPU knows it."""
    module = ModuleType("numbers")
    module.sqrt, module.pi = math.sqrt, math.pi  # type: ignore[attr-defined]
    module.floor = inner(lambda x: float(math.floor(x)))  # type: ignore[attr-defined]
    for kind in (np.int64, np.uint64, np.float64):
        setattr(module, kind.__name__, kind)
    return module
