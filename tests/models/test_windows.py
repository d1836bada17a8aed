"""Where to listen."""

import pytest
import torch

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.level import active_rms_db
from graphophone.errors import AudioError
from graphophone.models.windows import MOST, choose


def noise(seconds: float, rate: int = RATE) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn(2, round(seconds * rate), generator=generator)


@pytest.mark.parametrize(("seconds", "count"), [(0.5, 1), (3.63, 1), (4, 1), (8, 2), (60, MOST)])
def test_a_longer_recording_has_more_windows(seconds: float, count: int) -> None:
    windows = choose(noise(seconds), RATE)
    assert windows.audio.shape == (count, 2, SEGMENT)
    assert len(windows.starts) == count
    assert bool(windows.notes) == (seconds < SEGMENT / RATE)
    assert all(0 <= s <= max(0, seconds - SEGMENT / RATE) for s in windows.starts)


def test_windows_are_spread_and_each_is_at_the_reference_level() -> None:
    audio = noise(40)
    audio[:, : 20 * RATE] *= 0.1
    windows = choose(audio, RATE)
    assert min(b - a for a, b in zip(windows.starts, windows.starts[1:], strict=False)) > 4
    torch.testing.assert_close(
        active_rms_db(windows.audio, RATE), torch.full((MOST,), -20.0, dtype=torch.float64),
        atol=1e-3, rtol=0,
    )  # fmt: skip


def test_silence_is_not_listened_to() -> None:
    audio = torch.zeros(2, 40 * RATE)
    audio[:, 22 * RATE : 30 * RATE] = noise(8)
    windows = choose(audio, RATE)
    assert len(windows.starts) < MOST
    assert all(18 < start < 30 for start in windows.starts)


def test_any_rate_is_heard_alike() -> None:
    time = torch.arange(5 * 48_000) / 48_000
    tone = torch.sin(2 * torch.pi * 440 * time).expand(2, -1)
    windows = choose(tone, 48_000)
    assert windows.audio.shape[2] == SEGMENT
    spectrum = torch.fft.rfft(windows.audio[0, 0]).abs()
    assert int(spectrum.argmax()) * RATE / SEGMENT == pytest.approx(440, abs=0.5)


def test_nothing_to_hear() -> None:
    with pytest.raises(AudioError, match="silent"):
        choose(torch.zeros(2, RATE), RATE)
