"""Why something failed, in a sentence for the page."""

from graphophone.errors import GraphophoneError


def explained(error: BaseException) -> str:
    """Say in a sentence why something failed."""
    if isinstance(error, GraphophoneError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory; try a shorter recording"
    if isinstance(error, OSError):
        return f"a file of the server cannot be used ({error.strerror or type(error).__name__})"
    return f"unexpected error, {type(error).__name__}: {error}"
