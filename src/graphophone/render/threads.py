"""Independent work on several cores."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Part = TypeVar("Part")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Part], Result], parts: Sequence[Part], threads: int | None = None
) -> list[Result]:
    """Do some work on each of several parts, several at a time.

    Kernels and tensor operations run outside the interpreter's lock. While they do, each
    operation keeps to one thread, as there is work for all of them.

    Args:
        work: What to do; it changes nothing that the others see.
        parts: What to do it on.
        threads: How many at a time; as many as PyTorch uses by default.

    Returns:
        What came of each part, in their order.
    """
    cores = torch.get_num_threads()
    workers = min(threads or cores, len(parts))
    if workers < 2:
        return [work(part) for part in parts]
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(workers) as executor:
            return list(executor.map(work, parts))
    finally:
        torch.set_num_threads(cores)
