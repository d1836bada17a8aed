"""The page from end to end, in the order in which a person would go; each test goes on."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphophone.codec.json import load
from tests.e2e.conftest import BROWSER, PATIENCE, Server, watched

pytestmark = pytest.mark.skipif(
    not BROWSER, reason="no browser: `make e2e` sets GRAPHOPHONE_BROWSER"
)

STEP = """() => new Promise((done) => {
  const p = studio.player, tap = p.context.createScriptProcessor(4096, 2, 2), heard = [];
  tap.onaudioprocess = (e) => {
    const x = e.inputBuffer.getChannelData(0);
    for (let i = 0; i < x.length; i++) heard.push(x[i]);
    if (heard.length > p.rate * 1.2) {
      tap.disconnect();
      p.output.disconnect(tap);
      let most = 0, all = 0;
      for (let i = 1; i < heard.length; i++) {
        most = Math.max(most, Math.abs(heard[i] - heard[i - 1]));
        all = Math.max(all, Math.abs(heard[i]));
      }
      done({ most, all });
    }
  };
  p.output.connect(tap);
  tap.connect(p.context.destination);
  setTimeout(() => p.choose("reference"), 300);
  setTimeout(() => p.choose("result"), 600);
  setTimeout(() => p.choose("dry"), 900);
})"""


def tell(text: str) -> None:
    """Show a figure, which decides nothing."""
    sys.stderr.write(f"\n{text}\n")


def state(page: Any) -> Any:
    return page.evaluate("studio.now().state")


def nodes(page: Any) -> dict[str, Any]:
    return {node["id"]: node for node in state(page)["graph"]["nodes"]}


def settled(page: Any) -> None:
    page.wait_for_function(
        "() => { const s = studio.now().state;"
        "return s?.graph && !s.job?.going && !s.result?.going }",
        timeout=4 * PATIENCE,
    )


def select(page: Any, node: str) -> None:
    page.locator(f'.node[data-node="{node}"] header').click()
    page.wait_for_function(f"() => studio.now().selection?.node === {json.dumps(node)}")


def test_the_page_is_there_at_once(page: Any, server: Server) -> None:
    page.goto(server.address)
    page.get_by_role("heading", name="Hear a sound").wait_for()
    took = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    tell(f"first paint after {took:.0f} ms")
    assert took < 10_000


def test_a_bad_file_gives_a_message(page: Any, recordings: dict[str, Path]) -> None:
    page.get_by_label("Reference").set_input_files(recordings["bad"])
    page.get_by_role("alert").get_by_text("bad.wav: this is not a readable audio file").wait_for()


def test_upload_and_estimate(page: Any, recordings: dict[str, Path]) -> None:
    page.get_by_label("Reference").set_input_files(recordings["wet"])
    page.get_by_text("wet.wav").first.wait_for()
    page.wait_for_function("() => studio.now().state.reference && !studio.now().state.job.going")
    page.get_by_label("Take", exact=True).set_input_files(recordings["take"])
    page.wait_for_function("() => studio.now().state.dry && !studio.now().state.job.going")
    page.get_by_role("button", name="Estimate").click()
    page.locator(".job progress").wait_for()
    settled(page)
    page.locator(".node").first.wait_for()
    assert page.locator(".node").count() == len(nodes(page))
    assert page.locator(".cable.audio").count() >= 1


def test_a_known_graph_is_loaded(page: Any, tmp_path: Path) -> None:
    """From here on, what the model hears does not matter."""
    from dataclasses import replace

    from graphophone.codec.json import save
    from graphophone.studio.example import example_graph

    graph = example_graph()
    names = ("voice", "drive", "echo", "plate", "out")
    graph = graph.with_parts(
        (replace(n, id=name) for n, name in zip(graph.nodes, names, strict=True)), graph.edges
    )
    save(graph, tmp_path / "known.json")
    page.get_by_role("button", name="Recordings").click()
    page.get_by_label("Graph", exact=True).first.set_input_files(tmp_path / "known.json")
    page.locator('.node[data-node="plate"]').wait_for(timeout=4 * PATIENCE)
    page.get_by_role("button", name="Recordings").click()
    settled(page)
    assert set(nodes(page)) == set(names)


def test_it_plays_and_switches_without_a_click(page: Any) -> None:
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => studio.player.playing && studio.player.position > 8000")
    rough = page.evaluate(STEP)
    # A fall to silence within one sample would be as large as the loudest sample.
    assert rough["all"] > 0.001
    assert rough["most"] < 0.6 * rough["all"]
    page.keyboard.press("3")
    page.wait_for_function("() => studio.player.current === 'result'")
    assert (
        page.get_by_role("button", name="Take with graph").get_attribute("aria-pressed") == "true"
    )


def test_a_turn_of_a_knob_is_heard_from_the_playhead(page: Any) -> None:
    page.evaluate("studio.player.seek(0)")
    page.wait_for_function("() => studio.player.playing && studio.player.position > 8000")
    knob = page.get_by_role("slider", name="drive gain").first
    before = nodes(page)["drive"]["knobs"][0]["value"]
    latencies = []
    for _ in range(6):
        knob.press("ArrowRight")
        page.wait_for_function("() => studio.player.latency !== null")
        page.wait_for_timeout(200)
        latencies.append(page.evaluate("studio.player.latency"))
    tell("knob to ear, ms: " + " ".join(f"{ms:.0f}" for ms in latencies))
    assert min(latencies) < 2_000
    settled(page)
    after = nodes(page)["drive"]["knobs"][0]
    assert after["value"] > before
    assert knob.get_attribute("aria-valuetext") == after["text"]
    page.keyboard.press("Space")
    page.wait_for_function("() => !studio.player.playing")


LOUDEST = """() => new Promise((done) => {
  const p = studio.player, tap = p.context.createScriptProcessor(4096, 2, 2);
  let all = 0, count = 0;
  tap.onaudioprocess = (e) => {
    for (const x of e.inputBuffer.getChannelData(0)) all = Math.max(all, Math.abs(x));
    if (++count > 8) { tap.disconnect(); p.output.disconnect(tap); done(all); }
  };
  p.output.connect(tap);
  tap.connect(p.context.destination);
})"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_the_page_goes_on_when_what_renders_is_killed(page: Any, server: Server) -> None:
    """While it plays and renders; the edit is there, a sentence says it, sound comes back."""
    page.evaluate("studio.player.seek(0)")
    if not page.evaluate("studio.player.playing"):
        page.keyboard.press("Space")
    page.wait_for_function("() => studio.player.playing && studio.player.position > 4000")
    knob = page.get_by_role("slider", name="drive gain").first
    page.evaluate("studio.player.latency = null")
    knob.press("ArrowRight")
    page.wait_for_function("() => studio.player.latency !== null")
    turned = [k["value"] for k in nodes(page)["drive"]["knobs"]]
    found = server.computing()
    assert found
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    alert = page.get_by_role("alert")
    alert.get_by_text("The process that renders ended (it was killed").wait_for()
    alert.get_by_role("button", name="Close").click()
    page.evaluate("studio.player.seek(4000)")
    page.get_by_role("slider", name="drive hardness").first.press("ArrowRight")
    for _ in range(30):  # what comes late on a busy computer is left out
        if not page.evaluate("studio.player.playing"):
            page.evaluate("studio.player.seek(4000)")
            page.keyboard.press("Space")
            page.wait_for_function("() => studio.player.playing")
        if page.evaluate(LOUDEST) > 0.001:
            break
    else:
        pytest.fail("there is no sound any more")
    page.evaluate("studio.player.seek(4000)")
    page.keyboard.press("Space")
    page.wait_for_function("() => !studio.player.playing")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(
        "(turned) => studio.now().state.graph.nodes.some((n) => n.id === 'drive'"
        " && n.knobs.every((k, i) => k.value === turned[i]))",
        arg=turned,
    )
    settled(page)
    assert state(page)["result"]["error"] is None
    assert server.process.poll() is None


