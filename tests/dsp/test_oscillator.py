"""Phase is counted, not remembered."""

import torch

from graphophone.dsp.oscillator import sine


def test_each_item_and_channel_has_its_own_sine() -> None:
    frequency = torch.tensor([1.0, 2.0]).reshape(2, 1, 1)
    phase = torch.tensor([[0.0, 0.25], [0.5, 0.75]]).reshape(2, 2, 1)
    out = sine(frequency, phase, samples=4, sample_rate=8)
    expected = [
        [[0.0, 0.7071, 1.0, 0.7071], [1.0, 0.7071, 0.0, -0.7071]],
        [[0.0, -1.0, 0.0, 1.0], [-1.0, 0.0, 1.0, 0.0]],
    ]
    torch.testing.assert_close(out, torch.tensor(expected), atol=1e-4, rtol=0)
