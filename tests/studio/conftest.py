"""Sessions on small recordings, with an ear that has learned what to say."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
import torch

from graphophone.audio.files import write
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.models.listen import Estimate
from graphophone.models.vote import Guess, vote
from graphophone.processors import SPECS
from graphophone.studio.estimating import Ear as RealEar
from graphophone.studio.estimating import Progress
from graphophone.studio.session import Session
from graphophone.studio.signals import Signal
from tests.studio.waiting import finished

RATE = 16_000


def chain(*steps: tuple[str, dict[str, float]]) -> Graph:
    """Processors in series."""
    builder = GraphBuilder(SPECS)
    nodes = [builder.add("in", source="voice")]
    nodes += [builder.add(kind, **knobs) for kind, knobs in steps]
    builder.chain(*nodes, builder.add("out"))
    return builder.graph()


def heard() -> Graph:
    """What the ear hears."""
    return chain(
        ("distortion", {"gain": 20.0}),
        ("pingpong_delay", {"delay": 0.1, "mix": 0.4}),
        ("stereo_reverb", {"mix": 0.3}),
    )


def also() -> Graph:
    """What it also hears: a bitcrusher instead of the distortion."""
    return chain(
        ("bitcrush", {}),
        ("pingpong_delay", {"delay": 0.1, "mix": 0.4}),
        ("stereo_reverb", {"mix": 0.3}),
    )


class Ear(RealEar):
    """Always hears the same."""

    def readings(self) -> list[Guess]:
        """What it hears."""
        return [Guess(heard(), 0.7), Guess(also(), 0.3)]

    def hear(self, signal: Signal, task: str, progress: Progress) -> Estimate:
        progress("listening", 1, 2)
        verdict = vote(self.readings(), SPECS)
        named = verdict.graph.with_parts(
            [
                type(node)(node.type, node.params, node.source, None, f"n{i}")
                for i, node in enumerate(verdict.graph.nodes)
            ],
            verdict.graph.edges,
        )
        return Estimate(named, "singing", verdict, (0.0,), ("by ear",))


def noise(seconds: float = 1.0, seed: int = 1, gain: float = 0.1) -> torch.Tensor:
    """Noise in two channels."""
    torch.manual_seed(Random(f"noise {seed}").getrandbits(31))
    return gain * torch.randn(2, round(seconds * RATE))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A second of noise."""
    path = tmp_path / "given.wav"
    write(path, noise(), RATE)
    return path


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    """Who works in the background."""
    with ThreadPoolExecutor(2) as workers:
        yield workers


@pytest.fixture
def session(tmp_path: Path, recording: Path, executor: ThreadPoolExecutor) -> Session:
    """A session in which a graph was estimated, on a take of noise."""
    folder = tmp_path / "session"
    folder.mkdir()
    session = Session(folder, Ear(), executor)
    take = tmp_path / "take.wav"
    write(take, noise(seed=2), RATE)
    session.add_now(recording, "wet.wav", "reference")
    session.add_now(take, "dry.wav", "take")
    session.estimate()
    finished(session)
    return session
