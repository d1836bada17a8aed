"""Train a model: one function, the same on a CPU and on a GPU.

An update draws the next batch, runs both tasks of section 3 of the paper at once, clips the
gradient and moves the weights by AdamW, at a rate that rises linearly and then falls linearly.
Its order, augmentation and dropout depend on the seed and its number alone, so a run that was
killed gives the weights of one that was not.
"""

import json
import time
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from graphophone.audio import cepstrum, features
from graphophone.codec.tokens import Vocabulary
from graphophone.codec.travel import width
from graphophone.errors import FormatError
from graphophone.models.model import GraphModel, NextStep, NextToken
from graphophone.models.weights import load_weights, save_weights
from graphophone.processors import SPECS
from graphophone.training.augment import augment
from graphophone.training.checkpoint import read_about, restore, save_checkpoint
from graphophone.training.config import Config, TrainConfig
from graphophone.training.data import Examples
from graphophone.training.hints import Hints
from graphophone.training.journal import LOSSES, Journal
from graphophone.training.objective import Errors, Objective, counted, objective
from graphophone.training.rows import Batch
from graphophone.training.sets import open_examples
from graphophone.training.transpose import pitched, transpose

PASSING = {"device", "threads", "steps", "max_minutes"}
"""Training settings that may change when a run goes on, and those that only say what is logged."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run came to.

    Attributes:
        step: Updates made in all.
        finished: Whether these are all; otherwise the run can be taken up again.
        weights: Half-precision weights of the last step.
        metrics: Last measurement on held-out examples, empty without any.
        seconds: Time of this run alone.
        left_out: What could not be learned from, and why: damaged archives, faulty recordings.
    """

    step: int
    finished: bool
    weights: Path
    metrics: dict[str, float]
    seconds: float
    left_out: tuple[str, ...] = ()


