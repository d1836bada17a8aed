"""Drum kits of the drum machine Hydrogen: a folder with ``drumkit.xml``.

Layers answer velocities from ``min`` to ``max``; layers that answer the same ones take turns,
and the components of an instrument (inner and outer microphone) sound together.
Instruments of one mute group silence each other. What an instrument is, is read off its name,
and off the MIDI note it sends where the name says nothing.
"""

import math
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from graphophone.errors import FormatError
from graphophone.sources.instruments import NOTES
from graphophone.sources.shots import KitFile, Region, Shot

FILE = "drumkit.xml"

# the first pattern that a name holds says what it is
NAMES: tuple[tuple[str, str], ...] = (
    (r"clap|cowbell|cow bell|tamb|shaker|conga|bongo|clave|maraca|triangle|perc|wood", ""),
    (r"side.?stick|rim.?shot|\brim\b|cross.?stick|\bstick\b", "sidestick"),
    (r"kick|bass.?drum|\bbd\b|\bbass\b", "kick"),
    (r"snare|\bsd\b|\bsn\b", "snare"),
    (r"(hi.?hat|hat|\bhh).*(half|semi|loose)|(half|semi|loose).*(hat|\bhh)", "hihat_half"),
    (r"(hi.?hat|hat|\bhh).*(pedal|foot)|(pedal|foot).*(hat|\bhh)|\bphh?\b", "hihat_pedal"),
    (r"(hi.?hat|hat|\bhh).*open|open.*(hat|hh)|\bohh?\b", "hihat_open"),
    (r"hi.?hat|\bhat|\bhh\b|\bchh?\b", "hihat_closed"),
    (r"floor|(tom|\blt\b).*(low|[34])|low.*tom|\blt\b", "tom_low"),
    (r"tom.*(hi|1)|hi.*tom|\bht\b", "tom_high"),
    (r"tom|\bmt\b", "tom_mid"),
    (r"ride.*(bell|cup)|bell", "ride_bell"),
    (r"ride", "ride"),
    (r"splash", "splash"),
    (r"china|chinese", "china"),
    (r"crash|cymbal|\bcy\b", "crash"),
)
PATTERNS = tuple((re.compile(pattern), what) for pattern, what in NAMES)


def articulation_of(name: str, note: int | None = None) -> str:
    """Return what an instrument's name or else its note says it is; empty if neither does."""
    words = re.sub(r"[_\-.]+", " ", name.lower())
    for pattern, what in PATTERNS:
        if pattern.search(words):
            return what
    return NOTES.get(note, "") if note is not None else ""


def read_hydrogen(path: Path) -> KitFile:
    """Read a kit from its ``drumkit.xml``.

    Raises:
        FormatError: The file is no drum kit, declares entities, holds a number that is none,
            names a recording that is missing, or has none of the six instruments.
    """
    try:
        text = path.read_bytes()
        if b"<!ENTITY" in text:
            raise FormatError(f"{path}: a drum kit with entity declarations is not read")
        root = ET.fromstring(text)
    except OSError as error:
        raise FormatError(f"{path}: the kit cannot be read ({error.strerror})") from None
    except ET.ParseError as error:
        raise FormatError(f"{path}: this is no Hydrogen drum kit ({error})") from None
    for element in root.iter():  # later versions have a namespace, earlier ones have none
        element.tag = element.tag.rpartition("}")[2]
    shots: list[Shot] = []
    ignored: Counter[str] = Counter()
    for instrument in root.iter("instrument"):
        name = _text(instrument, "name", "")
        note = int(_number(path, instrument, "midiOutNote", -1))
        what = articulation_of(name, note)
        gain = _number(path, instrument, "volume", 1)
        parts = [list(part.iter("layer")) for part in instrument.iter("instrumentComponent")]
        parts = parts or [list(instrument.iter("layer"))]  # parts sound together
        if any(parts):
            gain *= _number(path, instrument, "gain", 1)
        elif instrument.find("filename") is not None:
            parts = [[instrument]]  # as early versions wrote it
        if not what:
            ignored[name] += any(parts)
            continue
        group = _text(instrument, "muteGroup", "-1")
        group = "" if group == "-1" else group
        for layers in parts:
            shots += _layers(path, layers, what, gain, group)
    if not shots:
        raise FormatError(f"{path}: no instrument is a kick, snare, hat, tom or cymbal")
    return KitFile(
        path,
        tuple(shots),
        {name: n for name, n in ignored.items() if n},
        licence=_text(root, "license", ""),
        author=_text(root, "author", ""),
    )


def _layers(path: Path, layers: list[ET.Element], what: str, gain: float, group: str) -> list[Shot]:
    """Return recordings that equal velocities take in turns."""
    spans = [(_number(path, x, "min", 0), _number(path, x, "max", 1)) for x in layers]
    rounds, seen = Counter(spans), Counter[tuple[float, float]]()
    shots = []
    for layer, span in zip(layers, spans, strict=True):
        name = _text(layer, "filename", "")
        file = path.parent / name
        if not name or not file.is_file():
            raise FormatError(f"{path}: the recording {name!r} is missing")
        loud = max(gain * _number(path, layer, "gain", 1), 1e-6)
        region = Region(*span, 20 * math.log10(loud), seen[span], rounds[span])
        seen[span] += 1
        shots.append(Shot(file, what, region, group, group))
    return shots


def _text(element: ET.Element, tag: str, usual: str) -> str:
    return (element.findtext(tag) or usual).strip()


def _number(path: Path, element: ET.Element, tag: str, usual: float) -> float:
    """Return the number in a child element.

    Raises:
        FormatError: It holds something else.
    """
    value = _text(element, tag, str(usual))
    try:
        return float(value)
    except ValueError:
        raise FormatError(f"{path}: {tag} must be a number, got {value!r}") from None
