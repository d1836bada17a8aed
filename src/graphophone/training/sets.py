"""Sources of examples that a configuration names; a set on disk is made where it is missing."""

from collections.abc import Sequence
from pathlib import Path

from graphophone.codec.tokens import Vocabulary
from graphophone.generation.mix import name_and_text
from graphophone.generation.reading import Damaged
from graphophone.generation.recipe import Recipe
from graphophone.training.config import Config, SetConfig
from graphophone.training.data import Examples, ExampleSource


def open_examples(wanted: Sequence[SetConfig], config: Config, vocabulary: Vocabulary) -> Examples:
    """Open sets, those on disk and those that are made on the way.

    Args:
        wanted: Which.
        config: The run that they are for.
        vocabulary: Kinds of nodes and edges to number tokens by.

    Raises:
        FormatError: A set is damaged or another one, or there are no recordings to make it from.
    """
    by_step = config.model.decoding == "nodes"
    return Examples([_source(one, config, vocabulary) for one in wanted], by_step=by_step)


def ensure_dataset(wanted: SetConfig, config: Config) -> Path:
    """Return the folder of a set, generating what is missing of it.

    A set with damaged archives that are to be left out is taken as it is.

    Raises:
        FormatError: Archives are damaged, and that is to be refused, or it is another set.
    """
    from graphophone.generation.card import NAMES, write_card
    from graphophone.generation.dataset import generate  # compiles kernels when imported

    folder = wanted.place
    damaged = config.data.damaged
    if damaged != "skip" or not folder.exists():
        repair = damaged == "repair"
        recipe = recipe_of(wanted, config)
        made = generate(
            recipe,
            folder,
            store=wanted.store,
            workers=config.data.workers,
            strict=wanted.strict,
            repair=repair,
            thorough=repair,
        )
        if made.made or not (folder / NAMES[0]).exists():
            write_card(folder, workers=config.data.workers)
    return folder


def recipe_of(wanted: SetConfig, config: Config) -> Recipe:
    """Return what decides the examples of a set."""
    name, text = name_and_text(wanted.mix)
    return Recipe(
        task=config.task,
        mix=name,
        mix_text=text,
        count=wanted.count,
        seed=wanted.seed,
        sources=wanted.sources,
        split=wanted.split,
        kinds=wanted.kinds,
        copies=wanted.copies,
        allow_tiers=wanted.allow_tiers,
        equalised=wanted.equalised,
        audible=wanted.audible,
    )


def _source(wanted: SetConfig, config: Config, vocabulary: Vocabulary) -> ExampleSource:
    from graphophone.training.stored import Stored
    from graphophone.training.streamed import Streamed

    cepstra = config.model.ripples and config.model.hears
    given = config.model.conditioning
    if wanted.stream:
        return Streamed(
            recipe_of(wanted, config),
            vocabulary,
            cepstra=cepstra,
            given=given,
            workers=config.data.workers,
            strict=wanted.strict,
        )
    folder = ensure_dataset(wanted, config)
    skip = config.data.damaged == "skip"
    damaged: Damaged = "skip" if skip else "refuse"
    return Stored(folder, vocabulary, cepstra=cepstra, given=given, damaged=damaged)
