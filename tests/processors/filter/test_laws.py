"""What a musician or an engineer may rely on, whatever the implementation."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from graphophone.processors.filter.bandpass import bandpass
from graphophone.processors.filter.bandpass4 import bandpass4
from graphophone.processors.filter.bandreject import bandreject
from graphophone.processors.filter.bell import bell
from graphophone.processors.filter.crossover import crossover
from graphophone.processors.filter.highpass import highpass
from graphophone.processors.filter.highpass4 import highpass4
from graphophone.processors.filter.highshelf import highshelf
from graphophone.processors.filter.lowpass import lowpass
from graphophone.processors.filter.lowpass4 import lowpass4
from graphophone.processors.filter.lowshelf import lowshelf
from graphophone.processors.filter.phaser import phaser
from graphophone.spec import AnyProcessor, Processor

RATE, SAMPLES = 1_000, 8_000  # the corner of 100 Hz falls on a bin, and on a tenth of the rate
CORNER, NYQUIST = 100.0, 500.0
by_name: Any = {"ids": lambda p: p.spec.name if isinstance(p, Processor) else None}


@pytest.mark.parametrize("processor", [lowpass, highpass, lowpass4, highpass4], **by_name)
@pytest.mark.parametrize("q", [0.5, math.sqrt(0.5), 4.0])
def test_gain_at_the_corner_is_q(processor: AnyProcessor, q: float, bench: Any) -> None:
    response = bench.response(processor, RATE, SAMPLES, frequency=CORNER, q=q)
    assert abs(response(CORNER)) == pytest.approx(q, rel=1e-9)


@pytest.mark.parametrize("processor", [bandpass, bandpass4], **by_name)
@pytest.mark.parametrize("q", [0.5, math.sqrt(0.5), 4.0])
def test_band_pass_has_unit_gain_at_the_centre_and_none_at_its_lower_end(
    processor: AnyProcessor, q: float, bench: Any
) -> None:
    response = bench.response(processor, RATE, SAMPLES, frequency=CORNER, q=q)
    assert abs(response(CORNER)) == pytest.approx(1, rel=1e-9)
    assert abs(response(0)) == pytest.approx(0, abs=1e-9)
    assert 0 < abs(response(NYQUIST)) < 1


def test_band_reject_has_no_gain_at_the_centre_and_unit_gain_far_away(bench: Any) -> None:
    response = bench.response(bandreject, RATE, SAMPLES, frequency=CORNER, q=2.0)
    assert abs(response(CORNER)) == pytest.approx(0, abs=1e-9)
    assert abs(response(0)) == pytest.approx(1, rel=1e-9)
    assert abs(response(NYQUIST)) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("processor", "slope"), [(lowpass, 2), (lowpass4, 4), (bandpass, 1), (bandpass4, 2)], **by_name
)
def test_slope_per_octave_far_above_the_corner(
    processor: AnyProcessor, slope: int, bench: Any
) -> None:
    response = bench.response(processor, 48_000, 48_000, frequency=50.0, q=0.707)
    octave = abs(response(1_600)) / abs(response(800))
    assert octave == pytest.approx(2.0**-slope, rel=0.02)


@pytest.mark.parametrize("gain", [-18.0, -3.0, 12.0])
@pytest.mark.parametrize(
    ("processor", "ends"),
    [(lowshelf, (1, 0.5)), (highshelf, (0, 0.5)), (bell, (0, 1))],
    **by_name,
)
def test_share_of_the_gain_at_dc_and_the_corner(
    processor: AnyProcessor, gain: float, ends: tuple[float, float], bench: Any
) -> None:
    response = bench.response(processor, RATE, SAMPLES, frequency=CORNER, q=0.707, gain=gain)
    for frequency, share in zip((0, CORNER), ends, strict=True):
        level = 20 * math.log10(abs(response(frequency)))
        assert level == pytest.approx(share * gain, abs=1e-6)


def test_a_bells_cut_undoes_its_boost(bench: Any) -> None:
    noise = bench.noise()
    knobs = {"frequency": bench.knob(900.0), "q": bench.knob(3.0)}
    up = bell(noise, gain=bench.knob(11.0), **knobs, sample_rate=8_000)
    back = bell(up, gain=bench.knob(-11.0), **knobs, sample_rate=8_000)
    torch.testing.assert_close(back, noise, rtol=0, atol=1e-12)


@pytest.mark.parametrize("frequency", [20.0, CORNER, 300.0])
def test_crossover_bands_add_up_to_a_flat_magnitude(frequency: float, bench: Any) -> None:
    response = bench.response(crossover, RATE, SAMPLES, frequency=frequency)
    for at in (0.0, 10.0, frequency, 250.0, NYQUIST):
        assert abs(response(at)["low"] + response(at)["high"]) == pytest.approx(1, rel=1e-9)
    assert abs(response(frequency)["low"]) == pytest.approx(0.5, rel=1e-9)
    assert abs(response(frequency)["high"]) == pytest.approx(0.5, rel=1e-9)


def test_phaser_alone_passes_every_frequency_alike_and_half_mixed_has_three_notches(
    bench: Any,
) -> None:
    corner = 0.5 * CORNER  # the third notch stays below a third of the rate
    knobs = {"frequency": corner, "feedback": 0.0}
    alone = bench.response(phaser, RATE, SAMPLES, mix=1.0, **knobs)
    half = bench.response(phaser, RATE, SAMPLES, mix=0.5, **knobs)
    bins = [n * RATE / SAMPLES for n in range(1, SAMPLES // 2)]
    levels = [abs(half(f)) for f in bins]
    notches = [
        bins[n]
        for n in range(1, len(bins) - 1)
        if levels[n - 1] > levels[n] < levels[n + 1] and levels[n] < 0.05
    ]
    # six stages turn by 180, 540 and 900 degrees where tan(turn / 12) is over the corner
    expected = [corner * math.tan(math.pi / 12 * n) for n in (1, 3, 5)]
    assert all(abs(alone(f)) == pytest.approx(1, rel=1e-4) for f in bins[::100])
    assert notches == pytest.approx(expected, rel=0.04)


def test_phaser_feedback_sharpens_the_peaks(bench: Any) -> None:
    """The chain turns by nothing at 0 Hz and by 540 degrees at its corner."""
    for feedback in (0.0, 0.5, 0.9):
        response = bench.response(
            phaser, RATE, SAMPLES, frequency=CORNER, feedback=feedback, mix=1.0
        )
        assert abs(response(0)) == pytest.approx(1 / (1 - feedback), rel=1e-4)
        assert abs(response(CORNER)) == pytest.approx(1 / (1 + feedback), rel=1e-3)


filters = [lowpass, highpass, bandpass, bandreject, lowpass4, highpass4, bandpass4, phaser]


@pytest.mark.parametrize("processor", [*filters, lowshelf, highshelf, bell, crossover], **by_name)
def test_corners_beyond_half_the_rate_are_those_of_a_higher_rate(
    processor: AnyProcessor, bench: Any
) -> None:
    """What there is of a filter at 18 kHz below 1.2 kHz is the same at 8 and at 96 kHz."""
    knobs = {name: p.default for name, p in processor.spec.params.items()} | {"frequency": 18e3}
    if processor is phaser:
        knobs["frequency"] = 8e3
    low, high = (bench.response(processor, rate, rate, **knobs) for rate in (8_000, 96_000))
    for frequency in (100.0, 500.0, 1_200.0):
        one, other = (
            np.array(list(at.values()) if isinstance(at, dict) else [at])
            for at in (low(frequency), high(frequency))
        )
        assert np.abs(np.abs(one) / np.abs(other) - 1).max() < 0.06


@pytest.mark.parametrize("processor", [*filters, lowshelf, highshelf, bell], **by_name)
def test_sounds_alike_at_any_sample_rate(processor: AnyProcessor, bench: Any) -> None:
    knobs = {name: p.default for name, p in processor.spec.params.items()}
    probes = (100.0, 500.0, 700.0, 3_000.0)
    low, high = (bench.response(processor, rate, rate, **knobs) for rate in (22_050, 96_000))
    for frequency in probes:
        assert abs(low(frequency)) == pytest.approx(abs(high(frequency)), abs=0.01)


@pytest.mark.parametrize("processor", [*filters, lowshelf, highshelf, bell], **by_name)
def test_a_control_of_one_channel_moves_both_and_batch_items_have_their_own(
    processor: AnyProcessor, bench: Any
) -> None:
    noise = bench.noise(512, batch=2)
    knobs = {n: bench.knob(p.default).repeat(2, 1, 1) for n, p in processor.spec.params.items()}
    sweep = bench.sweep(processor, "frequency", 512)  # (1, 2, 512)
    items = {"frequency": sweep.transpose(0, 1)}  # one shared control in each batch item
    together = processor(noise, **knobs | items, sample_rate=8_000)
    for item in (0, 1):
        alone = {name: knob[:1] for name, knob in knobs.items()}
        alone["frequency"] = sweep[:, item : item + 1].expand(1, 2, -1)
        expected = processor(noise[item : item + 1], **alone, sample_rate=8_000)
        assert torch.equal(together[item : item + 1], expected)
