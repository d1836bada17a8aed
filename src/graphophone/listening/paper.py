"""The listening test of Lee et al. 2023, section 4.2, from trained rows of its Table 2.

"We asked 8 graduate students to score the similarity between the reference and the rendered audio
with the estimated graph. A total of 48 sets were scored (24 sets for each task and 12 sets for each
seen and unseen speaker/kits)." Here every task and split is a test of its own, one sitting long:
its reference against rows 1 to 6, the shipped weights and four anchors, 12 sounds with the hidden
reference.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from graphophone.audio.features import RATE
from graphophone.audio.files import write
from graphophone.codec.json import save
from graphophone.errors import FormatError, UsageError
from graphophone.evaluation.suites import BATCH, EVALUATION_SEEDS
from graphophone.evaluation.table2 import Run
from graphophone.generation.item import Item, Task, generate_item
from graphophone.listening.excerpts import Excerpt, estimated, excerpt, random_graph
from graphophone.models.estimator import Estimator
from graphophone.report.delivery import folder, put
from graphophone.sources import open_pool
from graphophone.sources.pools import KINDS

ROWS = tuple("123456")
FILE = "test.json"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Choice:
    """Which excerpts are taken.

    Attributes:
        task: ``singing`` or ``drums``.
        split: ``seen`` or ``unseen`` voices or kits.
        sources: Dry audio.
        mix: Kind of graphs.
        count: Examples of the evaluation's set that are drawn from.
        trials: Pages that count.
        training: Pages to learn on.
        seed: Of the set, and of what is drawn from it.
        match: Whether conditions are brought to the reference's loudness.
    """

    task: Task
    split: str
    sources: str = "real"
    mix: str = "paper"
    count: int = 300
    trials: int = 12
    training: int = 1
    seed: int = 0
    match: bool = True


@dataclass(frozen=True)
class Built:
    """A test that was built.

    Attributes:
        file: Its plan.
        choice: Which excerpts.
        conditions: What is under test and the anchors of the task, in each page.
        runs: The run that stands for each row.
        missing: Rows for which there is none.
        silent: Examples left out because a condition was silent, with its name.
    """

    file: Path
    choice: Choice
    conditions: tuple[str, ...]
    runs: dict[str, str]
    missing: tuple[str, ...]
    silent: dict[int, str]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "file": str(self.file),
            "task": self.choice.task,
            "split": self.choice.split,
            "trials": self.choice.trials,
            "conditions": list(self.conditions),
            "runs": self.runs,
            "missing": list(self.missing),
            "silent": {str(index): name for index, name in self.silent.items()},
        }


def chosen(runs: Sequence[Run], task: str) -> dict[str, Run]:
    """Return one run for each row of a task: the one of the lowest seed.

    Row 4 that hears stems stands for row 4 where no other does.
    """
    found: dict[str, Run] = {}
    mine = [run for run in runs if run.estimator.task == task]
    for run in sorted(mine, key=lambda run: (len(run.row), run.seed, str(run.folder))):
        found.setdefault(run.row[0], run)
    return dict(sorted(found.items()))


def build(
    out: Path,
    choice: Choice,
    runs: Sequence[Run],
    *,
    ours: Estimator,
    data: Path | None = None,
    progress: Progress | None = None,
) -> Built:
    """Render the excerpts of a test and write its plan, which comes last.

    Args:
        out: A folder for it.
        choice: Which excerpts.
        runs: Trained rows, of any task.
        ours: The model that is shipped.
        data: Folder of real recordings.
        progress: Called with (excerpts done, excerpts in all).

    Returns:
        What was built.

    Raises:
        UsageError: There is no run of the task, ``ours`` is of another task, or the set has too
            few examples that can be compared.
        FormatError: The recordings are not there, or listeners have begun with a test here.
    """
    rows = chosen(runs, choice.task)
    if not rows:
        raise UsageError(f"there are no runs for {choice.task}")
    if ours.task != choice.task:
        raise UsageError(f"the model under test is for {ours.task}, not for {choice.task}")
    if any((out / "results" / "sittings").glob("*.json")):
        raise FormatError(f"{out}: listeners have begun with this test; build into another folder")
    wanted = choice.trials + choice.training
    silent: dict[int, str] = {}
    found: list[Excerpt] = []
    for made in _excerpts(choice, rows, ours, data):
        if isinstance(made, Excerpt):
            found.append(made)
            if progress:
                progress(len(found), wanted)
        else:
            silent |= made
        if len(found) == wanted:
            break
    if len(found) < wanted:
        raise UsageError(
            f"{wanted} pages need as many examples that can be compared, "
            f"{choice.count} of {choice.task}, {choice.split} have {len(found)}"
        )
    folder(out)
    trials = [_trial(out, choice, number, one) for number, one in enumerate(found)]
    built = Built(
        out / FILE,
        choice,
        tuple(found[0].sounds),
        {f"row{name}": run.folder.name for name, run in rows.items()},
        tuple(f"row{row}" for row in ROWS if row not in rows),
        silent,
    )
    plan = {
        "graphophone_listening_test": 1,
        "name": f"graphophone-{choice.task}-{choice.split}",
        "title": "Listening test",
        "welcome": WELCOME,
        "seed": choice.seed,
        "training": trials[choice.trials :],
        "trials": trials[: choice.trials],
        "meta": {
            **asdict(choice),
            "runs": built.runs,
            "missing": built.missing,
            "silent": silent,
        },
    }
    put(built.file, json.dumps(plan, indent=1, ensure_ascii=False) + "\n")
    return built


WELCOME = (
    "You will hear short recordings that went through effects. On each page, one of them is the "
    "reference. Say of every other sound how close it is to the reference: the same effects, as "
    "strong, in the same place. Some are made to differ a lot."
)


def _excerpts(
    choice: Choice, rows: dict[str, Run], ours: Estimator, data: Path | None
) -> Iterator[Excerpt | dict[int, str]]:
    """Yield excerpts in an order drawn from the seed, and what cannot be one."""
    pool = open_pool(
        choice.task, sources=choice.sources, split=choice.split, data=data, kinds=KINDS
    )
    rng = Random(f"listening-test/{choice.task}/{choice.split}/{choice.mix}/{choice.seed}")
    drawn = iter(rng.sample(range(choice.count), choice.count))
    asked = {f"row{name}": run.estimator for name, run in rows.items()}
    while batch := list(islice(drawn, min(BATCH, choice.trials + choice.training))):
        seed = EVALUATION_SEEDS + choice.seed
        items: list[Item] = [
            generate_item(choice.task, choice.mix, seed, index, pool) for index in batch
        ]
        for index, item, graphs in zip(batch, items, estimated(items, asked, ours), strict=True):
            random = random_graph(item, choice.task, choice.mix, choice.seed, index)
            made = excerpt(item, index, graphs, random, match=choice.match)
            yield {index: made} if isinstance(made, str) else made


def _trial(out: Path, choice: Choice, number: int, one: Excerpt) -> dict[str, Any]:
    """Write the files of a page, and return what the plan says of it."""
    name = f"{choice.task}-{choice.split}-{number:02}"
    for sub in ("audio", "graphs"):
        folder(out / sub)
    reference = f"audio/{name}-reference.wav"
    write(out / reference, one.reference, RATE)
    conditions = {}
    for condition, sound in one.sounds.items():
        conditions[condition] = f"audio/{name}-{condition}.wav"
        write(out / conditions[condition], sound, RATE)
    for condition, graph in one.graphs.items():
        save(graph, out / f"graphs/{name}-{condition}.json")
    meta = {
        "example": one.index,
        "gains_db": {condition: round(gain, 3) for condition, gain in one.gains_db.items()},
        "turned_down_db": round(one.turned_down_db, 3),
        "provenance": one.provenance,
    }
    return {"name": name, "reference": reference, "conditions": conditions, "meta": meta}
