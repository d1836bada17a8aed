"""A suite on one page: its figures, and its worst trials to look at and to listen to."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from graphophone.audio.features import RATE
from graphophone.evaluation.trials.report import heading, recalls, rows
from graphophone.evaluation.trials.restraint import curves
from graphophone.evaluation.trials.running import ALL, Found
from graphophone.evaluation.trials.setting import graph_of
from graphophone.evaluation.trials.trial import Heard, Trial
from graphophone.report.page import drawing
from graphophone.report.pairs import pair
from graphophone.report.risk import NAMES, risk
from graphophone.report.sound import Sound, clips
from graphophone.report.template import filled, player

MOST = 25
"""Worst trials on a page: more than that is a file too large to open."""
SAID = {
    "better": "nearer to the truth than the dry recording and a match EQ in {:.0%} of the pairs",
    "false_nodes": "{:.2f} false nodes on a dry recording",
    "precision_at_half": "{:.0%} right among the surer half of the nodes",
    "jaccard": "{:.2f} of the node types are those of the recording as it was",
    "unchanged": "{:.0%} of the graphs unchanged",
    "f1": "F1 of the effects named {:.2f}",
    "exact_3": "{:.0%} of the chains of three named exactly",
}
"""What the figures say that something is aimed at."""
FIRST = {"robustness": ("clean", "Recording as it was", "Its copy")}
"""Suites in which an estimate is held against something else than the truth."""


@dataclass(frozen=True)
class Case:
    """A trial with what there was to hear."""

    trial: Trial
    sounds: Sequence[Heard]


def html(found: Found, cases: Sequence[Case]) -> str:
    """Return the page as one HTML document.

    Args:
        found: What a run found.
        cases: Its worst trials, the worst first.
    """
    told = found.conditions
    count = sum(len(some) for some in found.lines.values())
    parts = {
        "TITLE": escape(f"{found.suite}, {told['task']}"),
        "FILE": f"<b>{escape(found.suite)}, {escape(str(told['task']))}</b>",
        "SENTENCE": escape(_sentence(found)),
        "FACTS": "".join(
            f"<li>{name} <b>{escape(str(told[name]))}</b></li>"
            for name in ("split", "sources", "mix", "seed", "weights", "effects")
            if told.get(name) not in (None, "", [])
        ),
        "TABLE": _table(("line", "figure", "value (95 % interval)", "aim"), rows(found)),
        "ABOUT": escape(heading(found)),
        "CURVE": _curve(found),
        "WORST": f"The worst {len(found.worst)} of {count} trials, by {escape(found.bad)}",
        "CASES": "".join(_case(found, case) for case in cases),
        "EFFECTS": _effects(found),
        "MISSING": _missing(found),
    }
    return filled(
        "suite_page", "measured", parts, "Ringed in a drawing: what the other graph has not."
    )


def picture(found: Found) -> str:
    """Draw risk against coverage of the suite ``restraint``; nothing for others."""
    points = curves(found.lines) if found.suite == "restraint" else {}
    return risk(points, {line: len(some) for line, some in found.lines.items()}) if points else ""


def _sentence(found: Found) -> str:
    """Say what the figures are that something is aimed at, of all lines together if there are."""
    lines = [ALL] if ALL in found.figures else list(found.figures)
    said = [
        SAID[name].format(figures[name].value)
        + (f" ({NAMES[line]})" if line in NAMES else "")
        + f", aim {aim}"
        for line in lines
        for figures in (found.figures[line],)
        for name, aim in found.aims.get(line, {}).items()
        if name in figures
    ]
    text = "; ".join(said)
    return text[:1].upper() + text[1:] + "." if said else "Nothing was measured."


def _curve(found: Found) -> str:
    drawn = picture(found)
    if not drawn:
        return ""
    address = base64.b64encode(drawn.encode()).decode()
    return (
        '<section aria-label="Risk against coverage"><h2>Risk against coverage</h2>'
        '<img class="statistics" alt="Share of wrong nodes against the share that is kept" '
        f'src="data:image/svg+xml;base64,{address}"></section>'
    )


def _case(found: Found, case: Case) -> str:
    trial, told = case.trial, case.trial.told
    name = f"{trial.line} {trial.index}"
    facts = [(f"{value:.3g}", name.replace("_", " ")) for name, value in trial.figures.items()]
    facts += [("", told["source"])] if told.get("source") else []
    chips = "".join(f"<li><b>{b}</b> {escape(t)}</li>" for b, t in facts).replace("<b></b> ", "")
    heard = [Sound(name, about, audio, RATE) for name, about, audio in case.sounds]
    return (
        f'<section aria-label="{escape(name)}"><h2>{escape(name)}</h2>'
        f"<h3>{escape(str(told.get('why', '')))}</h3>"
        f'<ul class="facts">{chips}</ul>{_chain(trial)}{player(clips(heard)) if heard else ""}'
        f'<div class="drawing">{_drawing(found, trial)}</div></section>'
    )


def _chain(trial: Trial) -> str:
    """List the effects of other software."""
    uses = trial.told.get("chain", ())
    rows = [
        (
            f"{use['software']} {use['name']}",
            use["kind"],
            ", ".join(f"{knob} {value:g}" for knob, value in use["settings"].items()),
        )
        for use in uses
    ]
    return _table(("effect", "what it is to us", "settings"), rows) if rows else ""


def _drawing(found: Found, trial: Trial) -> str:
    told = trial.told
    if "estimate" not in told:
        return ""
    estimate = graph_of(told["estimate"])
    key, *names = FIRST.get(found.suite, ("truth", "True graph", "Estimated graph"))
    if key not in told:
        return drawing(estimate, told["sure"])
    drawn = pair(
        graph_of(told[key]),
        estimate,
        told["sure"],
        title=f"{trial.line} {trial.index}",
        names=(names[0], names[1]),
    )
    width = drawn.partition('width="')[2].partition('"')[0]
    return drawn.replace("<svg ", f'<svg style="--natural:{width}px" ', 1)


def _effects(found: Found) -> str:
    table = recalls(found)
    if not table:
        return ""
    head = ("software", "effect", "recall (95 % interval)")
    return (
        '<section aria-label="Effects"><h2>How often each effect is named</h2>'
        f"{_table(head, [row[:3] for row in table])}</section>"
    )


def _missing(found: Found) -> str:
    if not found.missing:
        return ""
    rows = "".join(f"<li>{escape(line)}: {escape(why)}</li>" for line, why in found.missing.items())
    return (
        f'<section aria-label="Left out"><h2>Left out</h2><ul class="notes">{rows}</ul></section>'
    )


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}" for cell in head)
    cells = ("".join(f"<td>{escape(cell)}" for cell in row) for row in body)
    lines = "".join(f"<tr>{row}</tr>" for row in cells).replace("`", "")
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<div class="scroll">{table}</div>'
