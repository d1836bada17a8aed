"""``graphophone evaluate --suite``: what is said, what is written, what is refused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.sounds import Ran

Run = Callable[..., Ran]
SMALL = ("--sources", "procedural", "--task", "singing", "--count", "1")


@pytest.fixture(autouse=True)
def small_examples() -> Iterator[None]:
    """Graphs of a size that the tiny model's ids can count."""
    patch = pytest.MonkeyPatch()
    patch.setattr("graphophone.generation.item.draw_size", lambda rng, mix: 1)
    yield
    patch.undo()


def test_a_suite_is_run_written_down_and_goes_on(run: Run, models: Path, tmp_path: Path) -> None:
    own = ("--weights", models / "singing.safetensors", "--out", tmp_path)
    ran = run("evaluate", "--suite", "transfer", *SMALL, *own, "--json")
    assert ran.status == 0, ran.err
    answer = json.loads(ran.out)
    result = answer["results"][0]
    assert (answer["command"], answer["suite"], result["complete"]) == (
        "evaluate",
        "transfer",
        True,
    )
    assert result["figures"]["singing"]["better"]["aim"] == "at least 0.8"
    files = {name: Path(path) for name, path in result["files"].items()}
    assert json.loads(files["result"].read_text())["figures"] == result["figures"]
    assert "The worst 1 of 1 trials" in files["page"].read_text()
    journal = (tmp_path / "singing" / "trials.jsonl").read_text()
    ran = run("evaluate", "--suite", "transfer", *SMALL[:-1], "2", *own)
    assert ran.status == 0, ran.err
    assert (tmp_path / "singing" / "trials.jsonl").read_text().startswith(journal)
    assert "| singing | `better` |" in ran.out
    ran = run("evaluate", "--suite", "transfer", *SMALL, *own, "--seed", "5")
    assert ran.status == 2
    assert "another run, whose seed is 0 and not 5: choose another --out" in ran.err
    ran = run("evaluate", "--figures", tmp_path, "--out", tmp_path / "figures")
    assert ran.status == 0, ran.err
    assert (tmp_path / "figures" / "figure-1.svg").is_file()
    assert "figure-5: the run has no such example (not drawn)" in ran.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--suite", "transfer", "--copies", "mp3"), "--copies are for the suite robustness"),
        (("--suite", "transfer", "--line", "own"), "the suite transfer has no lines to choose"),
        (("--suite", "restraint", "--line", "radio"), "must be one of dry, own, foreign"),
        (("--suite", "robustness", "--copies", "radio"), "copies must be among"),
        (("--suite", "transfer", "--minutes", "0"), "needs trials and time above 0, got 1 and 0.0"),
        (("--suite", "fit", "--out", "here"), "--out and --minutes are for suites other than fit"),
        (("--out", "here"), "--out and --minutes are for suites other than fit"),
    ],
)
def test_what_a_suite_has_not_is_refused(
    run: Run, models: Path, words: tuple[str, ...], message: str
) -> None:
    own = ("--weights", models / "singing.safetensors")
    ran = run("evaluate", *SMALL, *own, *words)
    assert ran.status == 2
    assert message in ran.err


def test_weights_are_of_one_task_and_a_suite_needs_a_count(run: Run, models: Path) -> None:
    own = ("--weights", models / "singing.safetensors")
    ran = run("evaluate", "--suite", "transfer", "--count", "1", *own)
    assert (ran.status, "--weights are of one task: say which with --task" in ran.err) == (2, True)
    ran = run("evaluate", "--suite", "transfer")
    assert (ran.status, "--suite and --count" in ran.err) == (2, True)
