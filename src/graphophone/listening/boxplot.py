"""Box plots of a listening test, a row a condition, on the scale that listeners saw."""

import io
from typing import TYPE_CHECKING

from graphophone.listening.analysis import Findings
from graphophone.report.figure import INK, LINE, PAPER, SETS, SOFT, STYLE, responsive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELS = ("Bad", "Poor", "Fair", "Good", "Excellent")
WIDTH, ROW, AROUND = 8.0, 0.42, 1.1
"""Of the picture, of a condition, and of what stands around, in inches."""
SPREAD = 0.5
"""Part of a row's height over which points are spread."""
WHISKER = 1.5


def boxplot(found: Findings, centre: str = "mean") -> str:
    """Draw each condition's scores: box, whiskers, a point a listener, the interval.

    The box runs from quartile to quartile with the median in it, whiskers reach the farthest
    point within 1.5 box lengths (Tukey 1977, Exploratory data analysis, section 2C).

    Args:
        found: Of one group of listeners.
        centre: What the intervals are of.

    Returns:
        One SVG document that needs nothing else; the same for the same ratings.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    height = AROUND + ROW * len(found.scores)
    with mpl.rc_context(STYLE | {"text.parse_math": False}):
        drawn = Figure(figsize=(WIDTH, height))
        axes = drawn.add_subplot()
        drawn.subplots_adjust(
            left=0.2, right=0.97, bottom=0.45 / height, top=1 - 0.65 / height
        )  # fmt: skip
        _boxes(axes, found, centre)
        _scale(axes, found, centre)
        buffer = io.StringIO()
        drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return responsive(buffer.getvalue(), "Scores by condition")


def _boxes(axes: "Axes", found: Findings, centre: str) -> None:
    means, names = found.panel.means, found.panel.conditions
    for row, score in enumerate(found.scores):
        column = means[:, names.index(score.condition)]
        low, high = score.quartiles
        reach = WHISKER * (high - low)
        axes.barh(row, high - low, left=low, height=0.6, color="none", ec=INK, lw=1.0)
        axes.plot([score.median] * 2, [row - 0.3, row + 0.3], color=INK, lw=2.0)
        least = column[column >= low - reach].min()
        most = column[column <= high + reach].max()
        for box, end in ((low, min(low, least)), (high, max(high, most))):
            axes.plot([box, end], [row, row], color=INK, lw=1.0)
        count = len(column)
        places = [row + SPREAD * ((i + 0.5) / count - 0.5) for i in range(count)]
        axes.plot(column, places, "o", ms=3, mfc=SETS[0], mec="none", alpha=0.6, clip_on=False)
        axes.plot(score.interval, [row + 0.4] * 2, color=SETS[1], lw=2.5, solid_capstyle="butt")
        axes.plot(
            [getattr(score, centre)], [row + 0.4], "D", ms=4.5, mfc=PAPER, mec=INK, clip_on=False
        )


def _scale(axes: "Axes", found: Findings, centre: str) -> None:
    """Draw the five words over the scale, and what the marks are."""
    for place, label in enumerate(LABELS):
        axes.text(
            20 * place + 10, 1.01, label, ha="center", va="bottom", color=SOFT,
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip
        axes.axvline(20 * place, color=LINE, lw=0.7, zorder=0)
    axes.axvline(100, color=LINE, lw=0.7, zorder=0)
    axes.set_xlim(0, 100)
    axes.set_ylim(len(found.scores) - 0.4, -0.6)
    axes.set_yticks(range(len(found.scores)), [score.condition for score in found.scores])
    axes.tick_params(axis="y", labelcolor=INK, length=0)
    axes.tick_params(axis="x", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    panel = found.panel
    axes.set_title(
        f"{len(panel.listeners)} listeners, {len(panel.trials)} excerpts; a point is a listener, "
        f"the diamond the {centre} with its 95 % interval",
        loc="left", fontsize=9, pad=18, color=INK,
    )  # fmt: skip
