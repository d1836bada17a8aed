"""Tracks as a REAPER project: its file, chains of effects, the effects and the audio."""

import io
from collections.abc import Sequence
from typing import Any

import soundfile

from graphophone.errors import UsageError
from graphophone.export.names import identifier, plain
from graphophone.export.patch import Patch
from graphophone.export.reaper.effect import Effect, number
from graphophone.export.reaper.modulation import Modulation
from graphophone.export.reaper.routing import Routing, Send, Slot, Track

EFFECTS = "graphophone"
"""Folder of our effects among those of REAPER."""
SLIDERS = 64
"""Fields of an effect's line of values."""
FORMAT, VERSION = "0.1", "7.0"
"""Of the project file, and of the REAPER whose fields it uses."""


def files(patch: Patch, routing: Routing) -> dict[str, bytes]:
    """Return the files of a project's folder, by their paths in it.

    Raises:
        UsageError: The package that writes projects is not installed.
    """
    name = identifier(patch.title)
    audio = _audio_names(routing)
    made = {f"{name}.rpp": _text(_project(patch, routing, audio))}
    for place, track in enumerate(routing.tracks, start=1):
        if track.slots:
            text = _text(_chain(track)).splitlines()[1:-1]
            lines = "\n".join(line.removeprefix("  ") for line in text)
            made[f"{place:02} {track.name}.RfxChain"] = f"{lines}\n"
    kinds = {slot.effect.kind: slot.effect for track in routing.tracks for slot in track.slots}
    made |= {f"Effects/{effect_path(effect)}": effect.text() for _, effect in sorted(kinds.items())}
    made["README.txt"] = _readme(patch, routing, name)
    return {path: text.encode() for path, text in made.items()} | _audio(patch, audio)


def effect_path(effect: Effect) -> str:
    """Return where an effect is, below the folder of effects."""
    return f"{EFFECTS}/{effect.kind}.jsfx"


def _text(element: Any) -> str:
    try:
        import rpp
    except ImportError:
        raise UsageError(
            "REAPER projects need the package rpp, which is not installed: "
            "pip install 'graphophone[reaper]'"
        ) from None
    return str(rpp.dumps(_element(rpp, element)))


def _element(rpp: Any, parts: Any) -> Any:
    """Turn a block, its name and values in a tuple and its lines in a list, into rpp's own."""
    (tag, *values), lines = parts
    children = [_element(rpp, line) if isinstance(line, tuple) else line for line in lines]
    return rpp.Element(tag, values, children)


def _project(patch: Patch, routing: Routing, audio: dict[str, str]) -> Any:
    lines: list[Any] = [
        ["TITLE", plain(patch.title)],
        ["AUTHOR", plain(patch.author)],
        ["PANLAW", "1"],
        ["SAMPLERATE", str(patch.sample_rate), "1", "0"],
        ["TEMPO", "120", "4", "4"],
        ["MASTER_NCH", "2", "2"],
        ["MASTER_VOLUME", "1", "0", "-1", "-1", "1"],
    ]
    lines += [_track(patch, track, audio) for track in routing.tracks]
    return ("REAPER_PROJECT", FORMAT, VERSION, "0"), lines


def _track(patch: Patch, track: Track, audio: dict[str, str]) -> Any:
    lines: list[Any] = [
        ["NAME", track.name],
        ["VOLPAN", "1", "0", "-1", "-1", "1"],
        ["MUTESOLO", "0", "0", "0"],
        ["NCHAN", str(track.channels)],
        ["FX", "1"],
        ["MAINSEND", str(int(track.heard)), "0"],
    ]
    lines += [_receive(send) for send in track.receives]
    if track.slots:
        lines.append(_chain(track))
    if track.source in audio:
        lines.append(_item(patch, track, audio[track.source]))
    return ("TRACK",), lines


