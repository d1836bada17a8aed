"""Anchors measured at several rates, and stimuli that a page may play."""

import numpy as np
import pytest
import torch
from scipy.signal import freqz

from graphophone.audio.loudness import loudness
from graphophone.errors import AudioError, UsageError
from graphophone.listening.anchors import EDGES, anchor, lowpass
from graphophone.listening.stimuli import stimuli

RATES = (22_050, 44_100, 48_000, 96_000)


def noise(seconds: float, rate: int, seed: int = 1, gain: float = 0.1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (gain * torch.randn(2, round(seconds * rate), generator=generator)).clamp(-0.9, 0.9)


@pytest.mark.parametrize("rate", [16_000, *RATES, 192_000])
@pytest.mark.parametrize("name", EDGES)
def test_an_anchor_passes_and_stops_what_the_recommendation_says(name: str, rate: int) -> None:
    length = 8_192 * (1 + rate // 96_000)
    impulse = torch.zeros(2, length, dtype=torch.float64)
    impulse[:, length // 2] = 1
    response = anchor(impulse, rate, name).numpy()
    spectrum = np.fft.rfft(np.roll(response, length // 2, axis=1))
    frequencies = np.fft.rfftfreq(length, 1 / rate)
    edge = EDGES[name]
    level = 20 * np.log10(np.abs(spectrum) + 1e-12)
    assert np.abs(level[:, frequencies <= edge]).max() < 0.1
    assert level[:, frequencies >= edge + 500].max() < -25
    assert level[:, frequencies >= edge + 1_000].max(initial=-99) < -50
    # delay 0: what is even around time 0 has a real spectrum
    assert np.abs(spectrum.imag).max() < 1e-9
    mirrored = response[:, length // 2 :: -1][:, : length // 2]
    np.testing.assert_allclose(response[:, length // 2 :][:, : length // 2], mirrored, atol=1e-12)


@pytest.mark.parametrize("rate", RATES)
def test_an_anchor_is_in_step_with_its_reference(rate: int) -> None:
    reference = noise(0.5, rate)
    for name, edge in EDGES.items():
        low = anchor(reference, rate, name)
        assert (low.shape, low.dtype) == (reference.shape, reference.dtype)
        lags = np.correlate(low[0].numpy(), reference[0].numpy(), "full")
        assert int(lags.argmax()) == reference.shape[1] - 1
        time = torch.arange(rate) / rate
        tone = torch.sin(2 * torch.pi * 0.5 * edge * time).repeat(2, 1)
        inside = slice(rate // 10, -rate // 10)
        torch.testing.assert_close(
            anchor(tone, rate, name)[:, inside], tone[:, inside], atol=0.012, rtol=0
        )


def test_the_filter_is_odd_and_even_around_its_middle() -> None:
    for rate in RATES:
        taps = lowpass(rate, "anchor35")
        assert len(taps) % 2 == 1
        np.testing.assert_allclose(taps, taps[::-1], atol=1e-15)
        _, response = freqz(taps, worN=[0.0], fs=rate)
        assert abs(response[0]) == pytest.approx(1.0)


def test_a_rate_that_cannot_hold_an_anchor_is_refused() -> None:
    with pytest.raises(AudioError, match="anchor70 needs a sample rate of 15000 Hz or more, got 8"):
        anchor(noise(0.5, 8_000), 8_000, "anchor70")
    assert anchor(noise(0.5, 8_000), 8_000, "anchor35").shape == (2, 4_000)


def test_a_page_has_reference_anchors_and_conditions() -> None:
    rate = 44_100
    reference, ours = noise(1, rate), noise(1, rate, seed=2, gain=0.02)
    made = {s.condition: s for s in stimuli(reference, {"ours": ours}, rate)}
    assert list(made) == ["reference", "anchor35", "anchor70", "ours"]
    assert torch.equal(made["reference"].audio, reference)
    assert torch.equal(made["ours"].audio, ours)
    for name in ("anchor35", "anchor70"):
        assert torch.equal(made[name].audio, anchor(reference, rate, name))
    assert made["ours"].louder_lu == pytest.approx(-13.98, abs=0.3)
    assert made["ours"].gain_db == 0


def test_loudness_is_matched_where_that_is_asked() -> None:
    rate = 44_100
    reference, ours = noise(1, rate), noise(1, rate, seed=2, gain=0.02)
    *_, low, matched = stimuli(reference, {"ours": ours}, rate, match=True)
    assert loudness(matched.audio, rate) == pytest.approx(loudness(reference, rate), abs=1e-3)
    assert matched.louder_lu == pytest.approx(0)
    assert low.gain_db == 0
    assert matched.gain_db == pytest.approx(13.98, abs=0.3)


def test_what_does_not_fit_is_refused_by_name() -> None:
    rate = 16_000
    good = noise(1, rate)
    peaky = 0.01 * good
    peaky[0, 100] = 0.9
    for given, sentence in (
        ({"ours": good[:, 1:]}, r"ours must have the reference's .* \(2, 16000\), got \(2, 15999"),
        ({"ours": 0 * good}, "ours must be louder than -70 LUFS somewhere, got -inf LUFS"),
        ({"ours": 20 * good}, "ours must stay within full scale, got a peak of"),
    ):
        with pytest.raises(AudioError, match=sentence):
            stimuli(good, given, rate)
    with pytest.raises(AudioError, match=r"ours must stay .* after a gain of \d"):
        stimuli(good, {"ours": peaky}, rate, match=True)
    for seconds in (0.4, 12.1):
        long = noise(seconds, rate)
        with pytest.raises(AudioError, match=f"must be 0.5 s to 12 s long, got {seconds:.2f} s"):
            stimuli(long, {"ours": long}, rate)
    many = {f"c{i}": good for i in range(10)}
    with pytest.raises(UsageError, match=r"1 to 9 conditions beside its .* 2 anchors, got 10"):
        stimuli(good, many, rate)
    assert len(stimuli(good, many, rate, anchors=("anchor35",))) == 12
    with pytest.raises(UsageError, match="got 0"):
        stimuli(good, {}, rate)
    with pytest.raises(UsageError, match="may not be called 'anchor70'"):
        stimuli(good, {"anchor70": good}, rate)
