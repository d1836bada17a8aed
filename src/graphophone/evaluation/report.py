"""An evaluation as a table to read and as plain data."""

from typing import Any

from graphophone.evaluation.paper import printed
from graphophone.evaluation.result import METRICS, EvaluationResult, Figures, bare_skill
from graphophone.evaluation.tally import Figure

TITLES = {
    "no_latent": "row 2 (hears nothing)",
    "mean_parameters": "mean parameters",
    "most_frequent_graph": "most frequent graph",
    "nearest_neighbour": "nearest neighbour",
}


def table(result: EvaluationResult) -> str:
    """Render a Markdown table, with a line above that says what was measured on what.

    Bare figures compare within one set only. Across sets, such as the paper's, only skill
    does; the paper's figures stand beside it for that.
    """
    theirs, nothing = printed(result.task, 3, result.split), printed(result.task, 2, "")
    names = list(result.baselines)
    titles = ["metric", "model (95 % interval)", "skill", *(TITLES.get(n, n) for n in names)]
    titles += ["paper's row 3", "its skill"]
    rows = [titles, ["---", *("---:" for _ in titles[1:])]]
    for metric in METRICS:
        own = result.metrics.get(metric)
        if own is None and not any(result.baselines[n].get(metric) for n in names):
            continue
        their = theirs.get(metric)
        rows.append(
            [
                f"`{metric}`",
                interval(own),
                number(result.skill[metric], 2),
                *(number(value(result.baselines[n].get(metric))) for n in names),
                number(their),
                number(bare_skill(metric, their, nothing.get(metric)), 2),
            ]
        )
    return "\n".join([heading(result), "", *("| " + " | ".join(row) + " |" for row in rows)])


COPY_METRICS = ("node_error", "iou_masked", "parameter_loss", "mss_full_masked")
"""What the table of copies shows: both stages as trained, and what a user gets."""


def copies_table(result: EvaluationResult) -> str:
    """Render a Markdown table of what spoiled copies change; empty where there are none.

    The first row has the figures on the clean recordings, the others what a copy adds to them,
    with an interval by pairs.
    """
    if not result.copies:
        return ""
    titles = ["copy", *(f"`{metric}`" for metric in COPY_METRICS)]
    rows = [titles, ["---", *("---:" for _ in COPY_METRICS)]]
    rows.append(["none", *(interval(result.metrics.get(metric)) for metric in COPY_METRICS)])
    for kind, figures in result.copies.items():
        changed = (figures.changes.get(metric) for metric in COPY_METRICS)
        rows.append([kind, *(interval(figure, "+.3f") for figure in changed)])
    lines = ["What spoiled copies of the same examples add (95 % interval by pairs):", ""]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    for kind, reason in result.copies_missing.items():
        lines += ["", f"{kind} is left out: {reason}."]
    return "\n".join(lines)


def heading(result: EvaluationResult) -> str:
    """Say what was measured, on what, and what the baselines know."""
    kinds = f" ({', '.join(result.kinds)})" if result.kinds else ""
    text = (
        f"{result.task}, {result.split} split, {result.sources} sources{kinds}: "
        f"{result.count} {result.mix} examples of seed {result.seed}, {result.weights}. "
        f"The trivial baselines know {result.reference_count} training examples of seed "
        f"{result.reference_seed}."
    )
    if "no_latent" not in result.baselines:
        text += " There are no row 2 weights, so there is no skill."
    return text


def to_json(result: EvaluationResult) -> dict[str, Any]:
    """Return plain data: what other programs read, intervals and circumstances beside it."""
    return {
        "task": result.task,
        "split": result.split,
        "sources": result.sources,
        "kinds": list(result.kinds),
        "mix": result.mix,
        "count": result.count,
        "seed": result.seed,
        "weights": result.weights,
        "metrics": {name: value(figure) for name, figure in result.metrics.items()},
        "intervals": ends(result.metrics),
        "skill": result.skill,
        "baselines": {
            name: {metric: value(figure) for metric, figure in figures.items()}
            for name, figures in result.baselines.items()
        },
        "baseline_intervals": {name: ends(f) for name, f in result.baselines.items()},
        "reference": {"count": result.reference_count, "seed": result.reference_seed},
        "copies": {
            kind: {
                "metrics": {name: value(f) for name, f in figures.metrics.items()},
                "changes": {name: value(f) for name, f in figures.changes.items()},
                "change_intervals": ends(figures.changes),
            }
            for kind, figures in result.copies.items()
        },
        "copies_missing": dict(result.copies_missing),
        "paper": printed(result.task, 3, result.split),
        "seconds": round(result.seconds, 3),
    }


def value(figure: Figure | None) -> float | None:
    """Return the bare figure."""
    return None if figure is None else figure.value


def ends(figures: Figures) -> dict[str, list[float] | None]:
    """Return the ends of each interval."""
    return {name: [f.low, f.high] if f else None for name, f in figures.items()}


def number(figure: float | None, digits: int = 3) -> str:
    """Format a figure for a table."""
    return "–" if figure is None else f"{figure:.{digits}f}"


def interval(figure: Figure | None, form: str = ".3f") -> str:
    """Format a figure with its interval."""
    if figure is None:
        return "–"
    return f"{figure.value:{form}} ({figure.low:{form}} … {figure.high:{form}})"
