"""Other programs, with bounds on their time and on what they write."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from graphophone.errors import WorkerError

SECONDS = 120.0
"""How long a program may run."""
MEGABYTES = 512
"""How large a file it may write."""


def absent(packages: Mapping[str, str]) -> str:
    """Name the programs that are not there, with their Debian packages; nothing if all are."""
    away = [name for name in packages if shutil.which(name) is None]
    listed = ", ".join(f"{name} (Debian package {packages[name]})" for name in away)
    return f"missing: {listed}" if away else ""


def run(words: Sequence[str], given: bytes = b"", folder: Path | None = None) -> bytes:
    """Run a program.

    Args:
        words: Its name and arguments.
        given: What it reads.
        folder: Where it works.

    Returns:
        What it wrote to its standard output.

    Raises:
        WorkerError: It failed, or took too long.
    """
    # The shell's unit is half a kilobyte; the words are handed over as they are.
    limited = ["sh", "-c", f'ulimit -f {2048 * MEGABYTES}; exec "$@"', "sh", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        limited, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder, start_new_session=True
    ) as ran:
        try:
            made, told = ran.communicate(given, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise WorkerError(f"{Path(words[0]).name} took more than {SECONDS:g} s") from None
        finally:
            if ran.poll() is None:  # a script leaves compilers behind, so all that it began ends
                with suppress(ProcessLookupError):
                    os.killpg(ran.pid, signal.SIGKILL)
    if ran.returncode:
        said = told.decode(errors="replace").strip().splitlines()
        reason = next((line for line in said if "error" in line.lower()), "".join(said[:1]))
        raise WorkerError(f"{Path(words[0]).name} failed: {reason or ran.returncode}")
    return made
