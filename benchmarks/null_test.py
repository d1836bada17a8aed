"""Do exports sound the same? Runs all null tests, prints their table, and says what misses its aim.

    python -m benchmarks.null_test [--graphs N] [--page docs/export.md] [processor ...]

Prints Markdown; ``--page`` puts it between the marks of a page. What is not there is skipped, and
named. A result is written down when it is there (``--fresh`` forgets them), so that a run that was
stopped goes on; results of other code or tools do not count. The status is 1 if an aim is missed:

* Faust, LV2 and REAPER: every processor below -60 dB, but for at most three below -40 dB;
* pedalboard: what a script calls exact below -60 dB;
* at least 95 of 100 random graphs below -60 dB, and each of the others without one node that
  decides on a last bit.

See :mod:`benchmarks.nulls` for what is measured.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from benchmarks import jsfx_player
from benchmarks.null_journal import FOLDER, Journal, code
from benchmarks.nulls import (
    BOUND_DB,
    Case,
    Signal,
    cases,
    drawn,
    effect_depths,
    faust_depth,
    faust_depths,
    lv2_depth,
    lv2_missing,
    pedalboard_depth,
    probe,
    reaper_depth,
)
from graphophone.errors import GraphophoneError, WorkerError
from graphophone.export.faust import tools
from graphophone.graph.model import Graph
from graphophone.processors import CATALOGUE

EXCEPTION_DB, EXCEPTIONS = -40.0, 3
"""What a named exception is to reach, and how many of them there may be."""
SHARE = 0.95
"""Of random graphs that are to reach the bound."""
DECIDING = ("bitcrush", "noisegate", "expander", "compressor")
"""Types that may decide otherwise on a last bit."""
MARKS = ("<!-- null test -->", "<!-- end of null test -->")
UNEXPLAINED = "no single node"
Draw = Callable[[int], tuple[Graph, dict[str, Signal]]]
Null = Callable[[Graph, Mapping[str, Signal]], float]


def graph_depth(
    graph: Graph, dry: Mapping[str, Signal], null: Null = faust_depth
) -> tuple[float, str]:
    """Return how deep a graph's null is; and if it misses, without which node it does not."""
    depth = null(graph, dry)
    if depth < BOUND_DB:
        return depth, ""
    for i, node in enumerate(graph.nodes):
        if node.type in DECIDING:
            nodes = list(graph.nodes)
            nodes[i] = replace(node, type="mix", params=())
            edges = [e for e in graph.edges if (e.target, e.inlet) != (i, "sidechain")]
            if null(graph.with_parts(nodes, edges), dry) < BOUND_DB:
                return depth, graph.label(i)
    return depth, UNEXPLAINED


