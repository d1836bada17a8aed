"""The statistics of one set or a few as a picture, beside the paper's reference.

Colours are of the palette of Okabe and Ito (Color universal design, 2008), which people with
any colour vision tell apart; whatever a colour says, a place or a mark says too.
"""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphophone.generation.statistics import REFERENCE, Statistics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAPER, INK, SOFT, LINE = "#fbfaf7", "#20242c", "#626976", "#dcd8ce"
SETS = ("#0072b2", "#e69f00", "#009e73")
MARK = "#d55e00"
DARK = {
    PAPER: "#1c1f26",
    INK: "#ece9e2",
    SOFT: "#a3aab7",
    LINE: "#3a3f4a",
    SETS[0]: "#56b4e9",
    SETS[1]: "#f0b429",
    SETS[2]: "#35c79b",
    MARK: "#ff8a4c",
}
"""What each colour becomes where the reader's screen is dark."""
PANELS = ("nodes", "edges", "degree", "density", "diameter", "depth")
TERMINALS = ("in", "out")
"""Types that every graph has."""
MOST_MOTIFS = 40
WIDTH, LEGEND, TITLE, AXIS = 10.5, 0.66, 0.72, 0.32
"""Width of the picture, and heights of what stands around the panels, in inches."""
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "graphophone",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": LINE,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "grid.color": LINE,
}


