"""A session as a file: it comes back as it was, and is a graph for whoever knows no sessions."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from graphophone.api.graph import load_graph
from graphophone.audio.files import read, write
from graphophone.cli.main import app
from graphophone.codec.json import from_json, to_json
from graphophone.errors import FormatError, GraphError
from graphophone.render.render import freeze
from graphophone.report.wear import Take, wear
from graphophone.studio import edits
from graphophone.studio.editing import edited
from graphophone.studio.history import MOST, History
from graphophone.studio.library import Library
from graphophone.studio.patch import Patch
from graphophone.studio.readings import Readings, named
from graphophone.studio.saved import CHANGED, KEY, document, work_in
from graphophone.studio.session import Session
from graphophone.studio.sounding import sounding
from graphophone.studio.view import state
from graphophone.studio.working import Heard
from tests.studio.conftest import RATE, Ear, heard, noise
from tests.studio.waiting import finished


@pytest.fixture
def decided(session: Session) -> Session:
    """A session in which everything was done that can be decided."""
    ids = {node.type: node.id for node in session.patch.graph.nodes}
    session.edit(edits.Swap(op="swap", node=ids["distortion"]))
    session.edit(edits.Accept(op="accept", node=ids["pingpong_delay"]))
    session.edit(edits.SetAmount(op="set_amount", node=ids["pingpong_delay"], amount=0.37))
    session.edit(edits.Decline(op="decline", node=ids["stereo_reverb"]))
    session.edit(edits.Add(op="add", type="chorus"))
    session.edit(edits.SetAmount(op="set_amount", amount=0.8))
    session.edit(edits.Bypass(op="bypass", node=ids["distortion"]))
    session.edit(edits.Bypass(op="bypass", node=ids["distortion"], on=False))
    session.undo()
    return session


def other(
    tmp_path: Path, executor: ThreadPoolExecutor, recordings: dict[str, Path] | None = None
) -> Session:
    """A session of somebody else, who may have recordings already."""
    folder = tmp_path / "other"
    folder.mkdir()
    session = Session(folder, Ear(), executor)
    for role, path in (recordings or {}).items():
        copy = tmp_path / f"copy-{role}.wav"
        copy.write_bytes(path.read_bytes())
        session.add_now(copy, "wet.wav" if role == "reference" else "dry.wav", role)
    return session


@pytest.fixture
def recordings(tmp_path: Path) -> dict[str, Path]:
    """The recordings of the session once more, which were used up."""
    found = {}
    for role, seed in (("reference", 1), ("take", 2)):
        found[role] = tmp_path / f"again-{role}.wav"
        write(found[role], noise(seed=seed), RATE)
    return found


def test_a_session_comes_back_with_all_that_was_decided(
    decided: Session,
    tmp_path: Path,
    executor: ThreadPoolExecutor,
    recordings: dict[str, Path],
) -> None:
    there = other(tmp_path, executor, recordings)
    there.load(json.dumps(decided.document()))
    finished(there)
    assert there.work.to_json() == decided.work.to_json()
    assert there.readings == decided.readings
    shown, before = state(there), state(decided)
    parts = ("graph", "amount", "solo", "declined", "estimate", "undo", "redo", "sentence")
    for part in parts:
        assert shown[part] == before[part], part
    assert before["declined"][0]["type"] == "stereo_reverb"
    assert sorted(filter(None, (n["decision"] for n in before["graph"]["nodes"]))) == [
        "accepted", "swapped",
    ]  # fmt: skip
    there.undo()
    there.undo(redo=True)
    assert there.patch == decided.patch
    assert there.document() == decided.document()  # a file of a file is the same

    text = json.dumps(decided.document())  # what was there can be undone to
    there.edit(edits.SetAmount(op="set_amount", amount=0.1))
    here, steps = there.patch, len(decided.work.past)
    there.load(text)
    finished(there)
    for _ in range(steps + 1):
        there.undo()
    assert there.patch == here


def test_for_everyone_else_it_is_the_graph_that_sounds(decided: Session, tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_text(json.dumps(decided.document()))
    graph = from_json(to_json(sounding(decided.patch)))
    assert load_graph(path) == graph
    loose = Patch.from_json(decided.document(steps=False)["meta"][KEY]["patch"]).graph
    assert "chorus" in [n.type for n in loose.nodes]
    assert "chorus" not in [n.type for n in graph.nodes]
    work = decided.document(steps=False)["meta"][KEY]
    assert (work["past"], work["future"]) == ([], [])
    assert work["patch"] == decided.document()["meta"][KEY]["patch"]

    take, out = tmp_path / "mine.wav", tmp_path / "out.wav"
    write(take, noise(0.3, seed=5), RATE)
    ran = CliRunner().invoke(app, ["render", str(path), str(take), "-o", str(out), "--json"])
    assert ran.exit_code == 0, ran.output
    expected, _ = wear(graph, Take({"": read(take).audio}, RATE, "mine"))
    assert read(out).audio.shape == expected.shape
    assert (read(out).audio - expected).abs().max() < 1e-4


def test_steps_of_both_are_bounded(whole: dict[str, Any]) -> None:
    patch = Patch.from_json(whole["meta"][KEY]["patch"])
    long = History(patch, [patch] * MOST)
    assert len(long.after(History(patch, [patch] * MOST)).past) == MOST


def test_other_recordings_are_named(
    decided: Session, tmp_path: Path, executor: ThreadPoolExecutor
) -> None:
    there = other(tmp_path, executor)
    there.load(json.dumps(decided.document()))
    finished(there)
    assert there.library.built_in
    assert there.patch == decided.patch
    assert there.readings.notes[-1] == (
        "this session was saved with dry.wav (1.0 s), wet.wav (1.0 s): give the same to hear it "
        "as it was"
    )
    again = there.document()["meta"][KEY]["about"]["notes"]
    assert again == decided.document()["meta"][KEY]["about"]["notes"]


def test_a_graph_that_was_changed_elsewhere_is_taken_as_it_is(whole: dict[str, Any]) -> None:
    whole = json.loads(json.dumps(whole))
    next(n for n in whole["nodes"] if n["type"] == "pingpong_delay")["params"]["mix"] = 0.11
    graph = from_json(whole)
    bare, work, notes = work_in(graph)
    assert (bare, work, notes) == (graph, None, (CHANGED,))
    assert KEY not in bare.meta


def test_a_plain_graph_has_nothing_to_go_on_with() -> None:
    graph = heard()
    assert work_in(graph) == (graph, None, ())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of a session in which a knob was turned once."""
    graph = freeze(named(heard()), {"voice": noise(0.2)}, RATE)
    graph = from_json(to_json(graph))
    history = History(Patch(graph))
    turn = edits.SetKnob(op="set_knob", node="n1", knob="gain", value=3.0)
    history.go(edited(history.patch, turn, Readings()), None, 0.0)
    about = {"confidence": {"nodes": {"n1": 0.5}}, "task": "singing", "notes": []}
    library = Library(tmp_path_factory.mktemp("library"))
    return document(history, Heard(((named(heard()), 1.0),), about), library)


