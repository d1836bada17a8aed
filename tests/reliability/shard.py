"""One shard of a long run: in a module of its own, which worker processes can import."""

import json
import os
from pathlib import Path

import torch

from tests.reliability.check import check_case

Failures = dict[str, str]
"""Messages by seed."""


def try_shard(seeds: range, path: Path) -> Failures:
    """Try some cases, write down which fail and how, and put the file in place when it is whole."""
    torch.set_num_threads(1)  # processes share the cores already
    failures = {}
    for seed in seeds:
        try:
            check_case(seed)
        except AssertionError as error:
            failures[str(seed)] = str(error)
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.write_text(json.dumps(failures), encoding="utf-8")
    partial.replace(path)
    return failures
