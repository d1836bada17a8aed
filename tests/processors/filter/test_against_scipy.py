"""Every filter at rest: its analogue prototype, made digital by SciPy."""

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


def oracle(name: str, signal: Any, rate: int, frequency: float, **knobs: float) -> Any:
    """Scale the prototype to the warped corner, transform, and filter both channels."""
    corner = 2 * rate * math.tan(math.pi * min(frequency, 0.49 * rate) / rate)
    settings = {"q": 1.0, "gain": 0.0, "feedback": 0.0, "mix": 0.0} | knobs
    scaled = scipy.signal.lp2lp(*prototype(name, **settings), wo=corner)
    return scipy.signal.lfilter(*scipy.signal.bilinear(*scaled, fs=rate), signal)


every_dtype = pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float32, 1e-5), (torch.float64, 1e-8)],
    ids=["float32", "float64"],
)


@pytest.mark.parametrize(
    "processor",
    [lowpass, highpass, bandpass, bandreject, lowpass4, highpass4, bandpass4],
    ids=lambda p: p.spec.name,
)
@pytest.mark.parametrize("frequency", [200.0, 2_000.0, 20_000.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 10.0])
@every_dtype
def test_corner_filters(
    processor: AnyProcessor,
    frequency: float,
    q: float,
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    noise = bench.noise()
    expected = oracle(processor.spec.name, noise[0], 32_000, frequency, q=q)
    actual = processor(
        noise.to(dtype), frequency=bench.knob(frequency), q=bench.knob(q), sample_rate=32_000
    )
    assert actual.dtype == dtype
    assert error(actual[0], expected) < tolerance


@pytest.mark.parametrize("processor", [lowshelf, highshelf, bell], ids=lambda p: p.spec.name)
@pytest.mark.parametrize("gain", [-18.0, 0.0, 5.0, 18.0])
@pytest.mark.parametrize("q", [0.5, 0.707, 10.0])
def test_equaliser_bands(
    processor: AnyProcessor,
    gain: float,
    q: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    noise = bench.noise()
    knobs = {"frequency": 1_500.0, "q": q, "gain": gain}
    expected = oracle(processor.spec.name, noise[0], 48_000, **knobs)
    controls = {name: bench.knob(value) for name, value in knobs.items()}
    assert error(processor(noise, **controls, sample_rate=48_000)[0], expected) < 1e-9


@pytest.mark.parametrize("frequency", [100.0, 1_500.0, 20_000.0])
def test_crossover(frequency: float, bench: Any, error: Callable[[Any, Any], float]) -> None:
    noise = bench.noise()
    bands = crossover(noise, frequency=bench.knob(frequency), sample_rate=44_100)
    for name, band in bands._asdict().items():
        expected = oracle(name, noise[0], 44_100, frequency)
        assert error(band[0], expected) < 1e-6  # SciPy's fourth-order polynomial is the weak one


@pytest.mark.parametrize("feedback", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("mix", [0.1, 0.5, 1.0])
@every_dtype
def test_phaser(
    feedback: float,
    mix: float,
    dtype: torch.dtype,
    tolerance: float,
    bench: Any,
    error: Callable[[Any, Any], float],
) -> None:
    noise = bench.noise()
    knobs = {"frequency": 2_000.0, "feedback": feedback, "mix": mix}
    expected = oracle("phaser", noise[0], 32_000, **knobs)
    controls = {name: bench.knob(value) for name, value in knobs.items()}
    actual = phaser(noise.to(dtype), **controls, sample_rate=32_000)
    assert error(actual[0], expected) < tolerance
