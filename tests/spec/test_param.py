"""Knob travel and physical value are two names for one thing."""

import math
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graphophone.errors import ParameterError
from graphophone.spec import DEPTH, Param

FREQUENCY = Param(low=20, high=20_000, default=1_000, unit="Hz", taper="log", help="corner")
GAIN = Param(low=-24, high=24, default=0, unit="dB", help="level change")
BIPOLAR = Param(low=-2, high=2, default=0, taper="asinh", bend=0.01, help="either way")
STEPPED = Param(low=3, high=10, default=8, step=0.5, unit="bits", help="word length")
SEMITONES = Param(low=-12, high=12, default=12, unit="semitones", help="interval")
PHASE = Param(low=0, high=1, default=0, unit="cycles", circular=True, help="start")
travels = st.floats(0, 1)
params = st.sampled_from([FREQUENCY, GAIN, BIPOLAR, STEPPED, PHASE])
tapers = pytest.mark.parametrize(
    "param", [FREQUENCY, GAIN, BIPOLAR], ids=["log", "linear", "asinh"]
)


@given(params, travels)
def test_travel_survives_the_round_trip(param: Param, travel: float) -> None:
    value = min(max(param.from_travel(travel), param.low), param.high)
    assert param.to_travel(value) == pytest.approx(travel, abs=1e-9)


