"""The composition root's own: where it listens."""

import socket

import pytest

from server.run import bind


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
