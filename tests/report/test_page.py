"""The page: it holds everything, and nothing from elsewhere."""

import base64
import json
import re
import struct
import zlib
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from graphophone.audio.features import RATE
from graphophone.audio.files import Recording
from graphophone.audio.level import active_rms_db
from graphophone.cli.demo import known_graph
from graphophone.errors import AudioError, UsageError
from graphophone.graph.build import GraphBuilder
from graphophone.graph.rules import check
from graphophone.models.listen import Estimate
from graphophone.models.vote import Alternative, Guess, vote
from graphophone.processors import SPECS
from graphophone.report import delivery
from graphophone.report.page import Page, html
from graphophone.report.picture import coloured, png, spectrogram
from graphophone.report.sound import SECONDS, Sound, clips, encoded, excerpt
from graphophone.report.wear import TAKE, Take, built_in, bus, wear

VOID = {"meta", "img", "path", "circle", "rect", "line", "br"}


def tone(seconds: float, gain: float = 0.1, rate: int = RATE) -> torch.Tensor:
    time = torch.arange(round(seconds * rate)) / rate
    return gain * torch.sin(2 * torch.pi * 300 * time).expand(2, -1).contiguous()


def estimate(name: str = "a note") -> Estimate:
    graph = known_graph()
    verdict = vote([Guess(graph)], SPECS)
    return Estimate(verdict.graph, "singing", verdict, (0.0,), (name,))


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def text() -> str:
    sounds = clips([Sound(n, "x", tone(1.0), RATE) for n in ("Recording", "With the graph")])
    return html(Page("my <song>.wav", estimate(), sounds, 1.0, ("one & only",)))