def test_taper_and_text_are_those_of_the_program(page: Any) -> None:
    for name, node in nodes(page).items():
        for knob in node["knobs"]:
            shown = page.get_by_role("slider", name=f"{name} {knob['name']}", exact=True).first
            assert shown.get_attribute("aria-valuetext") == knob["text"], (name, knob)


def test_rewire_and_refuse_a_cycle(page: Any) -> None:
    select(page, "plate")
    page.get_by_label("Connect to").select_option("drive in")
    page.get_by_role("button", name="Connect", exact=True).click()
    alert = page.get_by_role("alert")
    alert.get_by_text("the graph has a cycle").wait_for()
    assert page.locator('.node.blamed[data-node="drive"]').count() == 1
    edges = state(page)["graph"]["edges"]
    assert not any(e["source"] == "plate" and e["target"] == "drive" for e in edges)
    alert.get_by_role("button", name="Close").click()

    page.evaluate(
        "studio.set({ selection: { edge: "
        "{ source: 'drive', outlet: 'out', target: 'echo', inlet: 'in' } } })"
    )
    page.get_by_label("Lead to").select_option("plate in")
    page.get_by_role("button", name="Rewire").click()
    page.wait_for_function(
        "() => studio.now().state.graph.edges.some("
        "(e) => e.source === 'drive' && e.target === 'plate')"
    )
    assert nodes(page)["echo"]["open"], "the echo lies loose now"
    page.locator('.node.loose[data-node="echo"]').wait_for()


