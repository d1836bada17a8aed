"""The recordings of one session: what was given, as signals of one rate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from graphophone.audio.blocks import BLOCK
from graphophone.audio.libsndfile import SUFFIXES
from graphophone.errors import AudioError, UsageError
from graphophone.graph.model import Graph
from graphophone.report.wear import sources
from graphophone.studio.jobs import Progress
from graphophone.studio.signals import Signal, SignalWriter
from graphophone.studio.takes import WHOLE, Inputs, energy_of, store, store_built_in

MOST_SECONDS = 1_800.0
"""The longest recording that is taken."""
SIGNAL = "-signal.f32"
"""How names of signals in a folder end that were given."""


@dataclass
class Library:
    """Signals on disk, by what they are for.

    Attributes:
        folder: Where they lie.
        reference: The wet recording to listen to.
        take: What goes through the graph: stems by source, or one for all under ``""``.
        mixed: All of the take together.
        built_in: Whether the take is the built-in one.
        energies: Energy of each track of the take.
        most_seconds: The longest recording that is taken.
    """

    folder: Path
    reference: Signal | None = None
    take: dict[str, Signal] = field(default_factory=dict)
    mixed: Signal | None = None
    built_in: bool = False
    energies: dict[str, float] = field(default_factory=dict)
    most_seconds: float = MOST_SECONDS

    @property
    def rate(self) -> int | None:
        """Samples a second of all signals: the take's, or else the reference's."""
        first = next(iter(self.take.values()), self.reference)
        return None if first is None else first.rate

    def add_reference(self, upload: Path, name: str, progress: Progress) -> None:
        """Read the wet recording; it is kept as it was given, for another rate later."""
        own = not self.take or self.built_in
        kept = self.folder / f"reference{upload.suffix}"
        signal = self._store(upload, name, None if own else self.rate, progress)
        for other in self.folder.glob("reference.*"):
            other.unlink()
        upload.replace(kept)
        self.reference = self._placed(signal, "reference")
        if self.built_in:
            self.take, self.mixed, self.built_in, self.energies = {}, None, False, {}

    def add_take(self, upload: Path, name: str, source: str, progress: Progress) -> None:
        """Read a take, or a stem of one; a whole take and stems exclude each other."""
        fresh = self.built_in or (source == WHOLE) or WHOLE in self.take
        rate = None if fresh else self.rate
        signal = self._store(upload, name, rate, progress)
        if fresh:
            self.take, self.energies, self.built_in = {}, {}, False
        signal = self._placed(signal, f"take-{short(source)}")
        self.take[source] = signal
        self.energies[source] = energy_of(signal)
        upload.unlink()
        self._mix()
        self._match_reference(progress)

    def ensure_take(self, graph: Graph) -> None:
        """Take the built-in voice or kit where there is no take, with all that a graph needs."""
        missing = not self.take or (self.built_in and not set(sources(graph)) <= set(self.take))
        if missing:
            more = store_built_in(graph, self.folder, self.rate or graph.sample_rate)
            self.take |= {name: s for name, s in more.items() if name not in self.take}
            self.energies = {name: energy_of(signal) for name, signal in self.take.items()}
            self.built_in = True
            self._mix()

    def tidy(self) -> None:
        """Delete the files of signals that were given before."""
        kept = {s.path for s in (self.reference, self.mixed, *self.take.values()) if s is not None}
        for path in self.folder.glob(f"*{SIGNAL}"):
            if path not in kept:
                path.unlink(missing_ok=True)

    def inputs(self, graph: Graph) -> Inputs:
        """Return how the take enters a graph."""
        return Inputs.of(graph, self.take, energies=self.energies)

    def to_json(self) -> dict[str, Any]:
        """Return what there is as plain data."""
        return {
            "reference": self.reference.to_json() if self.reference else None,
            "take": {name: signal.to_json() for name, signal in self.take.items()},
            "mixed": self.mixed.to_json() if self.mixed else None,
            "built_in": self.built_in,
            "energies": self.energies,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any], folder: Path) -> "Library":
        """Read what :meth:`to_json` gave."""
        reference, mixed = (
            Signal.from_json(document[key], folder) if document[key] else None
            for key in ("reference", "mixed")
        )
        take = {n: Signal.from_json(s, folder) for n, s in document["take"].items()}
        return cls(folder, reference, take, mixed, document["built_in"], document["energies"])

    def _store(self, upload: Path, name: str, rate: int | None, progress: Progress) -> Signal:
        """Decode an upload beside its place; a refusal calls it by its name."""
        temporary = self.folder / "reading.f32"

        def tell(done: int, total: int) -> None:
            progress("reading", done, total)
            if done > self.most_seconds * (rate or 192_000):
                raise AudioError(f"{name}: the studio takes recordings of {self.most_seconds:g} s")

        try:
            signal = store(upload, temporary, name, rate, tell)
        except AudioError as error:
            raise AudioError(str(error).replace(str(upload), name)) from None
        if signal.seconds > self.most_seconds:
            raise AudioError(
                f"{name}: the studio takes recordings of at most {self.most_seconds:g} s, got "
                f"{signal.seconds:.0f} s"
            )
        return signal

    def _placed(self, signal: Signal, stem: str) -> Signal:
        """Put a signal where no other has been, for what sounds may still need the one before."""
        return signal.moved(self.folder / f"{stem}-{token_hex(4)}{SIGNAL}")

    def _match_reference(self, progress: Progress) -> None:
        """Bring the reference to the rate of the take, so that both run side by side."""
        if self.reference is None or self.reference.rate == self.rate:
            return
        kept = next(iter(self.folder.glob("reference.*")), None)
        if kept is None:
            raise UsageError("the reference has to be given again, its file is gone")
        signal = self._store(kept, self.reference.name, self.rate, progress)
        self.reference = self._placed(signal, "reference")

    def _mix(self) -> None:
        """Write all tracks of the take together, to hear what goes in."""
        first, *rest = self.take.values()
        if not rest:
            self.mixed = first
            return
        writer = SignalWriter(self.folder / f"mixed-{token_hex(4)}{SIGNAL}", first.rate)
        inputs = Inputs(self.take, dict.fromkeys(self.take, 1.0), 1.0)
        for start in range(0, inputs.samples, BLOCK):
            block = inputs.block(start, min(BLOCK, inputs.samples - start))
            writer.write(sum(block.values(), start=0 * next(iter(block.values()))))
        self.mixed = writer.finish("stems" if not self.built_in else first.name)


def suffix_of(name: str) -> str:
    """Return the suffix that decides how an upload is read; of its name nothing else is used.

    Raises:
        AudioError: It is not one of a recording.
    """
    suffix = "." + name.lower().rpartition(".")[2]
    if suffix not in SUFFIXES:
        raise AudioError(f"{name}: the name must end in one of {', '.join(SUFFIXES)}")
    return suffix


def short(name: str) -> str:
    """Return what stands for a name in a folder."""
    return sha256(name.encode()).hexdigest()[:12]
