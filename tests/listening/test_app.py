"""The server of a test: what it plays, what it tells nobody, whom it answers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="a test's server needs fastapi (extra `listening`)")
pytest.importorskip("httpx2", reason="the test client needs httpx2")

from starlette.testclient import TestClient

from graphophone.listening.app import PAGE, build
from graphophone.listening.pages import Pages
from graphophone.listening.plan import load
from graphophone.listening.sitting import order
from graphophone.listening.sittings import Sittings
from graphophone.server.running import guarded
from tests.listening.sounds import TONES, planned

TOKEN = "a-token-that-nobody-guesses"
HOST = "127.0.0.1:4687"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(load(planned(tmp_path)), tmp_path)


@pytest.fixture
def http(pages: Pages, tmp_path: Path) -> Any:
    app = build(pages, Sittings(tmp_path / "results", pages.plan, pages.check()))
    return TestClient(
        guarded(app, TOKEN, [HOST]),
        base_url=f"http://{HOST}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        raise_server_exceptions=False,
    )


def test_a_listener_hears_what_is_rated_and_is_told_no_name(http: Any, pages: Pages) -> None:
    state = http.post("/api/sittings", json={"listener": "Ann"}).json()
    assert state == {
        "listener": "ann", "done": 0, "training": 1, "total": 4, "finished": False,
        "page": {"training": True, "sounds": 7, "rate": 16_000, "samples": 8_000},
    }  # fmt: skip
    told = http.get("/api/test").text + str(state)
    shown = order(pages.plan, "ann")[0]
    sounds = pages.get(shown.trial).sounds
    for k, name in enumerate(("reference", *shown.conditions)):
        answer = http.get(f"/api/sittings/ann/pages/0/{k}")
        told += str(answer.headers)
        heard = np.frombuffer(answer.content, "<f4").reshape(-1, 2)
        np.testing.assert_array_equal(heard, sounds[name].numpy().T)
    assert not [name for name in ("anchor", "excerpt", *TONES) if name in told]
    for path in ("pages/1/0", "pages/0/8", "pages/0/-1"):
        assert http.get(f"/api/sittings/ann/{path}").status_code == 422, path


def test_a_whole_sitting(http: Any, pages: Pages, tmp_path: Path) -> None:
    http.post("/api/sittings", json={"listener": "ann"})
    for number in range(4):
        body = {"scores": [50 + k for k in range(7)], "milliseconds": 10}
        answer = http.post(f"/api/sittings/ann/pages/{number}", json=body)
        assert answer.json()["done"] == number + 1
    assert answer.json()["page"] is None
    assert not answer.json()["finished"]
    answer = http.post("/api/sittings/ann/answers", json={"answers": {"age": "31"}})
    assert answer.json()["finished"]
    assert http.get("/api/sittings/ann").json() == answer.json()


def test_what_is_wrong_is_said(http: Any) -> None:
    assert http.get("/api/sittings/bob").status_code == 404
    assert (
        "a code has 1 to 32" in http.post("/api/sittings", json={"listener": "?"}).json()["error"]
    )
    http.post("/api/sittings", json={"listener": "ann"})
    for body in (
        {"scores": [1] * 7},
        {"scores": [101] * 7, "milliseconds": 1},
        {"scores": [1] * 6, "milliseconds": 1},
        {"scores": [1] * 7, "milliseconds": 1, "names": []},
    ):
        answer = http.post("/api/sittings/ann/pages/0", json=body)
        assert answer.status_code == 422
        assert answer.json()["error"]
    assert http.get("/api/sittings/ann").json()["done"] == 0


def test_only_the_page_of_this_server_is_answered(http: Any) -> None:
    bare = {"Authorization": ""}
    for path in ("/", "/api/test", "/api/sittings/ann"):
        assert http.get(path, headers=bare).status_code == 401, path
        assert http.get(path, headers={"Host": "evil.example"}).status_code == 403, path
        origin = {"Origin": "http://evil.example"}
        assert http.get(path, headers=origin).status_code == 403, path
    assert http.get(f"/?token={TOKEN}", headers=bare).status_code == 200
    assert "default-src 'none'" in http.get("/api/test").headers["Content-Security-Policy"]
    assert http.get("/assets/../app.py").status_code in (401, 404)


def test_the_page_asks_nobody_else() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in PAGE.iterdir()}
    assert {"index.html", "main.js", "mixer.js", "look.css"} <= texts.keys()
    for name, text in texts.items():
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace("// ", ""), name
        assert "@import" not in text, name


def test_the_api_describes_itself(pages: Pages, tmp_path: Path) -> None:
    described = build(pages, Sittings(tmp_path / "other", pages.plan, "d")).openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
