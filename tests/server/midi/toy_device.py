"""`python -m tests.server.midi.toy_device`: a pedal and a synthesiser, of the library that the show uses.

It says "ready"; plays on the pedal what it reads, a message of hexadecimal bytes a line; says what the
synthesiser is sent. It is pulled out when there is nothing more to read.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import rtmidi

from server.midi.system import open_system
from tests.patience import PATIENCE

PEDAL, SYNTH = "FS-1", "Digitakt"


class Device:
    """The other end: plays, and keeps what was heard, from within a test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.heard: Queue[str] = Queue()
        self._process = process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def play(self, message: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{message}\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.heard.put(line.strip())


@contextmanager
def plugged_in() -> Iterator[Device]:
    """Plugged into the MIDI that the show finds; pulled out at the end."""
    probe: Any = open_system().make_in()
    command = [sys.executable, "-m", "tests.server.midi.toy_device", str(probe.get_current_api())]
    probe.delete()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        device = Device(process)
        try:
            assert device.heard.get(timeout=PATIENCE) == "ready"
            yield device
            process.stdin.close()
            process.wait(PATIENCE)
        finally:
            process.kill()


def main(api: int) -> None:
    pedal: Any = rtmidi.MidiOut(api, "device")
    synth: Any = rtmidi.MidiIn(api, "device")
    pedal.open_virtual_port(PEDAL)
    synth.open_virtual_port(SYNTH)
    over = threading.Event()

    def play() -> None:
        for line in sys.stdin:
            pedal.send_message(list(bytes.fromhex(line)))
        over.set()

    threading.Thread(target=play, daemon=True).start()
    print("ready", flush=True)
    while not over.wait(0.005):
        if (event := synth.get_message()) is not None:
            print(bytes(event[0]).hex(" "), flush=True)
    pedal.delete()
    synth.delete()


if __name__ == "__main__":
    main(int(sys.argv[1]))
