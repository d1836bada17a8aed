"""The heap of a worker: what it has freed and not given back.

Clips of a megabyte come and go between analyses of speech that stay. The C library takes such clips
from its heap, and keeps what is free between two blocks that are in use, a quarter of a gigabyte
after some thousand examples. glibc hands those pages back when it is asked (``malloc_trim(3)``);
other libraries have no such function, and some do it by themselves.
"""

import ctypes


def trim() -> bool:
    """Give free pages of the heap back to the system.

    Returns:
        Whether there were any; never where the C library is not glibc.
    """
    try:
        release = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):  # Windows has no such handle, musl no such name
        return False
    release.argtypes, release.restype = [ctypes.c_size_t], ctypes.c_int
    return bool(release(0))
