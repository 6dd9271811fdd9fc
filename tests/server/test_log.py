"""What the program notes of itself is written, and nobody waits for it."""

import os
import pty
import subprocess
import sys
import termios

from tests.patience import PATIENCE

NOTES = """
import logging, warnings
from server.log import log_aside
log_aside()
logging.getLogger("somebody").warning("the %s hums", "fridge")
warnings.warn("a wire is loose")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("nobody").exception("the sum failed")
print("went on", flush=True)
{}
"""


def test_warnings_and_faults_are_written_with_their_traces() -> None:
    # The thread that writes ends with the process: it is kept until all was read.
    with subprocess.Popen(
        [sys.executable, "-c", NOTES.format("input()")], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        written = ""
        while "division by zero" not in written:
            line = process.stderr.readline()
            assert line, written
            written += line
        assert process.communicate("\n", PATIENCE)[0] == "went on\n"
    for told in ("the fridge hums", "a wire is loose", "the sum failed", "Traceback"):
        assert told in written


def test_a_terminal_that_takes_nothing_holds_nobody_up_and_lets_the_process_end() -> None:
    outside, terminal = pty.openpty()
    try:
        termios.tcflow(terminal, termios.TCOOFF)
        command = [sys.executable, "-c", NOTES.format("")]
        buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        done = subprocess.run(
            command,
            env=buffered,
            stdout=subprocess.PIPE,
            stderr=terminal,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert done.stdout == "went on\n"
    finally:
        termios.tcflow(terminal, termios.TCOON)
        os.close(terminal)
        os.close(outside)
