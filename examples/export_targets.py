"""Draw a graph, the knobs that its plug-in has, and the tracks of its REAPER project.

    python examples/export_targets.py docs/export-targets.svg

Knobs are read off the Faust program, tracks and sends off the routing: a drawing of what is
written, not of either program's window. The picture in the README was made by this script.
"""

import re
import sys
from collections.abc import Sequence
from html import escape
from math import log
from pathlib import Path

from graphophone import Graph
from graphophone.codec.drawing import COLOURS, INK, PAPER, SOFT
from graphophone.export.delivery import prepared
from graphophone.export.faust.program import Program
from graphophone.export.reaper.routing import Routing, Slot, Track
from graphophone.export.target import find
from graphophone.graph.build import GraphBuilder
from graphophone.processors import ALL_SPECS, SPECS

SLIDER = re.compile(
    r'hslider\("v:\[\d+\]([^/]+)/\[\d+\]([^\["]+)((?:\[[^\]]*\])*)", '
    r"([-.\d]+), ([-.\d]+), ([-.\d]+),"
)
FONT = "system-ui, sans-serif"
ROW, COLUMN, MARGIN, TRACK, NAME, BOX = 18, 304, 16, 62, 190, 128
FADER = 60
LANE = 15
"""Distance of the vertical lines that stand for sends."""


def graph() -> Graph:
    """A compressed voice in two bands, one driven and one in a moved chorus, in a room."""
    builder = GraphBuilder(SPECS)
    voice = builder.add("in", source="voice")
    gain, split = builder.add("compressor"), builder.add("crossover", frequency=1_800.0)
    drive, wide = builder.add("distortion", gain=9.0), builder.add("chorus")
    swing, room = builder.add("stereo_lfo", frequency=0.7), builder.add("stereo_reverb")
    out = builder.add("out")
    builder.chain(voice, gain, split)
    builder.connect(split, drive, "low", gain_db=-2.0)
    builder.connect(split, wide, "high")
    builder.connect(swing, wide, inlet="mod", depth=0.3)
    builder.connect(drive, room)
    builder.connect(wide, room)
    builder.connect(room, out)
    return Graph.of(builder.graph())


def text(
    x: float, y: float, words: str, *, size: float = 11, fill: str = INK, end: bool = False
) -> str:
    """Write a line."""
    anchor = ' text-anchor="end"' if end else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}"{anchor}'
    return f"<text {place}>{escape(words)}</text>"


def box(x: float, y: float, width: float, height: float, *, fill: str, line: str = "none") -> str:
    """Draw a box."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} rx="5" fill="{fill}" stroke="{line}"/>'


def colour(kind: str) -> str:
    """Return the colour of a type's group."""
    return COLOURS[ALL_SPECS[kind].group if kind in ALL_SPECS else "terminal"]