def figure(sets: Mapping[str, Statistics]) -> str:
    """Draw sizes, types and motifs of one to three sets.

    Args:
        sets: Statistics by the name that the legend shall give them.

    Returns:
        One SVG document, the same for the same figures, that refers to nothing outside of
        itself and turns dark with the reader's screen.

    Raises:
        ValueError: There is no set, or there are more than three.
    """
    if not 1 <= len(sets) <= len(SETS):
        raise ValueError(f"one to three sets fit into a figure, got {len(sets)}")
    import matplotlib as mpl
    from matplotlib.figure import Figure

    types = [name for name in _order(s.present for s in sets.values()) if name not in TERMINALS]
    motifs = _order(s.motifs for s in sets.values())[:MOST_MOTIFS]
    half = math.ceil(len(types) / 2)
    columns = [names for names in (types[:half], types[half:], motifs) if names]
    rows = max(map(len, columns), default=1)
    spreads, bars = 1.4 + 0.44 * len(sets), (0.1 + 0.09 * len(sets)) * rows
    height = LEGEND + spreads + TITLE + bars + AXIS
    with mpl.rc_context(STYLE):
        drawn = Figure(figsize=(WIDTH, height))
        above = drawn.add_gridspec(
            2, 3, left=0.03, right=0.98, wspace=0.14, hspace=1.0,
            top=1 - LEGEND / height, bottom=1 - (LEGEND + spreads) / height,
        )  # fmt: skip
        for place, name in enumerate(PANELS):
            _spreads(drawn.add_subplot(above[place // 3, place % 3]), name, sets)
        below = drawn.add_gridspec(
            1, max(len(columns), 1), left=0.125, right=0.98, wspace=0.56 if motifs else 0.34,
            top=(AXIS + bars) / height, bottom=AXIS / height,
        )  # fmt: skip
        shares = [{n: 100 * x for n, x in s.present.items()} for s in sets.values()]
        for place, names in enumerate(columns):
            axes = drawn.add_subplot(below[0, place])
            if names is motifs:
                _bars(axes, "motifs, times in a graph", names, [s.motifs for s in sets.values()])
            else:
                _bars(axes, "" if place else "types, % of graphs that have one", names, shares)
                axes.set_xlim(0, 1.04 * max(x for share in shares for x in _of(share, types)))
            axes.set_ylim(rows - 0.4, -0.6)
        _legend(drawn, sets)
        buffer = io.StringIO()
        drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return responsive(buffer.getvalue(), "Statistics of " + " and ".join(sets))


def _order(counts: Iterable[Mapping[str, float]]) -> list[str]:
    """Sort all names by their largest figure, then by themselves."""
    most: dict[str, float] = {}
    for figures in counts:
        for name, value in figures.items():
            most[name] = max(most.get(name, 0.0), value)
    return sorted(most, key=lambda name: (-most[name], name))


def _of(figures: Mapping[str, float], names: Sequence[str]) -> list[float]:
    return [figures.get(name, 0.0) for name in names]


def _spreads(axes: "Axes", name: str, sets: Mapping[str, Statistics]) -> None:
    """Draw the deciles of one figure, a line a set, and the reference where there is one."""
    for row, (colour, found) in enumerate(zip(SETS, sets.values(), strict=False)):
        spread = found.spreads[name]
        d = spread.deciles
        axes.plot([d[0], d[10]], [row, row], color=colour, lw=1.2, solid_capstyle="butt")
        axes.barh(row, d[9] - d[1], left=d[1], height=0.5, color=colour, alpha=0.45, lw=0)
        axes.barh(row, d[7] - d[3], left=d[3], height=0.5, color=colour, lw=0)
        axes.plot([d[5], d[5]], [row - 0.34, row + 0.34], color=INK, lw=1.6)
        axes.plot([spread.mean], [row], "o", ms=5, mfc=PAPER, mec=INK, mew=1.2)
        axes.annotate(
            f"{spread.mean:.3g}", (1, row), xycoords=("axes fraction", "data"), ha="right",
            va="center", color=INK, fontsize=8.5, xytext=(-2, 0), textcoords="offset points",
        )  # fmt: skip
    if name in REFERENCE:
        axes.axvline(REFERENCE[name], color=MARK, lw=1.3, ls=(0, (4, 2)), zorder=0)
        axes.plot([REFERENCE[name]], [len(sets) - 0.45], "D", ms=4.5, color=MARK, clip_on=False)
    axes.set_ylim(len(sets) - 0.45, -0.55)
    farthest = max([found.spreads[name].deciles[10] for found in sets.values()])
    axes.set_xlim(0, 1.25 * max(farthest, REFERENCE.get(name, 0.0)))
    axes.set_yticks([])
    axes.set_title(name, loc="left", fontsize=10, pad=4, color=INK)
    _plain(axes)


def _bars(
    axes: "Axes", title: str, names: Sequence[str], counts: Sequence[Mapping[str, float]]
) -> None:
    """Draw one group of bars a name, a bar a set, the commonest on top."""
    thick = 0.8 / len(counts)
    for place, (colour, figures) in enumerate(zip(SETS, counts, strict=False)):
        rows = [row - 0.4 + thick * (place + 0.5) for row in range(len(names))]
        axes.barh(rows, _of(figures, names), height=thick, color=colour, lw=0)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.tick_params(axis="y", labelcolor=INK)
    axes.set_title(title, loc="left", fontsize=10, pad=6, color=INK)
    _plain(axes)


def _plain(axes: "Axes") -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=8.5)
    axes.grid(axis="x", lw=0.7)
    axes.set_axisbelow(True)


def _legend(drawn: "object", sets: Mapping[str, Statistics]) -> None:
    """Say which colour is which set, and what the marks mean."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        *(
            Patch(color=colour, label=f"{name} ({found.graphs:,} graphs)")
            for colour, (name, found) in zip(SETS, sets.items(), strict=False)
        ),
        Line2D([], [], color=INK, lw=0, marker="|", ms=9, mew=1.6, label="median"),
        Line2D([], [], color=INK, lw=0, marker="o", mfc=PAPER, ms=5, mew=1.2, label="mean"),
        Line2D([], [], color=MARK, ls=(0, (4, 2)), marker="D", ms=4.5, label="PCQM4Mv2, about"),
    ]
    drawn.legend(  # type: ignore[attr-defined]
        handles=handles, loc="upper left", bbox_to_anchor=(0.02, 1.0), ncols=len(handles),
        frameon=False, fontsize=9, handlelength=1.6, columnspacing=1.4, labelcolor=INK,
    )  # fmt: skip


def responsive(svg: str, title: str) -> str:
    """Name the picture, and give it other colours where the reader's screen is dark."""
    rules = [
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    ]
    style = f"<style>@media(prefers-color-scheme:dark){{{''.join(rules)}}}</style>"
    start = svg.index("<svg ")  # without the declaration, so that it can stand inside a page
    head, body = svg[start : (end := svg.index(">", start))], svg[end + 1 :]
    return f'{head} role="img" aria-label="{title}">\n<title>{title}</title>{style}{body}'
