"""Rooms and echoes of other makes, by their frequency responses.

A linear effect is its response, and a response is free of the order in which a loop computes:
feedback is a division, and a series of echoes that ends in time is one minus its remainder.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from graphophone.generation.hands.hand import Hand, knob
from graphophone.tensors import Audio


@dataclass(frozen=True, slots=True)
class Grid:
    """Frequencies at which responses are computed: fine enough for a clip and as long a tail."""

    length: int
    rate: int

    @classmethod
    def of(cls, audio: Audio, rate: int) -> "Grid":
        """Return the grid for a clip."""
        return cls(next_fast_len(2 * audio.shape[-1], real=True), rate)

    def late(self, seconds: float) -> Tensor:
        """Return the response of a delay of whole samples, complex (bins,)."""
        samples = max(1, round(seconds * self.rate))
        turns = (torch.arange(self.length // 2 + 1) * samples) % self.length
        angle = turns * (-2 * math.pi / self.length)
        return torch.polar(torch.ones_like(angle), angle)

    def low_pass(self, hertz: float) -> Tensor:
        """Return the response of a one-pole low-pass, complex (bins,)."""
        pole = math.exp(-2 * math.pi * min(hertz / self.rate, 0.5))
        return (1 - pole) / (1 - pole * self.late(1 / self.rate))

    def through(self, audio: Audio, response: Tensor) -> Audio:
        """Send (batch, 2, time) through a response (2, bins), or (bins,) for both channels."""
        samples = audio.shape[-1]
        spectrum = torch.fft.rfft(audio.contiguous(), self.length) * response
        back: Tensor = torch.fft.irfft(spectrum, self.length)
        return back[..., :samples]


def room(rng: Random, type_: str) -> Hand:
    """Draw a reverb: combs and all-passes in other numbers and lengths, or decaying noise."""
    noise = rng.random() < 0.4
    seed, balance, send = rng.getrandbits(32), 10 ** rng.uniform(-0.2, 0.2), rng.random() < 0.4
    crossfeed = 0.5 if type_ == "mono_reverb" else rng.uniform(0, 0.4)
    predelay = rng.choice((0.0, rng.uniform(0, 0.04)))

    def reverberate(audio: Audio, controls: Mapping[str, Tensor], rate: int) -> Audio:
        grid, inner = Grid.of(audio, rate), Random(seed)
        decay = 0.2 * 30 ** knob(controls, "size")  # as the knob says of our own rooms
        damping, width = knob(controls, "damping"), knob(controls, "width")
        if noise:
            response = _noise(grid, inner, decay, damping)
        else:
            tank = _Tank.draw(inner, knob(controls, "size"))
            sides = tank.response(grid, decay, damping), tank.other().response(grid, decay, damping)
            response = torch.stack(sides)
        fed = (1 - crossfeed) * audio + crossfeed * audio.flip(1)
        wet = grid.through(fed, response * grid.late(max(predelay, 1 / rate)))
        middle = wet.mean(1, keepdim=True)
        wet = middle + width * (wet - middle)
        wet = wet * (balance * _loudness(audio) / _loudness(wet))
        mix = knob(controls, "mix")
        return audio + mix * wet if send else (1 - mix) * audio + mix * wet

    return reverberate


@dataclass(frozen=True, slots=True)
class _Tank:
    """Damped combs side by side, and all-passes in a row; lengths in seconds."""

    combs: tuple[float, ...]
    passes: tuple[float, ...]
    gain: float
    spread: float

    @classmethod
    def draw(cls, rng: Random, size: float) -> "_Tank":
        scale = 0.5 + size * rng.uniform(0.3, 1.0)
        return cls(
            combs=tuple(scale * rng.uniform(0.022, 0.05) for _ in range(rng.randint(4, 10))),
            passes=tuple(rng.uniform(0.001, 0.014) for _ in range(rng.randint(2, 5))),
            gain=rng.uniform(0.45, 0.7),
            spread=rng.uniform(0.0003, 0.0015),
        )

    def other(self) -> "_Tank":
        """Return the tank of the other side."""
        return replace(
            self,
            combs=tuple(seconds + self.spread for seconds in self.combs),
            passes=tuple(seconds + self.spread for seconds in self.passes),
        )

    def response(self, grid: Grid, decay: float, damping: float) -> Tensor:
        loop = grid.low_pass(20_000 * 0.08**damping)
        total = torch.zeros(grid.length // 2 + 1, dtype=torch.complex64)
        for seconds in self.combs:
            late = grid.late(seconds)
            total = total + late / (1 - 10 ** (-3 * seconds / decay) * late * loop)
        for seconds in self.passes:
            late = grid.late(seconds)
            total = total * (late - self.gain) / (1 - self.gain * late)
        return total


def _noise(grid: Grid, rng: Random, decay: float, damping: float) -> Tensor:
    """Return the response of two noises whose high frequencies die faster, (2, bins)."""
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    times = torch.arange(grid.length // 2) / grid.rate
    noise = torch.randn((2, len(times)), generator=generator)
    fall = 10 ** (-3 * times / decay)
    faster = 10 ** (-3 * times / (decay * (1 - 0.8 * damping)))
    split = grid.low_pass(rng.uniform(1_500, 6_000))
    low = torch.fft.rfft(noise * fall, grid.length) * split
    high = torch.fft.rfft(noise * faster, grid.length) * (1 - split)
    response: Tensor = low + high
    for _ in range(rng.randint(0, 8)):
        response = response + rng.uniform(2, 12) * grid.late(rng.uniform(0.002, 0.07))
    return response


def echoes(rng: Random, type_: str) -> Hand:
    """Draw a delay: clean repeats or darker ones, mixed or sent."""
    colour, send = rng.choice(("clean", "dark", "band")), rng.random() < 0.5
    corner = 2_000 * 5 ** rng.random()

    def echo(audio: Audio, controls: Mapping[str, Tensor], rate: int) -> Audio:
        grid = Grid.of(audio, rate)
        line, feedback = knob(controls, "delay"), knob(controls, "feedback")
        tone = torch.ones(1, dtype=torch.complex64)
        if colour == "dark":
            tone = grid.low_pass(corner)
        elif colour == "band":
            middle = knob(controls, "frequency")
            tone = grid.low_pass(4 * middle) * (1 - grid.low_pass(middle / 4))
        wet = _crossed if type_ == "pingpong_delay" else _in_place
        offset = knob(controls, "stereo_offset") if type_ == "pingpong_delay" else 0.0
        made = wet(audio, grid, tone, feedback, (line, line * (1 + offset)))
        mix = knob(controls, "mix")
        return audio + mix * made if send else (1 - mix) * audio + mix * made

    return echo


def _in_place(
    audio: Audio, grid: Grid, tone: Tensor, feedback: float, lines: tuple[float, float]
) -> Audio:
    """Repeat each channel on its own side."""
    once = grid.late(lines[0]) * tone
    return grid.through(audio, once * _series(feedback * once, audio, grid, lines[0]))


def _crossed(
    audio: Audio, grid: Grid, tone: Tensor, feedback: float, lines: tuple[float, float]
) -> Audio:
    """Throw the mean of both channels from the left line to the right one and back."""
    left, right = (grid.late(seconds) * tone for seconds in lines)
    both = feedback**2 * left * right
    left = left * _series(both, audio, grid, sum(lines))
    middle = audio.mean(1, keepdim=True).expand_as(audio)
    return grid.through(middle, torch.stack((left, left * right * feedback)))


def _series(step: Tensor, audio: Audio, grid: Grid, seconds: float) -> Tensor:
    """Return 1 + step + step^2 and so on, as far as the clip reaches."""
    count = math.ceil(audio.shape[-1] / max(1, round(seconds * grid.rate)))
    total: Tensor = (1 - step**count) / (1 - step)
    return total


def _loudness(audio: Audio) -> float:
    return float(audio.square().mean().sqrt()) + 1e-9
