"""Drum kits in the SFZ format, as far as one-shots need it.

Read are the headers ``<control>`` (``default_path``, ``note_offset``), ``<global>``, ``<master>``,
``<group>`` and ``<region>``, ``#define``, and the opcodes in OPCODES; ``sample`` may hold spaces.
Velocities choose regions, ``seq_*`` and ``lorand``/``hirand`` take turns, ``group`` and ``off_by``
choke. Panorama is ignored, for every track is mono. Anything else is ignored and counted, so that
a caller can say how much of a kit was not understood. (sfzformat.com, opcodes of SFZ 1 and ARIA.)
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from graphophone.errors import FormatError
from graphophone.sources.instruments import NOTES
from graphophone.sources.shots import KitFile, Region, Shot

OPCODES = frozenset(
    (
        *("sample", "default_path", "key", "lokey", "hikey", "pitch_keycenter", "note_offset"),
        *("lovel", "hivel", "amp_veltrack", "lorand", "hirand", "seq_length", "seq_position"),
        *("volume", "pan", "trigger", "group", "off_by"),
    )
)
HEADERS = ("control", "global", "master", "group", "region")
INCLUDE_DEPTH = 8
TOKEN = re.compile(r"<(\w+)>|(?<!\S)([\w$]+)=(.*?)(?=\s+[\w$]+=|\s*<\w+>|\s*$)")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
NOTE = re.compile(r"([a-g])([#b]?)(-?\d+)", re.IGNORECASE)


def read_sfz(path: Path) -> KitFile:
    """Read a kit; MIDI notes are those of General MIDI (:data:`.instruments.NOTES`).

    Raises:
        FormatError: The file cannot be read, a number is none, a recording is missing, or no
            region sounds on a note of one of the six instruments.
    """
    scopes: dict[str, dict[str, str]] = {header: {} for header in HEADERS}
    ignored: Counter[str] = Counter()
    regions: list[dict[str, str]] = []
    header = "global"
    included: list[Path] = []
    for name, value in _tokens(path, {}, included, 0):
        if value is None:
            header = name
            if header not in HEADERS:
                ignored[f"<{header}>"] += 1
                continue
            for lower in HEADERS[HEADERS.index(header) :] if header != "control" else ():
                scopes[lower] = {}
            if header == "region":
                inherited: dict[str, str] = {}
                for scope in HEADERS[:-1]:
                    inherited |= scopes[scope]
                regions.append(inherited)
            continue
        if name not in OPCODES:
            ignored[name] += 1
        elif header == "region":
            regions[-1][name] = value
        elif header in HEADERS:
            scopes[header][name] = value
    shots = [shot for region in regions for shot in _shots(path, region, ignored)]
    if not shots:
        raise FormatError(
            f"{path}: no region sounds on a note of a kick, snare, hat, tom or cymbal"
        )
    return KitFile(path, tuple(shots), dict(ignored), tuple(included))


def _tokens(
    path: Path, defined: dict[str, str], included: list[Path], depth: int
) -> Iterator[tuple[str, str | None]]:
    """Return headers, with nothing, and opcodes, with their values, included files in place."""
    try:
        text = COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise FormatError(f"{path}: the kit cannot be read ({error.strerror})") from None
    if depth > INCLUDE_DEPTH:
        raise FormatError(f"{path}: files are included more than {INCLUDE_DEPTH} deep")
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["#define"] and len(words) == 3:
            defined[words[1]] = words[2]
            continue
        if words[:1] == ["#include"]:
            inner = line.split('"')[1] if line.count('"') == 2 else ""
            included.append(path.parent / _portable(inner))
            yield from _tokens(included[-1], defined, included, depth + 1)
            continue
        for name in sorted(defined, key=len, reverse=True):
            line = line.replace(name, defined[name])
        for header, opcode, value in TOKEN.findall(line):
            yield (header, None) if header else (opcode, value.strip())


def _shots(path: Path, region: Mapping[str, str], ignored: Counter[str]) -> Iterator[Shot]:
    """Return a region's recording once for each articulation among its notes."""
    if not region.get("sample") or region.get("trigger", "attack") != "attack":
        return
    centre = region.get("key") or region.get("pitch_keycenter") or "60"
    low = _note(path, region.get("lokey") or region.get("key") or "0")
    high = _note(path, region.get("hikey") or region.get("key") or "127")
    if high - low > 24:  # spread over the keyboard: the key it was recorded at says what it is
        low = high = _note(path, centre)
    offset = int(_number(path, region, "note_offset", 0))
    found = dict.fromkeys(NOTES.get(note + offset, "") for note in range(low, high + 1))
    found.pop("", None)
    if not found:
        ignored[f"key {low}"] += 1
        return
    if region["sample"].startswith("*"):  # a generator of the player, such as *silence
        ignored[f"sample {region['sample']}"] += 1
        return
    file = path.parent / _portable(region.get("default_path", "") + region["sample"])
    if not file.is_file():
        raise FormatError(f"{path}: the recording {region['sample']!r} is missing")
    turns = max(1, int(_number(path, region, "seq_length", 1)))
    made = Region(
        _number(path, region, "lovel", 0) / 127,
        _number(path, region, "hivel", 127) / 127,
        _number(path, region, "volume", 0),
        int(_number(path, region, "seq_position", 1) - 1) % turns,
        turns,
        (_number(path, region, "lorand", 0), _number(path, region, "hirand", 1)),
        _number(path, region, "amp_veltrack", 100) / 100,
    )
    for articulation in found:
        yield Shot(file, articulation, made, region.get("group", ""), region.get("off_by", ""))


def _number(path: Path, region: Mapping[str, str], opcode: str, usual: float) -> float:
    """Return an opcode's number.

    Raises:
        FormatError: It is none.
    """
    value = region.get(opcode, usual)
    try:
        return float(value)
    except ValueError:
        raise FormatError(f"{path}: {opcode} must be a number, got {value!r}") from None


def _note(path: Path, value: str) -> int:
    """Return a MIDI note from its number or from a name such as c4, which is 60."""
    named = NOTE.fullmatch(value)
    if named:
        letter, sign, octave = named.groups()
        shift = {"": 0, "#": 1, "b": -1}[sign.lower()]
        return PITCHES[letter.lower()] + shift + 12 * (int(octave) + 1)
    try:
        return int(value)
    except ValueError:
        raise FormatError(f"{path}: a key must be a number or a note, got {value!r}") from None


def _portable(name: str) -> PurePosixPath:
    """Return a path as it was written on any system."""
    return PurePosixPath(PureWindowsPath(name).as_posix())
