"""The server from outside: what a page does with it, and what nobody may."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytest.importorskip("fastapi", reason="the studio's server needs fastapi (extra `studio`)")
pytest.importorskip("httpx2", reason="the studio's test client needs httpx2")

from starlette.testclient import TestClient

from graphophone.codec.json import from_json
from graphophone.graph.model import Graph
from graphophone.models.vote import Guess
from graphophone.render.render import render
from graphophone.server.running import guarded
from graphophone.studio.app import build
from graphophone.studio.playing import Playing
from graphophone.studio.sessions import Sessions
from graphophone.studio.worker import Worker
from tests.studio.conftest import RATE, Ear, chain, noise
from tests.studio.waiting import until

TOKEN = "a-token-that-nobody-guesses"
HOST = "127.0.0.1:4587"


class Client:
    """A page: it has the token and a session."""

    def __init__(
        self, sessions: Sessions, most_upload: int = 2**22, beside: "Client | None" = None
    ) -> None:
        """Open a page of a server, of the one of another page where that is given."""
        app: Any = beside and beside.http.app
        if app is None:
            built = build(sessions, most_upload=most_upload)
            app = guarded(built, TOKEN, [HOST, "localhost:4587"], most_upload=most_upload)
        self.http = TestClient(
            app,
            base_url=f"http://{HOST}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            raise_server_exceptions=False,
        )
        self.name = self.http.post("/api/sessions").json()["session"]
        self.root = f"/api/sessions/{self.name}"

    def get(self, path: str = "", **extra: Any) -> Any:
        return self.http.get(self.root + path, **extra)

    def post(self, path: str, body: Any = None) -> Any:
        return self.http.post(self.root + path, json=body)

    def edit(self, op: str, **fields: Any) -> Any:
        return self.post("/edits", {"op": op, **fields})

    def give(self, role: str, audio: bytes, **query: str) -> Any:
        answer = self.http.put(f"{self.root}/recordings/{role}", content=audio, params=query)
        if answer.status_code == 202:
            until(lambda: not self.state["job"]["going"])
        return answer

    @property
    def state(self) -> Any:
        return self.get().json()

    def settled(self) -> Any:
        until(lambda: not (self.state["job"] or {"going": False})["going"])
        until(lambda: not (self.state["result"] or {"going": False})["going"])
        return self.state

    def work(self) -> Any:
        """Give recordings and estimate."""
        self.give("reference", wav(noise()), name="wet.wav")
        self.give("take", wav(noise(seed=2)), name="dry.wav")
        assert self.post("/estimate", {}).status_code == 202
        return self.settled()


def wav(audio: Any) -> bytes:
    file = BytesIO()
    soundfile.write(file, audio.numpy().T, RATE, format="WAV", subtype="FLOAT")
    return file.getvalue()


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    found = Sessions(tmp_path / "sessions", Ear())
    yield found
    found.close()


@pytest.fixture
def client(sessions: Sessions) -> Client:
    return Client(sessions)


def test_a_page_estimates_edits_and_exports(client: Client) -> None:
    state = client.work()
    kinds = [node["type"] for node in state["graph"]["nodes"]]
    assert sorted(kinds) == ["distortion", "in", "out", "pingpong_delay", "stereo_reverb"]
    drive = next(n for n in state["graph"]["nodes"] if n["type"] == "distortion")
    assert drive["confidence"] == pytest.approx(0.7)
    assert drive["runner_up"] == {"type": "bitcrush", "share": pytest.approx(0.3)}
    assert state["estimate"]["notes"] == ["by ear"]

    edited = client.edit("set_knob", node=drive["id"], knob="gain", value=5.0).json()
    assert edited["undo"] == f"{drive['id']} gain"
    swapped = client.edit("swap", node=drive["id"]).json()
    assert {n["type"] for n in swapped["graph"]["nodes"]} >= {"bitcrush"}
    back = client.post("/undo").json()
    assert {n["type"] for n in back["graph"]["nodes"]} >= {"distortion"}
    assert client.post("/redo").json()["graph"] == swapped["graph"]
    graph = from_json(client.get("/exports/json").json())
    assert graph.energy == "frozen"
    assert client.get("/exports/svg").text.startswith("<svg")
    assert "bitcrush" in client.get("/exports/text").text
    assert client.get("/exports/vst").status_code == 404
    for found in client.http.get("/api/exports").json():
        answer = client.get(f"/exports/{found['name']}")
        assert answer.status_code == 200, answer.text
        assert len(answer.content) > 100
        assert isinstance(json.loads(answer.headers["X-Lost"]), list)


def test_a_session_is_saved_and_loaded_by_another_page(client: Client, sessions: Sessions) -> None:
    state = client.work()
    node = next(n["id"] for n in state["graph"]["nodes"] if n["type"] == "distortion")
    before = client.edit("decline", node=node).json()
    saved = client.get("/file")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="session.json"'
    short = client.get("/file", params={"steps": "false"})
    assert len(short.content) < len(saved.content)
    other = Client(sessions)
    assert other.post("/graph", {"text": saved.text}).status_code == 202
    after = other.settled()
    for part in ("graph", "declined", "undo"):
        assert after[part] == before[part], part
    assert Client(sessions).get("/file").status_code == 422


def test_a_cycle_is_refused_and_changes_nothing(client: Client) -> None:
    before = client.work()
    ids = {n["type"]: n["id"] for n in before["graph"]["nodes"]}
    answer = client.edit("connect", source=ids["stereo_reverb"], target=ids["distortion"])
    assert answer.status_code == 422
    assert "the graph has a cycle" in answer.json()["error"]
    assert ids["distortion"] in answer.json()["nodes"]
    assert client.state["graph"] == before["graph"]


def test_signals_are_served_whole_and_in_pieces(client: Client) -> None:
    client.work()
    given = noise(seed=2).numpy().T
    whole = client.get("/audio/dry.wav")
    samples, rate = soundfile.read(BytesIO(whole.content), dtype="float32")
    assert rate == RATE
    np.testing.assert_array_equal(samples, given)
    size = len(whole.content)
    cuts = [0, 1, 57, 58, 59, 1_000, size]
    parts = [
        client.get("/audio/dry.wav", headers={"Range": f"bytes={a}-{b - 1}"})
        for a, b in pairwise(cuts)
    ]
    assert {part.status_code for part in parts} == {206}
    assert b"".join(part.content for part in parts) == whole.content
    last = client.get("/audio/dry.wav", headers={"Range": "bytes=-7"})
    assert last.content == whole.content[-7:]
    assert last.headers["Content-Range"] == f"bytes {size - 7}-{size - 1}/{size}"
    beyond = client.get("/audio/dry.wav", headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    piece = client.get("/samples/dry", params={"start": 100, "count": 50}).content
    np.testing.assert_array_equal(np.frombuffer(piece, "<f4").reshape(-1, 2), given[100:150])


def test_a_voice_goes_on_from_the_playhead(client: Client) -> None:
    state = client.work()
    number = state["result"]["number"]
    whole = client.get("/samples/result", params={"start": 0, "count": RATE, "number": number})
    result = np.frombuffer(whole.content, "<f4").reshape(-1, 2)
    voice = client.post("/voices", {"start": 9_000}).json()["voice"]
    pieces = [
        client.get(f"/voices/{voice}", params={"start": 9_000 + 500 * k, "count": 500}).content
        for k in range(3)
    ]
    heard = np.frombuffer(b"".join(pieces), "<f4").reshape(-1, 2)
    np.testing.assert_allclose(heard, result[9_000:10_500], atol=1e-5)
    bell = client.http.post(
        f"{client.root}/edits?listen=9000",
        json={"op": "add", "type": "bell", "into": state["graph"]["edges"][0] | {"signal": None}},
    )
    assert bell.status_code == 422, "what is not declared is refused"
    turned = client.http.post(f"{client.root}/edits?listen=9000", json={"op": "accept"}).json()
    piece = client.get(f"/voices/{turned['voice']}", params={"start": 9_000, "count": 500})
    again = np.frombuffer(piece.content, "<f4").reshape(-1, 2)
    np.testing.assert_allclose(again, result[9_000:9_500], atol=1e-5)
    astray = client.get(f"/voices/{voice}", params={"start": 0, "count": 500})
    assert astray.status_code == 422
    assert f"voice {voice} is at 10500, asked for 0" in astray.json()["error"]


def test_pictures_and_measurements(client: Client) -> None:
    state = client.work()
    peaks = client.get("/peaks/result", params={"columns": 100}).json()
    assert len(peaks["peaks"]) == 100
    assert client.get("/spectrogram/reference.png").content.startswith(b"\x89PNG")
    measures = client.get("/measures").json()
    assert len(measures["result"]["bands"]) == len(measures["centres"])
    for node in state["graph"]["nodes"]:
        found = client.get(f"/evidence/{node['id']}").json()
        assert ("needed" in found) == (node["type"] in ("in", "out")), node
        if "bands" in found:
            assert found["residual_db"] > -60
    probed = client.post("/probe", {"node": state["graph"]["edges"][0]["source"]})
    assert probed.json()["probe"]["samples"] == RATE
    assert client.get("/peaks/probe").status_code == 200
    assert client.post("/probe", {"node": "nobody"}).status_code == 422
    drive = next(n["id"] for n in state["graph"]["nodes"] if n["type"] == "distortion")
    for difference in (False, True):
        left = client.post("/without", {"node": drive, "difference": difference, "start": 100})
        assert left.json()["probe"]["samples"] == RATE
    source = next(n["id"] for n in state["graph"]["nodes"] if n["type"] == "in")
    needed = client.post("/without", {"node": source})
    assert needed.status_code == 422


def test_only_the_page_of_this_server_is_answered(client: Client) -> None:
    http = client.http
    assert http.get("/api/catalogue").status_code == 200
    bare = {"Authorization": ""}
    for path in ("/", "/api/catalogue", client.root, "/api/openapi.json"):
        assert http.get(path, headers=bare).status_code == 401, path
        assert http.get(f"{path}?token=wrong", headers=bare).status_code == 401, path
    assert http.get(f"/api/catalogue?token={TOKEN}", headers=bare).status_code == 200
    for host in ("evil.example", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:4587", ""):
        assert http.get("/api/catalogue", headers={"Host": host}).status_code == 403, host
        assert http.get("/assets/x.js", headers={"Host": host}).status_code == 403, host
    for origin in ("http://evil.example", "null", "http://127.0.0.1", f"https://{HOST}"):
        answer = http.post("/api/sessions", headers={"Origin": origin})
        assert answer.status_code == 403, origin
        assert "access-control-allow-origin" not in answer.headers
    assert http.post("/api/sessions", headers={"Origin": f"http://{HOST}"}).status_code == 201
    headers = http.get("/api/catalogue").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_uploads_are_bounded(sessions: Sessions) -> None:
    client = Client(sessions, most_upload=10_000)
    folder = sessions.folder / client.name
    told = client.give("take", bytes(10_001), name="big.wav")
    assert (told.status_code, told.json()["error"]) == (
        413,
        "at most 0.00953674 MB can be sent here",
    )
    untold = client.http.put(
        f"{client.root}/recordings/take", content=iter([bytes(6_000)] * 2), params={"name": "a.wav"}
    )
    assert (untold.status_code, list(folder.iterdir())) == (413, [])
    long = client.http.post(f"{client.root}/graph", content=b"x" * (9 * 2**20))
    assert long.status_code == 413


def test_uploads_that_take_too_long_are_given_up(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphophone.studio.routes.UPLOAD_SECONDS", 0.0)
    answer = client.give("take", wav(noise()), name="slow.wav")
    assert answer.status_code == 408
    assert "longer than" in answer.json()["error"]


@pytest.mark.parametrize(
    "name",
    [
        "../../outside.wav",
        "/etc/passwd.wav",
        "..\\x.wav",
        "a\x00b.wav",
        "con.wav",
        "ü" * 100 + ".wav",
    ],
)
def test_names_of_files_are_never_paths(client: Client, sessions: Sessions, name: str) -> None:
    before = {p for p in sessions.folder.parent.rglob("*") if sessions.folder not in p.parents}
    assert client.give("take", wav(noise()), name=name).status_code == 202
    assert client.state["dry"]["name"] == name
    assert client.state["job"]["error"] is None
    after = {p for p in sessions.folder.parent.rglob("*") if sessions.folder not in p.parents}
    assert after == before
    assert {p.parent for p in sessions.folder.rglob("*.f32")} == {sessions.folder / client.name}


@pytest.mark.parametrize("name", ["../x", "..", "%2e%2e", "a" * 22, "A/../B"])
def test_sessions_are_only_found_by_their_names(client: Client, name: str) -> None:
    assert client.http.get(f"/api/sessions/{name}").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"not a sound", "this is not a readable audio file"),
        (wav(noise())[:5_000], "the file is truncated"),
        (wav(0 * noise()), "this is silence"),
    ],
)
def test_malformed_files_give_a_message(client: Client, content: bytes, said: str) -> None:
    client.give("reference", content, name="mine.wav")
    error = client.state["job"]["error"]
    assert error.startswith("mine.wav: ")
    assert said in error
    assert client.state["reference"] is None


def test_malformed_requests_give_a_message(client: Client) -> None:
    assert "must end in" in client.give("take", b"x", name="song.exe").json()["error"]
    assert "no graph yet" in client.edit("bypass", node="n1").json()["error"]
    state = client.work()
    for text, said in (
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ('{"graphophone": 2}', "newer version"),
        ('{"graphophone": 1, "nodes": [], "edges": []}', "exactly one 'out'"),
    ):
        answer = client.post("/graph", {"text": text})
        assert answer.status_code == 422
        assert said in answer.json()["error"]
    assert client.settled()["graph"] == state["graph"]
    assert client.edit("explode").status_code == 422
    assert "value" in client.edit("set_knob", node="n0", knob="gain").json()["error"]
    assert client.edit("set_knob", node="n0", knob="gain", value="NaN").status_code == 422
    assert client.http.get("/nowhere").json() == {"error": "Not Found"}


def test_clients_do_not_hear_each_other(sessions: Sessions, client: Client) -> None:
    clients = [client, *(Client(sessions, beside=client) for _ in range(19))]
    for k, client in enumerate(clients):
        client.give("take", wav(noise(0.1, seed=k)), name=f"{k}.wav")
    for k, client in enumerate(clients):
        assert client.state["dry"]["name"] == f"{k}.wav"
        piece = client.get("/samples/dry", params={"start": 0, "count": RATE}).content
        mine = noise(0.1, seed=k).numpy().T
        np.testing.assert_array_equal(np.frombuffer(piece, "<f4").reshape(-1, 2), mine)
    assert len({client.name for client in clients}) == 20


def muffled() -> Graph:
    """A graph that takes little time to search around."""
    return chain(("lowpass", {"frequency": 800.0}))


class Muffled(Ear):
    """Hears that graph."""

    def readings(self) -> list[Guess]:
        """What it hears."""
        return [Guess(muffled(), 1.0)]


def test_a_dry_recording_is_fitted_to_its_wet_one(client: Client, sessions: Sessions) -> None:
    """The search begins with the graph that it was, and so cannot end anywhere worse."""
    sessions.get(client.name).ear = Muffled()
    dry = noise(0.5, seed=2)
    assert "both the wet recording and the dry" in client.post("/fit", {}).json()["error"]
    client.give("reference", wav(render(muffled(), {"voice": dry}, RATE)), name="wet.wav")
    client.give("take", wav(dry), name="dry.wav")
    assert client.post("/fit", {"seconds": 0}).status_code == 422
    assert client.post("/fit", {"seconds": 1}).status_code == 202
    state = client.settled()
    assert state["job"]["error"] is None
    said = state["estimate"]["notes"][0]
    after, before = map(float, re.findall(r"distance ([\d.]+), which is ([\d.]+) without", said)[0])
    assert after < 0.1 * before
    result, wet = (
        client.get(f"/samples/{which}", params={"start": 0, "count": RATE}).content
        for which in ("result", "reference")
    )
    result, wet = (np.frombuffer(x, "<f4")[: 2 * RATE] for x in (result, wet))
    rest = np.square(wet - result[: len(wet)]).sum() / np.square(wet).sum()  # without its tail
    assert rest < 0.1, "the level of the wet recording is in the graph"


def test_one_begins_with_nothing(client: Client) -> None:
    client.give("take", wav(noise(seed=2, gain=0.2)), name="kick.wav", source="kick")
    client.give("take", wav(noise(seed=3, gain=0.03)), name="snare.wav", source="snare")
    assert client.post("/begin").status_code == 202
    state = client.settled()
    kinds = sorted((n["type"], n["source"]) for n in state["graph"]["nodes"])
    assert kinds == [("in", "kick"), ("in", "snare"), ("mix", None), ("out", None)]
    count = {"start": 0, "count": RATE}
    result, dry = (client.get(f"/samples/{w}", params=count).content for w in ("result", "dry"))
    np.testing.assert_allclose(*(np.frombuffer(x, "<f4") for x in (result, dry)), atol=1e-5)


class Slow(Ear):
    """Listens for a very long time."""

    def hear(self, signal: Any, task: str, progress: Any) -> Any:
        """Begin to listen."""
        progress("listening", 0, 1)
        time.sleep(600)


def test_work_is_stopped(client: Client, sessions: Sessions) -> None:
    before = client.work()
    session = sessions.get(client.name)
    session.ear = Slow()
    client.post("/estimate", {})
    until(lambda: client.state["job"]["stage"] == "listening")
    assert "wait until the estimate is done" in client.post("/estimate", {}).json()["error"]
    refused = client.http.put(f"{client.root}/recordings/take?name=a.wav", content=wav(noise()))
    assert refused.status_code == 422
    assert list(session.folder.glob("upload-*")) == []
    client.post("/stop")
    until(lambda: not client.state["job"]["going"])
    job = client.state["job"]
    assert (job["stopped"], job["error"]) == (True, None)
    assert client.state["graph"] == before["graph"]
    client.give("take", wav(noise(seed=5)), name="next.wav")
    assert client.state["dry"]["name"] == "next.wav"


def running(sessions: Sessions, client: Client) -> Playing:
    """What renders for a client."""
    return sessions.get(client.name).playing


def test_a_process_that_is_killed_while_it_renders_loses_nothing(
    client: Client, sessions: Sessions
) -> None:
    """The server goes on, the edit is there, the rendering is done by another process."""
    client.give("take", wav(noise(40.0, seed=2)), name="long.wav")
    client.give("reference", wav(noise()), name="wet.wav")
    client.post("/estimate", {})
    state = client.settled()
    drive = next(n["id"] for n in state["graph"]["nodes"] if n["type"] == "distortion")
    playing = running(sessions, client)
    first = playing.worker.pid
    client.edit("set_knob", node=drive, knob="gain", value=3.0)
    until(lambda: playing.current.done > 0)
    assert playing.current.going
    os.kill(first, signal.SIGKILL)
    until(lambda: playing.mishaps)
    other = client.edit("set_knob", node=drive, knob="gain", value=5.0)
    assert other.status_code == 200
    after = client.settled()
    assert after["mishap"]["number"] == 1
    assert "it was killed" in after["mishap"]["said"]
    assert "no edit is lost" in after["mishap"]["said"]
    assert after["result"]["error"] is None
    assert after["result"]["finished"] == after["result"]["number"]
    assert after["undo"] == f"{drive} gain"
    assert playing.worker.pid != first


def test_a_voice_that_was_killed_is_begun_again(client: Client, sessions: Sessions) -> None:
    state = client.work()
    voice = client.post("/voices", {"start": 9_000}).json()["voice"]
    whole = client.get(
        "/samples/result", params={"start": 0, "count": RATE, "number": state["result"]["number"]}
    )
    os.kill(running(sessions, client).worker.pid, signal.SIGKILL)
    until(lambda: client.state["mishap"])
    gone = client.get(f"/voices/{voice}", params={"start": 9_000, "count": 500})
    assert gone.status_code in (422, 503)
    again = client.post("/voices", {"start": 0}).json()["voice"]
    piece = client.get(f"/voices/{again}", params={"start": 0, "count": 500}).content
    assert piece == whole.content[: 500 * 8]


def test_a_graph_that_ends_its_process_twice_is_given_up(
    client: Client, sessions: Sessions
) -> None:
    state = client.work()
    drive = next(n["id"] for n in state["graph"]["nodes"] if n["type"] == "distortion")
    playing = running(sessions, client)
    playing.worker = Worker(Fatal, 2**28, playing._mishap)
    client.edit("set_knob", node=drive, knob="gain", value=3.0)
    error = client.settled()["result"]["error"]
    assert "ended 2 times (it touched memory that is not there)" in error
    assert client.state["mishap"]["number"] == 2
    assert client.edit("set_knob", node=drive, knob="gain", value=4.0).status_code == 200


class Fatal:
    """Ends its process as a fault in a kernel would, whatever it is asked."""

    def render(self, *_: Any, tell: Any) -> None:
        """End."""
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(60)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what is mapped")
def test_a_job_that_takes_too_much_memory_ends_nothing_else(
    client: Client, sessions: Sessions
) -> None:
    client.work()
    jobs = sessions.get(client.name).jobs
    before, jobs.memory = client.state, 2**21
    client.give("take", wav(noise(20.0)), name="large.wav")
    assert "not enough memory" in client.state["job"]["error"]
    assert client.state["take"] == before["take"]
    jobs.memory = 2**30
    client.give("take", wav(noise(2.0)), name="other.wav")
    assert client.state["job"]["error"] is None
    assert client.state["dry"]["name"] == "other.wav"
    kept = sorted(p.name.split("-")[0] for p in sessions.folder.rglob("*-signal.f32"))
    assert kept == ["reference", "take"], "signals of before are gone"


def test_unexpected_errors_are_told_and_survived(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr("graphophone.studio.view.state", fail)
        answer = client.get()
    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "unexpected error, RuntimeError: a bug"},
    )
    assert client.get().status_code == 200


def test_work_is_there_again_after_a_kill(client: Client, sessions: Sessions) -> None:
    state = client.work()
    drive = next(n["id"] for n in state["graph"]["nodes"] if n["type"] == "distortion")
    client.edit("set_knob", node=drive, knob="gain", value=5.0)
    client.edit("bypass", node=drive)
    left = sessions.folder / client.name / "work.json"
    assert json.loads(left.read_text())["patch"]["bypassed"] == [drive], "before anything else"
    client.edit("set_amount", amount=0.5)
    client.post("/undo")
    before = client.settled()

    again = Client(Sessions(sessions.folder, Ear()))
    again.root = client.root
    after = again.settled()
    for part in ("graph", "estimate", "undo", "redo", "amount", "reference", "take", "dry"):
        assert after[part] == before[part], part
    assert again.post("/redo").json()["amount"] == 0.5


def test_the_api_describes_itself(sessions: Sessions) -> None:
    described = build(sessions).openapi()
    paths = described["paths"]
    assert "/api/sessions/{session}/edits" in paths
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
    ops = described["components"]["schemas"]
    assert {"Add", "Rewire", "SetKnob", "Swap"} <= ops.keys()


def test_the_page_is_shipped_and_asks_nobody_else() -> None:
    from graphophone.studio.app import PAGE

    page = (PAGE / "index.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    for name in ("studio.js", "index.css", "elk-worker.min.js"):
        assert (PAGE / "assets" / name).stat().st_size > 1_000
    assert "@import" not in (PAGE / "assets" / "index.css").read_text(encoding="utf-8")
    assert "elkjs" in (PAGE / "THIRD-PARTY.txt").read_text(encoding="utf-8")
