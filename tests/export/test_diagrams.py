"""Diagrams: every node and cable once, whatever they are called."""

import io
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from matplotlib.image import imread

from graphophone.export.patch import drawn
from graphophone.export.target import find
from graphophone.graph.model import Graph
from graphophone.processors import SPECS
from tests.export.hostile import NAMES, graph
from tests.strategies import LAW, graphs

STRING = r'"(?:[^"\\]|\\.)*"'


def written(name: str, patch: Graph, title: str = "song") -> bytes:
    export = find(name).write(drawn(patch, title), "")
    assert export.fidelity.lost == ()
    assert len(export.fidelity.parts) == len(patch)
    return export.content


@LAW
@given(graphs(SPECS))
def test_dot_has_every_node_and_cable(patch: Graph) -> None:
    text = written("dot", patch).decode()
    assert len(re.findall(r"^  n\d+ \[", text, re.MULTILINE)) == len(patch)
    cables = re.findall(r"^  n(\d+) -> n(\d+) ", text, re.MULTILINE)
    assert sorted(cables) == sorted((str(e.source), str(e.target)) for e in patch.edges)


@LAW
@given(graphs(SPECS))
def test_mermaid_has_every_node_and_cable(patch: Graph) -> None:
    text = written("mermaid", patch).decode()
    assert len(re.findall(r'^  n\d+\["', text, re.MULTILINE)) == len(patch)
    cables = re.findall(r"^  n(\d+) -\.?->.* ?n(\d+)$", text, re.MULTILINE)
    assert sorted(cables) == sorted((str(e.source), str(e.target)) for e in patch.edges)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_inside_of_dot(name: str) -> None:
    text = written("dot", graph(name), name).decode()
    tame = written("dot", graph("voice"), "song").decode()

    def shape(document: str) -> list[str]:
        without = re.sub(STRING, '""', document)
        return re.sub(r">[^<>]*<", "><", without).splitlines()

    assert shape(text) == shape(tame)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_inside_of_mermaid(name: str) -> None:
    text = written("mermaid", graph(name), name).decode()
    tame = written("mermaid", graph("voice"), "song").decode()
    assert len(text.splitlines()) == len(tame.splitlines())
    label = re.search(r'^  n0\["<b>(.*)</b>"\]:::terminal$', text, re.MULTILINE)
    assert label is not None
    assert not set(label.group(1).replace("#", "").replace(";", "")) & set('"<>[]{}()`|\n\\')


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_inside_of_pictures(name: str) -> None:
    assert ET.fromstring(written("svg", graph(name), name).decode()).tag.endswith("svg")
    assert imread(io.BytesIO(written("png", graph(name), name))).ndim == 3


def test_a_png_is_a_picture_of_the_graph() -> None:
    small = imread(io.BytesIO(written("png", graph("voice"))))
    assert small.shape[0] > 200
    assert small[..., :3].std() > 0.05


@pytest.mark.skipif(shutil.which("dot") is None, reason="dot (Debian package graphviz) is missing")
@pytest.mark.parametrize("name", NAMES)
def test_graphviz_reads_dot(name: str) -> None:
    text = written("dot", graph(name), name)
    ran = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, check=True)
    lines = ran.stdout.decode().splitlines()
    assert sum(line.startswith("node ") for line in lines) == 5
    assert sum(line.startswith("edge ") for line in lines) == 4
    assert ran.stderr == b""
