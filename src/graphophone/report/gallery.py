"""A stored set as one page that needs nothing else: its checks, figures, graphs and sounds."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from graphophone.codec.prose import sentence
from graphophone.generation.card_text import WORST, worst_value
from graphophone.generation.inspection import Inspection
from graphophone.generation.statistics import Statistics
from graphophone.processors import SPECS
from graphophone.report.figure import figure
from graphophone.report.page import drawing, settings
from graphophone.report.samples import Sample
from graphophone.report.template import filled, player


@dataclass(frozen=True)
class Gallery:
    """What the page shows.

    Attributes:
        title: Name of the set.
        card: Its data card as plain data.
        found: What an inspection found.
        samples: Some examples.
    """

    title: str
    card: dict[str, Any]
    found: Inspection
    samples: Sequence[Sample]


def html(gallery: Gallery) -> str:
    """Return the page as one HTML document."""
    card = gallery.card
    parts = {
        "TITLE": escape(gallery.title),
        "FILE": f"<b>{escape(gallery.title)}</b>",
        "SENTENCE": escape(_sentence(card)),
        "FACTS": _facts(card),
        "FAILURES": _failures(card),
        "FIGURE": _figure(gallery),
        "TABLES": _tables(card["statistics"]),
        "SAMPLES": "".join(_sample(sample) for sample in gallery.samples),
        "SOURCES": _sources(card),
        "BIASES": "".join(f"<li>{escape(told)}</li>" for told in card["biases"]),
        "WORST": _worst(card),
    }
    return filled("gallery", "looked through", parts)


def picture(card: dict[str, Any], statistics: Statistics) -> str:
    """Draw the statistics of a set as SVG."""
    recipe = card["recipe"]
    return figure({f"{recipe['task']}, {recipe['mix']}": statistics})


def _sentence(card: dict[str, Any]) -> str:
    task, examples = card["recipe"]["task"], card["examples"]
    what = "example" if examples == 1 else "examples"
    if not card["failed"]:
        return f"{examples:,} {task} {what}, and nothing found wrong."
    return f"{examples:,} sound {task} {what}, and {card['failed']:,} found wrong."


def _facts(card: dict[str, Any]) -> str:
    recipe = card["recipe"]
    facts = {
        "mix": recipe["mix"],
        "seed": recipe["seed"],
        "sources": recipe["sources"],
        "split": recipe["split"],
        "stored": card["store"],
        "catalogue": card["catalogue"],
        "redraws an example": f"{card['redraws']['for_each_example']:.2f}",
    }
    return "".join(f"<li>{name} <b>{escape(str(value))}</b></li>" for name, value in facts.items())


def _failures(card: dict[str, Any]) -> str:
    if not card["failed"]:
        return ""
    rows = [(f["file"], f["reason"]) for f in card["failures"]]
    more = card["failed"] - len(rows)
    rest = f"<p>And {more:,} more.</p>" if more else ""
    table = _table(("file", "reason"), rows)
    title = "<h2>Failed checks</h2>"
    return f'<section class="bad" aria-label="Failed checks">{title}{table}{rest}</section>'


def _figure(gallery: Gallery) -> str:
    if gallery.found.statistics is None:
        return "<p>There is no sound example to count.</p>"
    address = base64.b64encode(picture(gallery.card, gallery.found.statistics).encode()).decode()
    return (
        '<img class="statistics" alt="Sizes of the graphs and how often each type occurs" '
        f'src="data:image/svg+xml;base64,{address}">'
    )


def _tables(plain: dict[str, Any]) -> str:
    sizes = [
        (name, *(f"{v:.3g}" for v in (s["mean"], *s["deciles"])))
        for name, s in plain["spreads"].items()
    ]
    tenths = ("least", *(f"{10 * i} %" for i in range(1, 10)), "most")
    types = [
        (name.replace("_", " "), f"{mean:.3f}", f"{plain['present'][name]:.1%}")
        for name, mean in plain["types"].items()
    ]
    motifs = [(n.replace("_", " "), f"{mean:.3f}") for n, mean in plain["motifs"].items()]
    tables = _table(("figure", "mean", *tenths), sizes) + _table(
        ("type", "in a graph", "share of graphs"), types
    )
    if motifs:
        tables += _table(("motif", "in a graph"), motifs)
    return f"<details><summary>As tables</summary><div>{tables}</div></details>"


def _sample(sample: Sample) -> str:
    record, name = sample.record, f"Example {sample.record.index}"
    said = sentence(sample.graph, SPECS)
    facts = [
        ("", sample.why),
        (f"{len(sample.graph)}", "nodes"),
        (f"{len(sample.graph.edges)}", "cables"),
        (f"{record.redraws}", "redraw" if record.redraws == 1 else "redraws"),
        ("", f"sound {sample.about}" if sample.clips else "no sound stored"),
    ]
    chips = "".join(f"<li><b>{b}</b> {escape(t)}</li>" for b, t in facts if t)
    plain = json.dumps(record.provenance, indent=1, ensure_ascii=False)
    return (
        f'<section aria-label="{name}"><h2>{name}</h2>'
        f"<h3>{escape(said[:1].upper() + said[1:])}.</h3>"
        f'<ul class="facts">{chips}</ul>{_heard(sample)}'
        f'<div class="drawing">{drawing(sample.graph)}</div>'
        f"<details><summary>Settings</summary>{settings(sample.graph)}</details>"
        f"<details><summary>Provenance</summary><pre>{escape(plain)}</pre></details></section>"
    )


def _heard(sample: Sample) -> str:
    if sample.clips:
        return player(sample.clips)
    if sample.picture:
        return (
            f'<figure class="heard"><img alt="Stored spectrogram" src="{sample.picture}">'
            "<figcaption>Spectrogram of the wet clip as it is stored</figcaption></figure>"
        )
    return ""


def _sources(card: dict[str, Any]) -> str:
    licences = [(r["licence"], r["tier"], f"{r['share']:.1%}") for r in card["licences"]]
    rows = [
        (
            r["category"],
            r["group"],
            f"{r['share']:.1%}",
            *(r["terms"][name] for name in ("licence", "source", "attribution")),
        )
        for r in card["sources"]
    ]
    head = ("kind", "group", "share", "licence", "source", "attribution and notes")
    return (
        "<p>Share of the examples that each licence binds; an example may draw on several sources."
        f"</p>{_table(('licence', 'tier', 'share'), licences)}"
        f"<details><summary>All {len(rows)} sources</summary>{_table(head, rows)}</details>"
    )


def _worst(card: dict[str, Any]) -> str:
    rows = []
    for name, cases in card["worst"].items():
        title, unit = WORST.get(name, (name, "{:g}"))
        told = ", ".join(f"{c['index']} ({worst_value(c['value'], unit)})" for c in cases)
        rows.append((title, told or "none"))
    return _table(("what", "examples, by index"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'
