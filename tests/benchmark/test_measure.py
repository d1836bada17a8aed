"""Who takes part gets a row, whatever happens; no time is asserted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pytest
import torch

from graphophone.benchmark import cases, machine, measure, report
from graphophone.benchmark.cases import CASES, Scale
from graphophone.benchmark.contender import as_audio
from graphophone.benchmark.measure import Patience, Row
from graphophone.benchmark.peers import PEERS
from graphophone.errors import UsageError
from graphophone.processors import ALL_SPECS
from tests.benchmark.fakes import Fake

SMALL = Scale(clips=3, seconds=0.02)
ONCE = Patience(runs=2, seconds=0.0, longest=1.0)


def refuse(error: Exception) -> Callable[[Any], Any]:
    def does(audio: Any) -> Any:
        raise error

    return does


def test_everyone_gets_a_row_in_order() -> None:
    ours, twice = Fake("ours"), Fake("twice", lambda a: [2 * clip.numpy() for clip in a])
    gone = Fake("gone", missing="gone is not installed")
    broken = Fake("broken", refuse(RuntimeError("shape\n is wrong")))
    rows = measure.measured(CASES["processor:bell"], (ours, twice, gone, broken), SMALL, ONCE)
    assert [row.tool for row in rows] == ["ours", "twice", "gone", "broken"]
    assert (rows[0].error, rows[1].error) == (0, pytest.approx(1))
    assert (rows[0].ratio, rows[0].runs, rows[0].note) == (1, 2, "a note")
    assert rows[1].ratio is not None
    assert rows[2].skipped == "gone is not installed"
    assert rows[3].skipped == "RuntimeError: shape is wrong"
    assert rows[2].seconds is None


def test_what_is_prepared_is_not_timed_and_runs_before_the_clock() -> None:
    ours = Fake("ours")
    measure.measured(CASES["chain-64"], (ours,), SMALL, ONCE)
    assert ours.prepared[0] == (3, 2, 882)
    assert ours.prepared[1:] == [(1, 2, 882)], "the law is about one clip"
    assert ours.ran == 1 + 1 + ONCE.runs


def test_the_slowest_block_of_a_stream_is_told() -> None:
    (row,) = measure.measured(CASES["stream-64"], PEERS[:1], SMALL, ONCE)
    assert row.slowest is not None
    assert row.seconds is not None
    assert row.slowest >= row.seconds
    assert "at worst" in report.table([row], MACHINE)
    (row,) = measure.measured(CASES["chain"], (Fake("ours"),), SMALL, ONCE)
    assert row.slowest is None
    assert "at worst" not in report.table([row], MACHINE)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_a_gpu_that_is_not_there_is_said() -> None:
    (row,) = measure.measured(CASES["gpu"], PEERS, SMALL, ONCE)
    assert row.skipped == "UsageError: PyTorch finds no CUDA device here"


def test_the_share_of_the_bandwidth_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "COPIED", 2**20)
    monkeypatch.setattr(measure, "copying_speed", lambda device: 1e6)
    (row,) = measure.measured(CASES["chain"], (Fake("ours", traffic=1_000),), SMALL, ONCE)
    assert row.seconds is not None
    assert row.share == pytest.approx(1e-3 / row.seconds)
    assert "of the memory's bandwidth" in report.table([row], MACHINE)
    assert machine.copying_speed("cpu") > 0


def test_a_mistake_of_our_own_is_not_swallowed() -> None:
    class MistakeError(Exception):
        pass

    with pytest.raises(MistakeError):
        measure.measured(CASES["chain"], (Fake("ours", refuse(MistakeError())),), SMALL, ONCE)


def test_batches_tell_how_many_a_second() -> None:
    (row,) = measure.measured(CASES["chain-64"], (Fake("ours"),), SMALL, ONCE)
    assert row.rate is not None
    assert row.seconds is not None
    assert row.rate * row.seconds == pytest.approx(3)
    (one,) = measure.measured(CASES["chain"], (Fake("ours"),), SMALL, ONCE)
    assert one.rate is None


@pytest.mark.parametrize(
    ("times", "ends"),
    [
        ([0.1] * 4, False),
        ([0.1] * 5, False),
        ([0.5] * 5, True),
        ([3.0], False),
        ([3.0] * 5, True),
        ([25.0], True),
    ],
)
def test_patience(times: list[float], ends: bool) -> None:
    assert Patience().ends(times) is ends


def test_all_take_turns() -> None:
    order: list[int] = []
    runs = {n: (lambda n=n: order.append(n)) for n in (0, 1)}
    measure.in_turns(runs, ONCE)
    assert order == [0, 1, 0, 1]


def test_a_long_reason_is_cut() -> None:
    row = measure.skipped(Row("a", "b"), "x" * 500)
    assert len(row.skipped) == 200


def test_threads_are_equal() -> None:
    measure.use_threads(1)
    assert (torch.get_num_threads(), numba.get_num_threads()) == (1, 1)


def test_results_of_any_kind_become_arrays() -> None:
    audio = torch.ones(2, 3, requires_grad=True)
    for result in (audio, [audio[0], audio[1]], audio.detach().numpy()):
        assert as_audio(result).shape == (2, 3)


def test_cases_are_chosen_by_name_and_pattern() -> None:
    assert len(cases.chosen([])) == len(CASES)
    assert [c.name for c in cases.chosen(["console", "chain"])] == ["chain", "console"]
    assert len(cases.chosen(["processor:*shelf"])) == 2
    with pytest.raises(UsageError, match="no case 'consle', did you mean 'console'"):
        cases.chosen(["consle"])
    with pytest.raises(UsageError, match=r"no case 'zzz'; cases are equaliser, chain, .*:NAME"):
        cases.chosen(["zzz"])


@pytest.mark.parametrize("name", CASES)
def test_settings_are_within_their_ranges(name: str) -> None:
    for stage in CASES[name].job.stages:
        params = ALL_SPECS[stage.type].params
        for knob, value in stage.knobs.items():
            params[knob].check(value, name=knob)
        assert stage.swing is None or params[stage.swing.knob].inlet


def test_sizes_are_the_cases_own_unless_told() -> None:
    assert CASES["chain"].material(Scale()).shape == (1, 2, 160_083)
    assert CASES["console"].material(Scale(clips=3, seconds=0.1)).shape == (8, 2, 3_000)
    assert CASES["chain-64"].material(Scale(seconds=0.01)).shape == (64, 2, 441)


MACHINE = {
    "cpu": "a processor",
    "cores": 2,
    "threads": 1,
    "load": 0.5,
    "versions": {"torch": "2"},
    "remarks": ["odd is a fake."],
}


def test_the_table_says_everything() -> None:
    rows = [
        Row("chain", "ours", 0.02, 0.02, 5, 1e-7, "relative L2", "its definition", 1.0),
        Row("chain", "other", 2.0, 1.9, 5, 0.5, "dB", "a law", 100.0, 3.0, "a note"),
        Row("chain", "gone", skipped="it is gone"),
    ]
    text = report.table(rows, MACHINE)
    assert "1 thread each" in text
    assert "odd is a fake." in text
    assert "| chain | ours | 20 ms | 1.0e-07 | 1 | relative L2 from its definition |" in text
    assert "| chain | other | 2 s, 3 a second | 0.50 dB | 100 | dB from a law; a note |" in text
    assert text.endswith("Skipped:\n- chain, gone: it is gone")
    assert report.duration(None) == report.deviation(None, "dB") == "–"


def test_plain_data_has_no_infinities() -> None:
    rows = [Row("chain", "ours", error=float("inf"), ratio=1.0)]
    document = report.to_json(rows, MACHINE)
    assert document["rows"][0]["error"] is None
    assert json.loads(json.dumps(document, allow_nan=False))["machine"]["cores"] == 2


def test_the_machine_is_described(tmp_path: Path) -> None:
    peers = (Fake("odd"), Fake("gone", missing="gone"))
    found = machine.described(peers, 3)
    assert (found["threads"], found["remarks"]) == (3, ["odd is a fake."])
    assert found["versions"]["odd"] == "1.0"
    assert "gone" not in found["versions"]
    info = tmp_path / "cpuinfo"
    info.write_text("flags : a b\nmodel name\t: A Processor\n")
    assert machine.processor(info) == "A Processor"
    assert machine.processor(tmp_path / "nothing")