def _receive(send: Send) -> list[str]:
    """Return a send as the receiving track lists it, behind the sender's fader at unity."""
    volume, invert = number(send.volume), str(int(send.invert))
    ways = [str(send.out), str(send.into)]
    return [
        "AUXRECV",
        str(send.source),
        "0",
        volume,
        "0",
        "0",
        "0",
        invert,
        *ways,
        "-1:U",
        "0",
        "-1",
    ]


def _chain(track: Track) -> Any:
    lines: list[Any] = []
    for slot in track.slots:
        lines += [["BYPASS", "0", "0", "0"], _effect(slot)]
        lines += [_modulation(place, moved) for place, moved in sorted(slot.modulations.items())]
        lines.append(["WAK", "0", "0"])
    return ("FXCHAIN",), lines


def _effect(slot: Slot) -> Any:
    values = [number(value) for value in slot.values]
    padded = values + ["-"] * (SLIDERS - len(values))
    return ("JS", effect_path(slot.effect), slot.name), [padded]


def _modulation(place: int, moved: Modulation) -> Any:
    one, level = moved.lfo, moved.follower
    lines = [
        ["PARAMBASE", number(moved.travel)],
        ["LFO", str(int(one is not None))],
        ["LFOWT", number(one.strength if one else 1.0), "0"],
        ["AUDIOCTL", str(int(level is not None))],
        ["AUDIOCTLWT", *([number(level.strength), str(level.direction)] if level else ["1", "1"])],
    ]
    if one:
        lines += [["LFOSHAPE", "0"], ["LFOSYNC", "0", "0", "0"]]
        lines.append(["LFOSPEED", number(one.speed), number(one.phase)])
    if level:
        lines += [["CHAN", str(level.channel)], ["STEREO", "1"]]
        lines.append(["RMS", number(level.attack), number(level.release)])
        lines += [["DBLO", number(level.bottom_db)], ["DBHI", number(level.top_db)]]
        lines += [["X2", "0.5"], ["Y2", "0.5"]]
    return ("PROGRAMENV", str(place), "0"), lines


def _item(patch: Patch, track: Track, path: str) -> Any:
    seconds = patch.tracks[str(track.source)].shape[-1] / patch.sample_rate
    lines: list[Any] = [
        ["POSITION", "0"],
        ["LENGTH", number(seconds)],
        ["LOOP", "0"],
        ["NAME", plain(str(track.source))],
        (("SOURCE", "WAVE"), [["FILE", path]]),
    ]
    return ("ITEM",), lines


def _audio_names(routing: Routing) -> dict[str, str]:
    """Return where the recording of each source is."""
    sources = [t.source for t in routing.tracks if t.source in routing.patch.tracks]
    return {
        str(source): f"audio/{place:02} {identifier(str(source))}.wav"
        for place, source in enumerate(sources, start=1)
    }


def _audio(patch: Patch, names: dict[str, str]) -> dict[str, bytes]:
    made = {}
    for source, path in names.items():
        file = io.BytesIO()
        samples = patch.tracks[source].T.numpy()
        soundfile.write(file, samples, patch.sample_rate, format="WAV", subtype="FLOAT")
        made[path] = file.getvalue()
    return made


def _readme(patch: Patch, routing: Routing, name: str) -> str:
    fidelity = routing.fidelity
    lines = [
        f"{plain(patch.title)}: an audio processing graph, by {plain(patch.author)}.",
        f"Levels were measured on {plain(patch.window)}.",
        "",
        f"1. Copy Effects/{EFFECTS} into the folder Effects of REAPER's resource path",
        "   (menu Options, Show REAPER resource path).",
        f"2. Open {name}.rpp. The .RfxChain files are the effects of each track.",
        "",
        *_listed("Approximated", [str(part) for part in fidelity.graded("approximated")]),
        *_listed("Dropped", [str(part) for part in fidelity.graded("dropped")]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _listed(title: str, parts: Sequence[str]) -> list[str]:
    return [f"{title}:", *(f"- {part}" for part in parts), ""] if parts else []
