"""Effects of other software: each runs, changes what it gets, and is named where it is missing."""

from pathlib import Path
from random import Random

import pytest
import torch

from graphophone.audio.features import RATE
from graphophone.audio.level import to_level
from graphophone.errors import AudioError
from graphophone.evaluation.foreign import chain, software
from graphophone.evaluation.foreign.chain import changed, draw_chain
from graphophone.evaluation.foreign.software import absent, applied, missing
from graphophone.evaluation.foreign.table import SOFTWARE, Effect, table
from tests.fitting.planted import performance

GONE = absent()
EFFECTS = [effect for name in SOFTWARE for effect in table().effects[name]]


@pytest.fixture(scope="module")
def dry() -> torch.Tensor:
    audio = performance(0.6, RATE)
    swell = 10 ** (-2 * torch.linspace(0, 9, audio.shape[1]).sin().square())  # gates need pauses
    return to_level(audio * swell, RATE)[0]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda e: f"{e.software} {e.name}")
def test_every_effect_runs_and_changes_what_it_gets(effect: Effect, dry: torch.Tensor) -> None:
    if effect.software in GONE:
        pytest.skip(GONE[effect.software])
    settings = effect.draw(Random(2))
    wet = applied(effect, settings, dry, RATE)
    assert wet.shape == dry.shape
    assert wet.isfinite().all()
    assert changed(dry, to_level(wet, RATE)[0]) > 0.01
    torch.testing.assert_close(applied(effect, settings, dry, RATE), wet)


@pytest.mark.parametrize("name", SOFTWARE)
def test_a_chain_has_as_many_kinds_as_it_should_each_audible(name: str, dry: torch.Tensor) -> None:
    if name in GONE:
        pytest.skip(GONE[name])
    one, other = (draw_chain(table(), name, dry, RATE, 2, Random(4)) for _ in range(2))
    assert one is not None
    assert other is not None
    assert len({use.kind for use in one.uses}) == 2
    assert one.uses == other.uses
    torch.testing.assert_close(one.wet, other.wet)
    assert changed(dry, one.wet) > table().audible


def test_what_cannot_be_heard_is_not_drawn(
    dry: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        chain, "applied", lambda effect, settings, audio, rate: audio + (effect.kind == "bell")
    )
    monkeypatch.setattr(chain, "to_level", lambda audio, rate: (audio, 0.0))
    monkeypatch.setattr(chain, "changed", lambda before, after: float((after - before).max()))
    found = draw_chain(table(), "sox", dry, RATE, 1, Random(0))
    assert found is not None
    assert [use.kind for use in found.uses] == ["bell"]
    assert draw_chain(table(), "sox", dry, RATE, 2, Random(0)) is None


def test_software_that_is_missing_is_named_with_its_package(
    dry: torch.Tensor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(software, "find_spec", lambda name: None)
    assert missing("sox") == "the program sox is not installed (Debian package sox)"
    assert "pip install 'graphophone[compare]'" in missing("pedalboard")
    assert "lv2file is not installed (Debian package lv2file)" in missing("lv2")
    assert absent().keys() == set(SOFTWARE)
    for name in SOFTWARE:
        effect = table().effects[name][0]
        with pytest.raises(AudioError, match="is not installed"):
            applied(effect, effect.draw(Random(0)), dry, RATE)


def script(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_plug_ins_that_are_missing_are_named_by_their_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = [e.call for e in table().effects["lv2"] if e.debian != "mda-lv2"]
    script(tmp_path, "lv2file", "\n".join(f"echo '1\t{call}'" for call in there))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing("lv2") == "LV2 plug-ins are not installed (Debian packages mda-lv2)"


def test_a_program_that_fails_or_hangs_is_named(
    dry: torch.Tensor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    effect = table().effects["sox"][0]
    script(tmp_path, "sox", "echo no such luck >&2; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(AudioError, match="sox failed with status 3: no such luck"):
        applied(effect, effect.draw(Random(0)), dry, RATE)
    script(tmp_path, "sox", "exec sleep 30")
    monkeypatch.setattr(software, "PATIENCE", 0.2)
    with pytest.raises(AudioError, match="sox did not end in 0 s"):
        applied(effect, effect.draw(Random(0)), dry, RATE)


def test_samples_that_are_no_numbers_are_refused(
    dry: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = table().effects["sox"][0]
    broken = {"sox": lambda *_: torch.full_like(dry, float("nan"))}
    monkeypatch.setattr(software, "MAKERS", broken)
    with pytest.raises(AudioError, match="sox's lowpass gave samples that are no numbers"):
        applied(effect, effect.draw(Random(0)), dry, RATE)


def test_a_mono_plug_in_is_run_for_each_channel(
    dry: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = next(e for e in table().effects["lv2"] if e.channels == 1)
    seen = []

    def doubled(effect: Effect, settings: object, audio: torch.Tensor, rate: int) -> torch.Tensor:
        seen.append(audio.shape[0])
        return 2 * audio[:, :-7]

    monkeypatch.setattr(software, "MAKERS", {"lv2": doubled})
    two = torch.stack([dry[0], dry[1].flip(0)])
    wet = applied(effect, effect.draw(Random(0)), two, RATE)
    torch.testing.assert_close(wet[:, :-7], 2 * two[:, :-7])
    assert seen == [1, 1]
    same = applied(effect, effect.draw(Random(0)), dry[:1].expand(2, -1), RATE)
    assert seen == [1, 1, 1]
    assert torch.equal(same[0], same[1])
