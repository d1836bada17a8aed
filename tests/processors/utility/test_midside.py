"""Mid and side: there and back, and no energy lost on the way."""

import torch
from torch import Tensor

from graphophone.processors.utility.midside_merge import midside_merge
from graphophone.processors.utility.midside_split import midside_split

RATE = 44_100


def noise(seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 2, 500, generator=generator, dtype=torch.float64)


def test_merging_undoes_splitting() -> None:
    mid, side = midside_split(noise(), sample_rate=RATE)
    torch.testing.assert_close(midside_merge(mid, side, sample_rate=RATE), noise())


def test_energies_add_up() -> None:
    parts = midside_split(noise(), sample_rate=RATE)
    total = sum(part.square().sum() for part in parts)
    torch.testing.assert_close(total, noise().square().sum())


def test_each_part_is_dual_mono() -> None:
    left, right = noise().unbind(1)
    mid, side = midside_split(noise(), sample_rate=RATE)
    torch.testing.assert_close(mid, torch.stack(((left + right) / 2,) * 2, dim=1))
    torch.testing.assert_close(side, torch.stack(((left - right) / 2,) * 2, dim=1))


def test_equal_channels_have_no_side_and_opposite_ones_no_mid() -> None:
    one = noise()[:, :1]
    assert not midside_split(torch.cat((one, one), dim=1), sample_rate=RATE).side.any()
    assert not midside_split(torch.cat((one, -one), dim=1), sample_rate=RATE).mid.any()


def test_a_stereo_effect_on_the_mid_stays_stereo() -> None:
    mid = noise(1)
    assert torch.equal(midside_merge(mid, torch.zeros_like(mid), sample_rate=RATE), mid)