class Report:
    """Lines of Markdown, and the aims that were missed.

    Args:
        journal: What has been measured already.

    Attributes:
        missed: A sentence an aim.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._away = {
            "Faust": tools.missing(),
            "LV2": lv2_missing(),
            "REAPER": jsfx_player.missing(),
        }
        self._depths: dict[str, dict[str, float]] = {}
        self.missed: list[str] = []

    def processors(self, kinds: Sequence[str]) -> Iterator[str]:
        """Give a row a processor, then what the rows say together."""
        yield "| processor | Faust | LV2 | REAPER | pedalboard, editable | pedalboard, exact |"
        yield "|---|---|---|---|---|---|"
        for kind in kinds:
            row = [self._cell(target, kind) for target in self._away]
            row += [self._graded(kind, baked=baked) for baked in (False, True)]
            yield f"| {kind} | {' | '.join(row)} |"
        yield ""
        for target, away in self._away.items():
            yield f"{target} was not run, {away}." if away else self._summed(target, len(kinds))

    def graphs(self, count: int) -> Iterator[str]:
        """Say how random graphs fare."""
        nulls = {"Faust": faust_depth, "REAPER": reaper_depth}
        found: dict[str, list[tuple[float, str]]] = {
            target: [] for target in nulls if not self._away[target]
        }
        draw = lru_cache(maxsize=1)(drawn)
        for number in range(count):
            for target, depths in found.items():
                depths.append(self._random(target, number, draw, nulls[target]))
            sys.stderr.write(f"\r{number + 1} of {count} random graphs ")
        sys.stderr.write("\n")
        for target, depths in found.items():
            below = sum(depth < BOUND_DB for depth, _ in depths)
            if below < SHARE * count:
                self.missed.append(f"{target}: {below} of {count} random graphs")
            worst, half = max(depths)[0], np.median([depth for depth, _ in depths])
            yield ""
            yield f"{target}: {below} of {count} random graphs below {BOUND_DB:g} dB; the worst is"
            yield f"at {worst:.0f} dB, half of them are below {half:.0f} dB."
            for number, (depth, said) in enumerate(depths):
                if said:
                    yield f"- graph {number}: {depth:.0f} dB, {said}"

    def _cell(self, target: str, kind: str) -> str:
        if self._away[target]:
            return "not run"
        if target == "LV2":
            measured = [(f"LV2 {kind}", lambda: lv2_depth(Case(kind).graph, probe(["voice"])))]
        else:
            depths = faust_depths if target == "Faust" else effect_depths
            measured = [
                (f"{target} {case}", partial(lambda case: max(depths(case)), case))
                for case in cases(kind)
            ]
        depth = max(self._journal.find(name, measure) for name, measure in measured)
        self._depths.setdefault(target, {})[kind] = depth
        return f"{depth:.0f} dB"

    def _graded(self, kind: str, *, baked: bool) -> str:
        def measure() -> list[float | str]:
            depth, part = pedalboard_depth(kind, baked=baked)
            return [depth, part.grade, part.note]

        try:
            found = self._journal.find(f"pedalboard {kind} {baked}", measure)
        except ImportError:
            return "not run"
        depth, grade, note = float(found[0]), *found[1:]
        if grade == "exact" and depth >= BOUND_DB:
            self.missed.append(f"pedalboard calls {kind} exact: {depth:.0f} dB")
        said = grade if grade == "exact" else f"{grade} ({note})"
        return str(said) if grade == "dropped" else f"{depth:.0f} dB, {said}"

    def _summed(self, target: str, count: int) -> str:
        """Say how many processors reach the bound, and name those that do not."""
        high = {k: depth for k, depth in self._depths[target].items() if not depth < BOUND_DB}
        named = ", ".join(f"{kind} ({depth:.0f} dB)" for kind, depth in high.items())
        if len(high) > EXCEPTIONS or any(depth >= EXCEPTION_DB for depth in high.values()):
            self.missed.append(f"{target}: {named}")
        but = f", all but {named}" if high else ""
        return f"{target}: {count - len(high)} of {count} processors below {BOUND_DB:g} dB{but}."

    def _random(self, target: str, number: int, draw: Draw, null: Null) -> tuple[float, str]:
        """Return how deep a random graph's null is, and what there is to be said about it."""
        name = f"{target} graph {number}"
        try:
            depth, cause = self._journal.find(name, lambda: list(graph_depth(*draw(number), null)))
        except WorkerError as error:  # not written down: another run tries again
            self.missed.append(f"{name}: {error}")
            return math.inf, str(error)
        if cause == UNEXPLAINED:
            self.missed.append(f"{name}: {depth:.0f} dB, {cause}")
            return float(depth), f"{cause} explains it"
        return float(depth), f"below {BOUND_DB:g} dB without {cause}" if cause else ""


def placed(page: str, text: str) -> str:
    """Put text between the marks of a page."""
    before, _, rest = page.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return f"{before}{MARKS[0]}\n\n{text}\n{MARKS[1]}{after}"


def main(words: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Run the tests that the module describes; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("processor", nargs="*", help="all of the catalogue if none is named")
    parser.add_argument("--graphs", type=int, default=0, help="how many random graphs to try")
    parser.add_argument("--page", type=Path, help="a page between whose marks the tables go")
    parser.add_argument("--fresh", action="store_true", help="measure what was measured before")
    options = parser.parse_args(words)
    kinds = options.processor or list(CATALOGUE)
    if unknown := [kind for kind in kinds if kind not in CATALOGUE]:
        parser.error(f"processor must be one of {', '.join(CATALOGUE)}, got {', '.join(unknown)}")
    results = folder / f"{code()}.jsonl"
    if options.fresh:
        results.unlink(missing_ok=True)
    report = Report(Journal(results))
    lines: list[str] = []
    for part in (report.processors(kinds), report.graphs(options.graphs) if options.graphs else ()):
        for line in part:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            lines.append(line)
    if options.page:
        text = options.page.read_text(encoding="utf-8")
        options.page.write_text(placed(text, "\n".join(lines) + "\n"), encoding="utf-8")
    for sentence in report.missed:
        sys.stderr.write(f"missed: {sentence}\n")
    return 1 if report.missed else 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except GraphophoneError as error:
        sys.exit(str(error))
