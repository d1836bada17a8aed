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
Progress = Callable[[int, int], None]


def prepared(
    test: Path, out: Path | None = None, progress: Progress | None = None
) -> tuple[Pages, Sittings]:
    """Read a test and make every page once, so that nothing can go wrong before a listener.

    Args:
        test: The plan.
        out: Where sittings and results are kept; ``results`` beside the plan by default.
        progress: Called with (pages checked, pages in all).

    Raises:
        FormatError: The plan is wrong, or the results are of another version of it.
        AudioError: A sound file cannot be played as it is.
        UsageError: A page has too many conditions.
    """
    plan = load(test)
    pages = Pages(plan, test.parent)
    return pages, Sittings(out or test.parent / "results", plan, pages.check(progress))


def serve(
    pages: Pages,
    sittings: Sittings,
    *,
    port: int | None = None,
    announce: Callable[[str], None],
) -> None:
    """Serve until it is interrupted.

    Args:
        pages: What is played.
        sittings: Where ratings go.
        port: The port; the first free one by default.
        announce: Called with the address to open.

    Raises:
        UsageError: The port is taken.
    """
    place = Place(port=port, first=PORT)
    listening = bound(place)
    key = token(sittings.folder)
    announce(address(place, listening, key))
    run(build(pages, sittings), place, listening, key)
