"""What the figures were measured on."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch

from graphophone.benchmark.contender import Peer

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
