"""The JSON Schema of graph documents, generated from the specs.

It says what can be said of one node or cable at a time; that cables end at nodes and ports
that are there, and the rules of the whole graph, are checked by :mod:`graphophone.graph.rules`.
"""

import json
from typing import Any, get_args

from graphophone.codec.document import FORMAT
from graphophone.graph import Energy
from graphophone.graph.rules import Specs
from graphophone.graph.settings import SCALE, is_scaled
from graphophone.spec import DEPTH, GAIN, Param, ProcessorSpec

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(specs: Specs) -> dict[str, Any]:
    """Return the schema of documents whose nodes are of these types, ready for ``json.dump``."""
    return {
        "$schema": DRAFT,
        "title": "Graphophone graph",
        "description": "An audio processing graph. Values are in physical units.",
        "type": "object",
        "required": ["graphophone", "nodes", "edges"],
        "additionalProperties": False,
        "properties": {
            "graphophone": {"const": FORMAT, "description": "version of this format"},
            "catalogue": {"type": "string", "description": "hash of the processors' catalogue"},
            "sample_rate": {"type": "integer", "minimum": 8_000, "maximum": 192_000},
            "energy": {"enum": list(get_args(Energy))},
            "reference_rms_db": {"type": "number", "minimum": -120, "maximum": 0},
            "meta": {"type": "object", "description": "notes, unused in rendering"},
            "nodes": {
                "type": "array",
                "minItems": 2,
                "items": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in specs]},
            },
            "edges": {
                "type": "array",
                "minItems": 1,
                "items": {"oneOf": [{"$ref": "#/$defs/audio"}, {"$ref": "#/$defs/control"}]},
            },
        },
        "$defs": {name: _node(spec) for name, spec in specs.items()} | _cables(specs),
    }


def schema_text(specs: Specs) -> str:
    """Return the schema as it is published."""
    return json.dumps(schema(specs), indent=1, ensure_ascii=False) + "\n"


def _node(spec: ProcessorSpec) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "id": {"type": "string", "minLength": 1},
        "type": {"const": spec.name},
        "bypass": {"const": False, "description": "reserved"},
        "amount": {"const": 1, "description": "reserved"},
    }
    required = ["id", "type"]
    if spec.name == "in":
        properties["source"] = {"type": "string", "minLength": 1}
        required.append("source")
    if is_scaled(spec):
        properties["scale_db"] = _number(SCALE)
    properties["params"] = {
        "type": "object",
        "properties": {name: _number(param) for name, param in spec.params.items()},
        "required": list(spec.params),
        "additionalProperties": False,
    }
    if spec.params:
        required.append("params")
    return {
        "description": spec.summary,
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


def _cables(specs: Specs) -> dict[str, Any]:
    settings: dict[str, dict[str, Any]] = {
        "audio": {"gain_db": _number(GAIN), "invert": {"type": "boolean"}},
        "control": {"depth": _number(DEPTH)},
    }
    cables = {}
    for signal, properties in settings.items():
        outlets = {o.name for s in specs.values() for o in s.outlets if o.signal == signal}
        inlets = {i.name for s in specs.values() for i in s.inlets if i.signal == signal}
        cables[signal] = {
            "description": f"a cable that carries {signal}",
            "type": "object",
            "required": ["from", "to"],
            "additionalProperties": False,
            "properties": {"from": _end(outlets), "to": _end(inlets), **properties},
        }
    return cables


def _end(ports: set[str]) -> dict[str, Any]:
    return {
        "description": "id of a node, and one of its ports",
        "type": "array",
        "prefixItems": [{"type": "string", "minLength": 1}, {"enum": sorted(ports)}],
        "items": False,
        "minItems": 2,
    }


def _number(param: Param) -> dict[str, Any]:
    unit = f" in {param.unit}" if param.unit else ""
    return {
        "description": param.help + unit,
        "type": "number",
        "minimum": param.low,
        "maximum": param.high,
        "default": param.default,
    }
