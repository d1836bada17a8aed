"""Where the server listens, what it answers to, and that its token stays."""

import stat
from pathlib import Path

import pytest

from graphophone.errors import UsageError
from graphophone.server.place import Place, address, bound, hosts, is_loopback, token


def test_only_loopback_is_this_computer_alone() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "localhost", "::1", "127.8.8.8")))
    assert not any(map(is_loopback, ("0.0.0.0", "192.168.1.2", "example.org", "::")))


def test_what_the_server_is_called() -> None:
    own = hosts(Place(), 4587)
    assert own == ["127.0.0.1:4587", "localhost:4587", "[::1]:4587"]
    assert hosts(Place("0.0.0.0", names=("studio.lan",)), 80) == ["0.0.0.0:80", "studio.lan:80"]


def test_a_port_that_is_taken_is_named() -> None:
    with bound(Place(port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1 cannot be served at port {port}"):
            bound(Place(port=port))


def test_the_next_port_is_taken_where_none_is_given() -> None:
    with bound(Place()) as first, bound(Place()) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_the_token_stays_and_is_for_its_owner(tmp_path: Path) -> None:
    first = token(tmp_path)
    assert len(first) >= 32
    assert token(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    (tmp_path / "other").mkdir()
    assert token(tmp_path / "other") != first


def test_the_address_has_a_name_that_is_answered_and_the_token() -> None:
    with bound(Place(port=0)) as own:
        port = own.getsockname()[1]
        assert address(Place(), own, "key") == f"http://127.0.0.1:{port}/?token=key"
        assert f"127.0.0.1:{port}" in hosts(Place(), port)
        open_to_all = Place("0.0.0.0", names=("studio.lan",))
        assert address(open_to_all, own, "key") == f"http://studio.lan:{port}/?token=key"
        assert f"studio.lan:{port}" in hosts(open_to_all, port)
        assert address(Place("::1"), own, "key") == f"http://[::1]:{port}/?token=key"
