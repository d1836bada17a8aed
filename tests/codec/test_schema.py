"""The published schema accepts what we write and refuses what we refuse."""

from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given

from graphophone.codec.json import to_json
from graphophone.codec.schema import schema, schema_text
from graphophone.graph import Graph
from graphophone.processors import SPECS
from tests.codec.test_json import Change, at, example, without
from tests.strategies import LAW, graphs

PUBLISHED = Path(__file__).parents[2] / "docs" / "graph.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(schema(SPECS))


def test_the_published_file_is_the_generated_one() -> None:
    """If not, write ``schema_text(SPECS)`` to the file, and say so in the change log."""
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(SPECS)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema(SPECS))


@LAW
@given(graphs(SPECS))
def test_written_graphs_follow_the_schema(graph: Graph) -> None:
    VALIDATOR.validate(to_json(graph))


def test_a_document_with_one_of_everything_follows_the_schema() -> None:
    VALIDATOR.validate(example())


@pytest.mark.parametrize(
    "change",
    [
        at("graphophone")(2),
        at("energy")("loud"),
        at("bpm")(120),
        without("nodes"),
        at("sample_rate")(1_000),
        at("reference_rms_db")(3),
        at("nodes", 0, "source")(""),
        at("nodes", 1, "source")("voice"),
        at("nodes", 1, "type")("lowpas"),
        at("nodes", 1, "params", "frequency")(5),
        at("nodes", 1, "params", "frequency")("440"),
        at("nodes", 1, "params", "gain")(0),
        without("nodes", 1, "params"),
        at("nodes", 1, "scale_db")(30),
        at("nodes", 1, "bypass")(True),
        at("nodes", 1, "amount")(0.5),
        at("nodes", 2, "scale_db")(0),
        at("edges", 0, "from")(["voice"]),
        at("edges", 0, "from")(["voice", "left"]),
        at("edges", 0, "gain_db")(40),
        at("edges", 0, "depth")(1),
        at("edges", 2, "depth")(2),
        at("edges", 2, "gain_db")(0),
    ],
)
def test_broken_documents_break_the_schema(change: Change) -> None:
    document: dict[str, Any] = example()
    change(document)
    assert not VALIDATOR.is_valid(document)
