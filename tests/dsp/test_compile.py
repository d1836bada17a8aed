"""Kernels are compiled for everyone, even where nothing can be kept."""

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from graphophone.dsp.compile import (
    KEPT_DAYS,
    Array,
    as_array,
    cache_folder,
    edition,
    kernel,
    use_edition,
)
from graphophone.errors import ShapeError


@kernel
def _running_sum(values: Array, out: Array) -> None:
    total = 0.0
    for i in range(values.shape[0]):
        total += values[i]
        out[i] = total


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_kernel_does_what_its_source_says_for_either_dtype(dtype: type) -> None:
    values: Array = np.arange(5, dtype=dtype)
    out = np.empty_like(values)
    _running_sum(values, out)
    np.testing.assert_array_equal(out, [0, 1, 3, 6, 10])


def test_cache_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(tmp_path / "new"))
    assert cache_folder("kernels") == tmp_path / "new" / "kernels"
    assert cache_folder("kernels").is_dir()


def test_an_unwritable_cache_falls_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the folder should be stops even an administrator."""
    (tmp_path / "taken").write_text("not a folder")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("GRAPHOPHONE_CACHE", str(tmp_path / "taken"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    folder = cache_folder("kernels")
    assert folder.parent == tmp_path / "elsewhere"
    assert folder.is_dir()


def test_a_change_anywhere_makes_another_edition(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("LIMIT = 1\n")
    (tmp_path / "two.py").write_text("from one import LIMIT\n")
    before = edition(tmp_path)
    assert edition(tmp_path) == before
    (tmp_path / "one.py").write_text("LIMIT = 2\n")
    assert edition(tmp_path) != before


def test_editions_that_nobody_uses_are_removed_and_no_others(tmp_path: Path) -> None:
    for name, days in (("mine", 999), ("recent", 1), ("stale", KEPT_DAYS + 1)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "code.nbc").touch()
        then = time.time() - days * 86_400
        os.utime(folder, (then, then))
    assert use_edition(tmp_path, "mine") == tmp_path / "mine"
    assert use_edition(tmp_path, "new") == tmp_path / "new"
    assert {folder.name for folder in tmp_path.iterdir()} == {"mine", "new", "recent"}


def test_a_kernel_reads_the_tensor_itself() -> None:
    tensor = torch.zeros(3)
    as_array(tensor)[1] = 5
    assert tensor.tolist() == [0, 5, 0]


def test_a_gradient_is_refused_rather_than_lost() -> None:
    with pytest.raises(ShapeError, match=r"compiled kernels carry no gradient; call detach\(\)"):
        as_array(torch.zeros(3, requires_grad=True))


def test_another_device_is_refused() -> None:
    message = "compiled kernels run on the cpu, got a tensor on meta"
    with pytest.raises(ShapeError, match=message):
        as_array(torch.zeros(3, device="meta"))
