"""What holds for every test."""

import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tests run side by side, one a core; threads of their own would stand in each other's way."""
    torch.set_num_threads(1)
