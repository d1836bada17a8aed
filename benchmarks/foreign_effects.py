"""Does the estimator hear effects that other software made? And does it leave dry sound alone?

Twenty unseen real recordings, each with one strong effect by pedalboard: reverb, delay,
chorus, distortion, pitch shift, four recordings each. A hit is the effect's type in the
estimated graph. Then the same twenty recordings dry: a hit is ``in -> out``.

    pip install "graphophone[compare]"
    GRAPHOPHONE_DATA=... python benchmarks/foreign_effects.py [--weights FILE] [--seconds 8]

Prints a row a recording and writes ``benchmarks/foreign_effects.json``.
"""

import argparse
import json
import random
import sys
from pathlib import Path

import numpy as np
import pedalboard

from graphophone import Estimator
from graphophone.audio.features import RATE
from graphophone.sources import open_pool

EFFECTS = {
    "reverb": (
        {"mono_reverb", "stereo_reverb"},
        lambda r: pedalboard.Reverb(
            room_size=r.uniform(0.6, 0.95), wet_level=r.uniform(0.35, 0.6), dry_level=0.4
        ),
    ),
    "delay": (
        {"mono_delay", "pingpong_delay"},
        lambda r: pedalboard.Delay(
            delay_seconds=r.uniform(0.15, 0.5), feedback=r.uniform(0.3, 0.6), mix=0.5
        ),
    ),
    "chorus": (
        {"chorus"},
        lambda r: pedalboard.Chorus(
            rate_hz=r.uniform(0.5, 2), depth=0.4, centre_delay_ms=r.uniform(12, 25), mix=0.5
        ),
    ),
    "distortion": ({"distortion"}, lambda r: pedalboard.Distortion(drive_db=r.uniform(20, 32))),
    "pitchshift": (
        {"pitchshift"},
        lambda r: pedalboard.PitchShift(semitones=r.choice((-12, -7, -5, 5, 7, 12))),
    ),
}


def main() -> None:
    """Run the comparison that the module describes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args()
    weights = options.weights
    estimator = Estimator.load(weights) if weights else Estimator.pretrained("singing")
    rows = []
    kinds = ("singing", "speech", "singing", "instruments")
    pools = {
        k: open_pool("singing", sources="real", split="unseen", kinds=(k,)) for k in set(kinds)
    }
    for name, (types, make) in EFFECTS.items():
        for i, kind in enumerate(kinds):
            rng = random.Random(f"{options.seed}/{name}/{i}")
            drawn = pools[kind].draw(rng, int(options.seconds * RATE), RATE)
            dry = drawn.tracks["voice"].numpy()
            wet = pedalboard.Pedalboard([make(rng)])(dry, RATE)
            found = [n.type for n in estimator(np.asarray(wet), RATE).nodes]
            bare = [n.type for n in estimator(dry, RATE).nodes]
            row = {
                "effect": name,
                "kind": kind,
                "found": found[1:] if found[0] == "in" else found,
                "hit": bool(types & set(found)),
                "dry_hit": sorted(bare) == ["in", "out"],
                "dry_found": bare,
            }
            rows.append(row)
            sys.stdout.write(
                f"{name:11} {kind:12} {'hit ' if row['hit'] else 'miss'} "
                f"{' '.join(t for t in found if t not in ('in', 'out'))}\n"
                f"{'':24} dry: {'hit ' if row['dry_hit'] else 'miss'} "
                f"{' '.join(t for t in bare if t not in ('in', 'out'))}\n"
            )
            sys.stdout.flush()
    hits, dry_hits = sum(r["hit"] for r in rows), sum(r["dry_hit"] for r in rows)
    sys.stdout.write(f"effects: {hits} of {len(rows)}; dry left alone: {dry_hits} of {len(rows)}\n")
    result = {"hits": hits, "dry_hits": dry_hits, "count": len(rows), "rows": rows}
    options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
