"""What is printed in Table 2 of Lee et al. 2023."""

from collections.abc import Mapping
from typing import Final

Printed = Mapping[str, float]

COLUMNS: Final = (
    "node_error",
    "edge_error",
    "invalid_rate",
    "iou",
    "mss_default",
    "parameter_loss",
    "mss_oracle",
    "mss_full",
)
"""Its metrics, without the listening test."""

_FIGURES: Final[Mapping[str, Mapping[tuple[int, str], tuple[float | None, ...]]]] = {
    "singing": {
        (1, ""): (0.0, 0.002, 0.005, 1.0, 0.002, 0.008, 0.004, 0.004),
        (2, ""): (0.502, 0.014, 0.0, 0.365, 0.116, 0.200, 0.095, 0.107),
        (3, "seen"): (0.215, 0.007, 0.0, 0.839, 0.044, 0.120, 0.056, 0.058),
        (3, "unseen"): (0.242, 0.009, 0.0, 0.800, 0.054, 0.125, 0.057, 0.059),
        (4, "unseen"): (0.169, 0.011, 0.0, 0.906, 0.034, 0.123, 0.054, 0.052),
        (5, "unseen"): (0.267, 0.052, 0.072, 0.742, 0.064, 0.142, 0.065, 0.066),
        (6, "unseen"): (0.249, 0.020, 0.002, 0.799, 0.053, 0.168, None, 0.070),
    },
    "drums": {
        (1, ""): (0.0, 0.001, 0.0, 1.0, 0.001, 0.002, 0.018, 0.018),
        (2, ""): (0.602, 0.024, 0.0, 0.267, 0.203, 0.207, 0.138, 0.187),
        (3, "seen"): (0.335, 0.019, 0.0, 0.659, 0.100, 0.145, 0.080, 0.085),
        (3, "unseen"): (0.446, 0.015, 0.0, 0.530, 0.159, 0.161, 0.088, 0.119),
        (4, "unseen"): (0.411, 0.019, 0.0, 0.550, 0.137, 0.160, 0.092, 0.110),
        (5, "unseen"): (0.461, 0.045, 0.132, 0.443, 0.134, 0.193, 0.106, 0.134),
        (6, "unseen"): (0.442, 0.023, 0.023, 0.483, 0.159, 0.213, None, 0.144),
    },
}
"""By task, then by row and set; rows 1 and 2 are printed once for both sets."""


def printed(task: str, row: int, split: str) -> dict[str, float]:
    """Return what the paper prints of a row on a set, by metric; empty where it prints nothing."""
    rows = _FIGURES.get(task, {})
    figures = rows.get((row, ""), rows.get((row, split), ()))
    named = zip(COLUMNS, figures, strict=False)
    return {metric: figure for metric, figure in named if figure is not None}
