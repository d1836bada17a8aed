"""A listening test from the first page to the analysis, as people and robots take it."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphophone.listening.analysis import analyse
from graphophone.listening.plan import load
from graphophone.listening.ratings import Rating, read
from graphophone.listening.sitting import order
from tests.e2e.conftest import ALONE, BROWSER, Server, watched
from tests.listening.simulation import ANCHORS, BAD, PLANTED, simulated
from tests.listening.sounds import RATE, TONES, planned

pytestmark = pytest.mark.skipif(
    not BROWSER, reason="no browser: `make e2e` sets GRAPHOPHONE_BROWSER"
)
ROBOT = (Path(__file__).parent / "robot.js").read_text(encoding="utf-8").partition("\n")[2]
ROBOT = ROBOT[ROBOT.index("async") :]
TRIALS = 5


def serving(test: Path) -> Server:
    return Server(test.parent, "listening-test", "serve", str(test))


@pytest.fixture(scope="module")
def test_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory.mktemp("test"), trials=TRIALS, consent="I take part.")


@pytest.fixture(scope="module")
def server(test_file: Path) -> Iterator[Server]:
    server = serving(test_file)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def other_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Longer sounds, for a loop has at least half a second; no training, no questions."""
    folder = tmp_path_factory.mktemp("other")
    return planned(folder, trials=2, training=0, seconds=1.0, questions=[])


@pytest.fixture(scope="module")
def other(other_file: Path) -> Iterator[Server]:
    server = serving(other_file)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def page(browser: Any, server: Server) -> Any:
    page = watched(browser.new_page(viewport={"width": 1280, "height": 800}))
    page.goto(server.address)
    return page


def begin(page: Any, address: str, code: str) -> None:
    """From the first page to where the first sounds can be rated."""
    page.goto("about:blank")
    page.goto(address)
    page.get_by_label("Your code").fill(code)
    if page.get_by_role("checkbox").count():
        page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="The level is right").click()
    page.locator(".board").wait_for()


def take(page: Any, address: str, code: str, scores: list[dict[str, float]]) -> None:
    """Let a robot take the whole test."""
    begin(page, address, code)
    page.evaluate(ROBOT, {"scores": scores, "tones": TONES})
    if page.get_by_role("heading", name="Last questions").count():
        page.get_by_label("How old are you?").fill("31")
        page.get_by_role("button", name="Save and finish").click()
    page.get_by_role("heading", name="Thank you").wait_for()


def panel(page: Any, server: Server, test: Path, drawn: tuple[Rating, ...]) -> tuple[Rating, ...]:
    """Let everybody whose scores were drawn take a test, and return their results."""
    plan = load(test)
    given: dict[str, dict[int, dict[str, float]]] = {}
    for rating in drawn:
        trial = int(rating.trial.removeprefix("excerpt-"))
        given.setdefault(rating.listener, {}).setdefault(trial, {})[rating.condition] = rating.score
    for code, trials in sorted(given.items()):
        learning = [dict.fromkeys({**ANCHORS, **PLANTED}, 50.0)] * len(plan.training)
        take(page, server.address, code, [*learning, *(trials[k] for k in range(len(trials)))])
    results = test.parent / "results" / "mushra.csv"
    expected = {}
    for code, trials in given.items():
        counted = [shown for shown in order(plan, code) if not shown.training]
        for number, shown in enumerate(counted):
            for condition, score in trials[number].items():
                expected[code, shown.trial.name, condition] = score
    ratings = tuple(rating for rating in read(results) if rating.listener in given)
    saved = {(r.listener, r.trial, r.condition): r.score for r in ratings}
    assert saved == expected, "what was planted in a sound is what its condition got"
    return ratings


