"""Small stand-ins for public data sets, laid out as those are: a second of sound a file."""

from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
import soundfile

RATE = 24_000
GROOVE_COLUMNS = (
    "drummer,session,id,style,bpm,beat_type,time_signature,"
    "midi_filename,audio_filename,duration,split\n"
)


def sound(path: Path, hertz: float = 220.0, seconds: float = 1.0, rate: int = RATE) -> Path:
    """Write a tone with harmonics."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 8))
    soundfile.write(path, 0.2 * tone, rate)
    return path


def score(path: Path) -> Path:
    """Write a bar of drums."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    for i, note in enumerate((36, 42, 38, 42)):
        track.append(mido.Message("note_on", note=note, velocity=100, time=240 if i else 0))
    file.tracks.append(track)
    file.save(path)
    return path


def opensinger(folder: Path, singers: int = 12) -> None:
    for side in ("WomanRaw", "ManRaw"):
        for singer in range(singers):
            for number in range(2):
                song = f"{singer}_左边"
                sound(folder / side / song / f"{song}_{number}.wav", 150 + 10 * singer, 0.3)
                (folder / side / song / f"{song}_{number}.txt").write_text("词", encoding="utf-8")


def vocalset(folder: Path, *, listed: bool = True) -> None:
    for singer in ("female1", "female2", "male1", "male10", "male3"):
        short = singer.replace("female", "f").replace("male", "m")
        for technique in ("belt", "vibrato"):
            name = f"{short}_arpeggios_{technique}_a.wav"
            sound(folder / "FULL" / singer / "arpeggios" / technique / name, seconds=0.3)
            # the same sounds in another order, and what archives leave behind
            sound(folder / "data_by_technique" / technique / name, seconds=0.3)
            sound(folder / "FULL" / singer / "arpeggios" / technique / f"._{name}", seconds=0.3)
    if listed:
        (folder / "test_singers_technique.txt").write_text("female2\nmale10\n")
        (folder / "train_singers_technique.txt").write_text("female1\nmale1\nmale3\n")


def musdb18(folder: Path) -> None:
    songs = {
        "train": ("AM Contra - One", "Ann - Two", "Bob feat. Eve - Three", "Zed - Four"),
        "test": ("Cy - Five", "Bob - Six"),
    }
    for part, names in songs.items():
        for name in names:
            for stem in ("vocals", "drums", "mixture"):
                sound(folder / part / name / f"{stem}.wav", seconds=0.5)


def groove(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for i, split in enumerate(("train", "train", "validation", "test", "train", "train")):
        name = f"drummer{i % 2 + 1}/session1/{i}_rock_100_beat_4-4.mid"
        score(folder / name)
        session = f"drummer{i % 2 + 1},drummer{i % 2 + 1}/session1,x/{i}"
        lines.append(f"{session},rock,100,beat,4-4,{name},,2,{split}\n")
    (folder / "info.csv").write_text(GROOVE_COLUMNS + "".join(lines))


def plain(folder: Path, singers: int = 12) -> None:
    for singer in range(singers):
        for i in range(6):
            sound(folder / f"singer {singer}" / f"{i}.wav", 150 + 10 * singer, 0.3)


def plain_kits(folder: Path, kits: int = 12) -> None:
    for kit in range(kits):
        for name in ("kick", "Snare", "hihat_open"):
            sound(folder / f"kit {kit}" / name / "hit.wav", 100, 0.3)
    score(folder / "grooves" / "a.mid")


SFZ_KEYS = {"kick": 36, "snare": 38, "hat": 42, "crash": 49}
LICENSED = "<license>CC0</license><author>Ann</author>"


def sfz_kit(path: Path, folder: str = "samples") -> Path:
    """Write a kit of four drums whose recordings lie in a folder beside it."""
    lines = [f"<control> default_path={folder}/"]
    for name, key in SFZ_KEYS.items():
        sound(path.parent / folder / f"{name}.wav", 3 * key, 0.3)
        lines.append(f"<region> sample={name}.wav key={key}")
    path.write_text("\n".join(lines))
    return path


def hydrogen_kit(folder: Path, about: str = LICENSED) -> Path:
    """Write a kit of three drums, two of which have one recording."""
    for name in ("kick", "metal"):
        sound(folder / f"{name}.wav", 200, 0.3)
    instruments = "".join(
        f"<instrument><name>{name}</name><layer><filename>{file}.wav</filename></layer></instrument>"
        for name, file in (("Kick", "kick"), ("Hihat", "metal"), ("Ride", "metal"))
    )
    path = folder / "drumkit.xml"
    path.write_text(f"<drumkit_info>{about}{instruments}</drumkit_info>")
    return path


def sampled_kits(folder: Path, kits: int = 12) -> None:
    """Write kits in both formats, those in SFZ in two variants of the same recordings."""
    for number in range(kits):
        inside = folder / f"kit {number}"
        if number % 2:
            sfz_kit(inside / "full.sfz")
            (inside / "dry.sfz").write_text((inside / "full.sfz").read_text())
        else:
            hydrogen_kit(inside)


def kits_and_grooves(folder: Path) -> None:
    groove(folder / "groove")
    sampled_kits(folder / "kits")


def several(folder: Path) -> None:
    opensinger(folder / "OpenSinger")
    vocalset(folder / "VocalSet1-2")
    groove(folder / "groove")
    sound(folder / "other" / "a.wav")


MAKERS: dict[str, Callable[[Path], None]] = {
    "opensinger": opensinger,
    "vocalset": vocalset,
    "vocalset without lists": lambda folder: vocalset(folder, listed=False),
    "musdb18": musdb18,
    "groove": groove,
    "plain": plain,
    "plain kits": plain_kits,
    "sampled kits": sampled_kits,
    "sampled kits and grooves": kits_and_grooves,
    "several": several,
}
MANY = (
    *("opensinger", "vocalset", "musdb18", "groove", "plain", "plain kits", "several"),
    *("sampled kits", "sampled kits and grooves"),
)
"""Those in which every split has something."""
