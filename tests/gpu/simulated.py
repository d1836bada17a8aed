"""The GPU's form of every primitive in Numba's simulator, held against the CPU's kernels.

It wants NUMBA_ENABLE_CUDASIM=1 before anything is imported: test_simulator.py runs it.
"""

import pytest
import torch

from graphophone.dsp import reverb
from graphophone.dsp.cuda.kernels import SIMULATED
from graphophone.dsp.device import simulated
from graphophone.processors import PROCESSORS
from tests.gpu.agreement import (
    LINES,
    ROOMS,
    Place,
    check_batch,
    check_blocks,
    check_gradient,
    check_processor,
    noise,
)


def rate(name: str) -> int:
    """A rate at which a delay fits into a clip of some tens of samples."""
    if name in LINES:
        return 1_000
    return 100 if name in ROOMS else 8_000


HERE = Place(samples=40, clips=2, rates=rate)
THERE = Place("cpu", simulated, samples=40, clips=2, rates=rate)


def test_kernels_are_simulated() -> None:
    assert SIMULATED


@pytest.mark.parametrize("moving", [False, True], ids=["still", "moving"])
@pytest.mark.parametrize("name", PROCESSORS)
def test_every_processor_agrees(name: str, moving: bool) -> None:
    check_processor(name, HERE, THERE, torch.float64, moving=moving, tolerance=1e-9)


@pytest.mark.parametrize("name", [*LINES, *ROOMS, "bell", "compressor", "envelope_follower"])
def test_recurrences_agree_in_single_precision(name: str) -> None:
    check_processor(name, HERE, THERE, torch.float32, moving=True, tolerance=1e-5)


@pytest.mark.parametrize("name", [*LINES, *ROOMS, "bell", "compressor", "envelope_follower"])
def test_blocks_together_are_the_whole(name: str) -> None:
    check_blocks(name, THERE, 13, 1e-9)


def test_damped_rooms_agree() -> None:
    knobs = {"decay": 0.5, "scale": 1.2, "smoothing": 0.02, "width": 0.7, "mix": 0.4}
    results = []
    for place in (HERE, THERE):
        leaves = {name: torch.full((2, 1, 1), v).double() for name, v in knobs.items()}
        wanted = [leaf.requires_grad_() for name, leaf in leaves.items() if name != "scale"]
        audio = noise(1, 2, 2, 40).requires_grad_()
        with place.inside():
            wet = reverb.mixed(audio, **leaves, crossfeed=0.2, sample_rate=100)
            total = (wet * noise(2, *wet.shape)).sum()
            results.append((wet.detach(), *torch.autograd.grad(total, [audio, *wanted])))
    for one, other in zip(*results, strict=True):
        assert float(other.abs().min()) > 0
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_batches_agree() -> None:
    check_batch(1, 8, HERE, THERE, 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_gradients_of_graphs_agree(seed: int) -> None:
    check_gradient(seed, HERE, THERE, 1e-6)
