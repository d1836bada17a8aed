"""Short clips, so that a test can afford whole examples."""

from collections.abc import Iterator

import pytest
import torch

from graphophone.generation import recipe
from tests.generation.small import SAMPLES, shrink


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Test processes share the cores already."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make examples of a second."""
    monkeypatch.setattr("graphophone.generation.item.SEGMENT", SAMPLES)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make sets of noise through a graph of two nodes or so."""
    shrink(monkeypatch.setattr)
    yield
    recipe.stock_of.cache_clear()
