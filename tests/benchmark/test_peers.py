"""Adapters import nothing before it is needed, and settings mean what they should."""

import subprocess
import sys
import warnings
from types import ModuleType

import pytest
import scipy.signal
import torch

from graphophone.benchmark import measure
from graphophone.benchmark.cases import CASES, Case, Scale
from graphophone.benchmark.contender import Peer, effect
from graphophone.benchmark.graphs import console
from graphophone.benchmark.job import TRACKS
from graphophone.benchmark.measure import Patience
from graphophone.benchmark.peers import PEERS, stand_in
from graphophone.benchmark.peers.imported import Imported

SMALL = Scale(clips=2, seconds=0.1)
ONCE = Patience(runs=1, seconds=0.0)
BY_NAME = {peer.name: peer for peer in PEERS}
SERIES = [case for case in CASES.values() if case.job.shape in ("series", "stream")]


def test_asking_who_can_do_what_imports_nothing() -> None:
    code = (
        "import sys; from graphophone.benchmark.cases import CASES; "
        "from graphophone.benchmark.peers import PEERS; "
        "made = [p.contenders(c.job) for p in PEERS for c in CASES.values()]; "
        "sys.exit(any(m in sys.modules for m in ('pedalboard', 'grafx', 'dasp_pytorch')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_a_package_that_is_not_there_says_so() -> None:
    peer = Imported("nobody", ["no_such_package.part"], ["no-such-package"])
    assert peer.missing() == "no_such_package is not installed; make bench installs it"
    assert peer.versions() == {}
    assert peer.remark() is None


def test_a_package_that_is_broken_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> ModuleType:
        raise ImportError("undefined symbol")

    monkeypatch.setattr("graphophone.benchmark.peers.imported.import_module", fail)
    assert Imported("it", ["it"], []).missing() == "it cannot be imported: undefined symbol"


def test_peers_have_names_of_their_own() -> None:
    assert list(BY_NAME) == ["graphophone", "scipy", "pedalboard", "grafx", "dasp"]
    for case in CASES.values():
        tools = [c.tool for peer in PEERS for c in peer.contenders(case.job)]
        assert len(set(tools)) == len(tools)
        assert tools[0].split(" ")[0] == "graphophone"  # on a GPU the tool says so


def test_the_console_is_the_papers() -> None:
    graph = console(CASES["console"].job, TRACKS)
    assert len(graph) == 81
    assert sum(node.type == "graphic_equaliser" for node in graph.nodes) == 10
    assert graph.energy == "plain"


@pytest.mark.parametrize("case", SERIES, ids=lambda case: case.name)
def test_ours_keeps_its_laws(case: Case) -> None:
    (row,) = measure.measured(case, PEERS[:1], SMALL, ONCE)
    assert row.error is not None
    assert row.error < {"processor:pitchshift": 0.02, "processor:chorus": 1e-3}.get(case.name, 0.01)


def test_the_console_and_its_gradient_are_right() -> None:
    for name, most in (("console", 1e-3), ("console-backward", 1e-2)):
        for row in measure.measured(CASES[name], PEERS[:1], Scale(seconds=0.05), ONCE):
            assert row.error is not None
            assert row.error < most


def test_random_graphs_equal_the_reference() -> None:
    # so short that no signal comes so near a step of a bit crusher that a last bit decides on it
    rows = measure.measured(CASES["singing"], PEERS[:1], Scale(clips=2, seconds=0.1), ONCE)
    assert [row.tool for row in rows] == ["graphophone", "graphophone (batch)"]
    assert all(row.error is not None and row.error < 1e-3 for row in rows)


RIGHT = {
    "scipy": {f"processor:{n}": 1e-9 for n in ("lowpass", "bell", "highshelf")},
    "pedalboard": {
        "processor:lowpass": 1e-5,
        "processor:bell": 1e-4,
        "equaliser": 1e-3,
        "processor:phaser": 1e-5,
        "processor:mono_delay": 1e-5,
        "processor:stereo_reverb": 1e-4,
        "processor:distortion": 1e-5,
        "processor:bitcrush": 1e-6,
        "processor:compressor": 0.05,
        "processor:noisegate": 0.2,
        "chain": 1e-5,
    },
    "dasp": {
        "processor:highpass": 1e-3,
        "processor:bell": 1e-3,
        "equaliser": 1e-3,
        "processor:distortion": 1e-5,
        "processor:imager": 1e-5,
    },
    "grafx": {
        "processor:highpass": 1e-3,
        "processor:bell": 1e-3,
        "processor:distortion": 1e-5,
        "processor:imager": 1e-5,
        "processor:gain_pan": 1e-5,
        "processor:compressor": 0.05,
    },
}
"""Where settings mean the same, and the peers do what they say."""


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.filterwarnings("ignore")
def test_translated_settings_mean_the_same(name: str) -> None:
    peer: Peer = BY_NAME[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if reason := peer.missing():
            pytest.skip(reason)
    for case, most in RIGHT[name].items():
        first = peer.contenders(CASES[case].job)[0]
        material = CASES[case].material(SMALL)
        assert first.law is not None
        error = first.law.deviation(effect(first.still or first.prepare), material)
        assert error < most, case


def test_the_stand_in_filters_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = torch.Generator().manual_seed(0)
    x = torch.rand(2, 50, generator=draws)
    b, a = torch.rand(2, 3, generator=draws), torch.tensor([[1.0, -0.5, 0.2], [1.0, 0.1, 0.0]])
    out = stand_in.lfilter(x, a, b, clamp=False)
    for row in range(2):
        wanted = scipy.signal.lfilter(b[row].numpy(), a[row].numpy(), x[row].numpy())
        assert out[row].tolist() == pytest.approx(wanted.tolist(), rel=1e-5)
    assert float(stand_in.lfilter(100 * x, a, b).max()) == 1


def test_the_stand_in_stands_only_where_there_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torchaudio", "torchaudio.functional"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    real = ModuleType("torchaudio")
    monkeypatch.setitem(sys.modules, "torchaudio", real)
    assert not stand_in.register()
    assert sys.modules["torchaudio"] is real
    monkeypatch.delitem(sys.modules, "torchaudio")
    monkeypatch.setattr(stand_in, "find_spec", lambda name: None)
    assert stand_in.register()
    assert sys.modules["torchaudio"].__version__ == stand_in.VERSION
    assert stand_in.register(), "once is enough"
