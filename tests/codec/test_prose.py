"""What a musician would say: settings to words, wiring to sentences."""

from random import Random
from typing import Any

import pytest

from graphophone.codec.passage import Fork, journey, meeting
from graphophone.codec.phrases import interval, note_value, place
from graphophone.codec.prose import NOTHING, sentence
from graphophone.codec.wording import Phrase, article, joined, listed
from graphophone.generation.prototype import draw_size, drums_prototype, singing_prototype
from graphophone.graph.build import GraphBuilder
from graphophone.graph.model import Graph
from graphophone.processors import SPECS

Step = tuple[str, dict[str, float]]


def chain(*steps: Step) -> Graph:
    """One processor after the other."""
    builder = GraphBuilder(SPECS)
    last = builder.add("in", source="voice")
    for type_, knobs in steps:
        node = builder.add(type_, **knobs)
        builder.connect(last, node)
        last = node
    builder.connect(last, builder.add("out"))
    return builder.graph()


def moved(type_: str, inlet: str, control: str, **knobs: float) -> Graph:
    """One processor with a knob that is moved."""
    builder = GraphBuilder(SPECS)
    voice, node, out = builder.add("in", source="voice"), builder.add(type_), builder.add("out")
    mover = builder.add(control, **knobs)
    if control == "envelope_follower":
        builder.connect(voice, mover)
    for source, target in ((voice, node), (node, out)):
        builder.connect(source, target)
    builder.connect(mover, node, inlet=inlet, depth=0.2)
    return builder.graph()


def beside(*types: Step, dry: bool = True) -> Graph:
    """Chains of one processor side by side."""
    builder = GraphBuilder(SPECS)
    voice, mix, out = builder.add("in", source="voice"), builder.add("mix"), builder.add("out")
    if dry:
        builder.connect(voice, mix)
    for type_, knobs in types:
        node = builder.add(type_, **knobs)
        builder.connect(voice, node)
        builder.connect(node, mix)
    builder.connect(mix, out)
    return builder.graph()


