"""All clients of one server: each has a session of its own and knows no other."""

import re
import secrets
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from graphophone.errors import UsageError
from graphophone.studio.estimating import Ear
from graphophone.studio.processes import prepare
from graphophone.studio.session import Session

NAME = re.compile(r"[A-Za-z0-9_-]{22}")
AWAKE = 32
"""Sessions in memory; others wait on disk."""
WORKERS = 8
"""Pieces of work that go on or wait for their turn; of estimates and fits, one goes on."""


class UnknownSessionError(UsageError):
    """There is no session of this name."""


class Sessions:
    """Sessions by their names, which nobody can guess.

    Args:
        folder: Where each has a folder.
        ear: The models.
    """

    def __init__(self, folder: Path, ear: Ear) -> None:
        self.folder, self.ear = folder, ear
        folder.mkdir(parents=True, exist_ok=True)
        self._awake: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()
        self._executor = ThreadPoolExecutor(WORKERS, "studio")
        prepare()

    def create(self) -> str:
        """Begin a session and return its name."""
        name = secrets.token_urlsafe(16)
        (self.folder / name).mkdir(mode=0o700)
        return name

    def get(self, name: str) -> Session:
        """Return a session, restored from its folder if need be.

        Raises:
            UnknownSessionError: There is none.
        """
        with self._lock:
            if name not in self._awake:
                if not NAME.fullmatch(name) or not (self.folder / name).is_dir():
                    raise UnknownSessionError("there is no such session")
                self._awake[name] = Session(self.folder / name, self.ear, self._executor)
            self._awake.move_to_end(name)
            self._sleep()
            return self._awake[name]

    def close(self) -> None:
        """Stop all work."""
        with self._lock:
            for session in self._awake.values():
                session.close()
        self._executor.shutdown(cancel_futures=True)

    def _sleep(self) -> None:
        """Let the sessions go that were used longest ago and do nothing."""
        for name in list(self._awake)[: max(0, len(self._awake) - AWAKE)]:
            session = self._awake[name]
            if session.jobs.job is None or not session.jobs.job.going:
                session.close()
                del self._awake[name]
