"""Who may command: our own pages and programs, not somebody else's web page."""

import pytest

from server.origin import foreign

HOST = (b"host", b"192.168.1.5:8000")


def scope(kind: str = "websocket", method: str = "POST", origin: bytes | None = None) -> dict[str, object]:
    headers = [HOST] if origin is None else [HOST, (b"origin", origin)]
    return {"type": kind, "method": method, "path": "/", "headers": headers}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("origin", [None, b"http://192.168.1.5:8000", b"https://192.168.1.5:8000"])
def test_our_pages_and_programs_are_let_in(kind: str, origin: bytes | None) -> None:
    assert foreign(scope(kind, origin=origin)) is None


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("origin", [b"http://evil.example", b"http://192.168.1.5:9999", b"null"])
def test_other_pages_are_not(kind: str, origin: bytes) -> None:
    assert foreign(scope(kind, origin=origin)) == origin.decode()


def test_reading_is_free_for_all() -> None:
    assert foreign(scope("http", "GET", b"http://elsewhere.example")) is None


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("localhost:8000", True),
        ("show-pc:8000", True),
        ("Show-PC.local:8000", True),
        ("marrow.lan", True),
        ("evil.example:8000", False),
        ("", False),
    ],
)
def test_a_name_that_anybody_can_have_is_none_of_ours(host: str, own: bool) -> None:
    """Else a page from there may have its own name lead here, and be let in as if it were one of ours."""
    headers = [(b"host", host.encode()), (b"origin", f"http://{host}".encode())]
    asked = {"type": "websocket", "headers": headers}
    assert (foreign(asked) is None) == own
