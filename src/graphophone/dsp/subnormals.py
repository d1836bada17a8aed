"""Numbers too small to be heard: processors are slow at the smallest, so none are kept."""

from graphophone.dsp.compile import Array, kernel

TINY = 1e-30
"""What is smaller is written as zero, far above the subnormal numbers of either precision."""


@kernel
def flush(one: Array, two: Array) -> None:
    """Set both states of a filter to zero where they are tiny together."""
    for i in range(one.size):
        if abs(one[i]) + abs(two[i]) < TINY:
            one[i] = two[i] = 0.0
