"""Take the mean of a model and the one that it went on from.

    python benchmarks/average_weights.py LATER EARLIER OUT [--share 0.5]

A model that went on learning, on other sets, errs elsewhere than the one it began with; the mean of
both weights keeps much of what each does well: M. Wortsman et al., Robust Fine-Tuning of Zero-Shot
Models, CVPR 2022. Parts that the earlier one lacks were added at zero, so they are scaled.
"""

import argparse
from pathlib import Path

import torch

from graphophone.models.weights import load_weights, save_weights

LAST_LAYER = "outer"
"""Of an added part: what it adds goes through this layer, which began at zero."""


def main() -> None:
    """Average two weight files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("later", type=Path)
    parser.add_argument("earlier", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="of the later one")
    options = parser.parse_args()
    later, earlier = load_weights(options.later), load_weights(options.earlier)
    before, mean = earlier.model.state_dict(), {}
    for name, now in later.model.state_dict().items():
        start = torch.zeros_like(now) if LAST_LAYER in name.split(".") else now
        mean[name] = options.share * now + (1 - options.share) * before.get(name, start)
    later.model.load_state_dict(mean)
    notes = {**later.notes, "share_of_later": options.share}
    save_weights(options.out, later.model, task=later.task, step=later.step, notes=notes)


if __name__ == "__main__":
    main()
