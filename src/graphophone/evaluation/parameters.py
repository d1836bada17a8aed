"""How far estimated knobs are from the true ones."""

import numpy as np
import numpy.typing as npt

from graphophone.codec.travel import Travel
from graphophone.evaluation.tally import Tally


def parameter_loss(truth: Travel, estimated: npt.ArrayLike) -> Tally:
    """Add up |d travel| over all knobs and drawn gains of a true prototype.

    Travel is the [0, 1] coordinate in which knobs are learned. A phase is a circle, so no two
    settings of it are more than half a turn apart. What does nothing where the truth stands
    (dead zones, levels of lone cables) is left out: it cannot be heard, so it cannot be wrong.

    Args:
        truth: Travels of the true graph, a row a token.
        estimated: Travels estimated for the same tokens, same shape; clipped to [0, 1].

    Returns:
        The sum and how many knobs it is over.
    """
    gap = np.abs(truth.values - np.clip(np.asarray(estimated, np.float64), 0.0, 1.0))
    gap = np.where(truth.circular, np.minimum(gap, 1.0 - gap), gap)
    return Tally(float(gap[truth.live].sum()), float(truth.live.sum()))