MIXER = """async () => {
  const { Mixer } = await import("/assets/mixer.js");
  const rate = 16000, n = rate, flat = (v) => new Float32Array(n).fill(v);
  const count = (sign) => Float32Array.from({ length: n }, (_, i) => sign * (1 + i));
  const run = (mixer, samples) => {
    const left = new Float32Array(samples), right = new Float32Array(samples);
    for (let i = 0; i < samples; i += 128) {
      const part = Math.min(128, samples - i);
      mixer.fill(left.subarray(i, i + part), right.subarray(i, i + part));
    }
    return [...left];
  };
  const fresh = (...tracks) => {
    const mixer = new Mixer(rate);
    mixer.load(tracks.map((track) => [track, track]));
    return mixer;
  };
  const same = fresh(flat(1), flat(1));
  same.play();
  run(same, 128);
  same.choose(1);
  const alike = run(same, 256);
  const other = fresh(flat(1), flat(0));
  other.play();
  const begun = run(other, 128);
  other.choose(1);
  const switched = run(other, 128);
  other.choose(0);
  const half = run(other, 40);
  other.choose(1);
  const turned = run(other, 128);
  const step = fresh(count(1), count(-1));
  step.play();
  run(step, 1000);
  step.choose(1);
  const synchronous = run(step, 1000);
  const loop = fresh(flat(1));
  loop.loop(1000, 9000);
  loop.play();
  const looped = run(loop, 20000);
  loop.pause();
  const paused = run(loop, 200);
  const where = loop.position;
  loop.play();
  run(loop, 10);
  const after = loop.position;
  loop.stop();
  run(loop, 200);
  const stopped = loop.position;
  return {
    alike, begun, switched, half, turned, synchronous, looped, paused, where, after, stopped,
  };
}"""


def test_the_mixer_switches_in_step_within_5_ms(page: Any) -> None:
    found = {name: np.array(value) for name, value in page.evaluate(MIXER).items()}
    fade = round(0.005 * RATE)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, fade + 1) / fade)
    np.testing.assert_allclose(found["alike"], 1.0, atol=1e-6)  # gains add up to 1
    np.testing.assert_allclose(found["begun"][:fade], rise, atol=1e-6)
    np.testing.assert_allclose(found["switched"][:fade], 1 - rise, atol=1e-6)
    assert (found["switched"][fade:] == 0).all()
    joined = np.concatenate([found["switched"], found["half"], found["turned"]])
    assert np.abs(np.diff(joined)).max() <= np.diff(rise).max() + 1e-6, "no click in mid-fade"
    # sample i of both sounds has the size 1 + i, so a switch may turn the sign and nothing else
    np.testing.assert_allclose(found["synchronous"][fade:], -(1001 + np.arange(fade, 1000)))
    looped = found["looped"]
    assert np.abs(np.diff(looped)).max() <= np.diff(rise).max() + 1e-6, "nor at the ends of a loop"
    silent = np.flatnonzero(looped < 1e-9)
    assert np.diff(silent).max() == pytest.approx(8000, abs=1), "the loop has its length"
    assert (found["paused"][fade:] == 0).all()
    assert found["after"] == found["where"] + 10
    assert found["stopped"] == 1000


def rate_all(page: Any) -> None:
    """Give every sound a score by the keyboard."""
    for k in range(1, 8):
        page.keyboard.press(str(k))
        for _ in range(k):
            page.keyboard.press("ArrowDown")


def scores(page: Any) -> list[str]:
    return [str(text) for text in page.locator(".column output").all_inner_texts()]


