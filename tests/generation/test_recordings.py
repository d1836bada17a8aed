"""A set keeps the report on its recordings, and goes on with no others."""

from dataclasses import replace
from pathlib import Path

import pytest

from graphophone.errors import FormatError
from graphophone.generation.recordings import NAME, keep_recordings, read_recordings
from graphophone.sources.checks import Finding
from graphophone.sources.clip import PERMISSIVE, Clip
from graphophone.sources.survey import Survey

CLIPS = tuple(
    Clip(Path(f"{i}.wav"), f"{i}.wav", "singing", "ann", "", PERMISSIVE, "") for i in range(3)
)
SURVEY = Survey("a folder", CLIPS, (Finding("x.wav", "wet", "it repeats itself"),), (), ())


def test_the_report_is_kept_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    keep_recordings(tmp_path, SURVEY, said.append)
    assert said == SURVEY.sentences()
    assert read_recordings(tmp_path) == SURVEY.to_json()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    keep_recordings(tmp_path, SURVEY)


@pytest.mark.parametrize(
    "clips", [CLIPS[:2], CLIPS[::-1], (*CLIPS[:2], replace(CLIPS[2], end=0.8))]
)
def test_other_recordings_are_refused(tmp_path: Path, clips: tuple[Clip, ...]) -> None:
    keep_recordings(tmp_path, SURVEY)
    with pytest.raises(FormatError, match=r"was begun with 3 recordings, of which some are not"):
        keep_recordings(tmp_path, replace(SURVEY, used=clips))


def test_procedural_sets_have_no_report(tmp_path: Path) -> None:
    keep_recordings(tmp_path, None)
    assert read_recordings(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"digest": 1}'])
def test_a_torn_report_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(FormatError, match=r"recordings\.json: this is not a report on recordings"):
        read_recordings(tmp_path)
