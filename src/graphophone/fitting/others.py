"""Chains of other makers' effects: what a fit meets outside its own catalogue."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random

import torch
from torch import Tensor

from graphophone.audio.files import read, write
from graphophone.errors import AudioError
from graphophone.tensors import Stereo

Numbers = Mapping[str, tuple[float, float]]
"""Arguments of an effect, and between which ends each is drawn."""

PEDALBOARD: Mapping[str, Numbers] = {
    "LowpassFilter": {"cutoff_frequency_hz": (500, 6_000)},
    "HighpassFilter": {"cutoff_frequency_hz": (100, 1_500)},
    "LowShelfFilter": {"cutoff_frequency_hz": (100, 600), "gain_db": (-15, 15)},
    "HighShelfFilter": {"cutoff_frequency_hz": (1_500, 6_000), "gain_db": (-15, 15)},
    "PeakFilter": {"cutoff_frequency_hz": (200, 5_000), "gain_db": (-15, 15), "q": (0.5, 4)},
    "Compressor": {"threshold_db": (-40, -15), "ratio": (2, 12), "release_ms": (20, 400)},
    "Distortion": {"drive_db": (6, 30)},
    "Bitcrush": {"bit_depth": (4, 9)},
    "Delay": {"delay_seconds": (0.06, 0.5), "feedback": (0, 0.6), "mix": (0.2, 0.6)},
    "Reverb": {"room_size": (0.2, 0.9), "damping": (0, 1), "wet_level": (0.1, 0.5)},
    "Chorus": {"rate_hz": (0.3, 3), "depth": (0.1, 0.6), "mix": (0.3, 0.6)},
    "Phaser": {"rate_hz": (0.2, 3), "depth": (0.3, 0.9), "mix": (0.3, 0.6)},
    "PitchShift": {"semitones": (-7, 7)},
}
SOX: Mapping[str, tuple[tuple[float, float], ...]] = {
    "lowpass": ((500, 6_000),),
    "highpass": ((100, 1_500),),
    "bass": ((-15, 15),),
    "treble": ((-15, 15),),
    "equalizer": ((200, 5_000), (0.5, 4), (-15, 15)),
    "overdrive": ((6, 30),),
    "reverb": ((20, 90), (0, 100)),
    "tremolo": ((1, 8), (30, 80)),
}
"""Effects of sox and the ends of their arguments, in the order of its manual."""
LONGEST = 3


def pedalboard_chain(dry: Stereo, rate: int, rng: Random) -> tuple[Tensor, tuple[str, ...]]:
    """Put one to three of pedalboard's effects on a recording, one after the other.

    Returns:
        The wet recording and the names of the effects.

    Raises:
        AudioError: pedalboard is not installed.
    """
    if find_spec("pedalboard") is None:
        raise AudioError("pedalboard is not installed (pip install 'graphophone[compare]')")
    module = import_module("pedalboard")
    names = rng.sample(list(PEDALBOARD), rng.randint(1, LONGEST))
    effects = [
        getattr(module, name)(**{k: rng.uniform(*ends) for k, ends in PEDALBOARD[name].items()})
        for name in names
    ]
    wet = module.Pedalboard(effects)(dry.numpy(), rate)
    return torch.from_numpy(wet.copy()), tuple(names)


def sox_chain(dry: Stereo, rate: int, rng: Random) -> tuple[Tensor, tuple[str, ...]]:
    """The same with the program ``sox``.

    Raises:
        AudioError: It is not installed, or cannot do it.
    """
    program = shutil.which("sox")
    if program is None:
        raise AudioError("the program sox is not installed")
    names = rng.sample(list(SOX), rng.randint(1, LONGEST))
    words = [w for n in names for w in (n, *(f"{rng.uniform(*ends):.4g}" for ends in SOX[n]))]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "dry.wav", Path(folder) / "wet.wav"
        write(source, dry * 0.5, rate)
        command = [program, "-V1", str(source), "-e", "float", "-b", "32", str(target), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AudioError(f"sox failed on {' '.join(words)}: {done.stderr.strip()[:200]}")
        wet = read(target).audio
    missing = dry.shape[1] - wet.shape[1]
    return torch.nn.functional.pad(wet, (0, max(0, missing))), tuple(names)


MAKERS: Mapping[str, Callable[[Tensor, int, Random], tuple[Tensor, tuple[str, ...]]]] = {
    "pedalboard": pedalboard_chain,
    "sox": sox_chain,
}
