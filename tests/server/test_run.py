"""The composition root's own: where it listens, and what is played where a file has gone bad."""

import socket
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from server.config import load_rig
from server.doors import bind
from server.editing.store import ShowStore, StoreError
from server.health import Health
from server.night.night import Night
from server.night.reports import report
from server.rig import Rig
from server.run import on_stage
from show_control.events import Go
from show_control.show import Show
from show_control.showfile import parse_show


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


def test_a_page_is_answered_without_waiting_for_its_acknowledgement() -> None:
    """asyncio sees to that only where it has opened the door itself."""
    with (
        bind(socket.SOCK_STREAM, "127.0.0.1", 0, "Pages", "--port", "web") as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as page,
    ):
        assert page.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_where_a_night_has_no_report_a_sentence_says_why(tmp_path: Path) -> None:
    """And nothing is raised: the show has ended as it should."""
    console = Console(file=StringIO())
    report(tmp_path / "journal", console)
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().startswith("There is no report of the night: ")


SHOW = """
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "One"
"""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    (tmp_path / "config.toml").write_text(
        '[show]\nfile = "show.toml"\n[generator]\nweights = "net.safetensors"\n[[projector]]\nname = "main"\n'
    )
    return load_rig(tmp_path / "config.toml")


async def begin(rig: Rig) -> Night:
    night = Night(rig.journal, SHOW, "", time.monotonic, time.time, Health())
    night.begin(lambda text, now: Show(parse_show(text, "show.toml"), now))
    night.write(Go(), time.monotonic(), "test", 1)
    await night.kept()
    return night


async def test_where_the_show_died_a_moment_ago_its_file_is_still_known(rig: Rig) -> None:
    night = await begin(rig)
    found = on_stage(rig)
    night.close()
    assert found is not None
    assert (found.text, found.name) == (SHOW, "show.toml")


def test_what_cannot_be_read_is_begun_with_what_was_played(rig: Rig) -> None:
    rig.show.write_bytes(b"\xff\xfe")
    with pytest.raises(StoreError, match="UTF-8"):
        ShowStore(rig.show)
    store = ShowStore(rig.show, instead=SHOW)
    assert store.text == SHOW
    rig.show.write_text(SHOW + "# mended\n")
    assert store.changed_on_disk()


async def test_what_ended_well_is_not_gone_on_with(rig: Rig) -> None:
    (await begin(rig)).close()
    assert on_stage(rig) is None


def test_where_nothing_was_played_nothing_is_known(rig: Rig) -> None:
    assert on_stage(rig) is None
    assert on_stage(rig.model_copy(update={"journal": None})) is None
