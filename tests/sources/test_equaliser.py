"""Kits with the same average spectrum: bands, limits, phase, and what is left alone."""

from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import pytest
import scipy.signal

from graphophone.sources import open_pool
from graphophone.sources.drums import Kits
from graphophone.sources.dry import Mono
from graphophone.sources.equaliser import (
    CENTRES,
    FLOOR_DB,
    LIMIT_DB,
    EqualisedKits,
    average_spectrum,
    correction,
    minimum_phase,
)
from graphophone.sources.kits import Kit, Layers

RATE = 44_100


class Coloured:
    """Kits whose kick and snare are white noise through a shelf, a colour a kit."""

    def __init__(self, *slopes_db: float) -> None:
        self.slopes = slopes_db

    def draw(self, rng: Random, rate: int) -> Kit:
        slope = rng.choice(self.slopes)
        layers = Layers(1, partial(self.stroke, slope))
        return Kit(f"slope {slope}", {"kick": layers, "hihat_closed": layers})

    def stroke(self, slope: float, index: int) -> Mono:
        """Noise that rises by ``slope`` dB over the ten octaves, and then decays."""
        spectrum = np.fft.rfft(np.random.default_rng(index).standard_normal(8_192))
        octaves = np.log2(np.maximum(np.fft.rfftfreq(8_192, 1 / RATE), 20) / 640)
        noise = np.fft.irfft(spectrum * 10 ** (slope * octaves / 10 / 20))
        return np.asarray(noise * np.exp(-np.arange(8_192) / 1_000), np.float32)


def spread(kits: Kits) -> float:
    """The deviation between kits in dB, a mean over bands above 60 Hz."""
    drawn = {kit.name: kit for kit in (kits.draw(Random(s), RATE) for s in range(30))}
    levels = [average_spectrum(drawn[name], "kick", RATE) for name in sorted(drawn)]
    shapes = [level - level.mean() for level in levels if level is not None]
    return float(np.std(shapes, axis=0)[3:].mean())


def test_thirds_of_white_noise_rise_by_a_decibel() -> None:
    level = average_spectrum(Coloured(0.0).draw(Random(0), RATE), "kick", RATE)
    assert level is not None
    slope = np.polyfit(np.arange(len(CENTRES)), level, 1)[0]
    assert slope == pytest.approx(10 * np.log10(2) / 3, abs=0.1)
    assert average_spectrum(Coloured(0.0).draw(Random(0), RATE), "crash", RATE) is None


def test_kits_come_to_sound_alike_and_at_the_mean() -> None:
    kits = Coloured(-15.0, 0.0, 15.0)
    equalised = EqualisedKits(kits, kits)
    assert spread(equalised) < 0.2 * spread(kits)
    target = equalised.targets(RATE)["kick"]
    middle = average_spectrum(Coloured(0.0).draw(Random(0), RATE), "kick", RATE)
    assert middle is not None
    error = (target - target.mean()) - (middle - middle.mean())
    assert np.abs(error)[3:].max() < 2.0


def test_targets_do_not_depend_on_what_was_drawn_before() -> None:
    kits = Coloured(-15.0, 0.0, 15.0)
    one, other = EqualisedKits(kits, kits), EqualisedKits(kits, kits)
    for seed in range(5):
        other.draw(Random(seed), RATE).sounds["kick"].load(0)
    np.testing.assert_array_equal(one.targets(RATE)["kick"], other.targets(RATE)["kick"])
    sounds = [pool.draw(Random(9), RATE).sounds["kick"].load(0) for pool in (one, other)]
    np.testing.assert_array_equal(*sounds)


def test_corrections_are_smooth_limited_and_raise_no_silence() -> None:
    level, target = np.zeros(len(CENTRES)), np.zeros(len(CENTRES))
    level[20:] = -FLOOR_DB
    level[:6] = -40.0
    gain = correction(level, target)
    assert np.abs(gain).max() <= LIMIT_DB
    assert gain[:4] == pytest.approx(LIMIT_DB)
    assert gain[22:].max() <= 0
    assert np.abs(np.diff(correction(np.where(CENTRES > 1_000, -6.0, 0.0), target))).max() <= 3.01
    assert correction(target, target) == pytest.approx(0)


def test_filters_have_their_gain_and_no_echo_before() -> None:
    gain = 6 * np.sin(np.arange(len(CENTRES)) / 4)
    response = minimum_phase(gain, RATE)
    _, spectrum = scipy.signal.freqz(response, 1, CENTRES[3:-1], fs=RATE)
    np.testing.assert_allclose(20 * np.log10(np.abs(spectrum)), gain[3:-1], atol=0.6)
    np.testing.assert_allclose(minimum_phase(0 * gain, RATE)[:3], (1, 0, 0), atol=1e-6)
    energy = np.cumsum(np.square(response.astype(np.float64)))
    assert energy[4] > 0.5 * energy[-1]


def test_a_hat_is_equalised_towards_hats_alone() -> None:
    class Mixed(Coloured):
        def draw(self, rng: Random, rate: int) -> Kit:
            kit = super().draw(rng, rate)
            return Kit(
                kit.name, {"kick": kit.sounds["kick"], "ride": Layers(1, partial(self.stroke, 9.0))}
            )

    equalised = EqualisedKits(Coloured(0.0), Mixed(0.0))
    assert set(equalised.targets(RATE)) == {"kick", "ride"}
    kit, plain = (pool.draw(Random(0), RATE) for pool in (equalised, Coloured(0.0)))
    length = 8_192
    np.testing.assert_allclose(
        kit.sounds["hihat_closed"].load(0)[:length], plain.sounds["hihat_closed"].load(0), atol=1e-5
    )


@pytest.mark.usefixtures("few_reference_kits")
def test_pools_are_equalised_where_it_is_asked_for(data: Path) -> None:
    for sources in ("real", "procedural", "mixed"):
        plain = open_pool("drums", sources, "unseen", data).draw(Random(2), 30_000, 22_050)
        equal = open_pool("drums", sources, "unseen", data, equalised=True).draw(
            Random(2), 30_000, 22_050
        )
        assert plain.provenance["kit"] == equal.provenance["kit"]
        assert plain.provenance["groove"] == equal.provenance["groove"]
        assert set(plain.tracks) == set(equal.tracks)
        assert any(bool((plain.tracks[n] != equal.tracks[n]).any()) for n in plain.tracks)
