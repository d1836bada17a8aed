"""The figures of the suite ``fit`` as a table to read and as plain data."""

from dataclasses import asdict
from typing import Any

from graphophone.fitting.suite import FitSuite, figures

COLUMNS = ("gap_closed", "exact", "si_sdr_db", "loss_bypass", "loss_before", "loss_after", "worse")
TITLES = (
    "gap closed",
    "exact",
    "SI-SDR (dB)",
    "loss dry",
    "loss estimated",
    "loss fitted",
    "worse",
)
GOALS = {
    ("singing", 10.0): {"gap_closed": 0.60},
    ("singing", 60.0): {"gap_closed": 0.85},
    ("chains", 60.0): {"exact": 0.80, "si_sdr_db": 23.0},
}
"""What is aimed at."""


def table(suite: FitSuite) -> str:
    """Render a Markdown table; medians, but shares for ``exact`` and ``worse``."""
    head = f"{suite.count} problems a line, {suite.sources} sources, seed {suite.seed}; medians."
    rows = [["line", "seconds", *TITLES], ["---", *("---:" for _ in range(len(TITLES) + 1))]]
    for line, found in suite.rows.items():
        for limit in sorted({row.seconds for row in found}):
            told = figures(found, limit)
            goals = GOALS.get((line, limit), {})
            cells = []
            for name in COLUMNS:
                value = told.get(name)
                goal = f" (aim {goals[name]:g})" if name in goals else ""
                cells.append("–" if value is None else f"{value:.3f}{goal}")
            rows.append([line, f"{limit:g}", *cells])
    lines = [head, "", *("| " + " | ".join(row) + " |" for row in rows)]
    for line, why in suite.missing.items():
        lines += ["", f"{line} is left out: {why}."]
    return "\n".join(lines)


def to_json(suite: FitSuite) -> dict[str, Any]:
    """Return plain data."""
    return {
        "suite": "fit",
        "count": suite.count,
        "seed": suite.seed,
        "sources": suite.sources,
        "lines": {
            line: {
                f"{limit:g}": figures(found, limit)
                for limit in sorted({row.seconds for row in found})
            }
            for line, found in suite.rows.items()
        },
        "rows": {line: [asdict(row) for row in found] for line, found in suite.rows.items()},
        "missing": dict(suite.missing),
    }