@pytest.mark.parametrize(
    ("type_", "knobs", "words"),
    [
        ("highshelf", {"frequency": 6_000, "gain": 6}, "a bright shelf above 6 kHz"),
        ("highshelf", {"frequency": 6_000, "gain": -1}, "a slightly dull shelf above 6 kHz"),
        ("lowshelf", {"frequency": 120, "gain": 15}, "a very warm shelf below 120 Hz"),
        ("lowshelf", {"frequency": 120, "gain": -6}, "a thin shelf below 120 Hz"),
        ("bell", {"frequency": 400, "gain": -6}, "a dip at 400 Hz"),
        ("bell", {"frequency": 3_000, "gain": 14, "q": 5}, "a strong narrow boost at 3 kHz"),
        ("lowpass", {"frequency": 2_000}, "low-passed at 2 kHz"),
        ("lowpass4", {"frequency": 2_000}, "steeply low-passed at 2 kHz"),
        ("highpass", {"frequency": 300}, "high-passed at 300 Hz"),
        ("bandpass", {"frequency": 1_234}, "a band-pass at 1.2 kHz"),
        ("bandreject", {"frequency": 50}, "a notch at 50 Hz"),
        ("distortion", {"gain": 4}, "lightly saturated"),
        ("distortion", {"gain": 15}, "overdriven"),
        ("distortion", {"gain": 30}, "heavily distorted"),
        ("distortion", {"gain": 15, "hardness": 0.9}, "hard-clipped"),
        ("bitcrush", {"bit": 5}, "crushed to 5 bits"),
        ("compressor", {"ratio": 2}, "gently compressed"),
        ("compressor", {"ratio": 5}, "compressed"),
        ("compressor", {"ratio": 12, "threshold": -35}, "squashed hard"),
        ("noisegate", {}, "gated"),
        ("expander", {}, "expanded"),
        ("pitchshift", {"semitone": -12}, "shifted an octave down"),
        ("pitchshift", {"semitone": 7}, "shifted a fifth up"),
        ("pitchshift", {"semitone": 0.2}, "shifted 20 cents up"),
        ("stereo_reverb", {"size": 0.1}, "a small room"),
        ("stereo_reverb", {"size": 0.5}, "a plate"),
        ("stereo_reverb", {"size": 0.9}, "a long plate"),
        ("mono_reverb", {"size": 0.9, "damping": 0.9}, "a long dark hall"),
        ("mono_reverb", {"size": 0.5, "mix": 0.12}, "a touch of a plate"),
        ("mono_delay", {"delay": 0.08}, "a slapback of 80 ms"),
        ("mono_delay", {"delay": 0.4}, "a 400 ms echo"),
        ("pingpong_delay", {"delay": 0.4}, "a 400 ms ping-pong"),
        ("mono_delay", {"delay": 0.8, "feedback": 0.8}, "an 800 ms echo with many repeats"),
        ("panning", {"pan": -1}, "panned hard left"),
        ("panning", {"pan": 0.5}, "panned right"),
        ("imager", {"width": 2}, "widened"),
        ("imager", {"width": 0.5}, "narrowed"),
        ("imager", {"width": 0}, "folded to mono"),
        ("chorus", {}, "a still chorus"),
    ],
)
def test_one_processor_is_called_by_its_settings(
    type_: str, knobs: dict[str, float], words: str
) -> None:
    assert sentence(chain((type_, knobs)), SPECS) == words


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (
            moved("bandpass", "frequency", "stereo_lfo", frequency=0.3),
            "a slow stereo sweep on a band-pass",
        ),
        (moved("lowpass", "frequency", "mono_lfo", frequency=1), "a sweep on a low-pass"),
        (moved("lowpass", "frequency", "envelope_follower"), "an auto-wah on a low-pass"),
        (moved("chorus", "mod", "stereo_lfo", frequency=0.5), "a slow stereo chorus"),
        (moved("phaser", "mod", "mono_lfo", frequency=1), "a phaser"),
        (moved("vibrato", "mod", "mono_lfo", frequency=6), "a fast vibrato"),
        (moved("panning", "pan", "mono_lfo", frequency=0.2), "a slow auto-pan"),
    ],
)
def test_movement_is_heard_in_the_words(graph: Graph, words: str) -> None:
    assert sentence(graph, SPECS) == words


def test_an_unprocessed_recording() -> None:
    assert sentence(chain(), SPECS) == NOTHING == "no processing found"


def test_mere_wiring_is_not_called_unprocessed() -> None:
    builder = GraphBuilder(SPECS)
    voice, merge = builder.add("in", source="voice"), builder.add("midside_merge")
    builder.connect(voice, merge, inlet="mid")
    builder.connect(voice, merge, inlet="side")
    builder.connect(merge, builder.add("out"))
    assert sentence(builder.graph(), SPECS).startswith("only split and joined again")


def test_the_sentence_of_the_manual() -> None:
    builder = GraphBuilder(SPECS)
    voice, low = builder.add("in", source="voice"), builder.add("pitchshift", semitone=-12)
    mix, out = builder.add("mix"), builder.add("out")
    echo = builder.add("pingpong_delay", delay=0.38)
    plate = builder.add("stereo_reverb", size=0.8)
    for source, target in ((voice, low), (voice, mix), (low, mix), (mix, echo), (echo, plate)):
        builder.connect(source, target)
    builder.connect(plate, out)
    assert sentence(builder.graph(), SPECS, bpm=120) == (
        "doubled an octave down, then a dotted-eighth ping-pong at about 120 bpm into a long plate"
    )


@pytest.mark.parametrize(
    ("seconds", "bpm", "name"),
    [
        (0.5, 120, "quarter-note"),
        (0.375, 120, "dotted-eighth"),
        (0.25, 120, "eighth"),
        (1 / 3, 120, "quarter-triplet"),
        (0.44, 120, None),
        (0.75, 80, "quarter-note"),
    ],
)
def test_note_values_hold_within_six_per_cent(seconds: float, bpm: float, name: str | None) -> None:
    assert note_value(seconds, bpm) == name
    if name:
        assert note_value(seconds * 1.05, bpm) == name


