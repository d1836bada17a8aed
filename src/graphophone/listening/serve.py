"""Start a listening test on this computer, and on no other."""

from collections.abc import Callable
from pathlib import Path

from graphophone.listening.app import build
from graphophone.listening.pages import Pages
from graphophone.listening.plan import load
from graphophone.listening.sittings import Sittings
from graphophone.server.place import Place, address, bound, token
from graphophone.server.running import run

PORT = 4687
MANY = 15
"""Pages that one sitting of half an hour holds."""
Progress = Callable[[int, int], None]


def serve(
    test: Path,
    out: Path | None = None,
    *,
    port: int | None = None,
    progress: Progress | None = None,
    announce: Callable[[str, Path, list[str]], None],
) -> None:
    """Serve a test until it is interrupted; every page is checked before the first is shown.

    Args:
        test: The plan.
        out: Where sittings and results are kept; ``results`` beside the plan by default.
        port: The port; the first free one by default.
        progress: Called with (pages checked, pages in all).
        announce: Called with the address to open, the file of results, and notes.

    Raises:
        FormatError: The plan is wrong, or the results are of another version of it.
        AudioError: A sound file cannot be played as it is.
        UsageError: The port is taken.
    """
    plan = load(test)
    pages = Pages(plan, test.parent)
    sittings = Sittings(out or test.parent / "results", plan, pages.check(progress))
    place = Place(port=port, first=PORT)
    listening = bound(place)
    key = token(sittings.folder)
    notes = []
    if len(plan.trials) > MANY:
        notes.append(
            f"{len(plan.trials)} pages are more than the 10 to {MANY} of one sitting; "
            "listeners may stop after any page and go on later with the same code"
        )
    announce(address(place, listening, key), sittings.results, notes)
    run(build(pages, sittings), place, listening, key)
