"""The Faust compiler, the C++ compiler, and programs that they have made."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graphophone.errors import UsageError
from graphophone.export.bounded import absent, run

Signal = npt.NDArray[np.float64]

ARCHITECTURE = Path(__file__).parent / "architecture.cpp"
PACKAGES: Mapping[str, str] = {"faust": "faust", "g++": "g++"}
"""Debian package of each program."""


def missing() -> str:
    """Name the programs that are not there, with their Debian packages; nothing if all are."""
    return absent(PACKAGES)


def translated(program: Path, out: Path, *, double: bool = True) -> Path:
    """Translate a Faust program to C++.

    Args:
        program: The source.
        out: Folder for what is made of it.
        double: Whether to compute in double precision.

    Returns:
        The C++ source, with a main function that runs it on raw samples.

    Raises:
        UsageError: A compiler is missing.
        WorkerError: The compiler refuses the program, or takes too long.
    """
    if away := missing():
        raise UsageError(away)
    made = out / f"{program.stem}.cpp"
    precision = "-double" if double else "-single"
    run(["faust", precision, "-a", str(ARCHITECTURE), "-o", str(made), str(program)])
    return made


def compiled(program: Path, out: Path, *, double: bool = True) -> Path:
    """Compile a Faust program to one that runs on raw samples.

    Args:
        program: The source.
        out: Folder for what is made of it.
        double: Whether to compute, and read sliders, in double precision.

    Returns:
        The executable.

    Raises:
        UsageError: A compiler is missing.
        WorkerError: A compiler refuses the program, or takes too long.
    """
    source, made = translated(program, out, double=double), out / program.stem
    real = f"-DFAUSTFLOAT={'double' if double else 'float'}"
    run(["g++", "-std=c++17", "-O1", real, "-o", str(made), str(source)])
    return made


def sliders(executable: Path) -> dict[str, tuple[float, float, float]]:
    """Return where each slider of a program stands at first, and both its ends."""
    lines = run([str(executable), "labels"]).decode().splitlines()
    rows = (line.split("\t") for line in lines)
    return {name: (float(first), float(low), float(high)) for name, first, low, high in rows}


def played(
    executable: Path, signal: Signal, rate: int, settings: Mapping[str, float] | None = None
) -> Signal:
    """Run a program on some samples.

    Args:
        executable: From :func:`compiled`.
        signal: Shape (channel, time), as many channels as the program has.
        rate: Samples per second.
        settings: Sliders that are to stand elsewhere than at first.

    Returns:
        Shape (channel, time), of two channels.
    """
    words = [f"{name}={value!r}" for name, value in (settings or {}).items()]
    raw = np.ascontiguousarray(signal.T, dtype=np.float64).tobytes()
    made = np.frombuffer(run([str(executable), str(rate), *words], raw), dtype=np.float64)
    return made.reshape(-1, 2).T.copy()