def test_note_values_are_told_only_with_a_tempo() -> None:
    graph = chain(("mono_delay", {"delay": 0.5}))
    assert sentence(graph, SPECS) == "a 500 ms echo"
    assert sentence(graph, SPECS, bpm=120) == "a quarter-note echo at 120 bpm"
    assert sentence(graph, SPECS, bpm=123) == "a quarter-note echo at about 123 bpm"
    assert sentence(graph, SPECS, bpm=100) == "a 500 ms echo"


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (beside(("stereo_reverb", {"size": 0.9})), "a long plate beside the dry sound"),
        (beside(("distortion", {"gain": 30})), "a copy heavily distorted beside the dry sound"),
        (
            beside(("pitchshift", {"semitone": -12}), ("pitchshift", {"semitone": 7})),
            "doubled an octave down and a fifth up",
        ),
        (
            beside(("distortion", {"gain": 30}), ("chorus", {}), dry=False),
            "a copy heavily distorted and a still chorus side by side",
        ),
    ],
)
def test_branches_are_said_side_by_side(graph: Graph, words: str) -> None:
    assert sentence(graph, SPECS) == words


def test_a_bank_of_voices_has_places() -> None:
    builder = GraphBuilder(SPECS)
    voice, mix, out = builder.add("in", source="voice"), builder.add("mix"), builder.add("out")
    builder.connect(voice, mix)
    for semitone, pan in ((-12.0, -0.5), (7.0, 0.9)):
        shift, pan_ = builder.add("pitchshift", semitone=semitone), builder.add("panning", pan=pan)
        for source, target in ((voice, shift), (shift, pan_), (pan_, mix)):
            builder.connect(source, target)
    builder.connect(mix, out)
    assert sentence(builder.graph(), SPECS) == (
        "doubled an octave down on the left and a fifth up hard right"
    )


def split(type_: str, merge: str, names: tuple[str, str], second: Step | None) -> Graph:
    builder = GraphBuilder(SPECS)
    voice, node = builder.add("in", source="voice"), builder.add(type_)
    inlets = names if merge == "midside_merge" else ("in", "in")
    drive, end = builder.add("distortion", gain=15.0), builder.add(merge)
    out = builder.add("out")
    builder.connect(voice, node)
    builder.connect(node, drive, names[0])
    builder.connect(drive, end, inlet=inlets[0])
    if second:
        other = builder.add(second[0], **second[1])
        builder.connect(node, other, names[1])
        builder.connect(other, end, inlet=inlets[1])
    else:
        builder.connect(node, end, names[1], inlets[1])
    builder.connect(end, out)
    return builder.graph()


def test_bands_and_sides() -> None:
    bands = split("crossover", "mix", ("low", "high"), ("stereo_reverb", {"size": 0.9}))
    assert sentence(bands, SPECS) == (
        "split at 1 kHz with the lows overdriven and the highs through a long plate"
    )
    sides = split("midside_split", "midside_merge", ("mid", "side"), None)
    assert sentence(sides, SPECS) == "with the middle overdriven"


def test_one_band_alone() -> None:
    builder = GraphBuilder(SPECS)
    voice, node = builder.add("in", source="voice"), builder.add("crossover", frequency=800.0)
    out = builder.add("out")
    builder.connect(voice, node)
    builder.connect(node, out, "low")
    assert sentence(builder.graph(), SPECS) == "stripped to the lows below 800 Hz"


def test_a_run_of_equaliser_bands_is_one_equaliser() -> None:
    graph = chain(("highshelf", {"gain": 6}), ("bell", {"gain": -6}), ("distortion", {}))
    assert sentence(graph, SPECS) == (
        "an EQ with a bright shelf above 1 kHz and a dip at 1 kHz, then overdriven"
    )


def test_a_gated_reverb() -> None:
    graph = chain(("stereo_reverb", {"size": 0.9}), ("noisegate", {}))
    assert sentence(graph, SPECS) == "a gated long plate"


