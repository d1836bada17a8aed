"""How well dry recordings are told from wet ones: the table of docs/recordings.md.

Procedural voices of ten seconds, and real ones where there is a data folder, are measured dry
and behind our own reverb and delay. A row says which share of them would be left out as wet,
how many say nothing of a room, and for either figure the chance that a wet voice is placed
above a dry one (area under the ROC curve).

    python benchmarks/dryness.py [--data FOLDER] [--voices 30]
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import soundfile
import torch

from graphophone.processors import PROCESSORS
from graphophone.sources.checks import Limits
from graphophone.sources.collection import recognise
from graphophone.sources.dryness import Dryness, dryness
from graphophone.sources.singer import Singer

RATE, SECONDS = 44_100, 10
SHORTEST = 2.5
LIMITS = Limits()
Voice = tuple[np.ndarray, int]


def procedural(count: int) -> list[Voice]:
    """Voices of both ranges of settings."""
    pools = (Singer("train"), Singer("unseen"))
    draws = (pools[s % 2].draw(Random(s), SECONDS * RATE, RATE) for s in range(count))
    return [(draw.tracks["voice"][0].numpy(), RATE) for draw in draws]


def recorded(folder: Path, count: int) -> list[Voice]:
    """Up to ``count`` recordings of each singer and speaker, of 2.5 s or more."""
    groups: dict[str, list[Path]] = {}
    for clip in recognise(folder).clips:
        if clip.category in ("singing", "speech"):
            groups.setdefault(clip.group, []).append(clip.path)
    voices: list[Voice] = []
    for _, paths in sorted(groups.items()):
        long = [path for path in paths if soundfile.info(path).duration >= SHORTEST]
        for path in Random(0).sample(long, min(count, len(long))):
            audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
            voices.append((audio.mean(1), rate))
    return voices


def conditions() -> list[tuple[str, str, dict[str, float]]]:
    """What the voices go through."""
    rows: list[tuple[str, str, dict[str, float]]] = [("dry", "", {})]
    for mix in (0.1, 0.2, 0.3, 0.5):
        for seconds in (0.5, 1.0, 2.0):
            size = math.log(seconds / 0.2) / math.log(30)
            knobs = {"size": size, "mix": mix}
            rows.append((f"reverb, {seconds:g} s, mix {mix:g}", "stereo_reverb", knobs))
    for mix in (0.1, 0.2, 0.3):
        for delay in (0.12, 0.35, 0.7):
            knobs = {"delay": delay, "feedback": 0.3, "mix": mix}
            rows.append((f"delay, {delay:g} s, mix {mix:g}", "mono_delay", knobs))
    return rows


def through(name: str, voice: Voice, knobs: dict[str, float]) -> Dryness:
    """Measure a voice behind a processor."""
    audio, rate = voice
    if not name:
        return dryness(audio, rate)
    processor = PROCESSORS[name]
    values = {**processor.spec.defaults(), **knobs}
    controls = {key: torch.full((1, 1, 1), float(value)) for key, value in values.items()}
    clip = torch.from_numpy(np.stack((audio, audio))[None])
    return dryness(processor(clip, **controls, sample_rate=rate)[0].mean(0).numpy(), rate)


def is_wet(heard: Dryness) -> bool:
    """Whether a recording would be left out."""
    slow = heard.fall_db is not None and heard.fall_db < (LIMITS.fall_db or 0)
    return slow or heard.echo > (LIMITS.echo or math.inf)


def area(wet: Sequence[float], dry: Sequence[float]) -> float:
    """The chance that a wet value is above a dry one."""
    a, b = np.array(wet)[:, None], np.array(dry)[None]
    return float(np.mean((a > b) + 0.5 * (a == b))) if a.size and b.size else math.nan


def falls(heard: list[Dryness]) -> list[float]:
    """Falls, the least steep highest."""
    return [-h.fall_db for h in heard if h.fall_db is not None]


def say(line: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--voices", type=int, default=30)
    asked = parser.parse_args()
    sources = {"procedural": procedural(asked.voices)}
    if asked.data:
        sources["real"] = recorded(asked.data, asked.voices)
    columns = ("left out", "says nothing", "area, fall", "area, echo")
    head = [f"{name} ({len(v)}): {c}" for name, v in sources.items() for c in columns]
    say("| voices through | " + " | ".join(head) + " |")
    say("|" + " --- |" * (len(head) + 1))
    dry: dict[str, list[Dryness]] = {}
    for label, name, knobs in conditions():
        cells = []
        for source, voices in sources.items():
            heard = [through(name, voice, knobs) for voice in voices]
            before = dry.setdefault(source, heard)
            cells += [
                f"{np.mean([is_wet(h) for h in heard]):.3f}",
                f"{np.mean([h.fall_db is None for h in heard]):.2f}",
                f"{area(falls(heard), falls(before)):.2f}",
                f"{area([h.echo for h in heard], [h.echo for h in before]):.2f}",
            ]
        say(f"| {label} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
