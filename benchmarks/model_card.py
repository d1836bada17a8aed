"""Write the card of a shipped model from its weights, its scores and the data's manifest.

    GRAPHOPHONE_DATA=... python benchmarks/model_card.py singing scores.json [scores.json ...]

Each ``scores.json`` is what ``graphophone evaluate --json`` printed. The card is written beside
the weights; nothing in it is typed by hand but the words.
"""

import csv
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphophone.models.weights import Weights, load_weights, pretrained_path
from graphophone.processors import CATALOGUE_HASH

KINDS = {"singing": ("singing", "speech", "instruments"), "drums": ("drums", "midi")}
WORDS = {
    "singing": "one voice or solo instrument with effects",
    "drums": "a drum mix: which instruments sound, a chain for each, and the mixing bus",
}
METRICS = (
    ("node_error", "node error"),
    ("edge_error", "edge error"),
    ("invalid_rate", "invalid rate"),
    ("iou", "IOU"),
    ("mss_default", "MSS default"),
    ("parameter_loss", "parameter loss"),
    ("mss_oracle", "MSS oracle"),
    ("mss_full", "MSS full"),
    ("iou_masked", "IOU, as delivered"),
    ("mss_full_masked", "MSS full, as delivered"),
)


def data_table(task: str) -> str:
    """List every group of recordings that the training split draws from, with its licence."""
    manifest = Path(os.environ["GRAPHOPHONE_DATA"]) / "MANIFEST.csv"
    counts: Counter[tuple[str, str, str, str]] = Counter()
    with manifest.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            used = row["role"] == "train" and row["licence_tier"] == "A-permissive"
            if used and row["category"] in KINDS[task] and "may be wet" not in row["note"]:
                group = "groove" if row["category"] == "midi" else row["group"]
                counts[row["category"], group, row["licence"], row["source_repo"]] += 1
    lines = ["| kind | group | files | licence | source |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {k} | {g} | {n} | {lic} | {src} |" for (k, g, lic, src), n in counts.items()]
    return "\n".join(lines)


def figure(value: float | None, ends: list[float] | None = None) -> str:
    """Write a figure with its interval; either may be missing."""
    if value is None:
        return "-"
    return f"{value:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "")


def score_table(scores: dict[str, Any]) -> str:
    """Show a model beside everything that knows nothing."""
    names = list(scores["baselines"])
    kinds = ", ".join(scores["kinds"] or ["all kinds"])
    head = (
        f"### {scores['split']} {scores['sources']} sources ({kinds}), `{scores['mix']}` graphs, "
        f"{scores['count']} examples of seed {scores['seed']}\n\n"
    )
    lines = [
        "| metric | this model | skill | " + " | ".join(n.replace("_", " ") for n in names) + " |",
        "| --- " * (3 + len(names)) + "|",
    ]
    for metric, title in METRICS:
        own = figure(scores["metrics"][metric], scores["intervals"][metric])
        row = [title, own, figure(scores["skill"][metric])]
        row += [figure(scores["baselines"][n][metric]) for n in names]
        lines.append("| " + " | ".join(row) + " |")
    return head + "\n".join(lines)


@dataclass(frozen=True)
class Stage:
    """One run of training: its configuration's name, its steps, its batch and its sets.

    Where the mean with the weights before it was kept, ``share`` is its part in that.
    """

    name: str
    steps: int
    batch: int
    mixes: str
    share: float | None


def stages(weights: Weights) -> list[Stage]:
    """Return the runs that led to a model, the first one first."""
    found, notes, step = [], weights.notes, weights.step
    while notes:
        config = notes["config"]
        mixes = ", ".join(one["mix"] for one in config["data"]["train"])
        found.append(
            Stage(
                config["name"], step, config["train"]["batch"], mixes, notes.get("share_of_later")
            )
        )
        notes = notes.get("before")
        step = notes["step"] if notes else 0
    return found[::-1]


