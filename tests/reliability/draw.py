"""Cases for the renderer: a graph, clips and a sample rate, all from one seed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

import torch
from torch import Tensor

from graphophone.graph.model import Energy, Graph
from graphophone.processors import ALL_SPECS
from graphophone.processors.console import CONSOLE
from graphophone.render.execute import execute
from graphophone.render.plan import plan
from tests.render.graphs import TYPES, random_graph

RATES = (8_000, 22_050, 44_100, 48_000, 96_000, 192_000)
LONGEST = 8_192
FULL_RATE, FULL_SAMPLES = 44_100, 160_083
"""What the estimator hears: 3.63 s."""
FULL_EVERY = 100
"""Which share of all cases is that long."""
ENDS = 0.15
"""Share of settings at an end of their range."""
CONSOLE_SHARE = 0.1
"""Share of cases with processors from outside the catalogue."""
ENERGIES: tuple[Energy, ...] = ("normalised", "frozen", "plain")
SOURCES = ("voice", "kick", "hat")
DENORMAL = {torch.float32: 1e-40, torch.float64: 1e-310}


@dataclass(frozen=True)
class Case:
    """What one seed stands for.

    Attributes:
        seed: The seed.
        graph: A valid graph of any kind.
        dry: A clip (2, time) for each source that a graph may have.
        rate: Samples per second.
    """

    seed: int
    graph: Graph
    dry: Mapping[str, Tensor]
    rate: int

    @property
    def samples(self) -> int:
        return self.dry["voice"].shape[-1]

    @property
    def dtype(self) -> torch.dtype:
        return self.dry["voice"].dtype

    @cached_property
    def doubled(self) -> dict[str, Tensor]:
        """The same clips, (1, 2, time), in double precision, where computations are compared.

        In single precision they differ in a last bit here and there, which a filter lays bare and
        a quantiser turns into a step.
        """
        return {name: clip[None].double() for name, clip in self.dry.items()}

    @cached_property
    def wet(self) -> Tensor:
        """What the renderer makes of them."""
        return execute(plan(self.graph, ALL_SPECS), self.doubled, self.rate).result()

    @property
    def is_full(self) -> bool:
        return self.samples == FULL_SAMPLES


def draw(seed: int) -> Case:
    """Draw the case of a seed."""
    rng = Random(seed)
    rate, samples = rng.choice(RATES), _length(rng)
    if seed % FULL_EVERY == FULL_EVERY // 2:
        rate, samples = FULL_RATE, FULL_SAMPLES
    dtype = rng.choice((torch.float32, torch.float64))
    types = TYPES + tuple(CONSOLE) if rng.random() < CONSOLE_SHARE else TYPES
    graph = random_graph(rng, energy=rng.choice(ENERGIES), types=types, ends=ENDS)
    return Case(seed, graph, clips(rng, samples, dtype), rate)


def clips(rng: Random, samples: int, dtype: torch.dtype) -> dict[str, Tensor]:
    """Draw a clip for each source."""
    generator = torch.Generator().manual_seed(rng.getrandbits(40))
    return {name: clip(rng, generator, samples, dtype) for name in SOURCES}


def clip(rng: Random, generator: torch.Generator, samples: int, dtype: torch.dtype) -> Tensor:
    """Draw one clip of any kind, its channels alike, opposite, different, or one silent."""
    wide = rng.choice(KINDS)(rng, generator, samples)
    if rng.random() < 0.5:
        sides = rng.choice(((1.0, 1.0), (1.0, -1.0), (1.0, 0.0), (0.0, 1.0)))
        wide = wide[:1] * torch.tensor(sides, dtype=torch.float64)[:, None]
    return wide.to(dtype).contiguous()


def _length(rng: Random) -> int:
    """Draw a length: most are short, as most mistakes show at once and time is dear."""
    if rng.random() < 0.05:
        return rng.choice((1, 2, LONGEST))
    return round(LONGEST ** rng.random())


def _level(rng: Random) -> float:
    return float(10 ** (rng.uniform(-100, 0) / 20)) if rng.random() < 0.3 else rng.uniform(0.01, 1)


def _noise(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    wide = 2 * torch.rand(2, samples, generator=generator, dtype=torch.float64) - 1
    return _level(rng) * wide


def _tone(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    """A sine from one swing in 2,000 samples up, which meets a sharp filter where it rings."""
    turn = 2 * math.pi * 1000 ** rng.uniform(-1.1, -0.1)
    time = torch.arange(samples, dtype=torch.float64)
    return _level(rng) * torch.stack((torch.sin(turn * time), torch.cos(turn * time)))


def _dying(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    """Noise that falls from full scale through the smallest numbers of single precision."""
    return _noise(rng, generator, samples) * torch.logspace(0, -46, samples, dtype=torch.float64)


def _denormal(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    smallest = rng.choice(tuple(DENORMAL.values()))
    return smallest * torch.randint(-9, 10, (2, samples), generator=generator).double()


def _constant(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    return torch.full((2, samples), rng.choice((1.0, -1.0, _level(rng))), dtype=torch.float64)


def _square(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    half = rng.choice((1, 2, 3, 17, 100, 441))
    time = torch.arange(samples).expand(2, -1)
    return 1.0 - 2.0 * (time // half % 2).double()


def _impulses(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    wide = torch.zeros(2, samples, dtype=torch.float64)
    for _ in range(rng.choice((1, 1, 5))):
        wide[:, rng.choice((0, rng.randrange(samples)))] = rng.choice((1.0, -1.0))
    return wide


def _silence(rng: Random, generator: torch.Generator, samples: int) -> Tensor:
    return torch.zeros(2, samples, dtype=torch.float64)


KINDS: tuple[Callable[[Random, torch.Generator, int], Tensor], ...] = (
    *(_noise,) * 4,
    *(_tone,) * 2,
    *(_square,) * 2,
    _constant,
    _impulses,
    _dying,
    _denormal,
    _silence,
)
"""What a source may be; most often something that shows most mistakes."""
