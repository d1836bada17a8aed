"""Many or long clips, computed a piece of time at a time, so that signals stay in a cache.

Every signal of 64 clips of a few seconds is larger than any cache, and fresh memory for it costs
more than a filter does. A piece of all clips goes through the whole graph before the next one
enters; the memory of one piece serves the next, and only the result is ever whole.
"""

from collections.abc import Mapping

import torch

from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.memory import Memory
from graphophone.render.execute import execute
from graphophone.render.plan import Plan
from graphophone.tensors import Audio

PIECE_BYTES = 2**21
"""Size of a signal of one piece: several of them fit into a processor's caches."""
PIECE_SAMPLES = 4_096
"""Pieces are multiples of this, as are the tiles that kernels work in, so that a piece begins
where a tile would: cutting changes no bit."""


def rendered(plan: Plan, sources: Mapping[str, Audio], sample_rate: int) -> Audio:
    """Return what a plan makes of a batch of clips, without gradients.

    Args:
        plan: What to compute; a graph under the energy rule is computed whole.
        sources: A batch of dry clips for each source, all of one shape (batch, 2, time).
        sample_rate: Samples per second.

    Returns:
        The wet clips, (batch, 2, time), time-major; the same bits as :func:`execute` gives.
    """
    some = next(iter(sources.values()))
    batch, channels, samples = some.shape
    row = batch * channels * some.element_size()
    piece = max(1, PIECE_BYTES // (row * PIECE_SAMPLES)) * PIECE_SAMPLES
    with torch.inference_mode():
        if plan.graph.energy == "normalised" or samples < 2 * piece:
            return execute(plan, sources, sample_rate).result()
        memories = {step.node: Memory() for step in plan.steps}
        whole = torch.empty((samples, batch * channels), dtype=some.dtype)
        for start in range(0, samples, piece):
            part = {name: clip[..., start : start + piece] for name, clip in sources.items()}
            result = execute(plan, part, sample_rate, memories=memories).result()
            whole[start : start + piece] = lanes(result)
        return signal(whole, channels)
