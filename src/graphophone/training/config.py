"""What a training run is, as one TOML file.

Every key has a default, unknown keys are refused by name, and ``--set section.key=value``
changes one of them from the command line.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from graphophone.errors import FormatError
from graphophone.generation.mix import complaint, name_and_text
from graphophone.models.config import ROWS, ModelConfig


class Section(BaseModel):
    """A table of the file; it refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SetConfig(Section):
    """One data set: where it lies, and how to make it if it is not there.

    Attributes:
        folder: Where the set lies, relative to the working directory; none if it is streamed.
        stream: Whether to make its examples while training, new ones in each epoch, and keep
            none; only sets to train on can be.
        mix: Kind of graphs: ``"paper"``, ``"wide"``, ``"short"``, ``"single"``, ``"extended"``, or
            the path of a TOML file (:mod:`graphophone.generation.mix`).
        sources: ``"real"``, ``"procedural"``, ``"virtual"`` (singing) or ``"mixed"`` dry sources.
        split: Which groups of sources may be drawn from.
        count: Number of examples; of an epoch, if it is streamed.
        seed: Seed of the set.
        kinds: Categories of real recordings to draw from; empty for all that the split has.
        copies: Share of examples that are spoiled copies (MP3, limiting and so on).
        allow_tiers: Licence tiers of real recordings; empty for the rule of the split.
        equalised: Whether drums have the mean spectra of the training kits.
        audible: Whether graphs are drawn again until each node, left out, is missed.
        strict: Whether recordings with a fault are refused; otherwise they are left out and named.
        store: What a set in a folder keeps: ``"features"`` of the wet sound, ``"dry"`` those of
            the mix of the dry clips too, ``"stems"`` those of each instrument too. Models that
            are given the dry sound need it; a set that they share with others is stored with it.
    """

    folder: Path | None = None
    stream: bool = False
    mix: str = "paper"
    sources: Literal["real", "procedural", "virtual", "mixed"] = "procedural"
    split: Literal["train", "seen", "unseen"] = "train"
    count: int = Field(default=1_000, ge=1)
    seed: int = 0
    kinds: tuple[str, ...] = ()
    copies: float = Field(default=0.0, ge=0, le=1)
    allow_tiers: tuple[str, ...] = ()
    equalised: bool = False
    audible: bool = False
    strict: bool = False
    store: Literal["features", "dry", "stems"] = "features"

    @model_validator(mode="after")
    def _lies_somewhere(self) -> "SetConfig":
        if self.stream == (self.folder is not None):
            raise ValueError("a set has either a folder or stream = true")
        return self

    @property
    def place(self) -> Path:
        """Its folder.

        Raises:
            FormatError: It is streamed, so it has none.
        """
        if self.folder is None:
            raise FormatError("a set that is streamed has no folder")
        return self.folder

    @field_validator("mix")
    @classmethod
    def _is_a_mix(cls, value: str) -> str:
        name_and_text(value)
        return value


class DataConfig(Section):
    """What is learned from and what is held out.

    Attributes:
        train: Sets to train on, one after the other.
        held_out: Sets to measure on while training.
        workers: Processes that make a missing set, or a streamed one.
        damaged: What becomes of a damaged archive: ``"refuse"`` the set, ``"repair"`` it by
            making its examples again, or ``"skip"`` them. The last two read sets through first.
        shift_frames: Largest random shift of the features in time, in frames; 0 for none.
        tilt_db: Largest random spectral tilt from the lowest to the highest band; 0 for none.
        gain_db: Largest random change of level; 0 for none.
        semitones: Largest random move of the spectrum, up or down; 0 for none.
    """

    train: tuple[SetConfig, ...] = Field(min_length=1)
    held_out: tuple[SetConfig, ...] = ()
    workers: int = Field(default=2, ge=1)
    damaged: Literal["refuse", "repair", "skip"] = "refuse"
    shift_frames: int = Field(default=0, ge=0)
    tilt_db: float = Field(default=0.0, ge=0)
    gain_db: float = Field(default=0.0, ge=0)
    semitones: float = Field(default=0.0, ge=0, le=12)

    @field_validator("held_out")
    @classmethod
    def _is_held_still(cls, sets: tuple[SetConfig, ...]) -> tuple[SetConfig, ...]:
        if any(one.stream for one in sets):
            raise ValueError("a held-out set is measured on again and again: it needs a folder")
        return sets