@given(params, travels, travels)
def test_more_travel_never_means_less(param: Param, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert param.from_travel(low) <= param.from_travel(high)


@tapers
@pytest.mark.parametrize("travel", [0.0, 0.5, 1.0])
def test_gradient_is_finite_everywhere_including_the_ends(param: Param, travel: float) -> None:
    position = torch.tensor(travel, requires_grad=True)
    (slope,) = torch.autograd.grad(param.from_travel(position), position)
    assert 0 < slope.item() < math.inf


@tapers
def test_a_tensor_maps_as_a_float_does(param: Param) -> None:
    travel = torch.linspace(0, 1, 9, dtype=torch.float64)
    expected = torch.tensor([param.from_travel(float(t)) for t in travel], dtype=torch.float64)
    torch.testing.assert_close(param.from_travel(travel), expected)


@tapers
def test_ends_of_travel_are_ends_of_the_range(param: Param) -> None:
    assert param.from_travel(0.0) == pytest.approx(param.low)
    assert param.from_travel(1.0) == pytest.approx(param.high)


def test_log_taper_puts_the_geometric_mean_in_the_middle() -> None:
    assert FREQUENCY.from_travel(0.5) == pytest.approx(math.sqrt(20 * 20_000))


@given(travels)
def test_asinh_taper_is_odd_about_the_middle(travel: float) -> None:
    mirrored = BIPOLAR.from_travel(1 - travel)
    assert BIPOLAR.from_travel(travel) == pytest.approx(-mirrored, abs=1e-12)


def test_asinh_taper_is_logarithmic_far_from_its_bend_and_linear_near_zero() -> None:
    octave = BIPOLAR.to_travel(2) - BIPOLAR.to_travel(1)
    assert BIPOLAR.to_travel(1) - BIPOLAR.to_travel(0.5) == pytest.approx(octave, rel=1e-3)
    step = BIPOLAR.to_travel(0.001) - 0.5
    assert BIPOLAR.to_travel(0.0005) - 0.5 == pytest.approx(step / 2, rel=1e-2)


@given(st.floats(-100, 100))
def test_snapping_gives_the_nearest_legal_value_and_does_nothing_twice(value: float) -> None:
    snapped = STEPPED.snap(value)
    assert snapped * 2 == round(snapped * 2)
    assert STEPPED.check(snapped, name="bit") == STEPPED.snap(snapped)
    assert abs(snapped - min(max(value, 3), 10)) <= 0.25


@given(st.integers(0, 1_000), st.sampled_from([(0.0, 1.0), (0.2, 0.4)]))
def test_draws_are_legal_and_stay_within_the_travel_asked_for(
    seed: int, span: tuple[float, float]
) -> None:
    value = FREQUENCY.draw(Random(seed), *span)
    assert span[0] <= FREQUENCY.to_travel(value) + 1e-12
    assert FREQUENCY.to_travel(value) - 1e-12 <= span[1]
    assert value == FREQUENCY.draw(Random(seed), *span)


@given(travels, travels)
def test_distance_is_a_share_of_travel_and_wraps_on_a_circle(a: float, b: float) -> None:
    x, y = GAIN.snap(GAIN.from_travel(a)), GAIN.snap(GAIN.from_travel(b))
    assert GAIN.distance(x, y) == pytest.approx(abs(a - b), abs=1e-9)
    assert PHASE.distance(a, b) == PHASE.distance(b, a) <= 0.5
    assert PHASE.distance(a, b) == pytest.approx(min(abs(a - b), 1 - abs(a - b)), abs=1e-9)


def test_both_ends_of_a_circle_are_one_place() -> None:
    assert PHASE.distance(0, 1) == 0
    assert PHASE.distance(0.9, 0.2) == pytest.approx(0.3)


@pytest.mark.parametrize("value", [19.9, 20_001.0, math.nan, math.inf])
def test_out_of_range_error_quotes_range_and_value(value: float) -> None:
    with pytest.raises(ParameterError, match=r"frequency must be in \[20 Hz, 20 kHz\], got "):
        FREQUENCY.check(value, name="frequency")


@pytest.mark.parametrize(
    ("low", "high", "default", "message"),
    [
        (1.0, 1.0, 1.0, r"low must be below high, got \[1.0, 1.0\]"),
        (0.0, 1.0, 0.5, r"a log taper needs low > 0, got 0.0"),
        (1.0, 2.0, 3.0, r"default must be in \[1 Hz, 2 Hz\], got 3 Hz"),
    ],
)
def test_an_impossible_knob_cannot_be_declared(
    low: float, high: float, default: float, message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        Param(low=low, high=high, default=default, unit="Hz", taper="log", help="")


@pytest.mark.parametrize(("low", "bend"), [(-1.0, 0.1), (-2.0, 0.0)])
def test_an_asinh_taper_needs_symmetry_and_a_bend(low: float, bend: float) -> None:
    message = rf"an asinh taper needs low == -high and bend > 0, got \[{low}, 2.0\] and {bend}"
    with pytest.raises(ParameterError, match=message):
        Param(low=low, high=2, default=0, taper="asinh", bend=bend, help="")


@pytest.mark.parametrize(
    ("param", "value", "text"),
    [
        (FREQUENCY, 440, "440 Hz"),
        (FREQUENCY, 1_250, "1.25 kHz"),
        (GAIN, -6, "-6 dB"),
        (BIPOLAR, 0.707, "0.707"),
        (Param(low=0, high=2, default=1, unit="s", help="delay"), 0.25, "250 ms"),
        (Param(low=0, high=2, default=1, unit="s", help="delay"), 1, "1 s"),
        (SEMITONES, -1, "-1 semitone"),
        (SEMITONES, 1, "1 semitone"),
        (SEMITONES, 0.9999, "1 semitone"),
        (SEMITONES, 1.5, "1.5 semitones"),
        (SEMITONES, 0, "0 semitones"),
        (SEMITONES, -12, "-12 semitones"),
        (Param(low=1, high=8, default=1, unit="bits", help="word length"), 1, "1 bit"),
        (STEPPED, 8, "8 bits"),
        (PHASE, 1, "1 cycle"),
        (PHASE, 0.25, "0.25 cycles"),
    ],
)
def test_text(param: Param, value: float, text: str) -> None:
    assert param.text(value) == text


@pytest.mark.parametrize("param", [FREQUENCY, BIPOLAR, STEPPED, PHASE, DEPTH])
def test_json_holds_every_field(param: Param) -> None:
    assert Param(**param.to_json()) == param