def steps(weights: Weights) -> str:
    """Tell how long a model was trained, and on which kinds of sets."""
    told = []
    for stage in stages(weights):
        text = f"{stage.steps} of batch {stage.batch} on `{stage.mixes}`"
        if stage.share:
            text += (
                f" (kept: {stage.share:g} of these weights and {1 - stage.share:g} of those before)"
            )
        told.append(text)
    return ", then ".join(told)


def configs(weights: Weights) -> str:
    """Name the configurations that make a model like this, in their order."""
    return ", then ".join(f"`configs/{stage.name}.toml`" for stage in stages(weights))


def heard(weights: Weights) -> str:
    """Say if the sounds that a model was trained on were revised since."""
    old = weights.notes.get("sounds")
    return f"; trained on the sounds of `{old}`, scored on today's" if old else ""


def total_steps(weights: Weights) -> int:
    """Count the steps of all runs."""
    return sum(stage.steps for stage in stages(weights))


def main(task: str, files: list[str]) -> None:
    """Write the card."""
    path = pretrained_path(task)
    weights = load_weights(path)
    config = weights.notes["config"]
    scores = [json.loads(Path(name).read_text()) for name in files]
    row2 = load_weights(path.with_name(f"{path.stem}_row2{path.suffix}"))
    size = sum(p.numel() for p in weights.model.parameters())
    mixed = any(one["sources"] == "mixed" for one in config["data"]["train"])
    made_up = ", and for half of the examples on procedural sources" if mixed else ""
    text = f"""---
license: apache-2.0
library_name: graphophone
tags: [audio, audio-effects, graph]
---

# Graphophone {task} model

Writes down the audio processing graph of {WORDS[task]}. Row (3) of Lee et al. 2023 (token by
token, two stages) at the size for a CPU: {size / 1e6:.2f} M parameters, half precision.

| what | value |
| --- | --- |
| file | `{path.name}`, {path.stat().st_size / 1e6:.1f} MB |
| catalogue of processors | `{CATALOGUE_HASH}`{heard(weights)} |
| steps | {steps(weights)} |
| seed | {config["train"]["seed"]} |
| configuration | below; for a new run {configs(weights)} |

## What it was trained on

Synthetic graphs on dry recordings (and, for drums, MIDI grooves played on one-shots) under
licences that permit it{made_up}. Changes were made: trimmed, resampled, mixed down, processed.

{data_table(task)}

Attribution as the licences ask: Groove MIDI Dataset (Google LLC, Magenta; Gillick et al., ICML
2019), GuitarSet (Xi et al., ISMIR 2018), MuldjordKit (Lars Muldjord, DrumGizmo), Pearl Master
Studio Pack 1 (enoe), Erithacus UTAU voicebank (Erithacus Project), FluidR3 GM (Frank Wen), where
they stand in the table above.

## Scores

Drawn with `graphophone evaluate`; intervals are 95 % bootstrap over examples. Skill is the share of
the way from row 2 (the same model that hears nothing, on the same sets) to perfect. Row 2 had
{row2.step} steps and this model {total_steps(weights)}: where that is fewer, skill flatters it.
Where intervals overlap, read the rows as tied. The first rows take the most probable token at every
step, without the grammar, as the paper does; "as delivered" is what a user gets. The unseen voices
and kits were also watched during training, with other graphs.

{chr(10).join(score_table(s) + chr(10) for s in scores)}
## Limits

How these weights came about differs a little from such a run: CHANGELOG.md tells how.
It has heard a small number of graphs and voices, and makes many errors: read its confidences, and
listen to what it proposes. It knows 33 processors; what they cannot express (amplifiers,
limiters, autotune, convolution) it will describe in their terms. It hears up to 3.63 s at a time,
at 44.1 kHz. A full mix is outside what it was trained for. Nobody has run a listening test.

## Configuration

```json
{json.dumps(config, indent=1)}
```
"""
    path.with_suffix(".md").write_text(text)
    sys.stdout.write(f"{path.with_suffix('.md')}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
