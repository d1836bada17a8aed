"""What the figures were measured on."""

import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch

from graphophone.benchmark.contender import Peer

COPIED = 2**30
"""Bytes that a copy is timed with; of no cache's size."""

CPU_FILE = Path("/proc/cpuinfo")


def described(peers: Iterable[Peer], threads: int) -> dict[str, Any]:
    """Return the processor, the system, the threads, how busy it was, and all versions."""
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
    }
    remarks = []
    for peer in peers:
        if peer.missing() is None:
            versions |= peer.versions()
            remarks += [remark] if (remark := peer.remark()) else []
    return {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": platform.platform(terse=True),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "versions": versions,
        "remarks": remarks,
    }


def processor(file: Path = CPU_FILE) -> str:
    """Return the processor's name, as far as the system tells."""
    if file.exists():
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def copying_speed(device: str) -> float:
    """Return how many bytes a second a copy on a device reads and writes, the best of five."""
    source = torch.zeros(COPIED // 4, device=device)
    target, times = torch.empty_like(source), []
    for _ in range(5):
        synchronised(device)
        start = time.perf_counter()
        target.copy_(source)
        synchronised(device)
        times.append(time.perf_counter() - start)
    return 2 * COPIED / min(times)


def synchronised(device: str) -> None:
    """Wait until a device has done all that it was given."""
    if device == "cuda":
        torch.cuda.synchronize()
