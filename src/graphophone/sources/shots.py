"""What the file of a sampled kit says: which recording sounds when."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Region:
    """When a recording of a drum sounds, as a kit's own file says.

    Attributes:
        low: Softest velocity, 0 to 1.
        high: Hardest velocity.
        gain_db: Its gain.
        turn: Which of ``turns`` strokes it answers, 0 being the first.
        turns: Length of that round.
        chance: It answers where a number drawn between 0 and 1 for the stroke lies in here.
        veltrack: How much velocity changes the gain: 1 gives its square, 0 leaves it alone.
    """

    low: float = 0.0
    high: float = 1.0
    gain_db: float = 0.0
    turn: int = 0
    turns: int = 1
    chance: tuple[float, float] = (0.0, 1.0)
    veltrack: float = 1.0

    def distance(self, velocity: float) -> float:
        """Return how far outside of the region a velocity lies."""
        return max(self.low - velocity, velocity - self.high, 0.0)


@dataclass(frozen=True, slots=True)
class Shot:
    """A recording of a kit and when it sounds.

    Attributes:
        path: The file.
        articulation: What is struck.
        region: Which strokes it answers.
        group: Its choke group; empty where it has none.
        off_by: The group whose strokes silence it; empty where none does.
    """

    path: Path
    articulation: str
    region: Region
    group: str = ""
    off_by: str = ""


@dataclass(frozen=True, slots=True)
class KitFile:
    """What a kit's file says.

    Attributes:
        path: The file.
        shots: Its recordings of the six instruments, in its order.
        ignored: How often each opcode or instrument occurs that was not understood.
        included: Files that are parts of it and no kits themselves.
        licence: Name of the licence, where it says one.
        author: Who made it, where it says so.
    """

    path: Path
    shots: tuple[Shot, ...]
    ignored: Mapping[str, int]
    included: tuple[Path, ...] = ()
    licence: str = ""
    author: str = ""