def test_undo_and_redo(page: Any) -> None:
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !studio.now().state.graph.nodes.some((n) => n.open.length)")
    page.get_by_role("button", name="Redo").click()
    page.wait_for_function("() => studio.now().state.graph.nodes.some((n) => n.open.length)")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("() => !studio.now().state.graph.nodes.some((n) => n.open.length)")


def test_bypass_solo_and_amount(page: Any) -> None:
    select(page, "echo")
    page.get_by_role("button", name="Bypass").click()
    page.locator('.node.bypassed[data-node="echo"]').wait_for()
    page.keyboard.press("b")
    page.wait_for_function("() => !studio.now().state.graph.nodes.some((n) => n.bypassed)")
    page.get_by_role("button", name="Solo").click()
    page.locator('.node.solo[data-node="echo"]').wait_for()
    page.get_by_role("button", name="Solo").click()
    page.wait_for_function("() => studio.now().state.solo === null")
    page.get_by_role("slider", name="echo amount").press("PageDown")
    page.wait_for_function(
        "() => studio.now().state.graph.nodes.some((n) => n.id === 'echo' && n.amount < 1)"
    )
    page.keyboard.press("Control+z")


def test_what_is_put_somewhere_stays_there(page: Any) -> None:
    """A node that was dragged keeps its place when another is added and taken away again."""
    header = page.locator('.node[data-node="plate"] header')
    box = header.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 90, steps=8)
    page.mouse.up()
    moved = header.bounding_box()
    assert moved["y"] - box["y"] > 40
    page.locator(".react-flow__pane").click(position={"x": 5, "y": 5})
    page.get_by_label("Processor to add").select_option("bell")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator('.node[data-node="bell"]').wait_for()
    assert header.bounding_box() == pytest.approx(moved, abs=1.5)
    page.get_by_role("button", name="Undo").click()
    page.locator('.node[data-node="bell"]').wait_for(state="detached")
    assert header.bounding_box() == pytest.approx(moved, abs=1.5)
    page.get_by_role("button", name="Arrange").click()
    page.wait_for_function(
        "(y) => Math.abs(document.querySelector('.node[data-node=plate] header')"
        ".getBoundingClientRect().y - y) > 20",
        arg=moved["y"],
    )


def test_a_value_is_typed(page: Any) -> None:
    knob = page.get_by_role("slider", name="drive gain", exact=True).first
    knob.focus()
    page.keyboard.press("Enter")
    page.get_by_label("drive gain, value").first.fill("12.5 dB")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => studio.now().state.graph.nodes.some((n) => n.id === 'drive'"
        " && n.knobs.some((k) => k.value === 12.5))"
    )
    echo = page.get_by_role("slider", name="echo delay", exact=True).first
    echo.focus()
    for typed, value in (("180 ms", 0.18), ("0.2", 0.2), ("nothing", 0.2)):
        page.keyboard.press("Enter")
        page.get_by_label("echo delay, value").first.fill(typed)
        page.keyboard.press("Enter")
        page.wait_for_function(
            "(v) => studio.now().state.graph.nodes.some((n) => n.id === 'echo'"
            " && n.knobs.some((k) => k.name === 'delay' && Math.abs(k.value - v) < 1e-9))",
            arg=value,
        )


