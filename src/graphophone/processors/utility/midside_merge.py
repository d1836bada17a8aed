"""Mid and side to left and right."""

from graphophone.dsp import stereo
from graphophone.spec import processor
from graphophone.tensors import Audio


@processor(
    group="utility",
    source="A. D. Blumlein, British Patent 394325 (1931), in the orthonormal scaling",
    traits=("lti", "structural"),
)
def midside_merge(mid: Audio, side: Audio, *, sample_rate: int) -> Audio:
    """Put mid and side together again.

    Args:
        mid: What both channels share; if a processor has made its channels different, left
            stays left and right stays right.
        side: What sets them apart.
        sample_rate: Samples per second; a sum does not depend on it.

    Returns:
        Left mid plus left side, and right mid minus right side.
    """
    return stereo.merge(mid, side)
