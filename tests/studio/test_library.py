"""Recordings of a session: takes, stems, the built-in voice, and all at one rate."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.audio.files import write
from graphophone.codec.json import from_json, to_json
from graphophone.errors import AudioError, UsageError
from graphophone.graph.build import GraphBuilder
from graphophone.processors import SPECS
from graphophone.report.wear import TAKE
from graphophone.studio import edits
from graphophone.studio.library import suffix_of
from graphophone.studio.session import Session
from tests.studio.conftest import RATE, Ear, noise
from tests.studio.waiting import finished, until


def kit() -> str:
    """A graph of two drums that meet in a compressor, as JSON."""
    builder = GraphBuilder(SPECS)
    mix, out = builder.add("mix"), builder.add("out")
    for name in ("kick", "snare"):
        drum = builder.add("in", source=name)
        builder.chain(drum, builder.add("bell", gain=6.0), mix)
    builder.chain(mix, builder.add("compressor"), out)
    import json

    return json.dumps(to_json(builder.graph()))


@pytest.fixture
def empty(tmp_path: Path, executor: ThreadPoolExecutor) -> Session:
    folder = tmp_path / "session"
    folder.mkdir()
    return Session(folder, Ear(), executor)


def give(
    session: Session, role: str, audio: torch.Tensor, source: str = "", rate: int = RATE
) -> None:
    path = session.folder / "upload-x.wav"
    write(path, audio, rate)
    session.add_now(path, f"{source or role}.wav", role, source)


def test_stems_go_through_their_own_paths(empty: Session) -> None:
    give(empty, "take", noise(seed=1), "kick")
    give(empty, "take", noise(0.5, seed=2), "snare")
    empty.load(kit())
    finished(empty)
    assert {n.source for n in empty.patch.graph.nodes if n.type == "in"} == {"kick", "snare"}
    both = noise(seed=1)
    both[:, : RATE // 2] += noise(0.5, seed=2)
    assert empty.library.mixed is not None
    np.testing.assert_allclose(empty.library.mixed.read(0, RATE), both.numpy().T, atol=1e-6)


def test_one_take_on_a_kit_goes_through_the_bus(empty: Session) -> None:
    give(empty, "take", noise())
    empty.load(kit())
    finished(empty)
    kinds = sorted(n.type for n in empty.patch.graph.nodes)
    assert kinds == ["compressor", "in", "mix", "out"]
    assert [n.source for n in empty.patch.graph.nodes if n.type == "in"] == [TAKE]
    assert "it goes through what all sources share" in empty.readings.notes[0]


def test_a_stem_that_is_missing_is_named(empty: Session) -> None:
    give(empty, "take", noise(), "kick")
    empty.load(kit())
    until(lambda: empty.jobs.job is not None and not empty.jobs.job.going)
    assert empty.jobs.job is not None
    assert empty.jobs.job.error == "the graph needs a stem for snare, got kick"


def test_without_a_take_the_built_in_kit_plays(empty: Session) -> None:
    give(empty, "reference", noise())
    empty.load(kit())
    finished(empty)
    assert empty.library.built_in
    assert empty.library.rate == RATE
    give(empty, "take", noise(seed=3))
    finished(empty)
    assert not empty.library.built_in
    assert list(empty.library.take) == [""]


def test_another_take_keeps_what_was_edited(session: Session) -> None:
    drive = next(n.id for n in session.patch.graph.nodes if n.type == "distortion")
    session.edit(edits.SetKnob(op="set_knob", node=drive, knob="gain", value=3.0))
    give(session, "take", noise(0.5, seed=9))
    finished(session)
    node = next(n for n in session.patch.graph.nodes if n.id == drive)
    assert node.knobs["gain"] == 3.0
    assert session.playing.current is not None
    assert session.playing.current.inputs.samples == RATE // 2


def test_another_estimate_can_be_undone(session: Session) -> None:
    drive = next(n.id for n in session.patch.graph.nodes if n.type == "distortion")
    session.edit(edits.SetKnob(op="set_knob", node=drive, knob="gain", value=3.0))
    before = session.patch
    session.estimate()
    finished(session)
    assert session.patch == session.readings.reading(0)
    session.undo()
    assert session.patch == before


def test_a_graph_that_the_take_does_not_fit_is_not_undone_to(empty: Session) -> None:
    give(empty, "take", noise(seed=3))
    empty.load(kit())
    finished(empty)
    with pytest.raises(UsageError, match="the graph needs a stem for snare, got kick"):
        give(empty, "take", noise(seed=1), "kick")
    give(empty, "take", noise(seed=2), "snare")
    finished(empty)
    before = empty.patch
    assert len(before.graph.inputs) == 2
    with pytest.raises(UsageError, match="the graph needs a stem for take, got kick, snare"):
        empty.undo()
    assert empty.patch == before
    assert len(empty.work.past) == 1


def test_all_signals_have_the_rate_of_the_take(empty: Session) -> None:
    give(empty, "reference", noise(1.0), rate=RATE)
    give(empty, "take", noise(1.0), rate=RATE // 2)
    assert empty.library.reference is not None
    assert empty.library.reference.rate == RATE // 2
    assert empty.library.reference.samples == RATE // 2
    give(empty, "reference", noise(1.0), rate=RATE)
    assert empty.library.reference.samples == RATE // 2


def test_the_longest_recording_is_bounded(empty: Session) -> None:
    empty.library.most_seconds = 0.5
    with pytest.raises(AudioError, match=r"take.wav: the studio takes recordings of at most 0.5 s"):
        give(empty, "take", noise())
    assert list(empty.folder.glob("upload-*")) == []


def test_only_suffixes_of_recordings_are_taken() -> None:
    assert suffix_of("A song.With dots.WAV") == ".wav"
    for name in ("song", "song.exe", "song.wav/../x", ""):
        with pytest.raises(AudioError, match="the name must end in"):
            suffix_of(name)


def test_a_graph_that_was_saved_is_the_one_that_sounds(session: Session) -> None:
    document = to_json(session.patch.graph)
    assert from_json(document) == session.patch.graph
