"""The second writing of each processor says what the first one does."""

from dataclasses import replace

import numpy as np
import pytest

from graphophone.benchmark import clips, laws
from graphophone.benchmark.cases import CHAIN, EQUALISER, SETTINGS
from graphophone.benchmark.contender import as_audio
from graphophone.benchmark.graphs import series
from graphophone.benchmark.job import Stage
from graphophone.benchmark.oracles import OURS, definition, filters, lines
from graphophone.processors import ALL_SPECS
from graphophone.render.execute import execute
from graphophone.render.plan import plan

RATE = 16_000
ROWS = {
    **{name: (SETTINGS[name],) for name in OURS},
    "soft knee": (Stage("compressor", {"threshold": -30, "knee": 12}),),
    "soft gate": (Stage("noisegate", {"threshold": -25, "knee": 12}),),
    "bent": (Stage("distortion", {"gain": 12, "hardness": 0.7, "asymmetry": 0.4}),),
    "narrow room": (Stage("stereo_reverb", {"size": 0.2, "damping": 0, "width": 0.2}),),
    "resonant phaser": (Stage("phaser", {"feedback": 0.8, "mix": 0.7}),),
    "equaliser": EQUALISER[:-2],
    "chain": CHAIN,
}


@pytest.mark.parametrize("name", ROWS)
def test_an_oracle_equals_the_processor(name: str) -> None:
    stages = [replace(stage, swing=None) for stage in ROWS[name]]
    dry = clips.bursts(1, 6_000, RATE).double()
    steps = plan(series(stages), ALL_SPECS)
    actual = as_audio(execute(steps, {"clip": dry}, RATE).result())[0]
    assert laws.relative(actual, definition(stages, RATE)(dry[0].numpy())) < 1e-6


def test_every_processor_that_others_have_has_a_law() -> None:
    assert SETTINGS.keys() - OURS.keys() == {"chorus", "pitchshift"}


def test_a_line_repeats() -> None:
    x = np.zeros((1, 40))
    x[0, 0] = 1
    y = lines.echo(10, 0.5, 0.25)(x)[0]
    assert y[[0, 10, 20, 30]].tolist() == [0.75, 0.25, 0.125, 0.0625]
    assert np.count_nonzero(y) == 4


@pytest.mark.parametrize("free", [False, True])
def test_an_allpass_keeps_energy_and_freeverbs_does_not(free: bool) -> None:
    impulse = np.zeros(2_000)
    impulse[0] = 1
    power = float(np.sum(lines.allpass(impulse, 7, 0.5, free=free) ** 2))
    assert (power == pytest.approx(1)) is not free


def test_freeverb_has_the_published_echoes() -> None:
    """The first echo of each side comes after the shortest comb and passes four all-passes."""
    x = np.zeros((2, 2_000))
    x[:, 0] = 1
    run = lines.freeverb(size=0.5, damping=0.5, wet=1 / 3, dry=0, width=1, rate=44_100)
    left, right = run(x)
    assert np.flatnonzero(left)[0] == lines.FREE_COMBS[0]
    assert np.flatnonzero(right)[0] == lines.FREE_COMBS[0] + lines.FREE_SPREAD
    assert left[lines.FREE_COMBS[0]] == pytest.approx(2 * lines.FREE_GAIN)


@pytest.mark.parametrize(("kind", "at"), [("lowpass", 0.0), ("highpass", 0.5)])
def test_a_first_order_filter_passes_one_end(kind: str, at: float) -> None:
    impulse = np.zeros((1, 4_000))
    impulse[0, 0] = 1
    spectrum = np.abs(np.fft.rfft(filters.first_order(kind, 1_000, RATE)(impulse)[0]))
    assert spectrum[round(at * 4_000)] == pytest.approx(1, abs=1e-6)
    assert spectrum[1_000 * 4_000 // RATE] == pytest.approx(np.sqrt(0.5), abs=1e-6)
