"""A moved spectrum is that of a resampled recording, and the filters in its graph move alike."""

import math

import pytest
import torch

from graphophone.audio.features import RATE, log_mel, pack, unpack
from graphophone.audio.files import resample
from graphophone.codec.tokens import Vocabulary, encode
from graphophone.codec.travel import travels, width
from graphophone.graph import Edge, Graph, Node
from graphophone.models.batch import TokenBatch
from graphophone.processors import SPECS
from graphophone.training.rows import Batch, places_of
from graphophone.training.transpose import pitched, transpose

VOCABULARY = Vocabulary.of(SPECS)
TABLE = pitched(VOCABULARY, SPECS)


def batch(mel: torch.Tensor, frequency: float = 1_000.0) -> Batch:
    """One example: a low-pass and an oscillator's rate."""
    nodes = (
        Node("out"),
        Node("lowpass").with_knobs({**SPECS["lowpass"].defaults(), "frequency": frequency}),
        Node("in", source="voice"),
        Node("mono_lfo").with_knobs(SPECS["mono_lfo"].defaults()),
    )
    edges = (Edge(1, 0), Edge(2, 1), Edge(3, 1, "lfo", "frequency"))
    graph = Graph(nodes, edges)
    tokens, travel = encode(graph, VOCABULARY, SPECS), travels(graph, SPECS)
    parts = (torch.from_numpy(part)[None] for part in (travel.values, travel.live, travel.circular))
    places = torch.from_numpy(places_of(graph))[None]
    return Batch(mel, None, TokenBatch.of([tokens]), places, *parts)


def sound(hertz: float) -> torch.Tensor:
    """A second of noise with a broad peak, so that a spectrum has no lines to miss."""
    noise = torch.fft.rfft(torch.randn(RATE, generator=torch.Generator().manual_seed(0)))
    octaves = torch.log2(torch.arange(1, len(noise) + 1) / hertz)
    shaped = torch.fft.irfft(noise * 10 ** (-0.7 * octaves.abs()))
    return (shaped / shaped.abs().max()).expand(1, 2, -1).contiguous() * 0.5


@pytest.mark.parametrize("seed", range(4))
def test_features_are_those_of_a_recording_played_faster(seed: int) -> None:
    made = batch(pack(log_mel(sound(900.0))))
    moved = transpose(made, 12.0, TABLE, (seed,))
    change = (moved.travel - made.travel).flatten()
    octaves = float(change[change.abs().argmax()] / TABLE[VOCABULARY.node("lowpass")].max())
    ratio = 2**octaves
    played = resample(sound(900.0)[0], round(RATE * ratio), RATE)[None]
    truth = log_mel(played)[..., 10:60].mean(-1)
    found = (unpack(moved.mel)[..., 10:60] + 1).mean(-1) * 63.75 - 120
    apart = (truth - found)[0, 0, 8:-40]
    assert float((apart - apart.median()).abs().mean()) < 1.0
    assert abs(float(apart.median())) < 4.0  # the same power in more bands, or in fewer


def test_filters_move_with_the_spectrum_and_oscillators_do_not() -> None:
    made = batch(pack(log_mel(sound(700.0))))
    moved = transpose(made, 5.0, TABLE, (3,))
    change = moved.travel - made.travel
    assert int((change.abs() > 0).sum()) == 1
    row = VOCABULARY.node("lowpass")
    param = SPECS["lowpass"].params["frequency"]
    column = list(SPECS["lowpass"].params).index("frequency")
    assert float(TABLE[row, column]) == pytest.approx(1 / math.log2(param.high / param.low))
    assert not TABLE[VOCABULARY.node("mono_lfo")].any()
    assert TABLE.shape == (len(VOCABULARY.node_kinds), width(SPECS))


def test_nothing_moves_by_zero_and_the_seed_decides() -> None:
    made = batch(pack(log_mel(sound(700.0))))
    assert transpose(made, 0.0, TABLE, (0,)) is made
    first, again, other = (transpose(made, 4.0, TABLE, (s,)) for s in (1, 1, 2))
    assert torch.equal(first.mel, again.mel)
    assert not torch.equal(first.mel, other.mel)
    ends = transpose(
        batch(made.mel, frequency=SPECS["lowpass"].params["frequency"].high), 4.0, TABLE, (1,)
    )
    assert 0 <= float(ends.travel.min()) <= float(ends.travel.max()) <= 1
