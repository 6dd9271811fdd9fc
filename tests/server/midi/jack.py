"""Cables for MIDI without a driver and without a sound card: a JACK server (Debian's jackd2) of our own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.patience import PATIENCE


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Found by this process and its children alone."""
    name = f"marrow-{os.getpid()}"
    command = ["jackd", "-n", name, "-r", "-d", "dummy", "-r", "48000", "-p", "1024"]
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    try:
        wait = ["jack_wait", "-s", name, "-w", "-t", str(PATIENCE)]
        waited = subprocess.run(wait, capture_output=True, check=False)
        assert waited.returncode == 0, waited.stdout
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE)
