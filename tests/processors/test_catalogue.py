"""The list itself: complete, filed in its place, documented, and cheap to know about."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import graphophone.processors
from graphophone.processors import CATALOGUE, CATALOGUE_HASH, PROCESSORS, SPECS, catalogue_hash
from graphophone.spec import IN, OUT, AnyProcessor

FOLDER = Path(graphophone.processors.__file__).parent
every_processor = pytest.mark.parametrize("processor", CATALOGUE.values(), ids=CATALOGUE.keys())


def test_holds_the_33_types_of_the_paper() -> None:
    assert len(CATALOGUE) == 33
    assert Counter(p.spec.group for p in CATALOGUE.values()) == {
        "filter": 12,
        "delay": 8,
        "nonlinear": 5,
        "utility": 5,
        "control": 3,
    }


def test_specs_add_both_ends_of_a_graph() -> None:
    assert set(SPECS) == {"in", "out"} | set(CATALOGUE)
    assert (SPECS["in"], SPECS["out"]) == (IN, OUT)
    assert all(name == spec.name for name, spec in SPECS.items())


@every_processor
def test_lives_in_a_file_of_its_own_in_the_folder_of_its_group(processor: AnyProcessor) -> None:
    spec = processor.spec
    assert processor.kernel.__module__ == f"graphophone.processors.{spec.group}.{spec.name}"


def test_every_file_is_in_the_catalogue() -> None:
    files = {path.stem for path in FOLDER.glob("*/*.py") if not path.name.startswith("_")}
    assert files == set(PROCESSORS)


@every_processor
def test_is_documented_and_cited(processor: AnyProcessor) -> None:
    spec = processor.spec
    assert spec.summary.endswith(".")
    assert len(spec.source) > 20
    assert all(p.help and not p.help.endswith(".") for p in spec.params.values())
    assert all(f"`{name}`" in spec.table() for name in spec.params)


@every_processor
def test_has_no_port_and_no_knob_twice(processor: AnyProcessor) -> None:
    spec = processor.spec
    assert len({i.name for i in spec.inlets}) == len(spec.inlets)
    assert len({o.name for o in spec.outlets}) == len(spec.outlets)
    required = {i.name for i in spec.inlets if i.required}
    assert required == {i.name for i in spec.audio_inlets} - {"sidechain"}


def test_hash_tells_sounds_apart() -> None:
    assert catalogue_hash(dict(reversed(list(SPECS.items())))) == CATALOGUE_HASH
    assert len(CATALOGUE_HASH) == 12
    louder = dict(SPECS)
    louder["mix"] = replace(SPECS["mix"], revision=2)
    assert catalogue_hash(louder) != CATALOGUE_HASH


@pytest.mark.parametrize("heavy", ["torch", "numpy", "numba"])
def test_importing_the_package_is_light(heavy: str) -> None:
    code = f"import sys, graphophone, graphophone.errors; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
