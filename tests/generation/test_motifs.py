"""Motifs: alone and in any place of any company they make graphs that keep the rules."""

from itertools import pairwise
from random import Random

import pytest

from graphophone.codec.tokens import Vocabulary, decode, encode
from graphophone.generation.mix import Place, read_mix
from graphophone.generation.motifs import MOTIFS, Motif, console
from graphophone.generation.patch import Patch, Wire
from graphophone.generation.prototype import LAST, draw_size, drums_prototype, singing_prototype
from graphophone.graph.canonical import is_canonical_mix, reorder_lti
from graphophone.graph.compare import same_structure
from graphophone.graph.model import Graph
from graphophone.graph.rules import check
from graphophone.processors import SPECS
from graphophone.spec import SOURCES

KIT = tuple(name for name in SOURCES if name != "voice")
DESK = [name for name, motif in MOTIFS.items() if motif.grow.__module__ == console.__name__]


def finished(patch: Patch, wire: Wire) -> Graph:
    out = patch.builder.add("out")
    patch.builder.connect(wire.node, out, wire.outlet, "in")
    return patch.builder.graph(prototype=True)


def grown(motif: Motif, seed: int, place: Place) -> Graph:
    """Set a motif into a chain: something before, something after, itself once more behind."""
    rng = Random(seed)
    patch = Patch(rng)
    wires = [patch.source(name) for name in (("voice",) if place == "voice" else KIT[:3])]
    if place == "bus":
        wires = [patch.mix(*wires)]
    other = MOTIFS[rng.choice(list(MOTIFS))]
    for grow in (other.grow, motif.grow, motif.grow):
        wires[-1] = grow(patch, wires[-1])
        patch.taps.append(wires[-1])
    return finished(patch, patch.mix(*wires))


@pytest.mark.parametrize("motif", MOTIFS.values(), ids=lambda motif: motif.name)
def test_a_motif_alone_makes_a_valid_graph(motif: Motif) -> None:
    for seed in range(15):
        patch = Patch(Random(seed))
        graph = finished(patch, motif.grow(patch, patch.source("voice")))
        check(graph, SPECS, prototype=True)
        assert is_canonical_mix(graph)
        assert patch.size == len(graph) - 2 >= 1


@pytest.mark.parametrize("place", ["voice", "track", "bus"])
@pytest.mark.parametrize("motif", MOTIFS.values(), ids=lambda motif: motif.name)
def test_a_motif_in_company_keeps_the_rules_and_canonical_form(motif: Motif, place: Place) -> None:
    for seed in range(6):
        graph = reorder_lti(grown(motif, seed, place), SPECS)
        check(graph, SPECS, prototype=True)
        assert is_canonical_mix(graph), graph


def test_every_motif_is_documented_and_known_by_its_name() -> None:
    assert all(motif.grow.__doc__ for motif in MOTIFS.values())
    assert all(name == motif.name for name, motif in MOTIFS.items())
    assert len(DESK) >= 8


@pytest.mark.parametrize("mix", ["paper", "extended"])
def test_all_motifs_of_a_mix_are_drawn_and_no_other(
    mix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphophone.generation.prototype.reorder_lti", lambda graph, specs: graph)
    table, voices, drums = read_mix(mix), set[str](), set[str]()
    for seed in range(150):
        rng = Random(seed)
        voices |= set(singing_prototype(rng, table, draw_size(rng, table)).motifs)
        drums |= set(drums_prototype(rng, table, KIT).motifs)
    assert voices - {LAST} == set(table.voice.choices)
    assert drums - {LAST} == {*table.track.choices, *table.bus.choices}


def test_the_extended_mix_has_every_motif_of_a_desk() -> None:
    table = read_mix("extended")
    assert set(DESK) <= set(table.voice.choices)
    assert set(DESK) - {"de_essing", "doubling"} <= set(table.bus.choices)


def test_two_cables_of_different_kinds_may_join_two_nodes() -> None:
    found = set()
    for seed in range(20):
        patch = Patch(Random(seed))
        graph = finished(patch, console.parallel_edges(patch, patch.source("voice")))
        for one, two in pairwise(graph.edges):
            if (one.source, one.target) == (two.source, two.target):
                assert one.kind != two.kind
                found.add(graph.nodes[one.source].type)
    assert found == {"crossover", "mono_lfo"}


def test_several_points_send_to_one_effect_that_returns_beside_the_sound() -> None:
    patch = Patch(Random(1))
    wire = patch.source("voice")
    for type_ in ("bell", "distortion", "compressor"):
        wire = patch.add(type_, wire)
        patch.taps.append(wire)
    before = wire.node
    graph = finished(patch, console.sends_and_returns(patch, wire))
    end = graph.incoming(graph.output)[0].source
    assert graph.nodes[end].type == "mix"
    assert before in {e.source for e in graph.incoming(end)}
    sends = [i for i, n in enumerate(graph.nodes) if n.type == "mix" and i != end]
    assert len(graph.incoming(sends[0])) >= 2


def test_a_send_of_a_drum_track_takes_no_other_track() -> None:
    """Or what is done to one track would be done to two, and be on no track at all."""
    for seed in range(40):
        patch = Patch(Random(seed))
        kick, snare = patch.source("kick"), patch.source("snare")
        patch.own = len(patch.taps)
        kick = patch.add("bell", kick)
        patch.taps.append(kick)
        patch.own = len(patch.taps)
        snare = console.sends_and_returns(patch, patch.add("bell", snare))
        graph = finished(patch, patch.mix(kick, snare))
        end = graph.incoming(graph.output)[0].source
        assert {e.target for e in graph.outgoing(kick.node)} == {end}


def test_graphs_of_the_extended_mix_are_round_trips_of_their_tokens() -> None:
    vocabulary = Vocabulary.of(SPECS)
    for seed in range(20):
        rng = Random(seed)
        if seed % 2:
            graph = singing_prototype(rng, "extended", draw_size(rng, "extended")).graph
        else:
            graph = drums_prototype(rng, "extended", KIT[:3]).graph
        tokens = encode(graph, vocabulary, SPECS)
        assert same_structure(decode(tokens, vocabulary), graph, SPECS)