def knobs(program: str, width: float) -> tuple[list[str], float]:
    """Draw the sliders of a Faust program in their groups, and say how high that is."""
    groups: dict[str, list[tuple[str, str, float]]] = {}
    for group, label, notes, value, low, high in SLIDER.findall(program):
        first, one, last = float(value), float(low), float(high)
        share = (first - one) / (last - one)
        if "[scale:log]" in notes:
            share = _logarithmic(first, one, last)
        unit = re.search(r"\[unit:([^\]]+)\]", notes)
        shown = f"{first:.4g} {unit[1] if unit else ''}"
        groups.setdefault(group, []).append((label, shown.strip(), share))
    columns = int((width - MARGIN) // COLUMN)
    heights = [0.0] * columns
    parts = []
    for group, sliders in groups.items():
        at = heights.index(min(heights))
        x, y = MARGIN + at * COLUMN, heights[at]
        tall = ROW * (len(sliders) + 1) + 12
        tint = colour(group.split()[1])
        parts += [box(x, y, COLUMN - 12, tall, fill="white", line=tint)]
        parts.append(text(x + 10, y + 17, group, size=12, fill=tint))
        for k, (label, shown, share) in enumerate(sliders, start=1):
            below = y + 17 + k * ROW
            parts.append(text(x + 10, below, label, size=10, fill=SOFT))
            parts.append(text(x + COLUMN - 22, below, shown, size=10, end=True))
            left = x + COLUMN - 92 - FADER
            track = (
                f'x1="{left:.1f}" x2="{left + FADER:.1f}" y1="{below - 4:.1f}" y2="{below - 4:.1f}"'
            )
            parts.append(f'<line {track} stroke="#d5d8de" stroke-width="3"/>')
            place = f'cx="{left + FADER * share:.1f}" cy="{below - 4:.1f}"'
            parts.append(f'<circle {place} r="4" fill="{tint}"/>')
        heights[at] += tall + 10
    return parts, max(heights)


def _logarithmic(value: float, low: float, high: float) -> float:
    return log(value / low) / log(high / low)


def tracks(routed: Sequence[Track], width: float) -> tuple[list[str], float]:
    """Draw tracks with their effects as rows, and sends as lines beside them."""
    parts = []
    sends = [
        (send, at, place)
        for at, track in enumerate(routed)
        for place, send in enumerate(track.receives)
    ]
    right = width - MARGIN - LANE * len(sends) - 10
    for at, track in enumerate(routed):
        y = at * TRACK
        parts.append(box(MARGIN, y, right - MARGIN, TRACK - 8, fill="white", line="#d5d8de"))
        parts.append(text(MARGIN + 10, y + 21, track.name, size=12))
        notes = [f"{track.channels} channels"]
        notes += ["the recording"] if track.source else []
        notes += ["to the master"] if track.heard else []
        parts.append(text(MARGIN + 10, y + 40, ", ".join(notes), size=10, fill=SOFT))
        for k, slot in enumerate(track.slots):
            parts += _effect(slot, MARGIN + NAME + k * (BOX + 10), y + 8)
    for k, (send, at, place) in enumerate(sends):
        x = right + LANE * (k + 1)
        y1, y2 = send.source * TRACK + 44 - 4 * (k % 3), at * TRACK + 14 + 14 * place
        line = (
            COLOURS["control"]
            if routed[send.source].slots[-1].effect.spec.group == "control"
            else INK
        )
        path = f"M{right:.1f} {y1:.1f} H{x:.1f} V{y2:.1f} H{right + 1:.1f}"
        parts.append(f'<path d="{path}" fill="none" stroke="{line}" stroke-width="1.2"/>')
        back = right + 7
        head = f"M{back:.1f} {y2 - 3.5:.1f} L{right:.1f} {y2:.1f} L{back:.1f} {y2 + 3.5:.1f} Z"
        parts.append(f'<path d="{head}" fill="{line}"/>')
        way = f"{send.out + 1}/{send.out + 2} of {routed[send.source].name} to "
        way += f"{send.into + 1}/{send.into + 2}"
        parts.append(text(right - 8, y2 + 3, way, size=9, fill=SOFT, end=True))
    return parts, len(routed) * TRACK


def _effect(slot: Slot, x: float, y: float) -> list[str]:
    tint = colour(slot.effect.kind)
    parts = [box(x, y, BOX, TRACK - 24, fill=tint)]
    parts.append(text(x + 8, y + 16, f"{slot.effect.kind}.jsfx", size=11, fill="white"))
    for place, moved in slot.modulations.items():
        knob = list(slot.effect.sliders)[place]
        what = "LFO" if moved.lfo else "audio"
        parts.append(
            text(x + 8, y + 31, f"{knob} moved by REAPER's {what}", size=7.5, fill="white")
        )
    return parts


def main(out: Path) -> None:
    """Write the picture."""
    patch = prepared(find("reaper"), graph(), "a voice", None)
    drawing = graph().draw()
    drawing = drawing[drawing.index("<svg") :]
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    if size is None:
        raise ValueError("the drawing has no viewBox")
    width, top = float(size[1]), 30.0
    inner = re.sub("<svg ", f'<svg x="0" y="{top:.0f}" ', drawing, count=1)
    parts = [text(MARGIN, 22, "the graph", size=14), inner]
    top += float(size[2]) + 24
    for title, (body, high) in (
        ("as a plug-in: its sliders", knobs(Program(patch).text(), width)),
        (
            "as a REAPER project: its tracks, effects and sends",
            tracks(Routing(patch, native=True).tracks, width),
        ),
    ):
        parts.append(text(MARGIN, top, title, size=14))
        parts.append(f'<g transform="translate(0 {top + 14:.0f})">{"".join(body)}</g>')
        top += high + 50
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {top - 30:.0f}"'
    paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    out.write_text(f'{head} font-family="{FONT}">{paper}{"".join(parts)}</svg>\n', encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
