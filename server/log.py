"""What the program notes of itself: warnings of libraries, and faults with their traces. A thread writes it.

Who logs must not wait for a terminal that takes no more (see `terminal.py`): the loop would stand still for a
line of HTTP that is none, as anybody in the network may send it.
"""

import logging
import os
import threading
from contextlib import suppress
from logging.handlers import QueueHandler
from queue import SimpleQueue

STDERR = 2


def log_aside() -> None:
    """From now on a daemon thread writes this process's log to stderr, where nobody has said otherwise."""
    records: SimpleQueue[logging.LogRecord] = SimpleQueue()
    logging.captureWarnings(True)
    logging.basicConfig(handlers=[QueueHandler(records)])
    # No logging.StreamHandler: at exit logging waits for the lock of one that waits for the terminal.
    threading.Thread(target=_write, args=(records,), daemon=True).start()


def _write(records: "SimpleQueue[logging.LogRecord]") -> None:
    while True:
        record = records.get()
        # Not by sys.stderr: at exit Python waits for the lock of a buffer that waits for the terminal.
        with suppress(OSError):
            os.write(STDERR, f"{record.getMessage()}\n".encode(errors="replace"))