def kit(*, ducked: bool = True) -> Graph:
    """Three instruments, one of them driven, and a bus that may be ducked by the kick."""
    builder = GraphBuilder(SPECS)
    ins = {name: builder.add("in", source=name) for name in ("kick", "snare", "hat")}
    drive, mix = builder.add("distortion", gain=30.0), builder.add("mix")
    duck, out = builder.add("compressor"), builder.add("out")
    builder.connect(ins["snare"], drive)
    for node in (ins["kick"], drive, ins["hat"]):
        builder.connect(node, mix)
    builder.connect(mix, duck)
    builder.connect(duck, out)
    if ducked:
        builder.connect(ins["kick"], duck, inlet="sidechain")
    return builder.graph()


def test_drums_instrument_by_instrument_then_the_bus() -> None:
    text = "the snare heavily distorted, the kick and the hat untouched; then all of it "
    assert sentence(kit(ducked=False), SPECS) == text + "compressed"


def test_ducking_names_the_instrument_only_where_it_is_another() -> None:
    builder = GraphBuilder(SPECS)
    kick, hat = builder.add("in", source="kick"), builder.add("in", source="hat")
    duck, mix, out = builder.add("compressor"), builder.add("mix"), builder.add("out")
    for source, target in ((hat, duck), (duck, mix), (kick, mix), (mix, out)):
        builder.connect(source, target)
    builder.connect(kick, duck, inlet="sidechain")
    assert sentence(builder.graph(), SPECS) == "the hat ducked by the kick, the kick untouched"
    assert "ducked by its dry sound" in sentence(kit(), SPECS)


def test_instruments_meet_at_the_mix() -> None:
    graph = kit()
    assert graph.nodes[meeting(graph, SPECS)].type == "mix"
    assert [name for name, _ in journey(graph, SPECS).tracks] == ["kick", "snare", "hat"]


def test_a_fork_has_its_branches() -> None:
    (fork, mix) = journey(beside(("chorus", {})), SPECS).bus
    assert isinstance(fork, Fork)
    assert isinstance(mix, int)
    assert sorted(len(branch.steps) for branch in fork.branches) == [0, 1]


def test_long_graphs_end_in_a_count() -> None:
    steps: list[Step] = [(t, {}) for t in ("distortion", "chorus") * 6]
    text = sentence(chain(*steps), SPECS)
    assert text.endswith(" and 6 more steps")
    assert text.count("overdriven") == 6, "what tells most is kept"


@pytest.mark.parametrize("seed", range(60))
def test_any_graph_gives_one_sentence_of_finite_length(seed: int) -> None:
    rng = Random(seed)
    if seed % 2:
        prototype = singing_prototype(rng, "wide", draw_size(rng, "wide")).graph
    else:
        prototype = drums_prototype(rng, "wide", ("kick", "snare", "hat")).graph
    nodes: list[Any] = [n.with_knobs(SPECS[n.type].draw(rng)) for n in prototype.nodes]
    graph = prototype.with_parts(nodes, prototype.edges)
    text = sentence(graph, SPECS, rng.choice((None, 97.0)))
    assert 0 < len(text) < 600
    assert "\n" not in text
    assert "  " not in text
    assert text.isprintable()


def test_words_are_put_together() -> None:
    assert [article("echo"), article("plate"), article("80 ms echo")] == [
        "an echo",
        "a plate",
        "an 80 ms echo",
    ]
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]
    done, thing = Phrase("squashed"), Phrase("a plate", thing=True)
    assert joined([done, done, done]) == "squashed, squashed, then squashed"
    assert joined([done, thing, thing]) == "squashed, then a plate into a plate"
    assert [interval(-12), interval(6.7), interval(0.004)] == [
        "an octave down",
        "about a fifth up",
        "a hair up",
    ]
    assert [place(0), place(-0.1), place(0.5), place(1)] == [
        "in the middle",
        "slightly left",
        "right",
        "hard right",
    ]
