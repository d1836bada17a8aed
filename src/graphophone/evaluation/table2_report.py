"""Table 2 as text to read, the paper's figures beside ours, and as plain data."""

from collections.abc import Mapping
from typing import Any, Final

from graphophone.evaluation.paper import COLUMNS, printed
from graphophone.evaluation.report import ends, interval, number, value
from graphophone.evaluation.result import METRICS, PERFECT, bare_skill
from graphophone.evaluation.table2 import Table2

TITLES: Final[Mapping[str, str]] = {
    "1": "autoencoding",
    "2": "no latent conditioning",
    "3": "token by token, two stages",
    "4": "row 3 with the dry mix",
    "4 stems": "row 3 with the dry stems",
    "5": "node by node, two stages",
    "6": "token by token, single stage",
}
RIVALS: Final = (2, 3, 5, 6)
"""Rows that know a recording or less: row 1 is shown the answer, row 4 the dry sound too."""
SHARES: Final[Mapping[str, str]] = {
    "order_only": "wrong nodes that are order only",
    "order_only_free": "wrong graphs that are order only",
    "before_destructive": "wrong nodes before a destructive one",
    "nodes_before_destructive": "all nodes before a destructive one",
}


def text(table: Table2) -> str:
    """Render the table: figures, skill, the paper's figures and theirs, ties, kinds of errors."""
    lines = [heading(table), ""]
    lines += grid(["row", *(f"`{metric}`" for metric in COLUMNS)], _figures(table))
    tied = [one for metric in COLUMNS if (one := _ties(table, metric))]
    if tied:
        lines += ["", "Tied, for their intervals overlap: " + "; ".join(tied) + "."]
    lines += ["", "Kinds of errors (teacher-forced nodes, freely decoded graphs):", ""]
    shares = [
        [_title(table, row), *(interval(one.analyses.get(name), ".2f") for name in SHARES)]
        for row, one in table.rows.items()
    ]
    lines += grid(["row", *SHARES.values()], shares)
    for name, values in table.unequal.items():
        said = ", ".join(f"{folder} {one}" for folder, one in values.items())
        lines += ["", f"Not equal between runs: {name} is {said}."]
    return "\n".join(lines)


def heading(table: Table2) -> str:
    """Say what was measured on what."""
    kinds = f" ({', '.join(table.kinds)})" if table.kinds else ""
    said = (
        f"{table.task}, {table.split} split, {table.sources} sources{kinds}: {table.count} "
        f"{table.mix} examples of seed {table.seed}. Intervals are 95 %, over examples and seeds; "
        "the best of rows 2, 3, 5 and 6 in a column and those tied with it are bold."
    )
    if "2" not in table.rows:
        said += " There is no run of row 2, so there is no skill."
    return said


def to_json(table: Table2) -> dict[str, Any]:
    """Return plain data."""
    return {
        "task": table.task,
        "split": table.split,
        "sources": table.sources,
        "kinds": list(table.kinds),
        "mix": table.mix,
        "count": table.count,
        "seed": table.seed,
        "rows": {
            row: {
                "row": one.number,
                "title": TITLES[row],
                "runs": list(one.runs),
                "seeds": list(one.seeds),
                "steps": list(one.steps),
                "metrics": {name: value(figure) for name, figure in one.metrics.items()},
                "intervals": ends(one.metrics),
                "skill": table.skill(row),
                "tied_with": {metric: list(table.ties(metric)[row]) for metric in METRICS},
                "paper": (theirs := _printed(table, row)),
                "paper_skill": _paper_skill(table, theirs),
                "analyses": {name: value(figure) for name, figure in one.analyses.items()},
                "analysis_intervals": ends(one.analyses),
            }
            for row, one in table.rows.items()
        },
        "unequal": {name: dict(values) for name, values in table.unequal.items()},
        "seconds": round(table.seconds, 3),
    }


def grid(titles: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    ruled = [titles, ["---", *("---:" for _ in titles[1:])], *rows]
    return ["| " + " | ".join(row) + " |" for row in ruled]


def _figures(table: Table2) -> list[list[str]]:
    """Return four lines a row: figures, skill, the paper's figures, their skill."""
    best = {metric: _best(table, metric) for metric in COLUMNS}
    lines = []
    for row, one in table.rows.items():
        cells = []
        for metric in COLUMNS:
            cell = interval(one.metrics.get(metric))
            cells.append(f"**{cell}**" if row in best[metric] else cell)
        theirs = _printed(table, row)
        skills = table.skill(row), _paper_skill(table, theirs)
        lines.append([_title(table, row), *cells])
        lines.append(["skill", *(number(skills[0][metric], 2) for metric in COLUMNS)])
        if theirs:
            lines.append(["paper", *(number(theirs.get(metric)) for metric in COLUMNS)])
            lines.append(["its skill", *(number(skills[1].get(metric), 2) for metric in COLUMNS)])
    return lines


def _title(table: Table2, row: str) -> str:
    seeds = len(table.rows[row].seeds)
    return f"{row}: {TITLES[row]} ({seeds} seed{'s' if seeds > 1 else ''})"


def _best(table: Table2, metric: str) -> set[str]:
    """Return the best row of :data:`RIVALS`, and the rivals tied with it."""
    found = {
        row: figure.value
        for row, one in table.rows.items()
        if one.number in RIVALS and (figure := one.metrics.get(metric))
    }
    if not found:
        return set()
    perfect = PERFECT.get(metric, 0.0)
    best = min(found, key=lambda row: abs(found[row] - perfect))
    return {best} | (set(table.ties(metric)[best]) & found.keys())


def _ties(table: Table2, metric: str) -> str:
    pairs = [
        f"{row} = {other}"
        for row, others in table.ties(metric).items()
        for other in others
        if row < other
    ]
    return f"`{metric}` {', '.join(pairs)}" if pairs else ""


def _printed(table: Table2, row: str) -> dict[str, float]:
    """Return the paper's figures of a row; it does not print one with stems."""
    return printed(table.task, int(row), table.split) if row.isdigit() else {}


def _paper_skill(table: Table2, theirs: Mapping[str, float]) -> dict[str, float | None]:
    nothing = printed(table.task, 2, table.split)
    return {
        metric: bare_skill(metric, theirs.get(metric), nothing.get(metric)) for metric in theirs
    }
