"""What holds for tensors of a GPU without one: PyTorch's device "meta" has shapes and no values.

Operations on tensors of two devices fail there as they do on a GPU. Kernels are not run, but what
they would be given tells what they are compiled for.
"""

import importlib
from random import Random
from types import SimpleNamespace
from typing import Any

import numba
import pytest
import torch
from numba import cuda, types
from numba.cuda import dispatcher
from numba.cuda.cudadrv import nvvm
from numba.cuda.cudadrv.error import NvvmSupportError
from torch import Tensor

from graphophone.dsp.device import simulated
from graphophone.processors import ALL_SPECS, PROCESSORS, SPECS
from graphophone.render.batch import render_batch
from graphophone.render.execute import execute
from graphophone.render.knobs import Knobs
from graphophone.render.plan import plan
from tests.gpu.agreement import Place, clips, inputs, made
from tests.render.graphs import random_graph

STARTING = ("analogue", "ballistics", "delay_line", "feedback_delay", "reverb", "svf")
"""Modules that start kernels."""
THERE = Place("meta", simulated, samples=40, clips=2, rates=lambda name: 8_000)
HOPPER = (9, 0)
PRECISIONS = {
    torch.float32: types.float32,
    torch.float64: types.float64,
    torch.int64: types.int64,
}
Launches = dict[Any, tuple[Any, ...]]


@pytest.fixture(autouse=True)
def launches(monkeypatch: pytest.MonkeyPatch) -> Launches:
    """Write down which kernels are started, with which types of arguments."""
    seen: Launches = {}

    def launch(kernel: Any, threads: int, *values: Any) -> None:
        assert threads > 0
        assert all(v.is_meta for v in values if isinstance(v, Tensor))
        kinds = tuple(map(kind_of, values))
        seen[kernel.py_func.__module__, kernel.py_func.__name__, kinds] = (kernel.py_func, kinds)

    for name in STARTING:
        module = importlib.import_module(f"graphophone.dsp.cuda.{name}")
        monkeypatch.setattr(module, "launch", launch)
    real = Tensor.cpu
    monkeypatch.setattr(Tensor, "cpu", lambda x: halves(x) if x.is_meta else real(x))
    return seen


def halves(tensor: Tensor) -> Tensor:
    """Return something on the CPU for a tensor without values; of whole numbers, zeros."""
    return torch.full(tensor.shape, 0.5).to(tensor.dtype)


def kind_of(value: Any) -> Any:
    if not isinstance(value, Tensor):
        return numba.typeof(value)
    layout = "C" if value.is_contiguous() else "A"
    return types.Array(PRECISIONS[value.dtype], value.ndim, layout)


def run(name: str, dtype: torch.dtype, *, moving: bool) -> None:
    values = [v.to("meta") for v in inputs(name, THERE, dtype, moving=moving)]
    made(name, THERE, values)


@pytest.mark.parametrize("moving", [False, True], ids=["still", "moving"])
@pytest.mark.parametrize("name", PROCESSORS)
def test_no_processor_leaves_the_device(name: str, moving: bool) -> None:
    run(name, torch.float32, moving=moving)


def test_no_graph_leaves_the_device() -> None:
    rng = Random(1)
    graphs = [random_graph(rng, energy=rng.choice(("normalised", "plain"))) for _ in range(30)]
    dry = [{n: c.to("meta") for n, c in clips(i, 40).items()} for i in range(30)]
    with simulated():
        wets = render_batch(graphs, dry, 44_100, max_memory=1e12)
        assert {wet.device.type for wet in wets} == {"meta"}
        for graph, one in zip(graphs[:10], dry, strict=False):
            knobs, sources = Knobs(graph, SPECS), {n: c[None] for n, c in one.items()}
            travel = knobs.travel.to("meta").requires_grad_()
            settings = knobs.settings(travel)
            execute(plan(graph, ALL_SPECS), sources, 44_100, settings=settings).result()


def test_kernels_compile(launches: Launches, monkeypatch: pytest.MonkeyPatch) -> None:
    """To PTX, for which no device is wanted but NVIDIA's compiler."""
    if getattr(cuda, "implementation", "") != "NVIDIA":
        pytest.skip("the package numba-cuda is not installed")
    try:
        nvvm.NVVM()
    except NvvmSupportError as error:
        pytest.skip(f"there is no CUDA toolkit: {error}")
    hopper = SimpleNamespace(compute_capability=HOPPER)
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: hopper)
    for dtype in (torch.float32, torch.float64):
        for name in ("bell", "chorus", "pitchshift", "pingpong_delay", "stereo_reverb"):
            run(name, dtype, moving=True)
        run("lowpass", dtype, moving=False)
        run("compressor", dtype, moving=False)
    assert len(launches) >= 20
    for function, kinds in launches.values():
        text, _ = cuda.compile_ptx(function, kinds, cc=HOPPER)
        assert ".target sm_90" in text