def test_a_cable_is_drawn_by_hand(page: Any) -> None:
    """From the outlet of one node to the inlet of another, with a mouse."""
    ends = [
        page.locator(f'.react-flow__handle[data-nodeid="{node}"][data-handleid="{port}"]')
        for node, port in (("voice", "out"), ("plate", "in"))
    ]
    places = [end.bounding_box() for end in ends]
    middles = [(p["x"] + p["width"] / 2, p["y"] + p["height"] / 2) for p in places]
    page.mouse.move(*middles[0])
    page.mouse.down()
    page.mouse.move(middles[1][0] - 40, middles[1][1] + 30, steps=5)
    page.mouse.move(*middles[1], steps=5)
    page.mouse.up()
    there = (
        "studio.now().state.graph.edges.some((e) => e.source === 'voice' && e.target === 'plate')"
    )
    page.wait_for_function(f"() => {there}")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(f"() => !{there}")


def test_nodes_are_reached_by_keyboard(page: Any) -> None:
    page.locator('.react-flow__node[data-id="drive"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => studio.now().selection?.node === 'drive'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "slider"
    page.locator(".react-flow__edge").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => studio.now().selection?.edge")


def test_look_into_a_cable(page: Any) -> None:
    page.evaluate(
        "studio.set({ selection: { edge: "
        "{ source: 'drive', outlet: 'out', target: 'echo', inlet: 'in' } } })"
    )
    page.get_by_role("button", name="Look and listen").click()
    page.wait_for_function("() => studio.player.current === 'probe'")
    page.get_by_alt_text("Spectrogram of probe").wait_for()
    page.keyboard.press("3")


def test_a_part_is_played_again_and_again(page: Any) -> None:
    settled(page)
    scope = page.get_by_role("slider", name="Position")
    box = scope.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 20, steps=4)
    page.mouse.up()
    loop = page.evaluate("studio.player.loop")
    length = page.evaluate("studio.player.length")
    assert loop["to"] - loop["from"] == pytest.approx(0.1 * length, rel=0.1)
    page.evaluate("studio.player.seek(studio.player.loop.to - 2000)")
    if not page.evaluate("studio.player.playing"):
        page.keyboard.press("Space")
    page.wait_for_function(
        "(loop) => studio.player.playing && studio.player.position >= loop.from"
        " && studio.player.position < loop.from + 0.5 * (loop.to - loop.from)",
        arg=loop,
    )
    page.keyboard.press("Escape")
    assert page.evaluate("studio.player.loop") is None
    page.keyboard.press("Space")
    page.wait_for_function("() => !studio.player.playing")


def test_export(page: Any, tmp_path: Path) -> None:
    for title, name in (("graph as JSON", "graph.json"), ("diagram", "graph.svg")):
        with page.expect_download() as download:
            page.get_by_role("button", name=title).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    assert load(tmp_path / "graph.json").energy == "frozen"
    assert (tmp_path / "graph.svg").read_text().startswith("<svg")


def test_accept_and_decline(page: Any, recordings: dict[str, Path]) -> None:
    page.get_by_role("button", name="Recordings").click()
    number = state(page)["job"]["number"]
    page.get_by_role("button", name="Estimate").click()
    page.wait_for_function(f"() => studio.now().state.job.number > {number}")
    settled(page)
    page.get_by_role("button", name="Recordings").click()
    sure = {n: node for n, node in nodes(page).items() if node["type"] not in ("in", "out")}
    assert sure, "the model heard nothing at all"
    name = next(iter(sure))
    page.locator(f'.node[data-node="{name}"]').wait_for()
    select(page, name)
    page.get_by_role("button", name="Measure what changes").click()
    page.locator(".bands").first.wait_for()
    for button, says in (("Hear without", "without"), ("Hear difference", "what")):
        page.get_by_role("button", name=button).click()
        page.locator(".probed").get_by_text(f"Probe: {says}").wait_for()
        assert page.evaluate("studio.player.current") == "probe"
    page.keyboard.press("3")
    page.get_by_role("button", name="Accept", exact=True).click()
    page.locator(f'.node.decided[data-node="{name}"]').wait_for()
    page.get_by_role("button", name="Decline").click()
    page.wait_for_function(
        f"() => !studio.now().state.graph.nodes.some((n) => n.id === {json.dumps(name)})"
    )
    page.locator(".decisions").get_by_text("1 declined").wait_for()
    if waiting := [n for n, node in nodes(page).items() if n in sure and not node["decision"]]:
        page.keyboard.press("n")
        page.wait_for_function("() => studio.now().selection?.node")
        assert page.evaluate("studio.now().selection.node") in waiting


