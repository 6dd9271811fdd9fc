"""The whole program from outside: processes, sockets and signals as they are on the night."""

import asyncio
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image
from pythonosc.osc_message_builder import build_msg
from websockets.asyncio.client import ClientConnection, connect

from server.check import inspect
from server.frames import EncodedFrame
from tests.patience import PATIENCE
from tests.ports import free_port

ROOT = Path(__file__).parent.parent
RECOVERY = 30.0
"""Seconds within which pictures must be back here. A machine that is free needs four."""
CONFIG = """
[web]
port = {web}
[osc]
port = {osc}
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
device = "cpu"
[[projector]]
name = "main"
[[patch]]
address = "/table/plate/{{seat}}"
control = "plate.{{seat}}"
smoothing = 0.03
"""
SHOW = """
[show]
title = "A dinner"
[safe]
walk = { still = 4 }
psi = 0.3
[[cue]]
number = "1"
name = "Hall"
fade = 0.5
look = { psi = 0.6 }
drive = { "plate.mom" = { psi = 0.8 } }
[[cue]]
number = "2"
name = "Table"
"""


NETWORKS = """
[generator.networks]
sea = "sea.safetensors"
"""
SEAS = """
[[cue]]
number = "9"
name = "Sea"
fade = 0.5
look = { network = "sea" }
"""


def write_venue(folder: Path, more: str = "") -> tuple[Path, int, int]:
    """A config and a show in a folder: the config's path, the TCP port, the UDP port."""
    web, osc = free_port(), free_port()
    config = CONFIG.format(web=web, osc=osc)
    if more:
        config += NETWORKS
    (folder / "config.toml").write_text(config)
    (folder / "show.toml").write_text(SHOW + more)
    return folder / "config.toml", web, osc


class Night:
    """A running show process."""

    def __init__(self, process: asyncio.subprocess.Process, web: int, osc: int) -> None:
        self.process = process
        self.web = web
        self._osc = ("127.0.0.1", osc)
        self._sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{web}")

    def osc(self, address: str, *args: object) -> None:
        self.datagram(build_msg(address, list(args)).dgram)

    def datagram(self, data: bytes) -> None:
        self._sender.sendto(data, self._osc)

    def wall(self) -> connect:
        return connect(f"ws://127.0.0.1:{self.web}/ws/projector/main", max_size=None, compression=None)

    def renderer(self) -> int:
        (child,) = psutil.Process(self.process.pid).children()
        return child.pid

    async def health(self) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.http.get("/api/health")).json()
        return answer

    async def close(self) -> None:
        await self.http.aclose()
        self._sender.close()


@asynccontextmanager
async def night(
    folder: Path, *command: str, stdout: int = subprocess.PIPE, more: str = ""
) -> AsyncIterator[Night]:
    """The command with a fresh venue's config put in for CONFIG; up as soon as its pages answer. `more` cues
    are added to the show."""
    config, web, osc = write_venue(folder, more)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *(str(config) if part == "CONFIG" else part for part in command),
        cwd=ROOT,
        # As on a show PC: without buffers nothing waits for their locks.
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        stdout=stdout,
        stderr=subprocess.STDOUT,
    )
    night = Night(process, web, osc)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await night.http.get("/api/state")
                    break
                except httpx.TransportError:
                    assert process.returncode is None, await process.communicate()
                    await asyncio.sleep(0.05)
        yield night
    finally:
        await night.close()
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def toy(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path, "tests.toy_show", "CONFIG") as toy:
        yield toy


async def frame(wall: ClientConnection, wanted: Callable[[EncodedFrame], bool]) -> EncodedFrame:
    """The next frame of which this holds; every frame is acknowledged."""
    async with asyncio.timeout(PATIENCE):
        while True:
            data = await wall.recv()
            if isinstance(data, str):
                continue
            frame = EncodedFrame.unpack(data)
            await wall.send(json.dumps({"type": "ack", "seq": frame.seq}))
            if wanted(frame):
                return frame


def grey(frame: EncodedFrame) -> float:
    return float(Image.open(BytesIO(frame.jpeg)).convert("L").resize((1, 1)).getpixel((0, 0)))


