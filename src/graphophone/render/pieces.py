"""Many or long clips, computed a few clips and a piece of time at a time, so that caches hold them.

Every signal of 64 clips of a few seconds is larger than any cache, and fresh memory for it costs
more than a filter does. So a piece of a few clips goes through the whole graph before the next one
enters; the memory of one piece serves the next, and only the result is ever whole.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from graphophone.dsp.allocation import empty
from graphophone.dsp.compile import as_array
from graphophone.dsp.device import on_gpu
from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.memory import Memory
from graphophone.dsp.rows import to_lanes, to_rows
from graphophone.render.execute import execute
from graphophone.render.plan import Plan
from graphophone.render.threads import side_by_side
from graphophone.tensors import Audio

PIECE_BYTES = 2**21
"""Size of a signal of one piece: several of them fit into a processor's caches."""
GROUP = 8
"""Clips that go together: enough to fill vector registers, few enough for their echoes and rooms
to stay in a cache as well."""
PIECE_SAMPLES = 4_096
"""Pieces are multiples of this, as are the tiles that kernels work in, so that a piece begins
where a tile would: cutting changes no bit."""


def rendered(plan: Plan, sources: Mapping[str, Audio], sample_rate: int) -> Audio:
    """Return what a plan makes of a batch of clips, without gradients.

    Args:
        plan: What to compute; under the energy rule, and on a GPU, clips are not cut.
        sources: A batch of dry clips for each source, all of one shape (batch, 2, time).
        sample_rate: Samples per second.

    Returns:
        The wet clips, (batch, 2, time); the same bits as :func:`execute` gives.
    """
    some = next(iter(sources.values()))
    batch, channels, samples = some.shape
    row = min(batch, GROUP) * channels * some.element_size()
    piece = max(1, PIECE_BYTES // (row * PIECE_SAMPLES)) * PIECE_SAMPLES
    if plan.graph.energy == "normalised" or samples < 2 * piece or on_gpu(some):
        piece = samples
        if batch <= GROUP or on_gpu(some):  # whose memory is fast throughout
            with torch.inference_mode():
                return execute(plan, sources, sample_rate).result()

    whole = empty((batch, channels, samples), some.dtype)
    rows = as_array(whole.view(batch * channels, samples))

    @torch.inference_mode()
    def write(first: int) -> None:
        memories = {step.node: Memory() for step in plan.steps}
        for start in range(0, samples, piece):
            part = {
                name: _cut(clips[first : first + GROUP], start, piece)
                for name, clips in sources.items()
            }
            result = execute(plan, part, sample_rate, memories=memories).result()
            to_rows(as_array(lanes(result)), rows[first * channels :], start)

    side_by_side(write, range(0, batch, GROUP))
    return whole


def _cut(clips: Tensor, start: int, samples: int) -> Tensor:
    """Return a piece of clips, time-major; no more than that is ever copied."""
    count, channels, time = clips.shape
    if not clips.is_contiguous():
        return signal(lanes(clips[..., start : start + samples]), channels)
    part = torch.empty((min(samples, time - start), count * channels), dtype=clips.dtype)
    to_lanes(as_array(clips.view(count * channels, time)), as_array(part), start)
    return signal(part, channels)
