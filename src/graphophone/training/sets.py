"""Data sets that a configuration names, made where they are missing."""

from pathlib import Path

from graphophone.training.config import Config, SetConfig


def ensure_dataset(wanted: SetConfig, config: Config) -> Path:
    """Return the folder of a set, generating what is missing of it."""
    from graphophone.generation.dataset import Recipe, generate  # compiles kernels when imported
    from graphophone.generation.mix import name_and_text

    name, text = name_and_text(wanted.mix)
    recipe = Recipe(
        task=config.task,
        mix=name,
        mix_text=text,
        count=wanted.count,
        seed=wanted.seed,
        sources=wanted.sources,
        split=wanted.split,
        kinds=wanted.kinds,
        copies=wanted.copies,
    )
    generate(recipe, wanted.folder, workers=config.data.workers)
    return wanted.folder
