"""Draw the statistics of one set or a few beside the paper's reference.

    graphophone generate --task singing --mix paper --count 500 --seed 1 --store graphs --out sing
    graphophone generate --task drums --mix paper --count 300 --seed 1 --store graphs --out drums
    python examples/set_statistics.py docs/set-statistics.svg sing drums

The picture in docs/data.md was made by these three lines.
"""

import sys
from pathlib import Path

from graphophone.generation.inspection import inspect_set
from graphophone.generation.reading import open_set
from graphophone.generation.statistics import Statistics
from graphophone.report.figure import figure


def main(out: Path, folders: list[Path]) -> None:
    """Count through the sets and draw what is found."""
    found: dict[str, Statistics] = {}
    for folder in folders:
        stored = open_set(folder)
        counted = inspect_set(stored).statistics
        if counted is not None:
            found[f"{stored.recipe.task}, {stored.recipe.mix}"] = counted
    out.write_text(figure(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(word) for word in sys.argv[2:]])