def test_a_session_is_saved_and_gone_on_with(page: Any, server: Server, tmp_path: Path) -> None:
    """In another page, which has none of its recordings; and as a graph, for everyone else."""
    settled(page)
    before = state(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save session").click()
    assert download.value.suggested_filename == "session.json"
    download.value.save_as(tmp_path / "session.json")
    assert load(tmp_path / "session.json").energy != "normalised"
    other = watched(page.context.browser.new_page(viewport={"width": 1280, "height": 800}))
    other.goto(server.address)
    other.get_by_label("Graph", exact=True).set_input_files(tmp_path / "session.json")
    other.locator(".node").first.wait_for(timeout=4 * PATIENCE)
    settled(other)
    after = state(other)
    for part in ("graph", "amount", "declined", "undo", "redo"):
        assert after[part] == before[part], part
    other.get_by_text("this session was saved with").wait_for()
    other.get_by_role("button", name="Undo").click()
    other.wait_for_function("() => studio.now().state.declined.length === 0")
    assert other.errors == []
    other.close()


def test_work_is_there_again_after_a_kill(page: Any, server: Server) -> None:
    before = state(page)
    server.kill()
    page.keyboard.press("Control+z")
    page.get_by_role("alert").get_by_text("the server does not answer").wait_for()
    server.start()
    page.reload()
    page.locator(".node").first.wait_for()
    after = state(page)
    for part in ("graph", "undo", "redo", "estimate", "reference", "dry"):
        assert after[part] == before[part], part


def test_every_knob_and_button_has_a_name(page: Any) -> None:
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, [role=slider], select, input")]
        .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.title || e.labels?.length))
        .map((e) => e.outerHTML)"""
    )
    assert nameless == []


def test_nothing_was_asked_of_anyone_else(page: Any, server: Server) -> None:
    own = f"http://127.0.0.1:{server.port}/"
    assert [u for u in page.asked if not u.startswith((own, "blob:", "data:"))] == []
    assert page.errors == []


def test_other_pages_are_refused(page: Any, server: Server) -> None:
    """A page without the token, and a script of another origin."""
    bare = server.address.partition("?")[0]
    other = page.context.browser.new_page()
    assert other.goto(bare).status == 401
    other.goto("data:text/html,<p>another page</p>")
    answer = other.evaluate(
        "(url) => fetch(url).then((r) => 'read ' + r.status, (e) => 'refused')",
        server.address.replace("/?", "/api/catalogue?"),
    )
    assert answer == "refused"
    other.close()


def wide_graph() -> Any:
    """Sixty nodes: a mix of twelve paths, some of them moved by oscillators."""
    from graphophone.graph.build import GraphBuilder
    from graphophone.processors import SPECS

    builder = GraphBuilder(SPECS)
    voice, mix, out = builder.add("in", source="voice"), builder.add("mix"), builder.add("out")
    kinds = ("highpass", "bell", "compressor", "chorus", "lowpass", "distortion", "panning")
    for path in range(12):
        nodes = [builder.add(kinds[(path + k) % len(kinds)]) for k in range(4)]
        builder.chain(voice, *nodes, mix)
    plate = builder.add("stereo_reverb")
    builder.chain(mix, plate, out)
    while len(builder.nodes) < 60:
        lfo = builder.add("mono_lfo")
        bells = [i for i, node in enumerate(builder.nodes) if node.type == "chorus"]
        builder.connect(lfo, bells[lfo % len(bells)], "lfo", "mod", depth=0.1)
    return builder.graph()


SLOW = """() => { window.slow = (e) => { const end = performance.now() + 70;
  while (performance.now() < end); };
  document.addEventListener("pointermove", window.slow, true); }"""
"""A page in which every movement of a pointer takes 70 ms."""
MOST_FRAME = 50.0
"""Milliseconds that a frame may take while a node is dragged."""


DRAG = """() => new Promise((done) => {
  const gaps = [];
  let last = performance.now();
  window.dragging = true;
  const tick = (now) => {
    gaps.push(now - last);
    last = now;
    if (window.dragging) requestAnimationFrame(tick);
    else { gaps.sort((a, b) => a - b); done({ frames: gaps.length, median: gaps[gaps.length >> 1],
      worst: gaps[Math.floor(gaps.length * 0.95)] }); }
  };
  requestAnimationFrame(tick);
})"""


def frames_of(page: Any, does: Callable[[], None]) -> dict[str, float]:
    """Return how long frames of a page take while something is done."""
    page.evaluate(f"window.frames60 = ({DRAG})(); 0")
    does()
    page.evaluate("window.dragging = false; 0")
    frames: dict[str, float] = page.evaluate("window.frames60")
    assert frames["frames"] > 5
    return frames


def dragged(page: Any, node: str, way: int, moves: int = 60) -> dict[str, float]:
    """Drag a node to the right or to the left by hand; return how long frames took meanwhile."""
    header = page.locator(f'.node[data-node="{node}"] header')
    box = header.bounding_box()

    def drag() -> None:
        for k in range(1, moves + 1):
            far = way * k / moves
            page.mouse.move(box["x"] + 10 + 180 * far, box["y"] + 5 + 60 * far)

    page.mouse.move(box["x"] + 10, box["y"] + 5)
    page.mouse.down()
    frames = frames_of(page, drag)
    page.mouse.up()
    assert (header.bounding_box()["x"] - box["x"]) * way > 100, "the node did not move"
    return frames


def test_sixty_nodes_are_dragged(page: Any, tmp_path: Path) -> None:
    """Of 100 frames 95 take less than 50 ms, in one of three tries; a slow page is found out.

    Where a page that does nothing misses frames too, the computer is busy, and nothing is decided.
    """
    from graphophone.codec.json import save

    save(wide_graph(), tmp_path / "wide.json")
    page.get_by_role("button", name="Recordings").click()
    page.get_by_label("Graph", exact=True).first.set_input_files(tmp_path / "wide.json")
    page.wait_for_function(
        "() => document.querySelectorAll('.node').length === 60", timeout=4 * PATIENCE
    )
    page.get_by_role("button", name="Recordings").click()
    settled(page)
    node = page.locator(".node").nth(20).get_attribute("data-node")
    idle = frames_of(page, lambda: page.wait_for_timeout(1_000))
    busy = idle["worst"] > MOST_FRAME / 2
    tries = []
    while len(tries) < (1 if busy else 3) and all(f["worst"] >= MOST_FRAME for f in tries):
        tries.append(dragged(page, node, 1 - 2 * (len(tries) % 2)))
        tell(
            f"60 nodes dragged: {tries[-1]['frames']} frames, median {tries[-1]['median']:.1f} "
            f"ms, 95 of 100 within {tries[-1]['worst']:.1f} ms (idle {idle['worst']:.1f} ms)"
        )
    if busy:
        pytest.skip(f"the computer is busy: an idle page has frames of {idle['worst']:.0f} ms")
    assert min(frames["worst"] for frames in tries) < MOST_FRAME
    page.evaluate(SLOW)
    assert dragged(page, node, 1 - 2 * (len(tries) % 2), 12)["worst"] > MOST_FRAME
    page.evaluate("document.removeEventListener('pointermove', window.slow, true); 0")


def test_stems_at_once_and_a_start_from_nothing(
    page: Any, server: Server, recordings: dict[str, Path], tmp_path: Path
) -> None:
    """Somebody who only measures, and then lets a fit begin and gives it up."""
    stems = [tmp_path / "My Kick.wav", tmp_path / "snare top.wav"]
    for stem in stems:
        stem.write_bytes(recordings["take"].read_bytes())
    page.goto("about:blank")
    page.goto(server.address)
    page.get_by_label("Reference").set_input_files(recordings["wet"])
    page.get_by_text("wet.wav").first.wait_for()
    page.get_by_label("Take", exact=True).set_input_files(stems)
    page.get_by_text("kick: My Kick.wav, snare: snare top.wav").wait_for()
    page.get_by_role("button", name="Start from nothing").click()
    page.locator(".node").first.wait_for()
    settled(page)
    assert {n["source"] for n in nodes(page).values() if n["type"] == "in"} == {"kick", "snare"}
    page.get_by_role("button", name="Measure", exact=True).click()
    page.locator(".bands").first.wait_for()
    page.get_by_role("button", name="Recordings").click()
    page.get_by_role("button", name="Fit", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function("() => studio.now().state.job.stopped && !studio.now().state.job.going")
    assert page.get_by_role("alert").count() == 0
