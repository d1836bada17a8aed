"""Decoded files are kept while there is room."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from graphophone.sources.cache import UNIT, Decoded


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{i}.wav" for i in range(3)]
    for i, path in enumerate(paths):
        soundfile.write(path, np.full(1_000, 0.1 * (i + 1)), 8_000, subtype="FLOAT")
    return paths


def test_what_was_used_last_is_kept(files: list[Path]) -> None:
    decoded = Decoded(limit_bytes=4_000)
    first = decoded(files[0], 8_000)
    decoded(files[1], 8_000)
    assert decoded(files[0], 8_000) is first
    decoded(files[2], 8_000)
    assert decoded.size == 4_000
    assert decoded(files[0], 8_000) is first


def test_mono_is_one_channel_of_16_bits(files: list[Path]) -> None:
    kept = Decoded()(files[1], 8_000)
    assert kept.shape == (1, 1_000)
    assert kept.dtype == np.int16
    np.testing.assert_allclose(kept * float(UNIT), 0.2, atol=float(UNIT))


def test_rates_are_kept_apart(files: list[Path]) -> None:
    decoded = Decoded()
    assert decoded(files[0], 16_000).shape == (1, 2_000)
    assert decoded(files[0], 8_000).shape == (1, 1_000)
