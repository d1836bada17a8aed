"""What a suite found as tables to read and as plain data."""

from typing import Any

from graphophone.evaluation.report import interval
from graphophone.evaluation.tally import Figure
from graphophone.evaluation.trials.restraint import curves
from graphophone.evaluation.trials.running import Found
from graphophone.evaluation.trials.trial import Aim

RECALL = "recall "
"""How figures begin that belong to one effect of other software."""
Rows = list[tuple[str, str, str, str]]


def text(found: Found) -> str:
    """Render Markdown: what was measured on what, a table, the worst, and what is missing."""
    head = ("line", "figure", "value (95 % interval)", "aim")
    lines = [heading(found), "", *_grid(head, rows(found))]
    if effects := recalls(found):
        lines += ["", "How often each effect is named:", ""]
        lines += _grid(("software", "effect", "recall (95 % interval)", ""), effects)
    if found.worst:
        count = sum(len(some) for some in found.lines.values())
        lines += ["", f"The worst {len(found.worst)} of {count} trials, by {found.bad}:", ""]
        lines += [
            f"- {trial.line} {trial.index} ({trial.told.get('source') or 'no name'}): "
            f"{trial.told.get('why', '')}"
            for trial in found.worst
        ]
    lines += [f"\n{line} is left out: {why}." for line, why in found.missing.items()]
    return "\n".join(lines)


def heading(found: Found) -> str:
    """Say what was measured, on what."""
    told = found.conditions
    made = {line: len(some) for line, some in found.lines.items()}
    counts = ", ".join(f"{line} {n}" for line, n in made.items()) + " trials"
    if len(set(made.values())) == 1:
        counts = f"{max(made.values())} trials" + (" a line" if len(made) > 1 else "")
    kinds = f" ({', '.join(told['kinds'])})" if told.get("kinds") else ""
    mix = f", {told['mix']} graphs" if told.get("mix") else ""
    said = (
        f"Suite {found.suite}, {told['task']}, {told['split']} split, {told['sources']} sources"
        f"{kinds}{mix}, seed {told['seed']}, weights {told['weights']}: {counts}."
    )
    if not found.complete:
        said += f" {found.count} a line were asked for; the same command goes on."
    return said


def rows(found: Found) -> Rows:
    """Return line, figure, value and aim; figures of single effects are left out."""
    table: Rows = []
    for line, figures in found.figures.items():
        aims = found.aims.get(line, {})
        for name, figure in figures.items():
            if not name.startswith(RECALL):
                aim = aims[name].told(figure.value) if name in aims else ""
                table.append((line, f"`{name}`", interval(figure), aim))
    return table


def recalls(found: Found) -> Rows:
    """Return software, effect and recall, the least first."""
    figures: dict[str, Figure] = {}
    for some in found.figures.values():
        figures |= {name: one for name, one in some.items() if name.startswith(RECALL)}
    table: Rows = []
    for name, figure in sorted(figures.items(), key=lambda pair: (pair[1].value, pair[0])):
        software, _, effect = name.removeprefix(RECALL).partition(" ")
        table.append((software, effect, interval(figure, ".2f"), ""))
    return table


def to_json(found: Found) -> dict[str, Any]:
    """Return plain data."""
    plain: dict[str, Any] = {
        **found.conditions,
        "suite": found.suite,
        "count": found.count,
        "complete": found.complete,
        "made": {line: len(some) for line, some in found.lines.items()},
        "figures": {
            line: {name: _plain(one, found.aims.get(line, {}).get(name)) for name, one in f.items()}
            for line, f in found.figures.items()
        },
        "worst": [
            {"line": t.line, "index": t.index, "figures": dict(t.figures), "why": t.told.get("why")}
            for t in found.worst
        ],
        "missing": dict(found.missing),
    }
    if found.suite == "restraint":
        plain["risk_coverage"] = {
            line: [{"coverage": c, "risk": r, "sure": s} for c, r, s in points]
            for line, points in curves(found.lines).items()
        }
    return plain


def _plain(figure: Figure, aim: Aim | None) -> dict[str, Any]:
    plain: dict[str, Any] = {"value": figure.value, "low": figure.low, "high": figure.high}
    if aim is not None:
        plain |= {"aim": str(aim), "reached": aim.reached(figure.value)}
    return plain


def _grid(head: tuple[str, ...], body: Rows) -> list[str]:
    """Return the lines of a Markdown table; a last column that is empty is left out."""
    wide = len(head) if any(row[-1] for row in body) else len(head) - 1
    ruled: list[tuple[str, ...]] = [head, ("---",) * len(head), *body]
    return ["| " + " | ".join(row[:wide]) + " |" for row in ruled]
