"""Risk against coverage as a picture: how wrong a model is about what it is sure of."""

import io
from collections.abc import Mapping, Sequence

from graphophone.report.figure import INK, MARK, SETS, SOFT, STYLE, responsive

Curve = Sequence[tuple[float, float, float]]
NAMES = {"own": "graphs of ours", "foreign": "effects of other software"}
AIM = (0.5, 0.05)
"""Where a model is to be: at half the nodes at most so much risk."""


def risk(curves: Mapping[str, Curve], counts: Mapping[str, int]) -> str:
    """Draw the share of wrong nodes against the share of nodes that is kept, the surest first.

    Args:
        curves: (coverage, risk, how sure) at each level of confidence, for one line or two.
        counts: How many recordings each line is of.

    Returns:
        One SVG document that needs nothing else.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        drawn = Figure(figsize=(7.2, 4.2))
        axes = drawn.add_subplot()
        drawn.subplots_adjust(left=0.1, right=0.97, top=0.9, bottom=0.14)
        for colour, (line, points) in zip(SETS, curves.items(), strict=False):
            label = f"{NAMES.get(line, line)} ({counts.get(line, 0)} recordings)"
            ends = [(0.0, points[0][1]), *((c, r) for c, r, _ in points)]
            axes.plot(*zip(*ends, strict=True), color=colour, lw=1.8, label=label)
            axes.plot([c for c, _, _ in points], [r for _, r, _ in points], "o", ms=3.5,
                      color=colour)  # fmt: skip
        axes.plot(*AIM, "D", ms=6, color=MARK, label="aim", clip_on=False)
        axes.axvline(AIM[0], color=MARK, lw=1.0, ls=(0, (4, 2)), zorder=0)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("share of the nodes that is kept, the surest first", color=SOFT)
        axes.set_ylabel("share of them that is wrong", color=SOFT)
        axes.grid(lw=0.7)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, labelcolor=INK, loc="upper left", fontsize=9)
        buffer = io.StringIO()
        drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return responsive(buffer.getvalue(), "Risk against coverage")
