"""What holds for every test."""

from pathlib import Path

import pytest
import torch

HERE = Path(__file__).parent
FIRST = ("dsp", "gpu", "codec", "graph", "spec", "models", "listening")
"""Folders whose tests run first: those that compile kernels, then those that hardly need any."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one of two processes compile what the other will need, and not both the same at once.

    pytest-xdist hands the first eighth of all tests to one process and the next to the other.
    """

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(HERE).parts[0] if HERE in item.path.parents else ""
        return FIRST.index(folder) if folder in FIRST else len(FIRST)

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def few_decoded() -> None:
    """Recordings that were decoded are kept up to a gigabyte a process, and here are several."""
    from graphophone.sources.cache import DECODED

    DECODED.limit_bytes = 50_000_000


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tests run side by side, one a core; threads of their own would stand in each other's way."""
    torch.set_num_threads(1)
