"""Lanes are the same samples, however many lie side by side."""

import numpy as np
import pytest
import torch

from graphophone.dsp.lanes import lanes, signal
from graphophone.dsp.rows import to_lanes, to_rows


@pytest.mark.parametrize("clips", [1, 2, 3, 5])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("time", [1, 63, 9_001])
def test_a_signal_becomes_lanes_and_a_signal_again(clips: int, channels: int, time: int) -> None:
    audio = torch.randn(clips, channels, time, generator=torch.Generator().manual_seed(0))
    flat = lanes(audio)
    assert torch.equal(flat, audio.permute(2, 0, 1).reshape(time, -1))
    assert flat.is_contiguous()
    assert torch.equal(signal(flat, channels), audio)


@pytest.mark.parametrize("count", [1, 2, 3, 8, 13, 18])
def test_a_stretch_of_rows_goes_to_lanes_and_back(count: int) -> None:
    rows = np.random.default_rng(0).standard_normal((count, 700)).astype(np.float32)
    columns = np.empty((650, count), np.float32)
    to_lanes(rows, columns, 30)
    np.testing.assert_array_equal(columns, rows[:, 30:680].T)
    back = np.zeros((count, 670), np.float32)
    to_rows(columns, back, 10)
    np.testing.assert_array_equal(back[:, 10:660], rows[:, 30:680])
    assert not back[:, :10].any()
    assert not back[:, 660:].any()
