"""A data card as a page to read."""

from collections.abc import Iterable
from typing import Any

from graphophone.generation.ghosts import examples
from graphophone.generation.statistics import statistics_table

WORST = {
    "nodes": ("largest graphs", "{:.0f} nodes"),
    "redraws": ("most redraws", "{:.0f} redraws"),
    "quietest": ("quietest wet", "{:.1f} dB"),
    "scales": ("largest scales of the energy rule", "{:.1f} dB"),
}
"""What each kind of worst case is called, and how its value is said."""


def markdown(card: dict[str, Any]) -> str:
    """Return the page for a card's plain data."""
    recipe = card["recipe"]
    return "\n".join(
        [
            f"# {card['examples']:,} {recipe['task']} examples, mix `{recipe['mix']}`, seed "
            f"{recipe['seed']}",
            "",
            "Random audio processing graphs with the sound that each makes of a dry recording.",
            "",
            *_facts(card),
            "",
            "## Checks",
            "",
            *_checks(card),
            "",
            "## Sources and licences",
            "",
            *_sources(card),
            "",
            "## Statistics",
            "",
            statistics_table(card["statistics"]),
            "",
            "## Known biases",
            "",
            *(f"- {sentence}" for sentence in card["biases"]),
            "",
            "## Worst cases",
            "",
            *_worst(card),
            "",
        ]
    )


def _facts(card: dict[str, Any]) -> Iterable[str]:
    recipe, redraws = card["recipe"], card["redraws"]
    rows = {
        "sources": f"{recipe['sources']}, split `{recipe['split']}`",
        "stored": card["store"],
        "clips": f"{card['seconds']} s at {card['rate']} Hz, stereo",
        "seed": recipe["seed"],
        "mix": f"`{recipe['mix']}`, `{card['mix']}`",
        "catalogue of processors": f"`{card['catalogue']}`",
        "made by": f"Graphophone {card['made_with']}; card by {card['written_with']}",
        "redraws": f"{redraws['in_all']:,}, {redraws['for_each_example']:.2f} an example, in "
        f"{redraws['share_of_examples']:.1%} of the examples at least one",
    }
    rows |= {said: "yes" for said in ("audible", "equalised") if recipe.get(said)}
    ghosts = card["ghosts"]
    if ghosts["asked_nodes"]:
        rows["ghosts"] = (
            f"{ghosts['ghosts']} of {ghosts['asked_nodes']:,} nodes ({ghosts['ghost_share']:.2%}) "
            f"of {examples(ghosts['asked_examples'])} in which each was left out change the sound "
            f"by less than {ghosts['thresholds_db']['ghost']:g} dB; "
            f"{ghosts['redrawn_graphs']} graphs redrawn for one"
        )
    else:
        rows["ghosts"] = "not looked for by leaving nodes out"
    yield from ("| what | value |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in rows.items())


def _checks(card: dict[str, Any]) -> Iterable[str]:
    if not card["failed"]:
        yield "Nothing was found wrong."
        return
    yield f"{card['failed']} found wrong:"
    yield ""
    yield from (f"- {failure['file']} {failure['reason']}" for failure in card["failures"])
    if more := card["failed"] - len(card["failures"]):
        yield f"- and {more} more"


def _sources(card: dict[str, Any]) -> Iterable[str]:
    if report := card["recordings"]:
        yield f"Drawn from {report['files']:,} files of {report['found']}."
        left = ", ".join(f"{count} {check}" for check, count in report["left_out"].items())
        yield f"Left out by the checks: {left or 'none'}; `recordings.json` names them."
        yield ""
        if report["credits"]:
            yield from (*(f"- {credit}" for credit in report["credits"]), "")
    yield "Share of the examples that each licence binds; an example may draw on several sources."
    yield from ("", "| licence | tier | share |", "|---|---|---|")
    for row in card["licences"]:
        yield f"| {_cell(row['licence'])} | {row['tier']} | {row['share']:.1%} |"
    yield from ("", "| kind | group | share | licence | source | attribution and notes |")
    yield "|---|---|---|---|---|---|"
    for row in card["sources"]:
        terms = row["terms"]
        words = (terms["licence"], terms["source"], terms["attribution"])
        yield (
            f"| {row['category']} | {row['group']} | {row['share']:.1%} | "
            f"{' | '.join(map(_cell, words))} |"
        )


def _worst(card: dict[str, Any]) -> Iterable[str]:
    yield "By index in the set, so that they can be looked at:"
    yield from ("", "| what | examples |", "|---|---|")
    for name, cases in card["worst"].items():
        title, unit = WORST.get(name, (name, "{:g}"))
        told = ", ".join(f"{c['index']} ({worst_value(c['value'], unit)})" for c in cases) or "none"
        yield f"| {title} | {told} |"
    remade = card["remade"]
    yield ""
    if remade["examples"]:
        yield (
            f"The energy rule's scales were looked at in {remade['examples']} examples made "
            f"again, evenly spread over the set; {remade['share_with_a_limited_scale']:.1%} of "
            "them have a node at its limit of 24 dB."
        )
    else:
        yield (
            "The energy rule's scales were not looked at: the recordings to make examples again "
            "were not here."
        )
    if "quietest" in card["worst"]:
        yield (
            "Every wet clip is at -20 dBFS where it sounds; the quietest, by the mean level of the "
            "whole clip, are those that sound for the shortest time. They are the quietest of "
            f"{card['decoded']:,} examples whose features and audio were decoded."
        )


def worst_value(value: float | None, unit: str) -> str:
    """Say the value of a worst case."""
    return "silent" if value is None else unit.format(value)


def _cell(text: str) -> str:
    """Keep a text from breaking a table."""
    return text.replace("|", "/")
