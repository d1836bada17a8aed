"""Kernels for a GPU without one: Numba's simulator runs them, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from graphophone.dsp import svf
from graphophone.dsp.device import simulated
from graphophone.errors import UsageError

ROOT = Path(__file__).parent.parent.parent


def test_all_primitives_agree_in_the_simulator() -> None:
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/gpu/simulated.py"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-10_000:]


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_a_missing_device_is_said() -> None:
    still = torch.ones(1, 1, 1)
    with simulated(), pytest.raises(UsageError, match="need the extra 'cuda' and a CUDA device"):
        svf.filtered(torch.zeros(1, 2, 8), g=still, k=still)
