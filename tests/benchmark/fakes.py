"""Tools that do nothing much."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from graphophone.benchmark import laws
from graphophone.benchmark.contender import Contender, Run
from graphophone.benchmark.job import Job


class Fake:
    """A tool with one way to do anything in series.

    Args:
        name: What it is called.
        does: What it makes of audio.
        missing: Why it is not there.
        traffic: Bytes that it says a run moves.
    """

    def __init__(
        self,
        name: str,
        does: Callable[[Tensor], Any] = lambda a: a,
        missing: str | None = None,
        traffic: int = 0,
    ) -> None:
        self.name, self.does, self.reason, self.traffic = name, does, missing, traffic
        self.prepared: list[tuple[int, ...]] = []
        self.ran = 0

    def missing(self) -> str | None:
        return self.reason

    def remark(self) -> str | None:
        return f"{self.name} is a fake." if self.name == "odd" else None

    def versions(self) -> dict[str, str]:
        return {self.name: "1.0"}

    def contenders(self, job: Job) -> Sequence[Contender]:
        if job.shape != "series":
            return []

        def prepare(audio: Tensor) -> Run:
            self.prepared.append(tuple(audio.shape))

            def run() -> Any:
                self.ran += 1
                return self.does(audio)

            return run

        law, traffic = laws.equals(lambda x: x, "the input"), self.traffic
        moved = (lambda audio: traffic) if traffic else None
        return [Contender(self.name, prepare, law, "a note", traffic=moved)]
