"""The pages' house: `marrow run` with the project's rig and a small network, and a Chromium to look at it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psutil
import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

import server
from models import checkpoint
from models.stylegan2 import StyleGAN2, StyleGAN2Config
from tests.patience import PATIENCE
from tests.ports import free_port

ROOT = Path(server.__file__).parent.parent

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""The first has no windows, and needs three quarters of the processor."""

Visit = Callable[..., Page]

expect.set_options(timeout=1000 * PATIENCE)


class House:
    """A running show process that can be stopped, frozen and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        weights = folder / "small.safetensors"
        torch.manual_seed(3)
        config = StyleGAN2Config(size=64, z_dim=32, w_dim=32, channel_base=512, channel_max=16)
        network = StyleGAN2(config)
        checkpoint.save(weights, "stylegan2", config.to_plain(), network.state_dict(), {"what": "random"})
        rig = (ROOT / "config.toml").read_text()
        for name, path in {
            "models/weights/dinner.safetensors": weights,
            "show_control/shows/dinner.toml": shutil.copy(ROOT / "show_control/shows/dinner.toml", folder),
        }.items():
            assert name in rig
            rig = rig.replace(name, str(path))
        rig = rig.replace("\nfps = 30\n", "\nfps = 12\n")  # it paints all the while, beside all tests
        self._rig = folder / "config.toml"
        self._rig.write_text(rig)
        self._log = folder / "log.txt"
        self._port = free_port()
        self._osc_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def config(self) -> Path:
        """Its config.toml."""
        return self._rig

    @property
    def osc_port(self) -> int:
        return self._osc_port

    def start(self) -> None:
        ports = ("--port", str(self._port), "--osc-port", str(self._osc_port))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", "run", "--no-guard", "--config", str(self._rig), *ports],
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},  # so small a network only waits for more threads
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.until(lambda state: state["renderer"]["state"] == "running", PATIENCE)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)
        self._process = None

    @property
    def stands(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._process is not None

    def freeze(self) -> None:
        """The process stands still; its sockets stay open and take what they are sent."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def freeze_renderer(self) -> None:
        """No pictures come, until the show has found out and has put another renderer in its place."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children():
            child.suspend()

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/api/state", timeout=PATIENCE) as response:
            state: dict[str, Any] = json.load(response)
            return state

    def until(self, holds: Callable[[dict[str, Any]], bool], patience: float = PATIENCE) -> dict[str, Any]:
        """The first state for which this holds."""
        give_up = time.monotonic() + patience
        while True:
            assert self._process is not None
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < give_up, self._log.read_text()
            try:
                if holds(state := self.state()):
                    return state
            except urllib.error.URLError:
                pass
            time.sleep(0.05)

    def command(self, name: str, **fields: object) -> bool:
        """Whether the show obeyed."""
        return self._post("command", {"name": name, **fields})

    def event(self, address: str, args: list[object]) -> bool:
        """Whether the show took what a sensor or a recogniser has sent."""
        return self._post("event", {"address": address, "args": args})

    def _post(self, door: str, message: dict[str, object]) -> bool:
        body = json.dumps(message).encode()
        request = urllib.request.Request(f"{self.url}/api/{door}", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE):
                return True
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 409:
                    raise
            return False


HOUSES: Final[list[House]] = []
"""Of this worker: one, once a test has asked for it."""


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    HOUSES.append(house)
    house.start()
    yield house
    house.stop()  # where the tests were interrupted


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """After the last test of pages nobody needs a house, and it would paint beside all that is to come."""
    if nextitem is None or not nextitem.path.is_relative_to(Path(__file__).parent):
        for house in HOUSES:
            house.stop()


@pytest.fixture
def house(running: House) -> House:
    """The house with the second cue on stage, the third standing by, full light, and a GO allowed."""
    if not running.stands:  # it was stopped, and a test of pages came all the same
        running.start()
    running.command("resume")
    assert running.command("goto", cue="2")
    assert running.command("blackout", on=False)
    assert running.command("master", value=1.0)
    running.until(lambda state: state["armed_at"] is None or state["now"] >= state["armed_at"])
    return running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A module's own: the playwright behind it runs an event loop in this thread until it is stopped."""
    assert CHROMIUM is not None, "these tests need Chromium (Debian: apt-get install chromium-headless-shell)"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


def fingers(browser: Browser, width: int, height: int, **more: Any) -> BrowserContext:
    """A tablet of this size, patient."""
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, **more)
    context.set_default_timeout(1000 * PATIENCE)
    return context


@pytest.fixture
def visit(chromium: Browser, house: House) -> Iterator[Visit]:
    """visit("/table", 1024, 768) opens a page under fingers, `before` it loads it is shown to the test.

    In the end no page may have an error to tell, but for those with the words that it `forgives`.
    """
    contexts = []
    complaints: list[str] = []

    def open_page(
        path: str,
        width: int = 1024,
        height: int = 768,
        *,
        forgives: str = "\0",
        before: Callable[[Page], None] = lambda page: None,
    ) -> Page:
        context = fingers(chromium, width, height, permissions=["screen-wake-lock"])
        contexts.append(context)
        page = context.new_page()

        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and forgives not in message.text:
                complaints.append(f"{path}: {message.text}")

        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(f"{path}: {error}"))
        before(page)
        page.goto(house.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
