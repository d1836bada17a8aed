"""An evaluation as a table to read and as plain data."""

from collections.abc import Mapping
from typing import Any

from graphophone.evaluation.result import METRICS, EvaluationResult, Figures
from graphophone.evaluation.tally import Figure

PAPER: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "singing": {
        "seen": {
            "node_error": 0.215,
            "edge_error": 0.007,
            "invalid_rate": 0.0,
            "iou": 0.839,
            "mss_default": 0.044,
            "parameter_loss": 0.120,
            "mss_oracle": 0.056,
            "mss_full": 0.058,
        },
        "unseen": {
            "node_error": 0.242,
            "edge_error": 0.009,
            "invalid_rate": 0.0,
            "iou": 0.800,
            "mss_default": 0.054,
            "parameter_loss": 0.125,
            "mss_oracle": 0.057,
            "mss_full": 0.059,
        },
        "row 2": {
            "node_error": 0.502,
            "edge_error": 0.014,
            "invalid_rate": 0.0,
            "iou": 0.365,
            "mss_default": 0.116,
            "parameter_loss": 0.200,
            "mss_oracle": 0.095,
            "mss_full": 0.107,
        },
    },
    "drums": {
        "seen": {
            "node_error": 0.335,
            "edge_error": 0.019,
            "invalid_rate": 0.0,
            "iou": 0.659,
            "mss_default": 0.100,
            "parameter_loss": 0.145,
            "mss_oracle": 0.080,
            "mss_full": 0.085,
        },
        "unseen": {
            "node_error": 0.446,
            "edge_error": 0.015,
            "invalid_rate": 0.0,
            "iou": 0.530,
            "mss_default": 0.159,
            "parameter_loss": 0.161,
            "mss_oracle": 0.088,
            "mss_full": 0.119,
        },
        "row 2": {
            "node_error": 0.602,
            "edge_error": 0.024,
            "invalid_rate": 0.0,
            "iou": 0.267,
            "mss_default": 0.203,
            "parameter_loss": 0.207,
            "mss_oracle": 0.138,
            "mss_full": 0.187,
        },
    },
}
"""Table 2 of Lee et al. 2023: row 3 on seen and unseen voices or kits, and row 2."""

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
    paper = PAPER.get(result.task, {})
    theirs, nothing = paper.get(result.split, {}), paper.get("row 2", {})
    names = list(result.baselines)
    titles = ["metric", "model (95 % interval)", "skill", *(TITLES.get(n, n) for n in names)]
    titles += ["paper's row 3", "its skill"]
    rows = [titles, ["---", *("---:" for _ in titles[1:])]]
    for metric in METRICS:
        own = result.metrics.get(metric)
        if own is None and not any(result.baselines[n].get(metric) for n in names):
            continue
        printed = theirs.get(metric)
        their_skill = None
        if printed is not None and nothing.get(metric):
            perfect = float(metric == "iou")
            their_skill = (nothing[metric] - printed) / (nothing[metric] - perfect)
        rows.append(
            [
                f"`{metric}`",
                interval(own),
                number(result.skill[metric], 2),
                *(number(value(result.baselines[n].get(metric))) for n in names),
                number(printed),
                number(their_skill, 2),
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
        "paper": dict(PAPER.get(result.task, {}).get(result.split, {})),
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
