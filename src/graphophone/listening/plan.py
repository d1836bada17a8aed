"""The plan of a listening test: one YAML or JSON file that says what is played and asked.

Sound files are named relative to the plan's folder. A page adds the hidden reference and the
low-pass anchors by itself; anchors of the task, the dry source and a random graph, are conditions
called ``anchor_dry`` and ``anchor_random``, which the analysis leaves out of its tests.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from graphophone.errors import FormatError, UsageError
from graphophone.listening.ratings import KNOWN

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)]
Anchor = Literal["anchor35", "anchor70"]
QUESTION = "How close is each sound to the reference?"


class Model(BaseModel):
    """A part of a plan; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Trial(Model):
    """One page.

    Attributes:
        name: ``trial_id`` in the results.
        reference: Sound file of the reference, 0.5 to 12 s.
        conditions: Sound files of what is under test, and of anchors of the task.
        meta: Anything about the page's making; nobody is shown it.
    """

    name: Name
    reference: Path
    conditions: dict[Name, Path] = Field(min_length=1)
    meta: dict[str, Any] = {}


class Question(Model):
    """A question of the questionnaire at the end.

    Attributes:
        name: Its column in the results.
        text: What listeners read.
        choices: What they choose from; they write freely where there are none.
    """

    name: Name
    text: Text
    choices: tuple[Name, ...] = ()


class Plan(Model):
    """A listening test.

    Attributes:
        graphophone_listening_test: Version of the format.
        name: ``session_test_id`` in the results.
        title: Heading of the first page.
        question: What listeners are asked on every page.
        welcome: What they read first.
        consent: What they agree to before they begin; nothing if empty.
        seed: Of the orders; a listener's also depends on the listener.
        anchors: Low-pass anchors that are made of each reference.
        match_loudness: Bring each condition to its reference's loudness; else all stay as they are.
        training: Pages to learn on, in this order; their ratings are kept out of the results.
        trials: Pages that count, in an order of each listener's own.
        questions: The questionnaire.
        meta: Anything about the test's making.
    """

    graphophone_listening_test: Literal[1]
    name: Name
    title: Text = "Listening test"
    question: Text = QUESTION
    welcome: Text = ""
    consent: Text = ""
    seed: int = 0
    anchors: tuple[Anchor, ...] = ("anchor35", "anchor70")
    match_loudness: bool = False
    training: tuple[Trial, ...] = ()
    trials: tuple[Trial, ...] = Field(min_length=1)
    questions: tuple[Question, ...] = ()
    meta: dict[str, Any] = {}

    @property
    def pages(self) -> tuple[Trial, ...]:
        """Training first, then all that counts."""
        return self.training + self.trials


def load(path: Path) -> Plan:
    """Read a plan.

    Raises:
        FormatError: One sentence that names the file, the place in it, what is allowed and what
            was got.
        UsageError: YAML is not installed.
    """
    try:
        plan = Plan.model_validate(_parsed(path))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"])) or "the file"
        got = problem["input"]
        said = f", got {got!r}" if isinstance(got, str | int | float | bool) else ""
        raise FormatError(f"{path}: {place}: {problem['msg']}{said}") from None
    _check(path, plan)
    return plan


def _parsed(path: Path) -> Any:
    """Return what the file says, as plain data."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise FormatError(f"{path}: the test cannot be read ({reason})") from None
    if path.suffix.lower() == ".json":
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise FormatError(f"{path}: line {error.lineno}: not JSON: {error.msg}") from None
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise FormatError(f"{path}: a test is a file in .yaml or .json, got {path.suffix!r}")
    try:
        import yaml
    except ImportError:
        raise UsageError(
            "a test in YAML needs more: pip install 'graphophone[listening]', or write JSON"
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise FormatError(f"{path}: {place}not YAML: {getattr(error, 'problem', error)}") from None


def _check(path: Path, plan: Plan) -> None:
    """Make sure that pages, conditions and columns can be told apart and compared."""
    for what, names in (
        ("page", [trial.name for trial in plan.pages]),
        ("question", [question.name for question in plan.questions]),
        ("anchor", list(plan.anchors)),
    ):
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise FormatError(
                f"{path}: every {what} needs a name of its own, got {twice[0]!r} twice"
            )
    if taken := [question.name for question in plan.questions if question.name in KNOWN]:
        raise FormatError(f"{path}: a question may not be called {taken[0]!r}, that is a column")
    first = plan.trials[0]
    for trial in plan.trials:
        if odd := sorted(first.conditions.keys() ^ trial.conditions.keys()):
            raise FormatError(
                f"{path}: all trials must have the same conditions, {odd[0]!r} is in one of "
                f"{first.name!r} and {trial.name!r} only"
            )
