"""Targets: found by themselves, named when they are not."""

from pathlib import Path

import pytest

from graphophone.errors import UsageError
from graphophone.export import target, targets

NEW = """
from graphophone.export.fidelity import Export, Fidelity
from graphophone.export.target import Target, register


def write(patch, mode):
    return Export(b"new", Fidelity.of(patch.graph))


register(Target("brandnew", ".new", "for a test", write))
"""


def test_targets_have_what_a_command_needs() -> None:
    found = target.targets()
    assert {"faust", "lv2", "reaper", "pedalboard", "svg", "png", "dot", "mermaid"} <= found.keys()
    for name, one in found.items():
        assert one.name == name
        assert one.suffix.startswith(".")
        assert one.summary
    assert {name for name, one in found.items() if not one.sounds} == {
        "svg",
        "png",
        "dot",
        "mermaid",
    }


def test_a_new_file_is_a_new_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brandnew.py").write_text(NEW, encoding="utf-8")
    before = target.targets()
    with monkeypatch.context() as patched:
        patched.setattr(target, "_TARGETS", dict(before))
        patched.setattr(targets, "__path__", [*targets.__path__, str(tmp_path)])
        assert target.find("brandnew").suffix == ".new"
    assert target.targets() == before, "what a test registers must not stay"


def test_an_unknown_target_is_named() -> None:
    with pytest.raises(
        UsageError, match=r"--to must be one of .*, got 'fauts', did you mean 'faust'"
    ):
        target.find("fauts")


def test_an_unknown_mode_is_named() -> None:
    known = target.targets()
    assert known["pedalboard"].mode(None) == "editable"
    assert known["svg"].mode(None) == ""
    with pytest.raises(UsageError, match="--mode of pedalboard must be editable or exact, got 'x'"):
        known["pedalboard"].mode("x")
    with pytest.raises(UsageError, match="--mode of svg must be none, got 'exact'"):
        known["svg"].mode("exact")
