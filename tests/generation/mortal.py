"""Make a small set whose makers are killed ten times at random moments, in a process of its own.

It forks before any thread is started, so a maker needs no time to begin. Prints as JSON how
many were killed at work, which archives with an index were ever torn, and both check sums.
"""

import json
import os
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import torch

from graphophone.generation.dataset import generate
from tests.generation.small import RECIPE, contents, shrink

KILLS = 10
LARGER = replace(RECIPE, count=36)


def make(out: Path) -> int:
    """Fork a process that makes the set, and return its number."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        summary = generate(LARGER, out, shard=6, piece=2)
        (out.parent / f"{out.name}.txt").write_text(summary.checksum)
        status = 0
    finally:
        os._exit(status)


def main(folder: Path) -> None:
    shrink(setattr)
    torch.set_num_threads(1)
    whole, killed = folder / "whole", folder / "killed"
    os.waitpid(make(whole), 0)  # compiles
    for path in whole.iterdir():
        path.unlink()
    begin = time.monotonic()
    os.waitpid(make(whole), 0)
    seconds = time.monotonic() - begin
    right = contents(whole)
    rng, count, torn = Random(os.environ.get("SEED", "ten kills")), 0, []
    while count < KILLS:
        child = make(killed)
        time.sleep(rng.uniform(0, seconds / 7))
        os.kill(child, signal.SIGKILL)
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            shutil.rmtree(killed)  # it was done before; the next one begins anew
            continue
        count += 1
        for name, content in contents(killed).items() if killed.exists() else ():
            if name in right and name != "dataset.json":
                indexed = (killed / name).with_suffix(".json").exists()
                torn += [name] if indexed and content != right[name] else []
    os.waitpid(make(killed), 0)
    sums = {path.stem: path.read_text() for path in folder.glob("*.txt")}
    answer = {"killed": count, "torn": torn}
    answer |= {"checksum": sums["killed"], "uninterrupted": sums["whole"]}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
