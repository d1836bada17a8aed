"""Every error this package raises on purpose.

Each one is also the built-in exception a caller would expect, so ``except ValueError``
keeps working in code that has never heard of us. Messages are one sentence that names the
thing, what is allowed and what was got: the command line prints them as they are.
"""


class GraphophoneError(Exception):
    """Root of all deliberate errors."""


class ParameterError(GraphophoneError, ValueError):
    """A knob is outside its range, unknown, or missing."""


class ShapeError(GraphophoneError, ValueError):
    """A tensor does not have the axes a function was promised."""


class GraphError(GraphophoneError, ValueError):
    """A graph breaks a structural rule."""


class FormatError(GraphophoneError, ValueError):
    """A graph file, data set or configuration does not follow its format."""


class AudioError(GraphophoneError, ValueError):
    """A recording cannot be read, written or listened to."""


class WeightsError(GraphophoneError, ValueError):
    """A checkpoint or weight file is not one, or does not fit this version."""


class UsageError(GraphophoneError, ValueError):
    """A command was asked for something that it does not offer."""


class StorageError(GraphophoneError, OSError):
    """A disk has no room, or somebody else writes there."""


class WorkerError(GraphophoneError, RuntimeError):
    """Work cannot be shared out, or who did it died."""
