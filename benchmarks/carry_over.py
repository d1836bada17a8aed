"""Let weights serve a catalogue whose sounds were revised since they were trained.

    python benchmarks/carry_over.py WEIGHTS [WEIGHTS ...]

A revised processor is meant to be learned anew. Where it still makes nearly the same sound, older
weights are better than none: this writes today's catalogue into them, and the one whose sounds they
heard into their notes, which the model card tells. Scores must be drawn again with today's sounds.
"""

import argparse
import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

from graphophone.processors import CATALOGUE_HASH


def main() -> None:
    """Rewrite weight files in place, each under a temporary name first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, nargs="+")
    for path in parser.parse_args().weights:
        with safe_open(path, "pt") as file:
            metadata = dict(file.metadata())
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = json.loads(metadata["about"])
        if about["catalogue"] == CATALOGUE_HASH:
            continue
        about["notes"].setdefault("sounds", about["catalogue"])
        about["catalogue"] = CATALOGUE_HASH
        metadata["about"] = json.dumps(about)
        temporary = path.with_name(path.name + ".part")
        save_file(tensors, temporary, metadata)
        temporary.replace(path)


if __name__ == "__main__":
    main()
