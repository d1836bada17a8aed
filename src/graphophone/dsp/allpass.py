"""A chain of first-order all-pass filters with feedback around it, as in a phaser.

Method: V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2 (2018), ch. 3 (topology-preserving
one-pole) and ch. 5 (feedback around a chain without a unit delay).
"""

import torch

from graphophone.dsp.compile import Array, as_array, kernel
from graphophone.tensors import Audio, Control

STAGES = 6
"""All-pass stages in the chain; two make a notch."""

TINY = 1e-30
"""State below this is set to zero now and then: subnormal numbers are slow and inaudible."""

BLOCK = 128
"""Samples between two looks at the state for subnormal numbers."""


def chain(audio: Audio, *, g: Control, feedback: Control, mix: Control) -> Audio:
    """Mix a signal with its copy from :data:`STAGES` equal all-pass stages.

    The loop has no unit delay: with ``y = a**n * u + (what the states give)`` and
    ``u = x + feedback * y``, the input ``u`` of the chain is solved for.

    Args:
        audio: Signal, any number of channels.
        g: Integrator gain ``tan(pi * frequency / rate)``, static or per sample, float64.
        feedback: Share of the chain's output that returns to its input, static, below 1.
        mix: Share of the chain's output in the result, static.

    Returns:
        Signal of the same shape and dtype as ``audio``.
    """
    out = torch.empty(audio.shape, dtype=audio.dtype)
    gains, back, wet = (as_array(c.double().contiguous()) for c in (g, feedback, mix))
    _chain(as_array(audio.contiguous()), gains, back, wet, as_array(out))
    return out


@kernel
def _chain(audio: Array, g: Array, feedback: Array, mix: Array, out: Array) -> None:
    for b in range(audio.shape[0]):
        for c in range(audio.shape[1]):
            source, target, gains = audio[b, c], out[b, c], g[b, c % g.shape[1]]
            back = feedback[b, c % feedback.shape[1], 0]
            wet = mix[b, c % mix.shape[1], 0]
            dry = 1 - wet
            step = int(gains.size > 1)
            s0 = s1 = s2 = s3 = s4 = s5 = 0.0
            for start in range(0, source.size, BLOCK):
                for t in range(start, min(start + BLOCK, source.size)):
                    gain = gains[t * step]
                    a = 1 / (1 + gain)
                    beta = 2 * a  # each stage: y = alpha * x + beta * s; s = x + y - s
                    alpha = gain * beta - 1
                    a2 = alpha * alpha
                    held = s5 + alpha * s4 + a2 * (s3 + alpha * s2 + a2 * (s1 + alpha * s0))
                    x = float(source[t])
                    solve = 1 / (1 - back * a2 * a2 * a2)
                    y0 = (x + back * beta * held) * solve
                    y1 = alpha * y0 + beta * s0
                    s0 = y0 + y1 - s0
                    y2 = alpha * y1 + beta * s1
                    s1 = y1 + y2 - s1
                    y3 = alpha * y2 + beta * s2
                    s2 = y2 + y3 - s2
                    y4 = alpha * y3 + beta * s3
                    s3 = y3 + y4 - s3
                    y5 = alpha * y4 + beta * s4
                    s4 = y4 + y5 - s4
                    y6 = alpha * y5 + beta * s5
                    s5 = y5 + y6 - s5
                    target[t] = dry * x + wet * y6
                if abs(s0) + abs(s1) + abs(s2) + abs(s3) + abs(s4) + abs(s5) < TINY:
                    s0 = s1 = s2 = s3 = s4 = s5 = 0.0