class Pupil(nn.Module):
    """A model and what is only needed while it learns."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        vocabulary, knobs = Vocabulary.of(SPECS), width(SPECS)
        self.pitched = pitched(vocabulary, SPECS)
        self.model = GraphModel(config.model, vocabulary, knobs)
        self.hints = None
        if config.train.hint_weight and config.model.hears:
            self.hints = Hints(config.model, len(vocabulary.node_kinds), knobs)


def train(config: Config, run_dir: Path, resume: bool = True) -> TrainingResult:
    """Train until the last step or the time limit.

    Args:
        config: What to train.
        run_dir: Folder for the checkpoint, the logs and the weights.
        resume: Whether to go on from a checkpoint in ``run_dir``; otherwise start anew.

    Raises:
        FormatError: A data set is not one, or the run in ``run_dir`` is another one.
    """
    c = config.train
    if c.threads:
        torch.set_num_threads(c.threads)
    device = pick_device(c)
    run_dir.mkdir(parents=True, exist_ok=True)
    vocabulary = Vocabulary.of(SPECS)
    examples = open_examples(config.data.train, config, vocabulary)
    held_out = config.data.held_out
    measured = open_examples(held_out, config, vocabulary) if held_out else None

    torch.manual_seed(c.seed)
    pupil = Pupil(config)
    before = begin_with(pupil.model, c.start) if c.start else None
    pupil = pupil.to(device)
    pupil = pupil.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = make_optimizer(pupil, c)
    checkpoint, first = run_dir / "checkpoint.safetensors", 0
    if resume and checkpoint.exists():
        about = read_about(checkpoint)
        if about["run"] != fingerprint(config):
            raise FormatError(
                f"{run_dir} holds a run of another configuration; choose another folder"
            )
        restore(checkpoint, pupil, optimizer)
        first = int(about["step"])
    (run_dir / "config.json").write_text(config.model_dump_json(indent=2))

    begin = saved = time.monotonic()
    metrics: dict[str, float] = {}
    step = first
    with Journal(run_dir, c.steps, first) as journal, closing(examples), _closing(measured):
        for batch in examples.batches(c.seed, c.batch, first, c.steps):
            if c.max_minutes and time.monotonic() - begin > 60 * c.max_minutes:
                break
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, c)
            result, counts = update(pupil, optimizer, batch, config, step, device)
            step += 1
            journal.count(result, counts)
            if step % c.log_every == 0 or step == c.steps:
                journal.write(step, learning_rate=learning_rate(step - 1, c))
            if measured and (step % c.measure_every == 0 or step == c.steps):
                metrics = measure(pupil, measured, config, device)
                journal.note("held_out", step, metrics)
            now = time.monotonic()
            if step % c.checkpoint_every == 0 or now - saved > 60 * c.checkpoint_minutes:
                save_checkpoint(checkpoint, pupil, optimizer, _about(config, step))
                saved = time.monotonic()
    save_checkpoint(checkpoint, pupil, optimizer, _about(config, step))
    weights = run_dir / "weights.safetensors"
    notes = {"name": config.name, "held_out": metrics, "config": config.model_dump(mode="json")}
    if before:
        notes["before"] = before
    left_out = tuple(str(fault) for fault in examples.faults)
    if left_out:
        notes["left_out"] = list(left_out)
    save_weights(weights, pupil.model, task=config.task, step=step, notes=notes)
    seconds = time.monotonic() - begin
    return TrainingResult(step, step >= c.steps, weights, metrics, seconds, left_out)


def begin_with(model: GraphModel, path: Path) -> dict[str, Any]:
    """Give a new model what trained weights hold; parts that they lack stay as they are.

    Returns:
        How these weights came about: their steps and their notes.

    Raises:
        FormatError: The weights are of another shape.
    """
    weights = load_weights(path)
    trained, new = weights.model.state_dict(), model.state_dict()
    for name, part in trained.items():
        if name not in new or new[name].shape != part.shape:
            raise FormatError(
                f"{path} does not fit this configuration: its {name} is {tuple(part.shape)}"
            )
    model.load_state_dict(new | trained)
    return {"step": weights.step, **weights.notes}


def update(
    pupil: Pupil,
    optimizer: torch.optim.AdamW,
    batch: Batch,
    config: Config,
    step: int,
    device: torch.device,
) -> tuple[Objective, Errors]:
    """Make one update in place and return what it saw."""
    c = config.train
    torch.manual_seed(c.seed * 1_000_003 + step)
    batch = transpose(batch, config.data.semitones, pupil.pitched, (c.seed, step, 1))
    batch = batch._replace(mel=augment(batch.mel, config.data, (c.seed, step)))
    pupil.train()
    result, scores = run(pupil, batch, config, device)
    optimizer.zero_grad()
    result.total.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(pupil.parameters(), c.clip)
    optimizer.step()
    return Objective(*(part.detach() for part in result)), counted(scores, batch.tokens.to(device))


def run(
    pupil: Pupil, batch: Batch, config: Config, device: torch.device
) -> tuple[Objective, NextToken | NextStep]:
    """Run both tasks on a batch in the precision of the configuration."""
    c = config.train
    with torch.autocast(device.type, torch.bfloat16, enabled=c.precision == "bfloat16"):
        return objective(
            pupil.model,
            features.unpack(batch.mel.to(device)),
            None if batch.cepstra is None else cepstrum.unpack(batch.cepstra.to(device)),
            batch.tokens.to(device),
            batch.places.to(device),
            batch.travel.to(device),
            batch.live.to(device),
            batch.circular.to(device),
            label_smoothing=c.label_smoothing,
            parameter_weight=c.parameter_weight,
            hints=pupil.hints,
            hint_weight=c.hint_weight,
        )


@torch.no_grad()
def measure(
    pupil: Pupil, examples: Examples, config: Config, device: torch.device
) -> dict[str, float]:
    """Return losses and teacher-forced error rates on the first held-out examples."""
    c = config.train
    pupil.eval()
    order = sorted(range(min(len(examples), c.measure_count)), key=lambda i: examples.lengths[i])
    sums, weights, counts = [0.0] * len(LOSSES), 0, [0, 0, 0, 0]
    for start in range(0, len(order), c.batch):
        batch = examples.batch(order[start : start + c.batch])
        result, scores = run(pupil, batch, config, device)
        size = len(batch.mel)
        sums = [s + size * float(part) for s, part in zip(sums, result, strict=True)]
        weights += size
        found = counted(scores, batch.tokens.to(device))
        counts = [a + b for a, b in zip(counts, found, strict=True)]
    return {name: s / weights for name, s in zip(LOSSES, sums, strict=True)} | error_rates(
        Errors(*counts)
    )


def error_rates(counts: Errors) -> dict[str, float]:
    """Return shares of wrong tokens."""
    return {
        "node_error": counts.node_wrong / max(1, counts.nodes),
        "edge_error": counts.edge_wrong / max(1, counts.edges),
    }


def learning_rate(step: int, config: TrainConfig) -> float:
    """Return the rate of one update: up linearly to its peak, then down linearly to zero."""
    rise = (step + 1) / max(1, config.warmup)
    fall = (config.steps - step) / max(1, config.steps - config.warmup)
    return config.learning_rate * max(0.0, min(rise, fall, 1.0))


def make_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW that lets biases, gains of norms and lone vectors decay by nothing."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [{"params": matrices}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(
        groups, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )


def pick_device(config: TrainConfig) -> torch.device:
    """Return the device to train on.

    Raises:
        FormatError: CUDA was asked for and is not there.
    """
    if config.device == "cuda" and not torch.cuda.is_available():
        raise FormatError("train.device is 'cuda', but PyTorch finds no CUDA device here")
    wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted if config.device == "auto" else config.device)


def fingerprint(config: Config) -> str:
    """Return all of a configuration that decides its weights, as text."""
    data: dict[str, Any] = config.model_dump(mode="json")
    for key in list(data["train"]):
        if key in PASSING or key.startswith(("log_", "measure_", "checkpoint_")):
            del data["train"][key]
    for one in (*data["data"]["train"], *data["data"]["held_out"]):
        del one["folder"], one["store"], one["strict"]
    del data["data"]["workers"], data["row"]  # the model says which row it is
    if data["model"]["decoding"] == "tokens":  # the only way once: such runs may still go on
        del data["model"]["decoding"]
    return json.dumps(data, sort_keys=True)


def _closing(examples: Examples | None) -> AbstractContextManager[object]:
    return closing(examples) if examples else nullcontext()


def _about(config: Config, step: int) -> dict[str, Any]:
    return {"step": step, "run": fingerprint(config)}
