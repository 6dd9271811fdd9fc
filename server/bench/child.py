"""A `marrow run` of our own: a child process on free loopback ports, and what it answers over HTTP."""

import http.client
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any

import psutil

from server.bench.ports import HOST, free_port, in_any_order
from server.bench.venue import copied

ROOT = Path(__file__).parent.parent.parent
ASK_EVERY = 0.02
ANSWER_WITHIN = 60.0
PICTURE_WITHIN = 180.0
END_WITHIN = 10.0


_interrupted = threading.Event()


def end_on_signals() -> None:
    """Whoever ends us ends the show as well. The interpreter may swallow a KeyboardInterrupt where it cleans
    up; so it is remembered too."""

    def end(number: int, frame: FrameType | None) -> None:
        _interrupted.set()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


class BenchError(Exception):
    """There is nothing to measure; the message is a sentence that says why."""


class Child:
    """The show under test. `started` is the moment its process was asked for, host monotonic seconds."""

    def __init__(self, config: Path, output: IO[bytes]) -> None:
        numbers = in_any_order()
        self.port, self.osc_port = free_port(numbers), free_port(numbers)
        self.started = time.monotonic()
        self._output = output
        options = ["--config", str(config.resolve()), "--host", HOST]
        options += ["--port", str(self.port), "--osc-port", str(self.osc_port), "--no-guard", "--fresh"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server", "run", *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )

    def ask(self, path: str, command: dict[str, object] | None = None) -> tuple[int, bytes]:
        """GET, or POST of a command as JSON: status and body. OSError while nobody listens."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            if command is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, json.dumps(command))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError(f"no HTTP answer: {error!r}") from error
        finally:
            connection.close()

    def json(self, path: str) -> dict[str, Any]:
        """What a GET gives. BenchError where that is no JSON object."""
        self.check()
        try:
            status, body = self.ask(path)
            value = json.loads(body)
        except (OSError, ValueError) as error:
            raise BenchError(f"the show does not answer {path}: {error}") from error
        if status != 200 or not isinstance(value, dict):
            raise BenchError(f"the show answers {path} with status {status}")
        return value

    def wait_for(self, path: str, within: float) -> float:
        """Ask until the answer is 200; seconds since the start. BenchError if it takes too long."""
        while (elapsed := time.monotonic() - self.started) < within:
            self.check()
            try:
                status, _ = self.ask(path)
            except OSError:
                status = 0
            if status == 200:
                return time.monotonic() - self.started
            time.sleep(ASK_EVERY)
        raise BenchError(f"{path} gives nothing {elapsed:.0f} s after the start; {self._last_words()}")

    def check(self) -> None:
        """BenchError if the show has ended; KeyboardInterrupt if we are to."""
        if _interrupted.is_set():
            raise KeyboardInterrupt
        if self._process.poll() is not None:
            raise BenchError(f"the show ended with status {self._process.returncode}: {self._last_words()}")

    def worked(self) -> float:
        """Seconds of a processor that the show process has used, without its renderer."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def end(self) -> None:
        """Stop it as Ctrl-C would; kill it if it does not listen."""
        self._process.terminate()
        try:
            self._process.wait(END_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        self._output.seek(0)
        lines = self._output.read().decode(errors="replace").strip().splitlines()
        return " / ".join(line.strip() for line in lines[-3:]) or "it said nothing"


@contextmanager
def playing(config: Path, seconds: float = 0.0, gos: int = 0) -> Iterator[Child]:
    """A show that runs until the block is left, however it is left. It is a copy of the rig's, with so many
    cues to press GO for and a metronome of so many seconds."""
    with tempfile.TemporaryFile() as output, copied(config, seconds, gos) as copy:
        child = Child(copy, output)
        try:
            yield child
        finally:
            child.end()
