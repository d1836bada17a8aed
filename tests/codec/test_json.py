"""Documents: nothing is lost on the way, and what does not fit is refused with its place."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from graphophone.codec.json import catalogue_of, from_json, load, parse, save, to_json
from graphophone.errors import FormatError, GraphError
from graphophone.graph import Edge, Graph, Node
from graphophone.processors import CATALOGUE_HASH, SPECS
from tests.strategies import LAW, graphs

Change = Callable[[dict[str, Any]], object]


def example() -> dict[str, Any]:
    """A document with one of everything."""
    return {
        "graphophone": 1,
        "catalogue": CATALOGUE_HASH,
        "sample_rate": 48_000,
        "energy": "frozen",
        "reference_rms_db": -20,
        "meta": {"name": "a test", "notes": ["one", 2]},
        "nodes": [
            {"id": "voice", "type": "in", "source": "voice"},
            {
                "id": "tone",
                "type": "lowpass",
                "params": {"q": 0.7, "frequency": 812},
                "scale_db": 0.4,
            },
            {"id": "end", "type": "out", "params": {}, "bypass": False, "amount": 1},
            {
                "id": "wobble",
                "type": "mono_lfo",
                "params": {name: p.default for name, p in SPECS["mono_lfo"].params.items()},
            },
        ],
        "edges": [
            {"from": ["voice", "out"], "to": ["tone", "in"], "gain_db": -6, "invert": True},
            {"from": ["tone", "out"], "to": ["end", "in"]},
            {"from": ["wobble", "lfo"], "to": ["tone", "frequency"], "depth": -0.25},
        ],
    }


@LAW
@given(graphs(SPECS))
def test_graphs_survive_the_round_trip(graph: Graph) -> None:
    document = json.loads(json.dumps(to_json(graph), allow_nan=False))
    back = from_json(document)
    assert back == graph
    assert to_json(back) == document


def test_a_document_is_read_to_the_letter() -> None:
    graph = from_json(example())
    assert graph.nodes[:3] == (
        Node("in", source="voice"),
        Node("lowpass", (("frequency", 812.0), ("q", 0.7)), scale_db=0.4),
        Node("out"),
    )
    assert [node.id for node in graph.nodes] == ["voice", "tone", "end", "wobble"]
    assert graph.edges == (
        Edge(0, 1, gain_db=-6, invert=True),
        Edge(1, 2),
        Edge(3, 1, "lfo", "frequency", depth=-0.25),
    )
    assert (graph.sample_rate, graph.energy, graph.reference_rms_db) == (48_000, "frozen", -20)
    assert graph.meta == {"name": "a test", "notes": ["one", 2]}


def test_only_nodes_and_cables_must_be_said() -> None:
    document = {
        "graphophone": 1,
        "nodes": [{"id": "a", "type": "in", "source": "voice"}, {"id": "b", "type": "out"}],
        "edges": [{"from": ["a", "out"], "to": ["b", "in"]}],
    }
    assert from_json(document) == Graph((Node("in", source="voice"), Node("out")), (Edge(0, 1),))


def test_numbers_keep_six_digits() -> None:
    node = Node("lowpass", (("frequency", 812.3456789), ("q", 0.7)))
    graph = Graph((Node("in", source="voice"), node, Node("out")), (Edge(0, 1), Edge(1, 2)))
    assert to_json(graph)["nodes"][1]["params"] == {"frequency": 812.346, "q": 0.7}


def test_the_ends_of_every_knob_survive_rounding() -> None:
    for spec in SPECS.values():
        for name, param in spec.params.items():
            for end in (param.low, param.high):
                assert float(f"{end:.6g}") == end, f"{spec.name} {name}"


def test_every_node_gets_an_id_of_its_own() -> None:
    nodes = (Node("in", source="voice"), Node("mix", id="n0"), Node("mix", id="n0"), Node("out"))
    graph = Graph(nodes, (Edge(0, 1), Edge(1, 2), Edge(2, 3)))
    ids = [node["id"] for node in to_json(graph)["nodes"]]
    assert ids == ["n4", "n0", "n2", "n3"]
    assert from_json(to_json(graph)) == graph


def test_another_catalogue_is_noted_and_no_error() -> None:
    document = example() | {"catalogue": "0123"}
    assert from_json(document).meta["catalogue"] == "0123"
    assert "catalogue" not in from_json(example()).meta
    assert catalogue_of(document) == "0123"
    assert catalogue_of({}) is catalogue_of([]) is None


def at(*path: Any) -> Callable[[Any], Change]:
    """Set what stands at a path of the example to a value."""

    def to(value: Any) -> Change:
        def change(document: dict[str, Any]) -> None:
            *way, last = path
            place: Any = document
            for step in way:
                place = place[step]
            place[last] = value

        return change

    return to


def without(*path: Any) -> Change:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


MISFITS: list[tuple[Change, str]] = [
    (without("graphophone"), 'not a graph document, the key "graphophone" is missing'),
    (at("graphophone")(2), "written by a newer version of Graphophone (format 2, this one reads"),
    (at("graphophone")("1"), "\"graphophone\" must be 1, got '1'"),
    (at("graphophone")(True), '"graphophone" must be 1, got True'),
    (at("nods")([]), "the graph: unknown key 'nods', did you mean 'nodes'?"),
    (without("nodes"), 'the graph: the key "nodes" is missing'),
    (at("edges")({}), "edges must be a JSON array, got {}"),
    (at("energy")("loud"), "energy must be one of normalised, frozen, plain, got 'loud'"),
    (at("energy")([]), "energy must be one of normalised, frozen, plain, got []"),
    (at("meta")("x"), "meta must be a JSON object, got 'x'"),
    (at("catalogue")(7), "catalogue must be text, got 7"),
    (at("sample_rate")(44_100.5), "sample_rate must be a whole number of Hz, got 44100.5"),
    (at("reference_rms_db")("loud"), "reference_rms_db must be a number, got 'loud'"),
    (at("nodes", 1)("lowpass"), "nodes[1] must be a JSON object, got 'lowpass'"),
    (at("nodes", 1, "parms")({}), "nodes[1]: unknown key 'parms', did you mean 'params'?"),
    (without("nodes", 1, "type"), 'nodes[1]: the key "type" is missing'),
    (without("nodes", 1, "id"), 'nodes[1]: the key "id" is missing'),
    (at("nodes", 1, "id")(""), "nodes[1].id must not be empty"),
    (at("nodes", 1, "id")("end"), "two nodes have the id 'end'"),
    (at("nodes", 0, "source")(None), "nodes[0].source must be text, got None"),
    (at("nodes", 1, "scale_db")(None), "nodes[1].scale_db must be a number, got None"),
    (at("nodes", 1, "params", "q")(math.nan), "nodes[1].params.q must be a finite number, got nan"),
    (at("nodes", 1, "params", "q")(10**400), "nodes[1].params.q must be a finite number, got inf"),
    (at("nodes", 1, "params", "q")(True), "nodes[1].params.q must be a number, got True"),
    (at("nodes", 1, "params")([]), "nodes[1].params must be a JSON object, got []"),
    (at("nodes", 1, "bypass")(True), 'nodes[1]: "bypass" is reserved for a later version, only'),
    (at("nodes", 1, "amount")(0.5), "reserved for a later version, only 1 is allowed, got 0.5"),
    (at("nodes", 1, "amount")(True), "reserved for a later version, only 1 is allowed, got True"),
    (at("nodes", 1, "ref")({"name": "x"}), 'nodes[1]: "ref" is reserved for a later version'),
    (
        at("nodes", 1)({"id": "p", "type": "plugin", "ref": {"name": "x", "sha256": "0"}}),
        "nodes[1]: the node type 'plugin' is reserved for a later version",
    ),
    (at("edges", 0, "gain")(0), "edges[0]: unknown key 'gain', did you mean 'gain_db'?"),
    (without("edges", 0, "to"), 'edges[0]: the key "to" is missing'),
    (at("edges", 0, "invert")(1), "edges[0].invert must be true or false, got 1"),
    (at("edges", 0, "gain_db")(math.inf), "edges[0].gain_db must be a finite number, got inf"),
    (
        at("edges", 0, "from")(["voice"]),
        "edges[0].from must be [node id, port name], got ['voice']",
    ),
    (at("edges", 0, "from")(["voise", "out"]), "there is no node 'voise', did you mean 'voice'?"),
    (at("edges", 0, "from")([0, "out"]), "edges[0].from must be text, got 0"),
    (at("edges", 0, "from")("x" * 99), "got 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."),
]

FAULTS: list[tuple[Change, str]] = [
    (at("nodes", 1, "type")("lowpas"), "node tone has the unknown type 'lowpas', did you mean"),
    (at("edges", 1, "from")(["tone", "high"]), "tone lowpass has no outlet 'high' (it has out)"),
    (at("nodes", 1, "params", "gain")(1), "tone lowpass has no knob 'gain' (it has frequency, q)"),
    (without("nodes", 1, "params"), "tone lowpass has no value for frequency, q"),
    (at("nodes", 1, "params", "frequency")(9e9), "tone lowpass: frequency must be in [20 Hz, 20"),
    (at("sample_rate")(1), "sample_rate must be in [8000, 192000] Hz, got 1"),
    (without("edges", 1), "tone lowpass is not connected to 'out'"),
]


@pytest.mark.parametrize(("change", "sentence"), MISFITS, ids=[text[:40] for _, text in MISFITS])
def test_a_misshapen_document_is_refused_with_the_place(change: Change, sentence: str) -> None:
    document = example()
    change(document)
    with pytest.raises(FormatError, match=re.escape(sentence)):
        from_json(document)


@pytest.mark.parametrize(("change", "sentence"), FAULTS, ids=[text[:40] for _, text in FAULTS])
def test_a_broken_rule_is_named_by_id(change: Change, sentence: str) -> None:
    document = example()
    change(document)
    with pytest.raises(GraphError, match=re.escape(sentence)):
        from_json(document)


def test_a_document_is_an_object() -> None:
    with pytest.raises(FormatError, match=r"^a graph must be a JSON object, got \[\]$"):
        from_json([])


def test_files_survive_the_round_trip_and_leave_nothing_else_behind(tmp_path: Path) -> None:
    graph, path = from_json(example()), tmp_path / "graph.json"
    save(graph, path)
    save(graph, path)
    assert load(path) == graph
    assert load(path).meta == graph.meta
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not JSON (Expecting value at line 1, column 1)"),
        (b"RIFF\xff\xfe", "not a graph, which is JSON text in UTF-8"),
        (b"{\n  bad}", "not JSON (Expecting property name enclosed in double quotes at line 2"),
        (b'{"graphophone": 1, "graphophone": 1}', "the key 'graphophone' stands twice in one"),
        (b"[" * 100_000, "not a graph (nested too deeply or a number with too many digits)"),
        (b"1" * 5_000, "not a graph (nested too deeply or a number with too many digits)"),
        (b"[]", "a graph must be a JSON object, got []"),
        (b'{"graphophone": 3}', "written by a newer version"),
    ],
)
def test_a_file_that_is_no_graph_is_refused_by_name(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "graph.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=f"^{re.escape(f'{path}: {sentence}')}"):
        load(path)


def test_a_file_with_a_broken_graph_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    path.write_text('{"graphophone": 1, "nodes": [], "edges": []}')
    with pytest.raises(GraphError, match=f"^{re.escape(str(path))}: a graph needs exactly one"):
        load(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.json: there is no such file$"):
        load(tmp_path / "none.json")
    with pytest.raises(FormatError, match=r": cannot be read \(Is a directory\)$"):
        load(tmp_path)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    graph = from_json(example())
    with pytest.raises(FormatError, match=r"graph\.json: cannot be written \(No such file or dir"):
        save(graph, tmp_path / "none" / "graph.json")
    (tmp_path / "taken").mkdir()
    with pytest.raises(FormatError, match=r"taken: cannot be written \(Is a directory\)$"):
        save(graph, tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_notes_that_json_cannot_hold_are_refused(tmp_path: Path) -> None:
    graph = Graph((Node("in", source="voice"), Node("out")), (Edge(0, 1),), meta={"when": object()})
    with pytest.raises(FormatError, match=r"x\.json: meta must hold plain JSON values \(Object of"):
        save(graph, tmp_path / "x.json")
    assert not list(tmp_path.iterdir())


def test_parsed_text_is_plain_data() -> None:
    assert parse('{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
