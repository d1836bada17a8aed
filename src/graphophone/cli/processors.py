"""``graphophone processors``: what graphs are made of."""

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from graphophone.cli.console import Console
from graphophone.cli.options import Json
from graphophone.errors import UsageError

if TYPE_CHECKING:
    from graphophone.spec import ProcessorSpec


GROUPS = ("filter", "delay", "nonlinear", "utility", "control")


def processors(
    name: Annotated[str | None, typer.Argument(help="One processor to tell all of.")] = None,
    as_json: Json = False,
) -> None:
    """List the processors, or one with its knobs."""
    console = Console("processors", as_json=as_json)
    from graphophone.graph.rules import suggestion
    from graphophone.processors import CATALOGUE, CATALOGUE_HASH, PROCESSORS

    if name is not None and name not in PROCESSORS:
        raise UsageError(f"there is no processor {name!r}{suggestion(name, PROCESSORS)}")
    chosen = (p.spec for p in (CATALOGUE.values() if name is None else [PROCESSORS[name]]))
    specs = sorted(chosen, key=lambda spec: GROUPS.index(spec.group))
    if name is None:
        for group, members in groupby(specs, lambda spec: spec.group):
            console.say(f"{group}\n" + "\n".join(map(_line, members)))
    else:
        console.say(_page(specs[0]))
    described = [
        {**s.to_json(), "group": s.group, "summary": s.summary, "source": s.source} for s in specs
    ]
    console.answer(catalogue=CATALOGUE_HASH, processors=described)


def _line(spec: "ProcessorSpec") -> str:
    return f"  {spec.name:<18} {spec.summary}"


def _page(spec: "ProcessorSpec") -> str:
    inlets = ", ".join(i.name + ("" if i.required else " (optional)") for i in spec.inlets)
    lines = [
        f"{spec.name} ({spec.group}): {spec.summary}",
        f"inlets: {inlets or 'none'}; outlets: {', '.join(o.name for o in spec.outlets)}",
    ]
    rows = [("knob", "from", "to", "default", "taper", "meaning")]
    rows += [
        (name, p.text(p.low), p.text(p.high), p.text(p.default), p.taper, p.help)
        for name, p in spec.params.items()
    ]
    widths = [max(len(row[k]) for row in rows) for k in range(6)]
    if len(rows) > 1:
        lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
    return "\n".join([*lines, f"source: {spec.source}"])
