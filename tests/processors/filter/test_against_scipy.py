"""Every filter at rest: the magnitudes of its analogue prototype, evaluated by SciPy.

A digital frequency stands for a slightly other one of the prototype (see
:mod:`graphophone.dsp.analogue`); there magnitudes are the same. An equaliser's bands have the least
phase that goes with these magnitudes, as their prototypes have.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal
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
from graphophone.spec import AnyProcessor

Poly = Any  # coefficients in s, the corner at 1 rad/s, highest power first
FLAT = 2 * math.sin(math.pi / 8), 2 * math.cos(math.pi / 8)  # 4th-order Butterworth poles


def steep(q: float) -> Poly:
    """Fourth-order Butterworth whose sharper pole pair is scaled by ``q``."""
    return np.polymul([1, FLAT[1], 1], [1, FLAT[0] * math.sqrt(0.5) / q, 1])


def prototype(name: str, q: float, gain: float, feedback: float, mix: float) -> tuple[Poly, Poly]:
    a = 10 ** (gain / 40)
    root = math.sqrt(a)
    pair = [1, 1 / q, 1]
    lag, lead = np.poly([-1] * 6), np.poly([1] * 6)  # (s + 1)**6 and (s - 1)**6
    looped = lag - feedback * lead
    return {
        "lowpass": ([1], pair),
        "highpass": ([1, 0, 0], pair),
        "bandpass": ([1 / q, 0], pair),
        "bandreject": ([1, 0, 1], pair),
        "lowpass4": ([1], steep(q)),
        "highpass4": ([1, 0, 0, 0, 0], steep(q)),
        "bandpass4": (np.polymul([1 / q, 0], [1 / q, 0]), np.polymul(pair, pair)),
        "bell": ([1, a / q, 1], [1, 1 / (a * q), 1]),
        "lowshelf": ([a, a * root / q, a * a], [a, root / q, 1]),
        "highshelf": ([a * a, a * root / q, a], [1, root / q, a]),
        "phaser": (np.polyadd((1 - mix) * looped, mix * lead), looped),
        "low": ([1], np.polymul([1, math.sqrt(2), 1], [1, math.sqrt(2), 1])),
        "high": ([1, 0, 0, 0, 0], np.polymul([1, math.sqrt(2), 1], [1, math.sqrt(2), 1])),
    }[name]


def warped(hertz: Any, tuned: float, rate: int) -> Any:
    """The analogue frequency in Hz whose magnitude a filter tuned to a frequency has at another."""
    angle = min(2 * math.pi * tuned / rate, 2.0)
    rho = 4 / angle**2 - 1 / math.tan(angle / 2) ** 2
    x = np.tan(np.pi * np.asarray(hertz) / rate) ** 2
    return rate / np.pi * np.sqrt(x / (1 + rho * x))


def magnitude(name: str, hertz: Any, rate: int, frequency: float, **knobs: float) -> Any:
    settings = {"q": 1.0, "gain": 0.0, "feedback": 0.0, "mix": 0.0} | knobs
    at = warped(hertz, frequency, rate) / frequency
    return np.abs(scipy.signal.freqs(*prototype(name, **settings), worN=at)[1])


every_dtype = pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float32, 1e-5), (torch.float64, 1e-8)],
    ids=["float32", "float64"],
)
corner_filters = [lowpass, highpass, bandpass, bandreject, lowpass4, highpass4, bandpass4]
bands = [lowshelf, highshelf, bell]
by_name: Any = {"ids": lambda p: p.spec.name}
HERTZ = np.arange(0, 16_000, 250)
SAMPLES = 32_000


@pytest.mark.parametrize("processor", corner_filters, **by_name)
@pytest.mark.parametrize("frequency", [200.0, 2_000.0, 20_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 10.0])
def test_corner_filters(processor: AnyProcessor, frequency: float, q: float, bench: Any) -> None:
    response = bench.response(processor, 32_000, SAMPLES, frequency=frequency, q=q)
    expected = magnitude(processor.spec.name, HERTZ, 32_000, frequency, q=q)
    actual = [abs(response(f)) for f in HERTZ]
    np.testing.assert_allclose(actual, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("processor", bands, **by_name)
@pytest.mark.parametrize("gain", [-18.0, 0.0, 5.0, 18.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 10.0])
def test_equaliser_bands(processor: AnyProcessor, gain: float, q: float, bench: Any) -> None:
    knobs = {"frequency": 1_500.0, "q": q, "gain": gain}
    response = bench.response(processor, 32_000, SAMPLES, **knobs)
    expected = magnitude(processor.spec.name, HERTZ, 32_000, **knobs)
    np.testing.assert_allclose([abs(response(f)) for f in HERTZ], expected, rtol=1e-8)


@pytest.mark.parametrize("frequency", [100.0, 1_500.0, 14_000.0])
def test_crossover(frequency: float, bench: Any) -> None:
    response = bench.response(crossover, 32_000, SAMPLES, frequency=frequency)
    for band in ("low", "high"):
        expected = magnitude(band, HERTZ, 32_000, frequency)
        actual = [abs(response(f)[band]) for f in HERTZ]
        np.testing.assert_allclose(actual, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("feedback", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("mix", [0.1, 0.5, 1.0])
def test_phaser(feedback: float, mix: float, bench: Any) -> None:
    """Each of its sections is tuned to a frequency of its own, so the whole is only near."""
    knobs = {"frequency": 1_200.0, "feedback": feedback, "mix": mix}
    response = bench.response(phaser, 32_000, SAMPLES, **knobs)
    hertz = HERTZ[HERTZ < 0.15 * 32_000]
    settings = {"q": 1.0, "gain": 0.0} | knobs
    settings.pop("frequency")
    expected = np.abs(scipy.signal.freqs(*prototype("phaser", **settings), worN=hertz / 1_200)[1])
    floor = expected.max() / 100
    actual = np.array([abs(response(f)) for f in hertz])
    difference = 20 * np.log10(np.maximum(actual, floor) / np.maximum(expected, floor))
    assert np.abs(difference).max() < 0.25


@pytest.mark.parametrize("processor", [lowshelf, highshelf, bell], **by_name)
@every_dtype
def test_phase_is_the_least(
    processor: AnyProcessor,
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    knobs = {"frequency": 2_000.0, "q": 1.3, "gain": -7.0}
    noise, rate = bench.noise(), 32_000
    impulse = minimum(magnitude(processor.spec.name, bins(rate), rate, **knobs))
    controls = {name: bench.knob(value) for name, value in knobs.items()}
    actual = processor(noise.to(dtype), **controls, sample_rate=rate)
    assert actual.dtype == dtype
    expected = scipy.signal.fftconvolve(noise[0].numpy(), impulse[None], axes=1)[
        :, : noise.shape[-1]
    ]
    assert error(actual[0], expected) < tolerance


def bins(rate: int) -> Any:
    return np.linspace(0, rate / 2, (1 << 15) + 1)[:-1]


def minimum(levels: Any) -> Any:
    """The impulse response with given magnitudes and minimum phase, by the cepstrum."""
    log = np.log(np.maximum(np.append(levels, levels[-1]), 1e-300))
    cepstrum = np.fft.irfft(log)
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2
    cepstrum[half + 1 :] = 0
    return np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))
