"""A whole show process with a toy for a renderer, for the programs of a sound artist to talk to."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.osc import OscMessage, decode, encode
from tests.patience import PATIENCE
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
CONFIG = """
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[web]
port = {web}
[osc]
port = {osc}
[[patch]]
address = "/table/plate/{{seat}}"
control = "plate.{{seat}}"
"""
SHOW = """
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
fade = 0.5
look = { walk = { loop = [1, 2, 3], seconds = 1 }, psi = 1.2 }
drive = { "plate.mom" = { noise = 0.5 } }
"""


class Wire:
    """A socket that speaks OSC."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.5)
        self.port: int = self.socket.getsockname()[1]

    def until(self, *wanted: str, ask: tuple[int, str] | None = None) -> dict[str, OscMessage]:
        """The newest message of each address, once all that are wanted have come. `ask`: a port that is
        subscribed to, and for what."""
        found: dict[str, OscMessage] = {}
        end = time.monotonic() + PATIENCE
        while not set(wanted) <= found.keys():
            assert time.monotonic() < end, f"only these have come: {sorted(found)}"
            if ask is not None:
                self.socket.sendto(encode("/marrow/subscribe", [ask[1]]), ("127.0.0.1", ask[0]))
            try:
                found |= {message.address: message for message in decode(self.socket.recv(65536))}
            except TimeoutError:
                continue
        return found


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.socket.close()


@pytest.fixture
def show(tmp_path: Path, wire: Wire) -> Iterator[int]:
    """The OSC port of a show that paints."""
    osc = free_port()
    (tmp_path / "config.toml").write_text(CONFIG.format(web=free_port(), osc=osc))
    (tmp_path / "show.toml").write_text(SHOW)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.toy_show", str(tmp_path / "config.toml")],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        wire.until("/marrow/energy/main/brightness", ask=(osc, "energy/*"))
        yield osc
    finally:
        process.terminate()
        process.wait(PATIENCE)