def test_a_page_by_hand(page: Any, server: Server) -> None:
    begin(page, server.address, "hand")
    page.get_by_text("Training, page 1 of 1").wait_for()
    sliders = page.locator(".rail input")
    assert sliders.count() == 7
    assert [s.is_enabled() for s in sliders.all()] == [False] * 7, "nothing is heard yet"
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("alert").get_by_text("Not rated yet: 1, 2, 3, 4, 5, 6, 7").wait_for()

    page.keyboard.press("3")
    page.wait_for_function("() => listening.player.playing && listening.player.position > 500")
    assert [s.is_enabled() for s in sliders.all()] == [k == 2 for k in range(7)]
    for key, expected in (
        ("ArrowUp", "100"), ("j", "99"), ("Shift+ArrowDown", "89"), ("Shift+J", "79"),
        ("ArrowDown", "78"), ("Shift+K", "88"), ("k", "89"), ("Shift+ArrowUp", "99"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert scores(page)[2] == expected, key
    for key, index in (("ArrowRight", 4), ("l", 5), ("h", 4), ("ArrowLeft", 3), ("0", 0), ("7", 7),
                       ("r", 0), ("ArrowLeft", 7), ("ArrowRight", 0)):  # fmt: skip
        page.keyboard.press(key)
        assert page.evaluate("listening.player.current") == index, key
    page.keyboard.press("ArrowUp")
    assert scores(page).count("–") == 6, "the reference is not rated"

    page.keyboard.press("2")
    box = sliders.nth(1).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.5)
    assert 40 <= int(scores(page)[1]) <= 60
    other = sliders.nth(5).bounding_box()
    page.mouse.click(other["x"] + other["width"] / 2, other["y"] + 20)
    assert scores(page)[5] == "–", "only what is heard can be rated"

    page.keyboard.press("Space")
    assert not page.evaluate("listening.player.playing")
    page.keyboard.press("Space")
    page.wait_for_function("() => listening.player.playing")
    page.keyboard.press("Backspace")
    assert not page.evaluate("listening.player.playing")
    page.wait_for_function("() => listening.player.position === listening.player.start")


def test_the_loop_is_set_by_keys_and_by_hand(page: Any, other: Server) -> None:
    begin(page, other.address, "loop")
    ends = "[listening.player.start, listening.player.end].map((x) => x / listening.player.rate)"
    wave = page.locator(".wave").bounding_box()

    def drag(name: str, to: float) -> None:
        box = page.get_by_role("slider", name=name).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 15)
        page.mouse.down()
        page.mouse.move(wave["x"] + to * wave["width"], wave["y"] + 20, steps=4)
        page.mouse.up()

    drag("End of the loop", 0.8)
    drag("Start of the loop", 0.2)
    assert page.evaluate(ends) == pytest.approx([0.2, 0.8], abs=0.01)
    drag("Start of the loop", 0.7)
    assert page.evaluate(ends) == pytest.approx([0.3, 0.8], abs=0.01), "half a second is least"
    page.keyboard.press("Shift+A")
    page.keyboard.press("Shift+B")
    assert page.evaluate(ends) == [0.0, 1.0]
    page.keyboard.press("1")
    page.wait_for_function("() => listening.player.position > 0.1 * listening.player.rate")
    page.keyboard.press("a")
    assert 0 < page.evaluate("listening.player.start") <= 0.5 * RATE
    page.get_by_role("button", name="Whole sound").click()
    assert page.evaluate(ends) == [0.0, 1.0]
    page.get_by_role("slider", name="Start of the loop").press("ArrowRight")
    assert page.evaluate(ends) == pytest.approx([0.1, 1.0])


def test_a_killed_server_loses_no_page(page: Any, server: Server, test_file: Path) -> None:
    begin(page, server.address, "patient")
    rate_all(page)
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_text(f"Page 1 of {TRIALS}").wait_for()
    rate_all(page)
    server.kill()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("alert").get_by_text("The server does not answer").wait_for()
    assert scores(page) == [str(100 - k) for k in range(1, 8)]
    server.start()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_text(f"Page 2 of {TRIALS}").wait_for()
    mine = [r for r in read(test_file.parent / "results" / "mushra.csv") if r.listener == "patient"]
    assert [r.score for r in mine] == [100.0 - k for k in range(1, 8)]
    assert tuple(r.condition for r in mine) == order(load(test_file), "patient")[1].conditions
    page.keyboard.press("4")
    page.keyboard.press("Shift+ArrowDown")
    page.reload()
    page.get_by_text(f"Page 2 of {TRIALS}").wait_for()
    assert scores(page)[3] == "90", "what was not saved yet waits in the browser"


