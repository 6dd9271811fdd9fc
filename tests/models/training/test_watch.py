"""What the page of a run is served, and what it is not."""

import http.client
import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import typer
from typer.testing import CliRunner

from models.training import watch
from models.training.watch import MOST_AT_ONCE, STATIC, Server, WatchError, serve, sheets, whole_lines
from tests import toy_run as toy
from tests.patience import PATIENCE


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return toy.write_run(tmp_path / "run", last=40)


@pytest.fixture
def server(run: Path) -> Iterator[Server]:
    server = serve(run, 0)
    yield server
    server.close()


def get(server: Server, path: str) -> HTTPResponse:
    answer: HTTPResponse = urlopen(server.url + path, timeout=PATIENCE)
    return answer


def raw(server: Server, request: bytes) -> bytes:
    """An answer to what no browser would ask: nothing is made tidy on the way."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=PATIENCE) as client:
        client.sendall(request)
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("path", "kind", "holds"),
    [
        ("/", "text/html", b"watch.js"),
        ("/static/watch.js", "text/javascript", b"import"),
        ("/static/watch-plots.js", "text/javascript", b"export"),
        ("/static/marrow.css", "text/css", b"--night"),
        ("/run/run.json", "application/json", b'"target_kimg": 300'),
        ("/run/log.jsonl", "application/jsonl", b'"s_per_kimg"'),
        ("/run/measures.jsonl", "application/jsonl", b'"kid"'),
        ("/run/sheet-000040.png", "image/png", b"\x89PNG"),
        ("/run/sheet-000040.png?17", "image/png", b"\x89PNG"),
    ],
)
def test_what_the_page_needs_is_served(server: Server, path: str, kind: str, holds: bytes) -> None:
    with get(server, path) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert holds in answer.read()


def test_every_module_of_the_page_is_in_the_table() -> None:
    assert {path.name for path in STATIC.glob("watch*")} == set(watch.FILES) - {"marrow.css"} | {watch.PAGE}


@pytest.mark.parametrize(
    "path",
    [
        "/state.safetensors", "/run/state.safetensors", "/run/network.safetensors", "/run/", "/run",
        "/run/../run.json", "/run/%2e%2e/run.json", "/static/../pyproject.toml", "/static/operator.js",
        "/static//etc/passwd", "//etc/passwd", "/run/sheet-1.png", "/run/sheet-000040.png/../run.json",
        "/run/sheet-999999.png", "/run/sheet-000040.png%00", "/watch.html",
    ],
)  # fmt: skip
def test_nothing_else_is(server: Server, run: Path, path: str) -> None:
    (run / "state.safetensors").write_bytes(b"secret")
    answer = raw(server, f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.0 404")
    assert b"secret" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "PATCH"])
def test_nothing_can_be_changed(server: Server, method: str) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{server.url}/run/log.jsonl", method=method), timeout=PATIENCE)
    with refused.value as error:
        assert error.code == 501


def test_another_sites_name_for_this_machine_is_refused(server: Server) -> None:
    answer = raw(server, b"GET /run/run.json HTTP/1.0\r\nHost: elsewhere.example:80\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 403")
    tunnel = raw(server, b"GET /run/run.json HTTP/1.0\r\nHost: localhost:9999\r\n\r\n")
    assert tunnel.startswith(b"HTTP/1.0 200")


def test_a_sheet_is_kept_by_the_browser_and_a_log_is_not(server: Server) -> None:
    with get(server, "/run/sheet-000040.png?17") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    for path in ("/run/log.jsonl", "/run/sheet-000040.png", "/run/sheets.json"):
        with get(server, path) as answer:
            assert answer.headers["Cache-Control"] == "no-store"


def test_a_torn_last_line_is_not_served(server: Server, run: Path) -> None:
    with (run / "log.jsonl").open("a") as log:
        log.write('{"kimg": 44, "G"')
    with get(server, "/run/log.jsonl") as answer:
        lines = answer.read().decode().splitlines()
    assert [json.loads(line)["kimg"] for line in lines] == list(range(4, 41, 4))
    assert whole_lines(b"") == b""
    assert whole_lines(b"{}") == b""


def test_an_empty_folder_is_a_run_that_has_not_begun(tmp_path: Path) -> None:
    server = serve(tmp_path / "new", 0)
    try:
        for path, expected in {
            "/run/run.json": b"{}", "/run/log.jsonl": b"", "/run/measures.jsonl": b"",
            "/run/sheets.json": b'{"run": "new", "age": null, "sheets": []}',
        }.items():  # fmt: skip
            with get(server, path) as answer:
                assert answer.read() == expected
    finally:
        server.close()


def test_sheets_are_listed_in_order_with_a_stamp(run: Path) -> None:
    (run / "sheet-final.png").write_bytes(b"not of the run")
    os.utime(run / "log.jsonl", (1000.0, 1000.0))
    os.utime(run / "sheet-000008.png", (500.25, 500.25))
    listed = sheets(run, now=1012.5)
    assert listed["run"] == "run"
    assert listed["age"] == 12.5
    found = listed["sheets"]
    assert isinstance(found, list)
    assert [sheet["kimg"] for sheet in found] == list(range(4, 41, 4))
    assert found[1] == {"kimg": 8, "file": "sheet-000008.png", "stamp": 500250}


def test_a_client_that_goes_away_is_counted_and_the_next_is_answered(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=PATIENCE) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # resets when closed
        client.sendall(b"GET /run/log.jsonl HT")
    finished = threading.Event()
    for _ in range(1000):
        if server.failed or finished.wait(0.01):
            break
    assert server.failed == 1
    with get(server, "/run/log.jsonl") as answer:
        assert answer.status == 200


def test_more_than_there_is_room_for_is_let_down(server: Server) -> None:
    idle = [
        socket.create_connection(("127.0.0.1", server.server_port), timeout=PATIENCE)
        for _ in range(MOST_AT_ONCE)
    ]
    try:
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            raw_answer(server)
        assert server.failed == 1
    finally:
        for client in idle:
            client.close()


def raw_answer(server: Server) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


def test_a_taken_port_is_refused_in_a_sentence(server: Server, run: Path) -> None:
    with pytest.raises(
        WatchError, match=f"port {server.server_port} of 127.0.0.1 cannot be had .* choose another"
    ):
        serve(run, server.server_port)


def test_without_pages_it_says_where_to_watch_from(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "STATIC", tmp_path)
    with pytest.raises(WatchError, match="watch from a checkout"):
        serve(run, 0)


def test_closed_it_answers_no_more(run: Path) -> None:
    server = serve(run, 0)
    server.close()
    with pytest.raises(OSError, match="refused"):
        get(server, "/")
    serve(run, server.server_port).close()


def test_for_all_addresses_it_names_this_machine(run: Path) -> None:
    server = serve(run, 0, "0.0.0.0")
    try:
        assert server.url == f"http://{socket.gethostname()}:{server.server_port}"
        answer = raw(server, b"GET / HTTP/1.0\r\nHost: studio.example:80\r\n\r\n")
        assert answer.startswith(b"HTTP/1.0 200")
    finally:
        server.close()


def test_the_command_refuses_a_folder_that_is_no_run(tmp_path: Path) -> None:
    app = typer.Typer(add_completion=False)
    app.command()(watch.watch)
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert result.exit_code == 2
    assert "no run is here" in result.output
