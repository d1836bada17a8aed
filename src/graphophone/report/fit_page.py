"""A fit on one page: the graph, what it was worth, and both recordings to switch between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from graphophone.codec.prose import sentence
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS
from graphophone.report.page import drawing, settings
from graphophone.report.sound import Sound, clips, excerpt
from graphophone.report.template import filled, player
from graphophone.tensors import Stereo

WIDTH, HEIGHT, MARGIN = 640, 160, 28
NOTHING = "<p>Nothing to set.</p>"
DOUBTFUL = "dry and wet do not seem to be one performance"

ROWS = (
    ("mss", "multi-scale spectral distance", "{:.4f}"),
    ("mel", "A-weighted mel distance, left, right, mid and side", "{:.4f}"),
    ("dynamics_db", "difference of level ranges", "{:.2f} dB"),
    ("loudness_lu", "difference of loudness", "{:+.2f} LU"),
    ("si_sdr_db", "signal to distortion (SI-SDR)", "{:.2f} dB"),
)


@dataclass(frozen=True)
class FitPage:
    """What the page tells.

    Attributes:
        title: Name of the wet recording.
        graph: The fitted graph.
        losses: For ``bypass``, ``before`` and ``after`` the figures named in ``ROWS``.
        curve: Score after each step.
        sounds: Wet recording, fitted sound and residual, (2, time) each, by name.
        rate: Samples a second.
        seconds: Time spent.
        notes: What was assumed, in sentences.
        doubt: What speaks against one performance, in a sentence without capital and full stop.
    """

    title: str
    graph: Graph
    losses: Mapping[str, Mapping[str, float | None]]
    curve: Sequence[float]
    sounds: Mapping[str, Stereo]
    rate: int
    seconds: float
    notes: Sequence[str] = ()
    doubt: str = ""


def html(page: FitPage) -> str:
    """Return the page as one HTML document."""
    heard = [
        excerpt(Sound(name, page.title, audio, page.rate))
        for name, audio in page.sounds.items()
        if audio.numel() and float(audio.abs().max()) > 0
    ]
    made = clips(heard)
    keys = "".join(f"<kbd>{i}</kbd>" for i in range(1, len(made) + 1))
    said = DOUBTFUL if page.doubt else sentence(page.graph, ALL_SPECS)
    notes = "".join(f"<li>{escape(note)}</li>" for note in page.notes)
    parts = {
        "TITLE": escape(page.title),
        "FILE": f"<b>{escape(page.title)}</b>",
        "SENTENCE": escape(said[:1].upper() + said[1:]) + ".",
        "DOUBT": f'<p class="doubt" role="note">{_told(page)}</p>' if page.doubt else "",
        "FACTS": _facts(page),
        "CLIPS": player(made),
        "HINT": f"All are equally loud, the residual too. {keys} choose, <kbd>space</kbd> plays.",
        "LOSSES": _table(page.losses),
        "CURVE": curve(page.curve),
        "DRAWING": drawing(page.graph),
        "SETTINGS": settings(page.graph) if not page.doubt or _is_set(page.graph) else NOTHING,
        "NOTES": f'<section><h2>Notes</h2><ul class="notes">{notes}</ul></section>'
        if notes
        else "",
    }
    return filled("fit_page", "fitted", parts)


def _is_set(graph: Graph) -> bool:
    return any(node.params for node in graph.nodes)


def _told(page: FitPage) -> str:
    """Say why the recordings are doubted, and what the graph is then worth."""
    evidence = escape(page.doubt[:1].upper() + page.doubt[1:])
    return (
        f"{evidence}. What was found ({escape(sentence(page.graph, ALL_SPECS))}) says little then."
    )


def curve(values: Sequence[float]) -> str:
    """Draw a loss over steps as SVG, falling from left to right."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    points = " ".join(
        f"{MARGIN + (WIDTH - 2 * MARGIN) * i / (len(values) - 1):.1f},"
        f"{HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / span:.1f}"
        for i, value in enumerate(values)
    )
    return (
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Score over steps"><polyline points="{points}"/>'
        f'<text x="4" y="{MARGIN - 8}">{high:.4f}</text>'
        f'<text x="4" y="{HEIGHT - 8}">{low:.4f}</text>'
        f'<text x="{WIDTH - 4}" y="{HEIGHT - 8}" text-anchor="end">{len(values) - 1} steps</text>'
        "</svg>"
    )


def _facts(page: FitPage) -> str:
    count = sum(ALL_SPECS[node.type].group != "terminal" for node in page.graph.nodes)
    facts = (
        (f"{count}", "processor" if count == 1 else "processors"),
        (f"{len(page.curve) - 1}", "steps"),
        (f"{page.seconds:.0f} s", "spent"),
    )
    return "".join(f"<li><b>{b}</b> {t}</li>" for b, t in facts)


def _table(losses: Mapping[str, Mapping[str, float | None]]) -> str:
    head = "<tr><th>figure<th>dry<th>estimate<th>fitted</tr>"
    body = ""
    for key, title, form in ROWS:
        cells = ""
        for name in ("bypass", "before", "after"):
            value = losses[name].get(key)
            cells += f'<td class="number">{"–" if value is None else form.format(value)}</td>'
        body += f"<tr><td>{escape(title)}</td>{cells}</tr>"
    table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'
