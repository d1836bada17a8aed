"""Wait for what goes on in the background."""

import time
from collections.abc import Callable

from graphophone.studio.session import Session

PATIENCE_SECONDS = 120.0


def until(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.005)


def finished(session: Session) -> None:
    """Wait until nothing goes on in a session."""
    until(lambda: session.jobs.job is None or not session.jobs.job.going)
    assert session.jobs.job is None or session.jobs.job.error is None, session.jobs.job
    until(lambda: session.playing.current is None or not session.playing.current.going)
