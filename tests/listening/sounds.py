"""Small tests of short sounds that tell what they are to whoever computes, not to who looks."""

import json
from pathlib import Path

import torch

from graphophone.audio.files import write

RATE = 16_000
SECONDS = 0.5
TONES = {"ours": 500.0, "row3": 900.0, "row5": 1_300.0, "row2": 1_700.0}
"""What is mixed into each condition, in Hz."""


def noise(seed: int, seconds: float = SECONDS, rate: int = RATE) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(2, round(seconds * rate), generator=generator)


def with_tone(audio: torch.Tensor, frequency: float, rate: int = RATE) -> torch.Tensor:
    time = torch.arange(audio.shape[1]) / rate
    return audio + 0.05 * torch.sin(2 * torch.pi * frequency * time)


def planned(
    folder: Path,
    *,
    trials: int = 3,
    training: int = 1,
    seconds: float = SECONDS,
    conditions: dict[str, float] = TONES,
    **fields: object,
) -> Path:
    """Write the files of a test, and return its plan."""
    pages = []
    for number in range(trials + training):
        reference = noise(number, seconds)
        paths = {name: f"{number}-{name}.wav" for name in ("reference", *conditions)}
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / paths["reference"], reference, RATE)
        for name, frequency in conditions.items():
            write(folder / paths[name], with_tone(reference, frequency), RATE)
        pages.append(
            {"name": f"excerpt-{number}", "reference": paths.pop("reference"), "conditions": paths}
        )
    plan = {
        "graphophone_listening_test": 1,
        "name": "planted",
        "seed": 3,
        "training": pages[trials:],
        "trials": pages[:trials],
        "questions": [
            {"name": "age", "text": "How old are you?"},
            {"name": "headphones", "text": "What did you wear?", "choices": ["open", "closed"]},
        ],
    } | fields
    path = folder / "test.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path
