"""A CUDA device gives what the CPU gives, to 1e-4."""

import pytest
import torch

from graphophone.processors import PROCESSORS
from tests.gpu.agreement import (
    LINES,
    ROOMS,
    TOLERANCE,
    Place,
    check_batch,
    check_blocks,
    check_gradient,
    check_processor,
)

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no CUDA device here"),
]
HERE, THERE = Place(), Place("cuda")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("moving", [False, True], ids=["still", "moving"])
@pytest.mark.parametrize("name", PROCESSORS)
def test_every_processor_agrees(name: str, moving: bool, dtype: torch.dtype) -> None:
    check_processor(name, HERE, THERE, dtype, moving=moving, tolerance=TOLERANCE)


@pytest.mark.parametrize("name", [*LINES, *ROOMS, "bell", "compressor", "envelope_follower"])
def test_blocks_together_are_the_whole(name: str) -> None:
    check_blocks(name, THERE, 777, TOLERANCE)


@pytest.mark.parametrize("seed", range(5))
def test_batches_agree(seed: int) -> None:
    check_batch(seed, 100, HERE, THERE, TOLERANCE)


@pytest.mark.parametrize("seed", range(20))
def test_gradients_of_graphs_agree(seed: int) -> None:
    check_gradient(seed, HERE, THERE, 10 * TOLERANCE)
