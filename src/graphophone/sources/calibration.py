"""Fixed takes that need nothing: for freezing graphs, and to hear one when no take is given."""

from functools import lru_cache
from random import Random

from graphophone.audio.features import RATE, SEGMENT
from graphophone.audio.files import resample
from graphophone.audio.level import to_level
from graphophone.errors import FormatError
from graphophone.sources.dry import Dry, levelled, numpy_rng
from graphophone.sources.grooves import Hit
from graphophone.sources.instruments import INSTRUMENTS
from graphophone.sources.kits import play
from graphophone.sources.modelled import modelled_kit
from graphophone.sources.singer import melody, sing
from graphophone.sources.voicebox import draw_voice

SEED = "graphophone calibration"
KIT = 3
STEP_SECONDS = SEGMENT / RATE / 32  # two bars of sixteenths

SCORE = {
    "kick": "X.......X.x.....X.......X.x.....",
    "snare": "....X.......X..g....X.......X...",
    "hihat_closed": "..x.x.x.X.x.x.x.................",
    "ride": "................X.x.x.x.X.x.....",
    "tom_high": "............................x...",
    "tom_low": "..............................xx",
    "crash": "X...............................",
}
VELOCITIES = {"X": 0.95, "x": 0.7, "g": 0.3}


@lru_cache(maxsize=8)
def calibration(task: str, rate: int = RATE) -> Dry:
    """Return 3.63 s of one procedural voice, or of one kit with all six instruments.

    It is made at 44.1 kHz and resampled, so it is the same take at any rate; and the same on
    every machine to -90 dB.

    Raises:
        FormatError: The task is neither ``singing`` nor ``drums``.
    """
    if task not in ("singing", "drums"):
        raise FormatError(f"task must be singing or drums, got {task!r}")
    rng = Random(f"{SEED} {task}")
    if task == "singing":
        voice = draw_voice(rng, "train")
        notes = melody(rng, voice, SEGMENT / RATE)
        made = {"voice": sing(voice, notes, SEGMENT, numpy_rng(rng))}
    else:
        hits = [
            Hit(step * STEP_SECONDS, articulation, VELOCITIES[sign])
            for articulation, steps in SCORE.items()
            for step, sign in enumerate(steps)
            if sign in VELOCITIES
        ]
        made = play(modelled_kit("train", KIT), hits, SEGMENT, RATE, rng)
    tracks, _ = levelled(made, RATE)
    if rate != RATE:
        resampled = {name: resample(track, RATE, rate) for name, track in tracks.items()}
        tracks = {name: to_level(track, rate)[0] for name, track in resampled.items()}
    order = [name for name in ("voice", *INSTRUMENTS) if name in tracks]
    return Dry({name: tracks[name] for name in order}, {"calibration": task})