async def test_from_an_osc_datagram_to_changed_pixels(toy: Night) -> None:
    async with toy.wall() as wall:
        dark = await frame(wall, lambda frame: frame.event == 0)
        assert abs(grey(dark) - 0.3 / 1.5 * 255) < 3
        toy.osc("/show/go")
        begun = await frame(wall, lambda frame: frame.event == 1)
        assert begun.cue == "1"
        toy.osc("/table/plate/mom", 1.0)
        touched = await frame(wall, lambda frame: frame.event == 2)
        settled = await frame(wall, lambda frame: frame.pts > touched.pts + 1.0)
        assert abs(grey(settled) - 1.4 / 1.5 * 255) < 4


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
async def test_the_renderer_may_die(toy: Night, sent: signal.Signals) -> None:
    async with toy.wall() as wall:
        toy.osc("/show/go")
        await frame(wall, lambda frame: frame.cue == "1")
        first = toy.renderer()
        last = await frame(wall, lambda frame: True)
        os.kill(first, sent)
        killed = time.monotonic()
        back = await frame(wall, lambda frame: frame.pts > killed + 0.1)
        assert (back.cue, back.event) == ("1", 1)
        assert back.seq > last.seq
        assert toy.renderer() != first
        health = await toy.health()
        assert health["counters"]["renderer.restarts"] == 1
        assert health["ok"] is True
        toy.osc("/show/goto", "2")
        assert (await frame(wall, lambda frame: frame.event == 2)).cue == "2"


async def test_the_last_picture_stays_while_there_is_no_renderer(toy: Night) -> None:
    async with toy.wall() as wall:
        await frame(wall, lambda frame: True)
    os.kill(toy.renderer(), signal.SIGSTOP)
    async with asyncio.timeout(PATIENCE):
        while (await toy.health())["renderer"]["state"] != "restarting":
            assert (await toy.http.get("/frame.jpg")).status_code == 200
            await asyncio.sleep(0.05)
    assert (await toy.http.get("/frame.jpg")).status_code == 200


