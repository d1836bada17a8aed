"""Box plots: every condition and listener has a place in them."""

import re
import xml.etree.ElementTree as ET
from collections import Counter

import numpy as np

from graphophone.listening.analysis import analyse
from graphophone.listening.boxplot import LABELS, boxplot
from tests.listening.simulation import PLANTED, simulated


def test_every_condition_and_every_word_is_there_and_nothing_from_elsewhere() -> None:
    found = analyse(simulated(1, {**PLANTED, "a <b> & $c$": 50.0}, trials=3)).everybody
    svg = boxplot(found)
    said = {(node.text or "").strip() for node in ET.fromstring(svg).iter()}
    assert {*LABELS, *found.panel.conditions} <= said
    assert svg == boxplot(found)
    bare = re.sub(r'xmlns(:\w+)?="[^"]*"|rdf:resource="[^"]*"', "", svg)
    assert not re.search(r"https?://|@import|<image|<script", bare)


def test_points_are_listeners_and_lie_in_the_order_of_their_scores() -> None:
    found = analyse(simulated(2, PLANTED, listeners=9, trials=2, bad=None)).everybody
    uses = re.findall(r'<use xlink:href="#(\w+)" x="([\d.]+)" y="([\d.]+)"', boxplot(found))
    counts = Counter(mark for mark, _, _ in uses)
    mark, count = counts.most_common(1)[0]
    assert count == 9 * len(found.scores)
    assert sorted(counts.values()) == [len(found.scores), count]
    across = [float(x) for name, x, _ in uses if name == mark]
    down = [float(y) for name, _, y in uses if name == mark]
    assert down == sorted(down)  # the best condition on top
    columns = found.panel.means[
        :, [found.panel.conditions.index(s.condition) for s in found.scores]
    ]
    slope, offset = np.polyfit(columns.T.ravel(), across, 1)
    np.testing.assert_allclose(slope * columns.T.ravel() + offset, across, atol=1e-4)
