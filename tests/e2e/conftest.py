"""A real server and a real browser that reaches nothing else; `make e2e` says where it is."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphophone.audio.files import write
from graphophone.render.render import render

BROWSER = os.environ.get("GRAPHOPHONE_BROWSER", "")
RATE = 44_100
ALONE = [
    "--no-sandbox",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
"""A browser that reaches nothing but this computer."""
PATIENCE = 60_000
"""Milliseconds that anything may take on a busy computer; four times that for a model."""


class Server:
    """A command that serves a page, as a user starts it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder, self.words, self.port = folder, words, 0
        self.start()

    def start(self) -> None:
        command = "from graphophone.cli.main import run; run()"
        words = [*self.words, "--no-open", "--port", str(self.port)]
        self.log = (self.folder / "log.txt").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-c", command, *words], stdout=self.log, stderr=self.log
        )
        end = time.monotonic() + 120
        while not (found := re.search(r"http://\S+", (self.folder / "log.txt").read_text())):
            assert time.monotonic() < end
            assert self.process.poll() is None, (self.folder / "log.txt").read_text()
            time.sleep(0.1)
        self.address = found.group()
        self.port = int(self.address.split(":")[2].split("/")[0])

    def computing(self) -> list[int]:
        """Processes that compute for it: copies of the one that has all libraries loaded."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        children = [pid for pid, parent in parents.items() if parent == self.process.pid]
        return [pid for pid, parent in parents.items() if parent in children]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("studio")
    server = Server(folder, "studio", "--folder", str(folder))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A voice through a known graph, and another voice."""
    from random import Random

    from graphophone.sources import open_pool
    from graphophone.studio.example import example_graph

    folder = tmp_path_factory.mktemp("recordings")
    pool = open_pool("singing", "procedural", "unseen")
    voices = [pool.draw(Random(f"e2e {k}"), 5 * RATE, RATE).tracks["voice"] for k in range(2)]
    wet = render(example_graph(), {"voice": voices[0]}, RATE)
    paths = {"wet": folder / "wet.wav", "take": folder / "take.wav"}
    write(paths["wet"], wet, RATE)
    write(paths["take"], voices[1], RATE)
    (folder / "bad.wav").write_bytes(b"no sound at all")
    return {**paths, "bad": folder / "bad.wav"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, which reaches nothing but this computer."""
    if not BROWSER:
        pytest.skip("no browser: `make e2e` sets GRAPHOPHONE_BROWSER")
    api = pytest.importorskip("playwright.sync_api", reason="driving a browser needs playwright")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=ALONE)
        yield browser
        browser.close()


def watched(page: Any) -> Any:
    """Write down whatever a page asks for, and its errors."""
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.set_default_timeout(PATIENCE)
    return page


@pytest.fixture(scope="module")
def page(browser: Any, server: Server) -> Any:
    """A page of 1280 by 800 whose every request is written down."""
    return watched(browser.new_page(viewport={"width": 1280, "height": 800}, accept_downloads=True))
