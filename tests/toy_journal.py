"""`python -m tests.toy_journal FOLDER`: writes commands for ever, says which are on disk, and is killed."""

import asyncio
import sys
import time
from pathlib import Path

from server.night.journal import Journal, Limits, Marks
from server.night.journalfile import read
from show_control.events import Control, Goto


async def main(folder: Path) -> None:
    after = read(folder).n or None
    marks = Marks("", "", time.monotonic())
    limits = Limits(rate=50.0, segment=4096)
    journal = Journal(folder, marks, time.monotonic, time.time, print, after, limits=limits)
    journal.start()
    while True:
        journal.write(Control("plate.mom", 0.5), time.monotonic(), "toy")
        n = journal.write(Goto("5"), time.monotonic(), "toy")
        if await journal.written(n):
            print(n, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