class TrainConfig(Section):
    """How it is learned; the defaults are the paper's ("Training", section 3).

    Attributes:
        start: Weights to start from; what they lack begins as in a new model. None by default.
        steps: Updates in all.
        warmup: Updates over which the learning rate rises linearly.
        learning_rate: Its peak; afterwards it falls linearly to zero.
        batch: Examples an update.
        seed: Seed of the weights, the order and the augmentation.
        label_smoothing: Share of probability spread over all classes.
        weight_decay: Of AdamW, on matrices only.
        clip: Largest norm of the gradient.
        parameter_weight: Weight of the l1 loss of knobs beside the cross-entropies.
        hint_weight: Weight of what the latents are asked outright
            (:mod:`graphophone.training.hints`); 0, the paper's, asks nothing.
        precision: ``"bfloat16"`` autocast or ``"float32"``.
        device: ``"auto"`` takes CUDA where it is there.
        threads: CPU threads; 0 leaves the choice to PyTorch.
        log_every: Updates between two lines in ``metrics.jsonl``.
        measure_every: Updates between two measurements on held-out examples.
        measure_count: Examples of a measurement.
        checkpoint_every: Updates between two checkpoints.
        checkpoint_minutes: Minutes after which one is written anyway.
        max_minutes: Stop, resumable, after so many minutes; 0 for no limit.
    """

    start: Path | None = None
    steps: int = Field(default=200_000, ge=1)
    warmup: int = Field(default=50_000, ge=0)
    learning_rate: float = Field(default=5e-4, gt=0)
    batch: int = Field(default=32, ge=1)
    seed: int = 0
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    clip: float = Field(default=1.0, gt=0)
    parameter_weight: float = Field(default=1.0, ge=0)
    hint_weight: float = Field(default=0.0, ge=0)
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=0, ge=0)
    log_every: int = Field(default=20, ge=1)
    measure_every: int = Field(default=500, ge=1)
    measure_count: int = Field(default=256, ge=1)
    checkpoint_every: int = Field(default=500, ge=1)
    checkpoint_minutes: float = Field(default=5.0, gt=0)
    max_minutes: float = Field(default=0.0, ge=0)


class Config(Section):
    """A training run.

    Attributes:
        name: Of the run.
        task: ``"singing"`` or ``"drums"``.
        data: What is learned from.
        model: Sizes.
        train: How it is learned.
        row: Which row of the paper's Table 2 it is: a word for the ``conditioning`` and the
            ``decoding`` of the model, which cannot be set to those of another row then.
    """

    name: str
    task: Literal["singing", "drums"]
    data: DataConfig
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()
    row: Literal[1, 2, 3, 4, 5, 6] | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_a_row(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("row") not in ROWS:
            return data
        model = data.get("model", {})
        if isinstance(model, ModelConfig):
            model = model.model_dump()
        given, way = ROWS[data["row"]]
        model = {"conditioning": given[0], "decoding": way} | dict(model)
        for key, allowed in (("conditioning", given), ("decoding", (way,))):
            if model[key] not in allowed:
                words = " or ".join(repr(word) for word in allowed)
                raise ValueError(f"row {data['row']} has model.{key} {words}, got {model[key]!r}")
        return {**data, "model": model}

    @model_validator(mode="after")
    def _stems_are_drums(self) -> "Config":
        if self.task == "singing" and self.model.conditioning == "stems":
            raise ValueError("a voice has no stems: model.conditioning 'stems' is for drums")
        return self

    @model_validator(mode="after")
    def _sets_have_the_dry_sound(self) -> "Config":
        wanted = self.model.conditioning
        enough = {"dry": ("dry", "stems"), "stems": ("stems",)}.get(wanted)
        for one in (*self.data.train, *self.data.held_out):
            if enough and not one.stream and one.store not in enough:
                raise ValueError(
                    f"model.conditioning {wanted!r} needs sets with store = {wanted!r}, "
                    f"{one.folder} has {one.store!r}"
                )
        return self


def load_config(path: Path, changes: Iterable[str] = ()) -> Config:
    """Read a configuration.

    Args:
        path: A TOML file.
        changes: Assignments such as ``"train.steps=100"``; values are TOML, or else text.

    Raises:
        FormatError: The file is missing or no TOML, a key is unknown, or a value is not
            allowed; the message names it.
    """
    try:
        data = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise FormatError(f"there is no configuration {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} is not TOML: {error}") from None
    for change in changes:
        _assign(data, change)
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise FormatError(f"{path}: {complaint(error)}") from None


def _assign(data: dict[str, Any], change: str) -> None:
    """Apply one ``a.b=1``."""
    name, equals, text = change.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        raise FormatError(f"a change must look like train.steps=100, got {change!r}")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    table: Any = data
    try:
        for key in keys[:-1]:
            table = table[int(key)] if isinstance(table, list) else table.setdefault(key, {})
        table[int(keys[-1]) if isinstance(table, list) else keys[-1]] = value
    except (AttributeError, IndexError, TypeError, ValueError):
        raise FormatError(f"{name.strip()}: there is no such place to set") from None