class Tags(HTMLParser):
    """Collects what a page refers to, and whether its tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [str(v) for k, v in attrs if k in ("src", "href", "action", "data")]
        if tag not in VOID | {"tr", "th", "td"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID | {"tr", "th", "td"}:
            assert self.open.pop() == tag


def test_it_refers_to_nothing_outside(text: str) -> None:
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert all(link.startswith("data:") for link in tags.links)
    bare = re.sub(r'xmlns="[^"]*"', "", text)
    assert not re.findall(r"https?://|url\(|@import|fetch\(|XMLHttp", bare)
    assert "@@" not in text


def test_it_says_and_shows_what_was_heard(text: str) -> None:
    assert "Heavily distorted, then a 380 ms ping-pong into a long plate." in text
    assert "my &lt;song&gt;.wav" in text
    assert "<song>" not in text
    assert "one &amp; only" in text
    assert text.count("<svg") >= 2
    assert "375 ms" in text
    assert "prefers-color-scheme: dark" in text


def test_it_holds_sounds_that_can_be_decoded(text: str) -> None:
    found = json.loads(text.partition('class="sounds">')[2].partition("</script>")[0])
    assert [s["seconds"] for s in found] == [1.0, 1.0]
    for sound in found:
        data = base64.b64decode(sound["audio"].partition(",")[2])
        audio, rate = soundfile.read(BytesIO(data))
        assert rate == RATE
        assert len(audio) / rate == pytest.approx(1.0, abs=0.1)


def test_other_readings_are_listed() -> None:
    heard = estimate()
    others = (Alternative(heard.graph, 0.25),)
    verdict = vote([Guess(heard.graph)], SPECS)
    heard = Estimate(
        heard.graph, "drums", type(verdict)(**{**vars(verdict), "alternatives": others}), (0, 1), ()
    )
    text = html(Page("x", heard, clips([Sound("Recording", "x", tone(0.5), RATE)]), 0.5))
    assert "Other readings" in text
    assert "<b>25%</b>" in text
    assert "drum mix" in text


def test_sounds_are_equally_loud_and_none_clips() -> None:
    spiky = tone(1.0, 0.001)
    spiky[:, 1_000] = 0.5
    made = clips([Sound("a", "", tone(1.0, 0.7), RATE), Sound("b", "", spiky, RATE)])
    decoded = []
    for clip in made:
        audio, _ = soundfile.read(BytesIO(base64.b64decode(clip.audio.partition(",")[2])))
        decoded.append(torch.from_numpy(audio.T.copy()).float())
    assert all(float(audio.abs().max()) < 1 for audio in decoded)
    levels = [active_rms_db(audio, RATE) for audio in decoded]
    assert levels[0] == pytest.approx(levels[1], abs=1.0)


def test_an_excerpt_is_short_and_fades() -> None:
    long = Sound("x", "", torch.ones(2, 40 * 8_000), 8_000)
    cut = excerpt(long, 5.0)
    assert cut.audio.shape == (2, round(SECONDS * RATE))
    assert float(cut.audio[0, 0]) < 0.01
    assert float(cut.audio[0, -1]) < 0.01
    assert excerpt(long, 35.0).audio.shape[1] == 5 * RATE


def test_thirty_seconds_of_everything_fit(tmp_path: Path) -> None:
    noise = 0.1 * torch.randn(2, 30 * RATE, generator=torch.Generator().manual_seed(0))
    assert 4 * len(encoded(noise, RATE)) + 4 * len(spectrogram(noise)) < 15_000_000


def test_a_picture_is_a_png() -> None:
    pixels = coloured(np.linspace(0, 1, 12).reshape(3, 4))
    data = png(pixels)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (4, 3)
    start = data.index(b"IDAT") + 4
    size = struct.unpack(">I", data[start - 8 : start - 4])[0]
    rows = np.frombuffer(zlib.decompress(data[start : start + size]), np.uint8).reshape(3, 13)
    np.testing.assert_array_equal(rows[:, 1:].reshape(3, 4, 3), pixels)
    assert spectrogram(tone(0.3)).startswith("data:image/png;base64,")


def kit() -> tuple[GraphBuilder, dict[str, int]]:
    builder = GraphBuilder(SPECS)
    nodes = {name: builder.add("in", source=name) for name in ("kick", "snare")}
    nodes |= {t: builder.add(t) for t in ("distortion", "mix", "compressor", "phaser", "mono_lfo")}
    nodes["out"] = builder.add("out")
    for source, target in (
        ("snare", "distortion"),
        ("distortion", "mix"),
        ("kick", "mix"),
        ("mix", "compressor"),
        ("compressor", "phaser"),
        ("phaser", "out"),
    ):
        builder.connect(nodes[source], nodes[target])
    builder.connect(nodes["mono_lfo"], nodes["phaser"], inlet="mod", depth=0.2)
    builder.connect(nodes["kick"], nodes["compressor"], inlet="sidechain")
    return builder, nodes


def test_the_bus_is_what_instruments_share() -> None:
    graph = check(bus(kit()[0].graph()), SPECS)
    types = sorted(node.type for node in graph.nodes)
    assert types == ["compressor", "in", "mix", "mono_lfo", "out", "phaser"]
    assert [graph.nodes[i].source for i in graph.inputs] == [TAKE]
    assert any(e.inlet == "sidechain" and e.source == 0 for e in graph.edges)


def test_a_knob_that_a_track_moved_stands_still_in_the_bus() -> None:
    builder, nodes = kit()
    follower = builder.add("envelope_follower")
    builder.connect(nodes["kick"], follower)
    builder.connect(follower, nodes["phaser"], inlet="mod")
    types = [node.type for node in check(bus(builder.graph()), SPECS).nodes]
    assert "envelope_follower" not in types


def test_takes_go_where_they_belong() -> None:
    graph = kit()[0].graph()
    take = tone(0.3)
    wet, notes = wear(graph, Take({"": take}, RATE, "mix.wav"))
    assert "mix.wav is one take and the graph has 2 inputs" in notes[0]
    assert wet.shape[1] >= take.shape[1]
    assert wear(graph, Take({"kick": take, "snare": take}, RATE, "stems"))[1] == ()
    with pytest.raises(UsageError, match="the graph has no input 'voice'"):
        wear(graph, Take({"voice": take}, RATE, "x"))
    assert built_in(graph).tracks.keys() == {"kick", "snare"}
    assert built_in(known_graph()).name == "built-in voice"


def test_everything_is_delivered(tmp_path: Path) -> None:
    recording = Recording(tone(32.0), RATE, ("mono",))
    given = delivery.deliver(estimate(), recording, "x.wav", delivery.plan(tmp_path, None))
    assert {p.name for p in tmp_path.iterdir()} == {"graph.json", "graph.svg", "report.html"}
    assert given.notes[:2] == ("mono", "a note")
    assert "excerpts of 30 s" in given.notes[2]
    assert (tmp_path / "report.html").stat().st_size < 15_000_000
    assert "built-in voice" in (tmp_path / "report.html").read_text()


def test_a_folder_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AudioError, match="the folder cannot be made"):
        delivery.folder(tmp_path / "file" / "below")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(AudioError, match="the folder cannot be written to"):
        delivery.folder(tmp_path)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    files = {**delivery.plan(tmp_path, None), "drawing": tmp_path}
    with pytest.raises(AudioError, match="the file cannot be written"):
        delivery.deliver(estimate(), Recording(tone(0.3), RATE), "x", files)


def test_an_output_is_no_input(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.touch()
    delivery.refuse_overwriting([tmp_path / "b.wav"], [file])
    with pytest.raises(UsageError, match="outputs never overwrite one"):
        delivery.refuse_overwriting([file], [file])
