"""The ear of the studio hears what the command line hears, and tells how far it is."""

from pathlib import Path
from typing import Any

import pytest
import torch

from graphophone.audio.heard import Heard
from graphophone.models.listen import listen
from graphophone.models.vote import Guess
from graphophone.studio.estimating import Ear, mapped
from graphophone.studio.signals import SignalWriter
from tests.studio.conftest import also, heard


def test_window_by_window_is_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is heard in each window depends on it alone, here on how bright it is."""

    def guess(_: Any, windows: Heard) -> list[list[Guess]]:
        bright = [float(mel[0, 128:].mean() - mel[0, :128].mean()) for mel in windows.mel]
        return [[Guess(heard(), 0.6 + 0.1 * b), Guess(also(), 0.4)] for b in bright]

    class Known:
        task = "singing"
        guesser = None

    torch.manual_seed(3)
    audio = 0.1 * torch.randn(2, 9 * 44_100)
    writer = SignalWriter(tmp_path / "wet.f32", 44_100)
    writer.write(audio)
    signal = writer.finish("wet")
    torch.testing.assert_close(mapped(signal), audio)

    ear = Ear()
    known = Known()
    known.guesser = lambda windows: guess(None, windows)  # type: ignore[assignment]
    monkeypatch.setattr(ear, "_choose", lambda *_: (known, ()))
    told: list[tuple[str, int, int]] = []
    found = ear.hear(signal, "auto", lambda *step: told.append(step))
    expected = listen(known.guesser, audio, 44_100, "singing")  # type: ignore[arg-type]
    assert found.verdict == expected.verdict
    windows = len(found.starts)
    assert windows > 1
    assert [step for step in told if step[0] == "listening"] == [
        ("listening", k, windows) for k in range(windows + 1)
    ]
