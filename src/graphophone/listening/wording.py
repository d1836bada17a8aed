"""An analysis in words and tables of Markdown."""

from graphophone.listening.analysis import Analysis, Findings
from graphophone.listening.screening import Exclusion


def describe(analysis: Analysis) -> str:
    """Return the warnings, and all figures before and after post-screening."""
    parts = [f"Warning: {said}." for said in analysis.warnings]
    parts.append(_findings("All listeners", analysis.everybody, analysis.centre))
    parts.append(_excluded(analysis.exclusions))
    if analysis.exclusions and analysis.screened:
        parts.append(_findings("After post-screening", analysis.screened, analysis.centre))
    return "\n\n".join(parts)


def _excluded(exclusions: tuple[Exclusion, ...]) -> str:
    if not exclusions:
        return "Post-screening excludes nobody."
    count = len({exclusion.listener for exclusion in exclusions})
    lines = [f"Post-screening excludes {count}:", *(f"- {told}" for told in exclusions)]
    return "\n".join(lines)


def _findings(title: str, found: Findings, centre: str) -> str:
    """Render one group's scores and tests."""
    panel = found.panel
    sizes = f"{len(panel.listeners)} listeners, {len(panel.trials)} excerpts"
    scores = [
        ["condition", "mean", "median", "quartiles", f"95 % of the {centre}"],
        ["---", "---:", "---:", "---:", "---:"],
    ]
    for score in found.scores:
        scores.append(
            [
                score.condition,
                f"{score.mean:.1f}",
                f"{score.median:.1f}",
                "{:.1f} to {:.1f}".format(*score.quartiles),
                "{:.1f} to {:.1f}".format(*score.interval),
            ]
        )
    parts = [f"{title}: {sizes}.", _table(scores)]
    if found.friedman:
        told = found.friedman
        parts.append(
            f"Friedman over conditions under test: chi squared {told.statistic:.2f} with "
            f"{told.freedom} degrees of freedom, p {_p(told.p)}, Kendall's W {told.agreement:.2f}."
        )
    if found.pairs:
        parts.append(_pairs(found))
    return "\n\n".join(parts)


def _pairs(found: Findings) -> str:
    rows = [
        ["pair", "difference", "95 %", "p, Wilcoxon", "p, Holm", "effect", "differs"],
        ["---", "---:", "---:", "---:", "---:", "---:", "---"],
    ]
    for pair in found.pairs:
        rows.append(
            [
                f"{pair.one} - {pair.other}",
                f"{pair.difference:+.1f}",
                "{:+.1f} to {:+.1f}".format(*pair.interval),
                _p(pair.p),
                _p(pair.holm),
                f"{pair.effect:+.2f}",
                "yes" if pair.differs else "not shown",
            ]
        )
    return _table(rows)


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def _table(rows: list[list[str]]) -> str:
    """Write rows as Markdown, a bar within a name escaped."""
    cells = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)
