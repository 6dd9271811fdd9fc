"""The composition root's own: where it listens."""

import socket
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from server.run import bind, report


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_localhost_is_where_everybody_looks_for_it(
    kind: socket.SocketKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on a system that knows localhost as ::1 alone."""
    resolve = socket.getaddrinfo

    def six_alone(host: str, port: int, **options: int) -> object:
        return resolve("::1" if host == "localhost" else host, port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", six_alone)
    with bind(kind, "localhost", 0, "Pages", "--port", "web") as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_where_a_night_has_no_report_a_sentence_says_why(tmp_path: Path) -> None:
    """And nothing is raised: the show has ended as it should."""
    console = Console(file=StringIO())
    report(tmp_path / "journal", console)
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().startswith("There is no report of the night: ")
