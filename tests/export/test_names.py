"""Names of other people's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphophone.export.names import LONGEST, identifier, plain
from tests.export.hostile import NAMES
from tests.strategies import LAW


@LAW
@given(st.text() | st.sampled_from(NAMES))
def test_nothing_but_harmless_signs_is_left(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_ .+-]{1,60}", plain(name))
    assert len(plain(name)) <= LONGEST
    assert identifier(name).isidentifier()
    assert identifier(name).isascii()


@pytest.mark.parametrize("name", ["voice", "my_song-2.wav", "Lead + backing"])
def test_ordinary_names_are_kept(name: str) -> None:
    assert plain(name) == name
