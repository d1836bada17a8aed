"""Ratings on disk: what is written is read again, and what is wrong is named."""

from pathlib import Path

import pytest

from graphophone.errors import FormatError
from graphophone.listening.panel import panel
from graphophone.listening.ratings import Rating, read, save
from tests.listening.simulation import PLANTED, simulated

HEADER = "session_test_id,age,session_uuid,trial_id,rating_stimulus,rating_score,rating_time,"
ORDER = HEADER + "rating_comment"
GOOD = "t,31,ann,one,reference,100,5200,fine"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "mushra.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    answers = {"age": "31", "which, headphones?": 'the "good" ones'}
    ratings = (
        Rating("t", "ann", "one", "reference", 100.0, 5200.5, 'two\r\nlines, "quoted"', answers),
        Rating("t", "ann", "one", "naïve graph", 1 / 3, None, "", answers),
        Rating("t", "bob", "one", "reference", 0.1 + 0.2, 0.0, "", dict.fromkeys(answers, "")),
    )
    save(tmp_path / "r.csv", ratings)
    assert read(tmp_path / "r.csv") == ratings
    assert [p.name for p in tmp_path.iterdir()] == ["r.csv"]


def test_columns_stand_where_scripts_for_webmushra_look(tmp_path: Path) -> None:
    save(tmp_path / "r.csv", [Rating("t", "ann", "one", "reference", 100.0, 5200.0, "fine",
                                     {"age": "31"})])  # fmt: skip
    assert (tmp_path / "r.csv").read_text().splitlines() == [ORDER, GOOD]


def test_columns_are_found_by_name_and_what_is_optional_may_lack(tmp_path: Path) -> None:
    header = "\ufeffrating_score,trial_id,session_uuid,rating_stimulus,session_test_id"
    found = read(written(tmp_path, header, "12.5,one,ann,reference,t", ""))
    assert found == (Rating("t", "ann", "one", "reference", 12.5),)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            (ORDER.replace("rating_score,", ""), GOOD),
            "line 1: the header must name session_test_id, .*; rating_score missing, got session",
        ),
        ((ORDER + ",age", GOOD), "line 1: a column may be named once, got 'age' twice"),
        ((ORDER, GOOD, GOOD.replace("one", "two").replace("100", "120")),
         "line 3: rating_score must be 0 to 100, got 120"),
        ((ORDER, GOOD.replace("100", "-1")), "line 2: rating_score must be 0 to 100, got -1"),
        ((ORDER, GOOD.replace("100", "nan")), "line 2: rating_score must be a number, got 'nan'"),
        ((ORDER, GOOD.replace("100", "good")), "line 2: rating_score must be a number, got 'good'"),
        ((ORDER, GOOD.replace("5200", "soon")), "line 2: rating_time must be a number, got 'soon'"),
        ((ORDER, GOOD.replace("ann", " ")), "line 2: session_uuid must be a name, got nothing"),
        ((ORDER, GOOD + ",more"), "line 2: there must be 8 cells, got 9"),
        ((ORDER, GOOD, GOOD), "line 3: session_uuid 'ann' may rate 'reference' of trial_id 'one' "
         "once, and did so in line 2"),
        ((ORDER, GOOD, GOOD.replace("t,31,ann", "u,31,bob")),
         "line 3: all ratings must be of one session_test_id, 't', got 'u'"),
        ((ORDER,), "at least one line of ratings must follow the header, got none"),
        ((), "line 1: the header must name .* missing, got an empty line"),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_named_with_its_line(
    tmp_path: Path, lines: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(FormatError, match=f"^{tmp_path}/mushra.csv: {sentence}"):
        read(written(tmp_path, *lines))


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no.csv: the file cannot be read \(No such file"):
        read(tmp_path / "no.csv")
    (tmp_path / "r.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match="ratings are CSV in UTF-8, this is something else"):
        read(tmp_path / "r.csv")
    with pytest.raises(FormatError, match="a question may not be called 'rating_score'"):
        save(tmp_path / "s.csv", [Rating("t", "a", "b", "c", 1.0, answers={"rating_score": "2"})])


def test_a_panel_needs_two_listeners_who_rated_everything() -> None:
    ratings = simulated(1, PLANTED, listeners=3, trials=2, bad=None)
    whole = panel(ratings, "r.csv")
    assert whole.scores.shape == (3, 2, 7)
    place = {name: whole.listeners.index(name) for name in whole.listeners}
    for rating in ratings:
        where = (
            place[rating.listener],
            whole.trials.index(rating.trial),
            whole.conditions.index(rating.condition),
        )
        assert whole.scores[where] == rating.score
    late = next(r for r in ratings if r.condition == "ours")
    fewer = panel([r for r in ratings if r is not late], "r.csv")
    assert fewer.incomplete == (late.listener,)
    assert set(fewer.listeners) == set(whole.listeners) - {late.listener}
    one = [r for r in ratings if r.listener == "listener-00"]
    with pytest.raises(FormatError, match=r"r.csv: at least 2 listeners .* got 1 of 1"):
        panel(one, "r.csv")
    with pytest.raises(FormatError, match=r"must be the hidden reference, 'reference', got"):
        panel([r for r in ratings if r.condition != "reference"], "r.csv")
    with pytest.raises(FormatError, match=r"the same conditions, 'excerpt-1' has no 'ours'"):
        panel([r for r in ratings if (r.trial, r.condition) != ("excerpt-1", "ours")], "r.csv")