def test_a_page_that_was_saved_leaves_no_mark_on_the_next(page: Any, server: Server) -> None:
    """Whoever goes on moving sliders while the next page is on its way moves nothing."""
    begin(page, server.address, "hasty")
    rate_all(page)
    page.route("**/pages/1/*", lambda route: page.wait_for_timeout(50) or route.continue_())
    page.evaluate(
        """() => {
          const slider = document.querySelectorAll(".rail input")[6];
          document.querySelector("footer .primary").click();
          window.hasty = setInterval(() => {
            slider.value = "3";
            slider.dispatchEvent(new Event("input"));
          }, 1);
        }"""
    )
    page.get_by_text(f"Page 1 of {TRIALS}").wait_for()
    page.evaluate("clearInterval(window.hasty)")
    page.unroute("**/pages/1/*")
    assert scores(page) == ["–"] * 7
    page.reload()
    page.get_by_text(f"Page 1 of {TRIALS}").wait_for()
    assert scores(page) == ["–"] * 7


def test_a_killed_browser_loses_no_page(
    browser: Any, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Chromium in a process of its own, ended as by a power cut; then another one."""
    play = browser.browser_type
    for time_around in range(2):
        folder = tmp_path_factory.mktemp("profile")
        words = ["--headless=new", *ALONE, f"--user-data-dir={folder}", "--remote-debugging-port=0"]
        process = subprocess.Popen(
            [BROWSER, *words, "about:blank"],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stderr is not None
        address = next(m.group() for line in process.stderr if (m := re.search(r"ws://\S+", line)))
        own = play.connect_over_cdp(address)
        page = own.contexts[0].pages[0]
        page.set_default_timeout(60_000)
        if time_around == 0:
            begin(page, server.address, "unlucky")
            rate_all(page)
            page.get_by_role("button", name="Save and go on").click()
            page.get_by_text(f"Page 1 of {TRIALS}").wait_for()
            rate_all(page)
            page.get_by_role("button", name="Save and go on").click()
        else:
            page.goto(server.address)
            page.get_by_label("Your code").fill("Unlucky")
            page.get_by_role("checkbox").check()
            page.get_by_role("button", name="Begin").click()
        page.get_by_text(f"Page 2 of {TRIALS}").wait_for()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


def test_twenty_listeners_and_what_was_planted_in_them(
    page: Any, server: Server, test_file: Path
) -> None:
    """Preferences and one bad listener are found again, although everybody lapses at times."""
    ratings = panel(page, server, test_file, simulated(11, PLANTED, trials=TRIALS))
    assert {rating.answers["age"] for rating in ratings} == {"31"}
    found = analyse(ratings)
    assert len(found.everybody.panel.listeners) == 20
    assert BAD in {exclusion.listener for exclusion in found.exclusions}
    assert len({exclusion.listener for exclusion in found.exclusions}) <= 3
    assert found.screened is not None
    tested = [s.condition for s in found.screened.scores if s.condition in PLANTED]
    assert tested == list(PLANTED)
    assert all(pair.differs and pair.difference > 0 for pair in found.screened.pairs)
    assert found.screened.friedman is not None
    assert found.screened.friedman.p < 1e-4


def test_where_nothing_was_planted_nothing_is_found(
    page: Any, other: Server, other_file: Path
) -> None:
    drawn = simulated(5, dict.fromkeys(PLANTED, 55.0), trials=2, bad=None, lapses=0.0)
    found = analyse(panel(page, other, other_file, drawn))
    assert found.exclusions == ()
    assert found.everybody.friedman is not None
    assert found.everybody.friedman.p > 0.05
    assert not any(pair.differs for pair in found.everybody.pairs)


def test_nothing_was_asked_of_anyone_else(page: Any, server: Server, other: Server) -> None:
    own = tuple(f"http://127.0.0.1:{one.port}/" for one in (server, other))
    assert [u for u in page.asked if not u.startswith((*own, "data:", "about:"))] == []
    assert page.errors == []


def test_every_button_and_slider_has_a_name(page: Any) -> None:
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, [role=slider], select, input")]
        .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.title || e.labels?.length))
        .map((e) => e.outerHTML)"""
    )
    assert nameless == []
