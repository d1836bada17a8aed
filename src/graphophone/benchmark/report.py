"""Rows as a table to read and as plain data."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from graphophone.benchmark.measure import Row

TITLES = ["case", "tool", "time", "error", "ratio", "what the error is held against"]


def table(rows: Iterable[Row], machine: Mapping[str, Any]) -> str:
    """Render a Markdown table, with a line above that says what it was measured on."""
    lines = [heading(machine), "", _line(TITLES), "| --- | --- | ---: | ---: | ---: | --- |"]
    gone = []
    for row in rows:
        if row.skipped:
            gone.append(f"- {row.case}, {row.tool}: {row.skipped}")
            continue
        said = [row.against and f"{row.unit} from {row.against}", row.note]
        time = duration(row.seconds) + (f", {row.rate:.3g} a second" if row.rate else "")
        time += f", at worst {duration(row.slowest)}" if row.slowest else ""
        time += f", {row.share:.0%} of the memory's bandwidth" if row.share else ""
        cells = [row.case, row.tool, time, deviation(row.error, row.unit)]
        cells += [f"{row.ratio:.3g}" if row.ratio else "–", "; ".join(filter(None, said)) or "–"]
        lines.append(_line(cells))
    if gone:
        lines += ["", "Skipped:", *gone]
    return "\n".join(lines)


def heading(machine: Mapping[str, Any]) -> str:
    """Say on what, with which versions and how many threads it was measured."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    threads = machine["threads"]
    gpu = f"GPU: {machine['gpu']}. " if machine.get("gpu") else ""
    text = (
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load']}; {versions}. "
        f"{gpu}"
        f"{threads} thread{'s' if threads > 1 else ''} each. Times are medians; the ratio is "
        "the tool's time over ours. Graphs apply no energy rule but for singing and drums."
    )
    return " ".join([text, *machine["remarks"]])


def to_json(rows: Iterable[Row], machine: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data; figures that are not finite become null."""
    return {"rows": [_plain(row) for row in rows], "machine": dict(machine)}


def duration(seconds: float | None) -> str:
    """Format a time in the unit that suits it."""
    if seconds is None:
        return "–"
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1_000 * seconds:.3g} ms"


def deviation(error: float | None, unit: str) -> str:
    """Format an error."""
    if error is None:
        return "–"
    return f"{error:.2f} dB" if unit == "dB" else f"{error:.1e}"


def _plain(row: Row) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(row).items()
    }


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
