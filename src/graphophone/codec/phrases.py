"""What a musician calls one processor at its settings."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from graphophone.codec.movement import Heard
from graphophone.codec.wording import Phrase, article, words

BANDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "crossover": {"low": "the lows", "high": "the highs"},
        "midside_split": {"mid": "the middle", "side": "the sides"},
    }
)
"""What musicians call the outlets of a splitter."""
SHORTEST_DECAY, DECAY_RATIO = 0.2, 30.0
"""Seconds a reverb of size 0 needs to fall by 60 dB, and how much longer one of size 1 does."""
INTERVALS = MappingProxyType(
    {
        1: "a semitone",
        2: "a whole tone",
        3: "a minor third",
        4: "a third",
        5: "a fourth",
        6: "a tritone",
        7: "a fifth",
        8: "a minor sixth",
        9: "a sixth",
        10: "a minor seventh",
        11: "a seventh",
        12: "an octave",
    }
)
NOTES = MappingProxyType(
    {
        "thirty-second": 1 / 8,
        "sixteenth": 1 / 4,
        "dotted-sixteenth": 3 / 8,
        "eighth-triplet": 1 / 3,
        "eighth": 1 / 2,
        "quarter-triplet": 2 / 3,
        "dotted-eighth": 3 / 4,
        "quarter-note": 1.0,
        "dotted-quarter": 3 / 2,
        "half-note": 2.0,
    }
)
"""Length of note values in beats."""


def _filter(noun: str) -> Callable[[Heard], Phrase]:
    def say(heard: Heard) -> Phrase:
        if motion := heard.motion("frequency"):
            return Phrase(f"{motion} on {article(noun)}", thing=True, weight=4)
        return Phrase(f"{article(noun)} at {heard.text('frequency')}", thing=True, weight=3)

    return say


def _cut(verb: str) -> Callable[[Heard], Phrase]:
    def say(heard: Heard) -> Phrase:
        if motion := heard.motion("frequency"):
            return Phrase(f"{motion} on a {verb}-pass", thing=True, weight=4)
        steep = "steeply " if heard.node.type.endswith("4") else ""
        return Phrase(f"{steep}{verb}-passed at {heard.text('frequency')}", weight=3)

    return say


def _shelf(side: str, more: str, less: str) -> Callable[[Heard], Phrase]:
    def say(heard: Heard) -> Phrase:
        motion = heard.motion("frequency") or heard.motion("gain")
        if motion:
            return Phrase(f"{motion} on a shelf", thing=True, weight=3)
        gain = heard.knobs["gain"]
        size = "slightly" if abs(gain) < 2 else "very" if abs(gain) > 12 else ""
        shelf = article(words(size, more if gain > 0 else less, "shelf"))
        return Phrase(f"{shelf} {side} {heard.text('frequency')}", thing=True)

    return say


def _bell(heard: Heard) -> Phrase:
    motion = heard.motion("frequency") or heard.motion("gain")
    if motion:
        return Phrase(f"{motion} on a bell", thing=True, weight=3)
    gain, narrow = heard.knobs["gain"], heard.knobs["q"] > 3
    size = "small" if abs(gain) < 2 else "strong" if abs(gain) > 12 else ""
    noun = words(size, "narrow" if narrow else "", "boost" if gain > 0 else "dip")
    return Phrase(f"{article(noun)} at {heard.text('frequency')}", thing=True)


def _modulated(noun: str, inlet: str = "mod") -> Callable[[Heard], Phrase]:
    def say(heard: Heard) -> Phrase:
        pace = heard.pace(inlet)
        return Phrase(article(f"still {noun}" if pace is None else words(pace, noun)), True, 4)

    return say


def note_value(seconds: float, bpm: float) -> str | None:
    """Name the note value of a delay: ``dotted-eighth``; None where none is within 6 %."""
    beats = seconds * bpm / 60
    name = min(NOTES, key=lambda n: abs(NOTES[n] / beats - 1))
    return name if abs(NOTES[name] / beats - 1) <= 0.06 else None


def _echo(noun: str) -> Callable[[Heard], Phrase]:
    def say(heard: Heard) -> Phrase:
        seconds = heard.knobs["delay"]
        name = note_value(seconds, heard.bpm) if heard.bpm else None
        if name:
            exact = abs(NOTES[name] * 60 / (heard.bpm or 1) / seconds - 1) < 0.01
            text = f"{article(f'{name} {noun}')} at {'' if exact else 'about '}{heard.bpm:g} bpm"
        elif seconds < 0.12:
            slap = "slapback" if noun == "echo" else f"slapback {noun}"
            text = f"a {slap} of {heard.text('delay')}"
        else:
            text = article(f"{heard.text('delay')} {noun}")
        many = " with many repeats" if heard.knobs["feedback"] > 0.6 else ""
        return Phrase(text + many, thing=True, weight=6)

    return say


def _reverb(heard: Heard) -> Phrase:
    decay = SHORTEST_DECAY * DECAY_RATIO ** heard.knobs["size"]
    dark = heard.knobs["damping"] > 0.6
    if decay < 0.7:
        space = "dark small room" if dark else "small room"
    elif decay < 1.8:
        space = "dark room" if dark else "plate"
    else:
        space = "long dark hall" if dark else "long plate"
    faint = "a touch of " if heard.knobs["mix"] < 0.18 else ""
    return Phrase(faint + article(space), thing=True, weight=6)


def _drive(heard: Heard) -> Phrase:
    gain, hard = heard.knobs["gain"], heard.knobs["hardness"] > 0.7
    if gain < 10:
        return Phrase("lightly clipped" if hard else "lightly saturated", weight=4)
    if gain < 24:
        return Phrase("hard-clipped" if hard else "overdriven", weight=5)
    return Phrase("heavily hard-clipped" if hard else "heavily distorted", weight=6)


def _compressor(heard: Heard) -> Phrase:
    if key := heard.key():
        return Phrase(f"ducked by {key}", weight=5)
    ratio, threshold = heard.knobs["ratio"], heard.knobs["threshold"]
    if ratio >= 8 and threshold < -20:
        return Phrase("squashed hard", weight=4)
    return Phrase("gently compressed" if ratio < 3 or threshold > -15 else "compressed", weight=3)


def _keyed(done: str, weight: int) -> Callable[[Heard], Phrase]:
    def say(heard: Heard) -> Phrase:
        key = heard.key()
        return Phrase(f"{done} by {key}" if key else done, weight=weight + bool(key))

    return say


def interval(semitones: float) -> str:
    """Say how far a voice is moved: ``an octave down``, ``12 cents up``."""
    way = "up" if semitones > 0 else "down"
    size = abs(semitones)
    if size < 0.02:
        return f"a hair {way}"
    if size < 0.75:
        return f"{size * 100:.0f} cents {way}"
    near = round(size)
    about = "" if abs(size - near) < 0.15 else "about "
    return f"{about}{INTERVALS.get(near, f'{size:.3g} semitones')} {way}"


def _pitch(heard: Heard) -> Phrase:
    return Phrase(f"shifted {interval(heard.knobs['semitone'])}", weight=7)


def place(pan: float) -> str:
    """Say where a sound is: ``hard left``, ``slightly right``, ``in the middle``."""
    side = "left" if pan < 0 else "right"
    if abs(pan) < 0.05:
        return "in the middle"
    return side if 0.3 <= abs(pan) <= 0.85 else f"{'slightly' if abs(pan) < 0.3 else 'hard'} {side}"


def _panning(heard: Heard) -> Phrase:
    if (pace := heard.pace("pan")) is not None:
        return Phrase(article(words(pace.removesuffix("stereo"), "auto-pan")), thing=True, weight=4)
    if heard.motion("pan"):
        return Phrase("panned by its level", weight=3)
    where = place(heard.knobs["pan"])
    return Phrase(where if where == "in the middle" else f"panned {where}", weight=2)


def _imager(heard: Heard) -> Phrase:
    width = heard.knobs["width"]
    if width < 0.1:
        return Phrase("folded to mono", weight=3)
    return Phrase("widened" if width > 1 else "narrowed", weight=2)


def _crush(heard: Heard) -> Phrase:
    return Phrase(f"crushed to {heard.knobs['bit']:.2g} bits", weight=5)


def _one_band(heard: Heard) -> Phrase | None:
    """Say a splitter only one of whose outlets is used; a fork is said as a whole."""
    used = {e.outlet for e in heard.graph.outgoing(heard.position)}
    if len(used) > 1:
        return None
    band = BANDS[heard.node.type][used.pop()]
    where = f" of {heard.text('frequency')}" if "frequency" in heard.knobs else ""
    side = {"the lows": " below", "the highs": " above"}.get(band, "")
    return Phrase(f"stripped to {band}{where.replace(' of', side)}", weight=4)


PHRASES: Mapping[str, Callable[[Heard], Phrase]] = MappingProxyType(
    {
        "lowpass": _cut("low"),
        "lowpass4": _cut("low"),
        "highpass": _cut("high"),
        "highpass4": _cut("high"),
        "bandpass": _filter("band-pass"),
        "bandpass4": _filter("steep band-pass"),
        "bandreject": _filter("notch"),
        "lowshelf": _shelf("below", "warm", "thin"),
        "highshelf": _shelf("above", "bright", "dull"),
        "bell": _bell,
        "phaser": _modulated("phaser"),
        "chorus": _modulated("chorus"),
        "flanger": _modulated("flanger"),
        "vibrato": _modulated("vibrato"),
        "mono_delay": _echo("echo"),
        "pingpong_delay": _echo("ping-pong"),
        "mono_reverb": _reverb,
        "stereo_reverb": _reverb,
        "distortion": _drive,
        "bitcrush": _crush,
        "compressor": _compressor,
        "noisegate": _keyed("gated", 3),
        "expander": _keyed("expanded", 2),
        "pitchshift": _pitch,
        "panning": _panning,
        "imager": _imager,
    }
)
"""Phrases by type. Structural and control nodes are said with what they belong to."""


def phrase(heard: Heard) -> Phrase | None:
    """Say one node; ``None`` for what has no words of its own (a ``mix``)."""
    if say := PHRASES.get(heard.node.type):
        return say(heard)
    if heard.node.type in BANDS:
        return _one_band(heard)
    if heard.spec.group == "terminal" or "structural" in heard.spec.traits:
        return None
    name = heard.node.type.replace("_", " ")
    return Phrase(article(name), thing=True)
