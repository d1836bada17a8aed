"""LV2 plug-ins, which Debian's ``faust2lv2`` makes of Faust programs."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from graphophone.errors import UsageError, WorkerError
from graphophone.export.bounded import absent, run

PACKAGES: Mapping[str, str] = {"faust2lv2": "faust", "g++": "g++"}
HEADERS: Mapping[str, str] = {
    "lv2/lv2plug.in/ns/ext/atom/util.h": "lv2-dev",
    "boost/circular_buffer.hpp": "libboost-dev",
}
"""Debian packages of the programs and of the headers that are needed."""
PREFIX = "urn:graphophone"
"""Beginning of a plug-in's URI, which ends in a slash and its name."""


def missing() -> str:
    """Name what is not there, with its Debian package; nothing if all is."""
    if away := absent(PACKAGES):
        return away
    for header, package in HEADERS.items():
        try:
            run(["g++", "-E", "-x", "c++", "-"], f"#include <{header}>\n".encode())
        except WorkerError:
            return f"missing: {header} (Debian package {package})"
    return ""


def bundle(program: str, name: str) -> dict[str, bytes]:
    """Make a plug-in of a Faust program.

    Args:
        program: The source.
        name: What it is to be called, a word.

    Returns:
        The files of its bundle, by name.

    Raises:
        UsageError: Something is missing.
        WorkerError: It cannot be made.
    """
    if away := missing():
        raise UsageError(away)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / f"{name}.dsp").write_text(program, encoding="utf-8")
        run(["faust2lv2", "-uri-prefix", PREFIX, "-double", f"{name}.dsp"], folder=place)
        made = place / f"{name}.lv2"
        return {path.name: path.read_bytes() for path in sorted(made.iterdir())}
