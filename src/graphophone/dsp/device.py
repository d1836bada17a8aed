"""Where a primitive runs: on the processor that holds its tensors.

A primitive has a form for the CPU, mostly a :class:`torch.autograd.Function` beside the function
that calls it, and one for GPUs, of the same name in the module of the same name in
:mod:`graphophone.dsp.cuda`. This is the only place that chooses between them. What belongs to GPUs
is imported when a tensor of one arrives.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

_simulated: ContextVar[bool] = ContextVar("simulated", default=False)


def apply(form: Any, *values: Any) -> Any:
    """Apply a primitive to tensors of one device.

    Args:
        form: The one for the CPU: a function, or a class with one that is called ``apply``.
        values: What it is applied to.

    Returns:
        What it, or its form for a GPU, returns.
    """
    if on_gpu(*values):
        package, _, module = form.__module__.rpartition(".")
        form = getattr(import_module(f"{package}.cuda.{module}"), form.__name__)
    asked = torch.is_grad_enabled() and any(
        isinstance(value, Tensor) and value.requires_grad for value in values
    )
    if not asked and isinstance(form, type) and issubclass(form, torch.autograd.Function):
        return form.forward(Forgetful(len(values)), *values)
    return getattr(form, "apply", form)(*values)


class Forgetful:
    """What a primitive is told where nobody will ask for a gradient: to keep nothing.

    Rendering calls primitives by the dozen; to note each call for a way back would take longer than
    many a kernel needs for its clip.
    """

    def __init__(self, inputs: int) -> None:
        self.needs_input_grad = (False,) * inputs

    def save_for_backward(self, *tensors: Tensor) -> None:
        """Let tensors go."""


def on_gpu(*values: Any) -> bool:
    """Say whether one of some values is a tensor of a GPU, or is treated like one."""
    return _simulated.get() or any(isinstance(v, Tensor) and v.is_cuda for v in values)


@contextmanager
def simulated() -> Iterator[None]:
    """Apply the GPU's forms to tensors of the CPU inside.

    Their kernels then run in Numba's simulator, slowly, so this wants the environment variable
    ``NUMBA_ENABLE_CUDASIM=1`` from the start of the process on.
    """
    token = _simulated.set(True)
    try:
        yield
    finally:
        _simulated.reset(token)