def spoil(work: dict[str, Any], place: str, value: Any) -> None:
    *way, last = place.split(".")
    for key in way:
        work = work[int(key) if key.isdigit() else key]
    work[last] = value


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("version", 2, r"meta\.studio\.version"),
        ("patch.amount", 1.5, r"meta\.studio\.patch\.amount"),
        ("patch.decisions", {"n1": "liked"}, r"meta\.studio\.patch\.decisions\.n1"),
        ("patch.graph", {}, r'meta\.studio\.patch: .*"graphophone" is missing'),
        ("past.0.graph.energy", "normalised", r"meta\.studio\.past: .* must be frozen or plain"),
        ("past.0.graph.edges", [], r"meta\.studio\.past: nothing would reach 'out'"),
        ("past.0.graph.nodes.1.type", "kazoo", r"meta\.studio\.past: .*kazoo"),
        ("about.confidence.nodes", {"n1": "very"}, r"meta\.studio\.about\.confidence\.nodes\.n1"),
        ("heard", [], r"meta\.studio\.heard"),
        ("secret", 1, r"meta\.studio\.secret"),
    ],
)
def test_what_is_not_in_the_format_is_refused_and_named(
    whole: dict[str, Any], place: str, value: Any, said: str
) -> None:
    whole = json.loads(json.dumps(whole))
    assert work_in(from_json(whole))[1] is not None
    spoil(whole["meta"][KEY], place, value)
    with pytest.raises((FormatError, GraphError), match=said):
        work_in(from_json(whole))