async def test_junk_from_everywhere_is_counted_while_frames_go_on(toy: Night) -> None:
    async with toy.wall() as wall, toy.wall() as junkie:
        await frame(wall, lambda frame: True)
        for junk in (b"", b"junk", b"\0" * 1000, b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xfc" * 100):
            toy.datagram(junk)
        toy.osc("/nowhere", 1)
        toy.osc("/table/plate/mom", "much")
        toy.osc("/table/plate/mom", float("nan"))
        await junkie.send("junk")
        await junkie.send(b"junk")
        toy.osc("/show/go")
        arrived = await frame(wall, lambda frame: frame.event > 0)
        assert arrived.cue == "1"
        counters = (await toy.health())["counters"]
        assert counters["osc.junk"] == 5
        assert counters["osc.unknown"] == 1
        assert counters["osc.refused"] == 1
        assert counters["socket.junk"] == 2


async def test_ctrl_c_ends_everything_without_a_word_of_complaint(toy: Night) -> None:
    async with toy.wall() as wall:
        await frame(wall, lambda frame: True)
        child = psutil.Process(toy.renderer())
        toy.process.send_signal(signal.SIGINT)
        output, _ = await asyncio.wait_for(toy.process.communicate(), PATIENCE)
        assert toy.process.returncode == 0
        assert "Traceback" not in output.decode()
        assert "rror" not in output.decode()
        assert not child.is_running()


async def test_without_the_show_the_renderer_ends_by_itself(toy: Night) -> None:
    async with toy.wall() as wall:
        await frame(wall, lambda frame: True)
    child = psutil.Process(toy.renderer())
    toy.process.kill()
    await asyncio.to_thread(child.wait, PATIENCE)


async def test_the_terminal_is_told_where_to_look_and_when_pictures_come(toy: Night) -> None:
    assert toy.process.stdout is not None
    seen = ""
    async with asyncio.timeout(PATIENCE):
        while "pictures: 32 px, toy on cpu" not in seen:
            seen += (await toy.process.stdout.readline()).decode()
    assert f"http://127.0.0.1:{toy.web}/operator" in seen
    assert re.search(r"OSC +udp and tcp, 127\.0\.0\.1 port \d+", seen)


def nobody_reads() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("terminal", [nobody_reads, lambda: os.open("/dev/full", os.O_WRONLY)])
async def test_a_terminal_that_is_gone_ends_nothing(tmp_path: Path, terminal: Callable[[], int]) -> None:
    stdout = terminal()
    try:
        async with night(tmp_path, "tests.toy_show", "CONFIG", stdout=stdout) as toy, toy.wall() as wall:
            await frame(wall, lambda frame: True)
            os.kill(toy.renderer(), signal.SIGKILL)
            killed = time.monotonic()
            await frame(wall, lambda frame: frame.pts > killed + 0.1)
            assert (await toy.health())["counters"]["terminal.lost"] == 1
    finally:
        os.close(stdout)


async def test_a_terminal_that_takes_nothing_stops_nothing(tmp_path: Path) -> None:
    """As when somebody presses Ctrl-S, or marks text in a console window: every write to it waits."""
    outside, terminal = pty.openpty()
    try:
        termios.tcflow(terminal, termios.TCOOFF)
        async with night(tmp_path, "tests.toy_show", "CONFIG", stdout=terminal) as toy, toy.wall() as wall:
            await frame(wall, lambda frame: True)
            os.kill(toy.renderer(), signal.SIGKILL)
            killed = time.monotonic()
            await frame(wall, lambda frame: frame.pts > killed + 0.1)
            # The web server has something to say of this.
            reader, writer = await asyncio.open_connection("127.0.0.1", toy.web)
            writer.write(b"\x16\x03\x01 is no HTTP\r\n\r\n")
            assert b"400" in await asyncio.wait_for(reader.readline(), PATIENCE)
            writer.close()
            said = time.monotonic()
            await frame(wall, lambda frame: frame.pts > said + 0.1)
            toy.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(toy.process.wait(), PATIENCE)
    finally:
        termios.tcflow(terminal, termios.TCOON)
        os.close(terminal)
        os.close(outside)


async def test_a_cue_swaps_the_network_and_a_new_renderer_finds_it_again(tmp_path: Path) -> None:
    (tmp_path / "sea.safetensors").touch()
    async with night(tmp_path, "tests.toy_show", "CONFIG", more=SEAS) as toy, toy.wall() as wall:
        first = await frame(wall, lambda frame: True)
        toy.osc("/show/goto", "9")
        swapped = await frame(wall, lambda frame: frame.width == 64)
        assert (first.width, swapped.cue) == (32, "9")
        os.kill(toy.renderer(), signal.SIGKILL)
        killed = time.monotonic()
        back = await frame(wall, lambda frame: frame.pts > killed + 0.1)
        assert back.cue == "9"
        await frame(wall, lambda frame: frame.width == 64 and frame.pts > killed + 0.1)
        state = (await toy.http.get("/api/state")).json()
        assert state["renderer"]["networks"]["sea"]["state"] == "ready"
        assert state["troubles"] == {}


async def test_a_swap_to_a_file_that_fails_leaves_the_picture_and_marks_the_cue(tmp_path: Path) -> None:
    async with night(tmp_path, "tests.toy_show", "CONFIG", more=SEAS) as toy, toy.wall() as wall:
        toy.osc("/show/goto", "9")
        begun = await frame(wall, lambda frame: frame.cue == "9")
        later = await frame(wall, lambda frame: frame.pts > begun.pts + 1.5)
        assert later.width == 32
        state = (await toy.http.get("/api/state")).json()
        assert state["troubles"] == {"9": "sea.safetensors: no such file"}
        assert (await toy.health())["counters"]["networks.failed"] >= 1
        (tmp_path / "sea.safetensors").touch()
        toy.osc("/show/preload", "sea")
        await frame(wall, lambda frame: frame.width == 64)
        assert (await toy.http.get("/api/state")).json()["troubles"] == {}


# --- the real command -------------------------------------------------------------------------------------


def marrow(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *args], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network with random weights, as training would begin with."""
    import torch

    from models import checkpoint
    from models.stylegan2 import StyleGAN2, StyleGAN2Config

    torch.manual_seed(1)
    config = StyleGAN2Config(32, channel_base=512, channel_max=64)
    path = tmp_path_factory.mktemp("network") / "net.safetensors"
    checkpoint.save(
        path, "stylegan2", config.to_plain(), StyleGAN2(config).state_dict(), {"made": "by a test"}
    )
    return path


@pytest.fixture
def venue(tmp_path: Path, network: Path) -> Path:
    """A folder in which everything is in order."""
    write_venue(tmp_path)
    (tmp_path / "net.safetensors").write_bytes(network.read_bytes())
    return tmp_path


@pytest.mark.slow
async def test_a_cue_swaps_real_networks(venue: Path) -> None:
    shutil.copy(venue / "net.safetensors", venue / "sea.safetensors")
    async with (
        night(venue, "server", "run", "--no-guard", "--config", "CONFIG", more=SEAS) as real,
        real.wall() as wall,
    ):
        await frame(wall, lambda frame: True)
        real.osc("/show/preload", "sea")
        async with asyncio.timeout(PATIENCE):
            while True:
                networks = (await real.http.get("/api/state")).json()["renderer"]["networks"]
                if networks.get("sea", {}).get("state") == "ready":
                    break
                await frame(wall, lambda frame: True)  # a wall that takes nothing for long is dropped
        real.osc("/show/goto", "9")
        begun = await frame(wall, lambda frame: frame.cue == "9")
        await frame(wall, lambda frame: frame.pts > begun.pts + 1.0)
        assert (await real.http.get("/api/state")).json()["troubles"] == {}
        assert (await real.health())["counters"].get("renderer.restarts", 0) == 0


async def test_a_datagram_changes_what_the_real_network_paints(venue: Path) -> None:
    async with night(venue, "server", "run", "--no-guard", "--config", "CONFIG") as real, real.wall() as wall:
        before = await frame(wall, lambda frame: frame.event == 0)
        assert (before.width, before.height) == (32, 32)
        real.osc("/show/go")
        after = await frame(wall, lambda frame: frame.event == 1 and frame.pts > before.pts + 1.0)
        assert Image.open(BytesIO(after.jpeg)).tobytes() != Image.open(BytesIO(before.jpeg)).tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
async def test_the_real_renderer_may_die(venue: Path, sent: signal.Signals) -> None:
    async with night(venue, "server", "run", "--no-guard", "--config", "CONFIG") as real, real.wall() as wall:
        real.osc("/show/go")
        await frame(wall, lambda frame: frame.cue == "1")
        first = real.renderer()
        last = await frame(wall, lambda frame: True)
        os.kill(first, sent)
        killed = time.monotonic()
        async with asyncio.timeout(RECOVERY):
            back = await frame(wall, lambda frame: frame.pts > killed + 0.1)
        assert (back.cue, back.event) == ("1", 1)
        assert back.seq > last.seq
        assert real.renderer() != first


@pytest.mark.slow
async def test_the_real_renderer_may_stop_while_it_loads(venue: Path) -> None:
    async with night(venue, "server", "run", "--no-guard", "--config", "CONFIG") as real, real.wall() as wall:
        async with asyncio.timeout(RECOVERY):
            while (await real.health())["renderer"]["note"] != "loading torch":
                pass  # asking is a wait in itself
        first = real.renderer()
        os.kill(first, signal.SIGSTOP)
        async with asyncio.timeout(RECOVERY):
            await frame(wall, lambda frame: True)
        assert real.renderer() != first
        assert "no sign of life" in (await real.health())["details"]["renderer.restarts"]


async def test_a_window_that_is_closed_does_not_end_the_show(venue: Path) -> None:
    async with night(venue, "server", "run", "--no-guard", "--config", "CONFIG") as real:
        real.process.send_signal(signal.SIGHUP)
        assert (await real.http.get("/api/state")).status_code == 200
        assert real.process.returncode is None


def test_check_is_content(venue: Path) -> None:
    done = marrow("check", "--config", str(venue / "config.toml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "is good: A dinner, 2 cues, 1 patch entries, net.safetensors at 32 px" in done.stdout


@pytest.mark.parametrize("command", ["check", "run"])
def test_every_problem_of_every_file_at_once(venue: Path, command: str) -> None:
    show = SHOW.replace("fade = 0.5", "fadee = 0.5") + 'send = [{ to = "sond", address = "/a" }]\n'
    (venue / "show.toml").write_text(show)
    weights = bytearray((venue / "net.safetensors").read_bytes())
    weights[-100] ^= 255
    (venue / "net.safetensors").write_bytes(weights)
    done = marrow(command, "--config", str(venue / "config.toml"))
    assert done.returncode == 2
    assert 'Did you mean "fade"?' in done.stdout
    assert "net.safetensors: damaged" in done.stdout
    (venue / "show.toml").write_text(show.replace("fadee", "fade"))
    done = marrow(command, "--config", str(venue / "config.toml"))
    assert 'show.toml: cue 2: send[1].to: sends to "sond"' in done.stdout
    assert "damaged" in done.stdout


def test_a_bad_config_is_refused_before_anything_else(venue: Path) -> None:
    config = (venue / "config.toml").read_text().replace("[osc]", "[osc]\nprot = 1")
    (venue / "config.toml").write_text(config)
    done = marrow("run", "--config", str(venue / "config.toml"))
    assert done.returncode == 2
    assert 'config.toml: osc.prot: unknown key. Did you mean "port"?' in done.stdout


def test_an_error_of_the_config_hides_none_of_the_files_that_it_names(venue: Path) -> None:
    config = venue / "config.toml"
    config.write_text(config.read_text().replace("[osc]", "[osc]\nprot = 1"))
    (venue / "show.toml").write_text(SHOW.replace("fade = 0.5", "fadee = 0.5"))
    (venue / "net.safetensors").unlink()
    done = marrow("check", "--config", str(config))
    assert done.returncode == 2
    for expected in ('Did you mean "port"?', 'Did you mean "fade"?', "net.safetensors: no such file"):
        assert expected in done.stdout


@pytest.mark.parametrize("text", ["", "show = 7", "[show]\nfile = 7", "[show]\nfile = [1", None])
def test_a_config_that_names_no_show_is_told_alone(venue: Path, text: str | None) -> None:
    config = venue / "config.toml"
    config.unlink() if text is None else config.write_text(text)
    problems = inspect(config).problems
    assert problems
    assert all("config.toml" in str(problem) for problem in problems)


def test_controls_that_nothing_patches_are_worth_a_note(venue: Path) -> None:
    (venue / "show.toml").write_text(SHOW.replace("plate.mom", "plate.uncle"))
    done = marrow("check", "--config", str(venue / "config.toml"))
    assert done.returncode == 0
    assert 'note: show.toml: cue 1: no patch entry sets the control "plate.uncle"' in done.stdout


@pytest.mark.parametrize(
    ("kind", "what", "where"),
    [
        (socket.SOCK_STREAM, "Pages", "--port, or web.port"),
        (socket.SOCK_DGRAM, "OSC", "--osc-port, or osc.port"),
    ],
)
def test_a_port_in_use_is_one_clear_sentence(
    venue: Path, kind: socket.SocketKind, what: str, where: str
) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        option = where.partition(",")[0]
        done = marrow("run", "--config", str(venue / "config.toml"), option, str(port))
    sentence = f"{what}: port {port} is in use by another program; stop that, or choose another with {where}"
    assert (done.returncode, done.stdout.strip()) == (2, f"{sentence} in the config.")
    assert done.stderr == ""


@pytest.mark.parametrize("host", ["192.0.2.77", "nowhere.invalid"])
def test_a_foreign_address_is_one_clear_sentence(venue: Path, host: str) -> None:
    done = marrow("run", "--config", str(venue / "config.toml"), "--host", host)
    sentence = (
        f"Pages: {host} is no address of this machine; choose another with --host, or web.host in the config."
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (2, sentence, "")


def test_help_names_every_command() -> None:
    done = marrow("--help")
    assert done.returncode == 0
    for command in ("run", "check", "simulate", "bench", "paint", "train"):
        assert command in done.stdout
    assert "--composites" in marrow("paint", "--help").stdout
