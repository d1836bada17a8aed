"""How much memory the studio takes with a long recording: the figures of docs/studio.md.

Starts `graphophone studio` as a user does and is its page: a stereo reference at 44.1 kHz and a
take of the same length are given, the graph is estimated and rendered, knobs are turned while it
plays, and every audio cable is looked at. Linux only: memory is the proportional share
(`Pss` in `/proc/PID/smaps_rollup`) of the server and all processes below it, several times a
second. A page of memory that several processes share is counted once in the sum.

    python -m benchmarks.studio_memory [--seconds 600] [--turns 24] [--most 3.0]

Ends with status 1 where all together took more GB than `--most`, the process that renders more than
`--most-render`, or where the second half of the turns made the latter larger by over 100 MB.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any
from urllib.request import Request, urlopen

import soundfile

from graphophone.render.render import render
from graphophone.sources import open_pool
from graphophone.studio.example import example_graph

RATE, PHRASE_SECONDS = 44_100, 20
GB = 2**30
GROWTH = 100 * 2**20
"""Bytes by which turns may make the process that renders larger, once there were some."""


def shares(root: int) -> dict[int, int]:
    """Bytes of a process and all below it, each its proportional share."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found, last = {root}, set[int]()
    while found != last:
        last = set(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    sizes = {}
    for pid in found:
        with suppress(OSError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            pss = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
            sizes[pid] = int(pss.group(1)) * 1_024 if pss else 0
    return sizes


class Watch:
    """Looks at memory in the background; the largest sum and the largest of each process."""

    def __init__(self, root: int) -> None:
        self.root, self.most, self.each = root, 0, dict[int, int]()
        self._over = Event()
        Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            sizes = shares(self.root)
            self.most = max(self.most, sum(sizes.values()))
            for pid, size in sizes.items():
                self.each[pid] = max(self.each.get(pid, 0), size)

    def told(self, phase: str) -> None:
        """Say the largest sum since the last time, and begin anew."""
        sys.stdout.write(f"{phase:>34}: {self.most / GB:.2f} GB\n")
        sys.stdout.flush()
        self.most = 0


class Page:
    """What a page would ask of the server."""

    def __init__(self, address: str) -> None:
        self.root, self.token = address.partition("?")[0], address.partition("token=")[2]
        self.session = self.ask("POST", "api/sessions")["session"]

    def raw(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        """Ask for something."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        with urlopen(
            Request(self.root + path, body, headers, method=method), timeout=900
        ) as answer:
            return bytes(answer.read())

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send and read JSON."""
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self.raw(method, path, data, "application/json"))

    def here(self, method: str, path: str = "", body: Any = None) -> Any:
        """Ask something of the session."""
        return self.ask(method, f"api/sessions/{self.session}{path}", body)

    def got(self, path: str) -> bytes:
        """Return what the session answers, as it is."""
        return self.raw("GET", f"api/sessions/{self.session}{path}")

    def give(self, role: str, file: Path) -> None:
        """Give a recording, and wait until it was read."""
        path = f"api/sessions/{self.session}/recordings/{role}?name={file.name}"
        self.raw("PUT", path, file.read_bytes())
        self.settled()

    def settled(self, part: str = "job") -> Any:
        """Wait until a job, or the rendering, is done."""
        while True:
            state = self.here("GET")
            if state["job"]["error"]:
                raise SystemExit(state["job"]["error"])
            if not (state[part] or {"going": False})["going"]:
                return state
            time.sleep(0.2)


def recordings(folder: Path, seconds: int) -> tuple[Path, Path]:
    """Write a voice through the example's graph, and another voice, both in many phrases."""
    pool = open_pool("singing", "procedural", "unseen")
    dry = [
        pool.draw(Random(f"studio memory {k}"), PHRASE_SECONDS * RATE, RATE).tracks["voice"]
        for k in range(2)
    ]
    wet = render(example_graph(), {"voice": dry[0]}, RATE)
    paths = folder / "wet.wav", folder / "take.wav"
    for path, clip in zip(paths, (wet, dry[1]), strict=True):
        with soundfile.SoundFile(path, "w", RATE, 2, "PCM_24") as file:
            for _ in range(seconds // PHRASE_SECONDS):
                file.write(clip.numpy().T)
    return paths


def play(page: Page, voice: int, start: int, pieces: int = 4) -> None:
    """Read what a page would have played of a voice."""
    count = RATE // 5
    for k in range(pieces):
        page.got(f"/voices/{voice}?start={start + k * count}&count={count}")


def turn(page: Page, watch: Watch, turns: int, samples: int) -> list[int]:
    """Turn knobs while it plays; return what the largest process took after each turn."""
    random, after = Random("turns"), []
    types = page.ask("GET", "api/catalogue")["types"]
    for _ in range(turns):
        nodes = [n for n in page.here("GET")["graph"]["nodes"] if n["knobs"]]
        node = random.choice(nodes)
        knob = random.choice(node["knobs"])["name"]
        param = types[node["type"]]["params"][knob]
        value = random.uniform(param["low"], param["high"])
        start = random.randrange(samples - 2 * RATE)
        edit = {"op": "set_knob", "node": node["id"], "knob": knob, "value": value}
        voice = page.here("POST", f"/edits?listen={start}", edit)["voice"]
        if voice:
            play(page, voice, start)
        sizes = shares(watch.root)
        after.append(max((s for pid, s in sizes.items() if pid != watch.root), default=0))
    return after


def look(page: Page, samples: int) -> None:
    """Ask for every picture and measurement that the page offers."""
    graph = page.here("GET")["graph"]
    for edge in graph["edges"]:
        if edge["signal"] == "audio":
            where = {"node": edge["source"], "outlet": edge["outlet"], "start": samples // 2}
            page.here("POST", "/probe", where)
            page.got("/spectrogram/probe.png")
    for which in ("reference", "result"):
        page.got(f"/spectrogram/{which}.png")
        page.got(f"/peaks/{which}")
    page.got("/measures")
    for node in graph["nodes"]:
        if "needed" not in page.here("GET", f"/evidence/{node['id']}"):
            page.here("POST", "/without", {"node": node["id"], "difference": True})


def measure(folder: Path, seconds: int, turns: int) -> tuple[int, int, int]:
    """Return the largest sum, the most that the process that renders took, and its growth."""
    wet, take = recordings(folder, seconds)
    command = "from graphophone.cli.main import run; run()"
    words = ["studio", "--no-open", "--folder", str(folder / "studio"), "--port", "0"]
    log = folder / "log.txt"
    with log.open("wb") as file:
        server = subprocess.Popen([sys.executable, "-c", command, *words], stdout=file, stderr=file)
    try:
        while not (found := re.search(r"http://\S+", log.read_text())):
            if server.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        page, watch, most = Page(found.group()), Watch(server.pid), 0

        def phase(name: str) -> None:
            nonlocal most
            most = max(most, watch.most)
            watch.told(name)

        page.give("reference", wet)
        page.give("take", take)
        phase("both were read")
        page.here("POST", "/estimate", {})
        page.settled()
        phase("estimated, levels measured")
        samples = page.settled("result")["result"]["samples"]
        for start in range(0, 30 * RATE, RATE // 2):
            page.got(f"/samples/result?start={start}&count={RATE // 2}")
        phase("rendered and played")
        after = turn(page, watch, turns, samples - 10 * RATE)
        page.settled("result")
        phase(f"{turns} turns, rendered again")
        look(page, samples)
        phase("every cable and node looked at")
        rendering = {pid: size for pid, size in watch.each.items() if pid in shares(server.pid)}
        rendering.pop(server.pid)
        growth = max(after[turns // 2 :]) - max(after[: turns // 2])
        return most, max(rendering.values()), growth
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Measure, say it, and hold it against the bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=600, help="length of both recordings")
    parser.add_argument("--turns", type=int, default=24, help="turns of knobs")
    parser.add_argument("--most", type=float, default=3.0, help="GB that all may take together")
    parser.add_argument("--most-render", type=float, default=1.5, help="GB of the one that renders")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        most, rendering, growth = measure(Path(folder), asked.seconds, asked.turns)
    sys.stdout.write(
        f"at most {most / GB:.2f} GB in all processes together, {rendering / GB:.2f} GB in the one "
        f"that renders; the second half of the turns made it {growth / 2**20:+.0f} MB larger\n"
    )
    if most > asked.most * GB or rendering > asked.most_render * GB or growth > GROWTH:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
