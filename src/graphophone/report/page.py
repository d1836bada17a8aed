"""One page that needs nothing else: the graph to read, to look at and to hear."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from graphophone.codec.drawing import svg
from graphophone.codec.prose import sentence
from graphophone.graph.model import Graph
from graphophone.graph.order import topological
from graphophone.models.listen import Estimate
from graphophone.models.vote import Verdict
from graphophone.processors import ALL_SPECS
from graphophone.report.sound import Clip
from graphophone.report.template import filled, player

SHOWN = 5
"""Most alternatives on the page."""


@dataclass(frozen=True)
class Page:
    """What the page tells.

    Attributes:
        title: Name of the recording.
        estimate: What was heard in it.
        clips: What there is to listen to, the recording first.
        seconds: Length of the recording.
        notes: What was assumed, in sentences.
        bpm: Tempo, where it is known.
    """

    title: str
    estimate: Estimate
    clips: list[Clip]
    seconds: float
    notes: tuple[str, ...] = ()
    bpm: float | None = None


def html(page: Page) -> str:
    """Return the page as one HTML document."""
    said = page.estimate.sentence(page.bpm)
    parts = {
        "TITLE": escape(page.title),
        "FILE": f"<b>{escape(page.title)}</b>",
        "SENTENCE": escape(said[:1].upper() + said[1:]) + ".",
        "FACTS": _facts(page),
        "CLIPS": player(page.clips),
        "HINT": _hint(page.clips),
        "DRAWING": drawing(page.estimate.graph, page.estimate.verdict.nodes),
        "SETTINGS": settings(page.estimate.graph, page.estimate.verdict),
        "ALTERNATIVES": _alternatives(page),
        "NOTES": _notes(page.notes),
    }
    return filled(
        "page", "heard", parts, "Confidence is what the model believes, not how often it is right."
    )


def drawing(graph: Graph, confidence: Sequence[float] | None = None) -> str:
    """Draw a graph so that it can shrink to the page, but not below what can be read."""
    picture = svg(graph, ALL_SPECS, confidence)
    width = picture.partition('width="')[2].partition('"')[0]
    return picture.replace("<svg ", f'<svg style="--natural:{width}px" ', 1)


def _facts(page: Page) -> str:
    heard = page.estimate
    count = sum(ALL_SPECS[n.type].group != "terminal" for n in heard.graph.nodes)
    windows = len(heard.starts)
    facts = [
        ("", "drum mix" if heard.task == "drums" else "voice or instrument"),
        (f"{page.seconds:.1f} s", "long"),
        (f"{count}", "processor" if count == 1 else "processors"),
        (f"{windows}", "window heard" if windows == 1 else "windows heard"),
    ]
    facts.append((f"{heard.verdict.agreement:.0%}", "shared by its readings"))
    return "".join(f"<li><b>{b}</b> {escape(t)}</li>" for b, t in facts).replace("<b></b> ", "")


def _hint(clips: list[Clip]) -> str:
    keys = "".join(f"<kbd>{i}</kbd>" for i in range(1, len(clips) + 1))
    return (
        f"All are equally loud and run side by side: switch while they play. {keys} choose, "
        "<kbd>space</kbd> plays, arrows jump."
    )


def settings(graph: Graph, verdict: Verdict | None = None) -> str:
    """List every knob of a graph with its meaning, and how sure it is where that is given."""
    rows = []
    for i in topological(graph):
        node = graph.nodes[i]
        if ALL_SPECS[node.type].group == "terminal" or node.type == "mix":
            continue
        name = f'{escape(node.type.replace("_", " "))} <span class="id">{escape(node.id)}</span>'
        knobs = node.knobs or {"": 0.0}
        for k, (knob, value) in enumerate(knobs.items()):
            param = ALL_SPECS[node.type].params.get(knob)
            sure = ""
            if verdict is not None:
                share = verdict.knobs[i].get(knob, verdict.nodes[i])
                sure = f'<td class="number">{_bar(share)}</td>'
            rows.append(
                f"<tr{' class=first' if not k else ''}><td>{name if not k else ''}</td>"
                f"<td>{escape(knob.replace('_', ' '))}</td>"
                f'<td class="number">{escape(param.text(value)) if param else ""}</td>{sure}'
                f"<td>{escape(param.help if param else ALL_SPECS[node.type].summary)}</td></tr>"
            )
    if not rows:
        return "<p>Nothing to set: the recording sounds as it was sung or played.</p>"
    head = f"<tr><th>processor<th>knob<th>setting{'<th>confidence' if verdict else ''}<th>meaning"
    table = f"<table><thead>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _bar(share: float) -> str:
    return f'<span class="bar"><i style="width:{share:.0%}"></i></span>{share:.0%}'


def _alternatives(page: Page) -> str:
    others = page.estimate.alternatives[:SHOWN]
    if not others:
        return ""
    rows = "".join(
        f"<li><b>{other.share:.0%}</b>{escape(sentence(other.graph, ALL_SPECS, page.bpm))}</li>"
        for other in others
    )
    return (
        '<section aria-label="Other readings"><h2>Other readings</h2>'
        f'<ul class="other">{rows}</ul></section>'
    )


def _notes(notes: tuple[str, ...]) -> str:
    if not notes:
        return ""
    rows = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<section aria-label="Notes"><h2>Notes</h2><ul class="notes">{rows}</ul></section>'
