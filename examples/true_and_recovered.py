"""Draw a true graph and the one that the shipped model recovers from its sound, side by side.

    python examples/true_and_recovered.py docs/true-and-recovered.svg

The voice is procedural and outside the range of those that models are trained on; the graph is the
one of ``graphophone demo``. The picture in the README was made by this script.
"""

import re
import sys
from pathlib import Path
from random import Random

from graphophone import Estimator, Graph
from graphophone.cli.demo import known_graph
from graphophone.sources import open_pool

RATE = 44_100
GAP = 12


def size(drawing: str) -> tuple[float, float]:
    """Read the size of an SVG document off its first tag."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)
    if found is None:
        raise ValueError("the drawing has no viewBox")
    return float(found[1]), float(found[2])


def stack(drawings: list[tuple[str, str]]) -> str:
    """Put drawings under each other, each with a title."""
    parts, top, width = [], 0.0, 0.0
    for title, drawing in drawings:
        wide, high = size(drawing)
        body = drawing[drawing.index("<svg") :]
        body = re.sub("<svg ", f'<svg x="0" y="{top + 26:.0f}" ', body, count=1)
        parts.append(
            f'<text x="14" y="{top + 18:.0f}" font-family="system-ui, sans-serif" font-size="14" '
            f'fill="#333">{title}</text>{body}'
        )
        top += high + 26 + GAP
        width = max(width, wide)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {top:.0f}">'
        f'<rect width="100%" height="100%" fill="#fbfaf7"/>{"".join(parts)}</svg>\n'
    )


def main(out: Path) -> None:
    """Make the recording, listen to it, and draw both graphs."""
    voice = open_pool("singing", "procedural", "unseen").draw(Random("demo 0"), 8 * RATE, RATE)
    truth = Graph.of(known_graph())
    wet = truth.render(voice.tracks["voice"].numpy(), RATE)
    heard = Estimator.pretrained("singing")(wet, RATE)
    out.write_text(stack([("what was done", truth.draw()), ("what was heard", heard.draw())]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
