"""The folders that the show writes to: room, and how long the disk takes to keep a line."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from server.doctor.finding import Finding, megabytes, note, ok, problem

TOPIC = "disk"

LINES, LINE = 12, 4096
"""How many lines are written and forced onto the disk, and bytes of each."""

LEAST = 100_000_000
"""Bytes: with less, a night's journal may not fit."""

SLOW = 0.1
"""Seconds to keep a line. Half of the worst of GO's answers would be that late."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, and what came of writing there. `use` is what for, as in "the journal".

    `free` in bytes; `usual` and `worst` in seconds for a line to be on the disk; `error` is "" where it can
    be written to.
    """

    use: str
    path: Path
    free: int = 0
    usual: float = 0.0
    worst: float = 0.0
    error: str = ""


def look(use: str, path: Path) -> Folder:
    """Write a few lines into a file without a name, which is gone when it is closed.

    A folder that is not there yet is looked at where it would be made.
    """
    there = path = path.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    took = []
    free = 0
    try:
        free = shutil.disk_usage(there).free
        with tempfile.TemporaryFile(dir=there, prefix=".marrow-doctor-") as file:
            for _ in range(LINES):
                begun = time.perf_counter()
                file.write(b"\n" * LINE)
                file.flush()
                os.fsync(file.fileno())
                took.append(time.perf_counter() - begun)
    except OSError as error:
        return Folder(use, path, free, error=error.strerror or str(error))
    return Folder(use, path, free, median(took), max(took))


def judge(journal: Folder | None, others: Sequence[Folder], most: int) -> Iterator[Finding]:
    """`most`: bytes that the journal may grow to. `journal` is None where the config wants none."""
    if journal is None:
        yield note(
            TOPIC,
            "No journal is kept: after a crash or a power cut, the show begins at its first cue.",
            'Write folder = "journal" under [journal] in the config, unless that is meant.',
        )
    else:
        yield from _journal(journal, most)
    for folder in others:
        if folder.error:
            yield note(
                TOPIC,
                f"Nothing can be written to {folder.path}, the folder of {folder.use} ({folder.error}).",
                "Make room, or give this user the right to write there. The show plays without.",
            )
        elif folder.free < LEAST:
            yield note(
                TOPIC,
                f"There are only {megabytes(folder.free)} left for {folder.use}, in {folder.path}.",
                "Delete what is not needed on that disk.",
            )
        else:
            yield ok(TOPIC, f"{folder.use.capitalize()} can be saved, in {folder.path}.")


def _journal(folder: Folder, most: int) -> Iterator[Finding]:
    if folder.error:
        yield problem(
            TOPIC,
            f"The journal cannot be written to {folder.path} ({folder.error}): after a crash nobody would "
            "know where the show was.",
            "Make room on that disk, or name another folder under [journal] in the config, and see that "
            "this user may write there.",
        )
        return
    if folder.free < LEAST:
        yield problem(
            TOPIC,
            f"There are only {megabytes(folder.free)} left for the journal, in {folder.path}: it may end "
            "before the show does.",
            "Delete what is not needed on that disk, or name another folder under [journal] in the config.",
        )
    elif folder.free < most:
        yield note(
            TOPIC,
            f"The journal may grow to {megabytes(most)}, and {megabytes(folder.free)} are left in "
            f"{folder.path}.",
            "Make room, or lower most_mb under [journal] in the config. Tonight it will do.",
        )
    else:
        yield ok(TOPIC, f"The journal has {megabytes(folder.free)} of room, in {folder.path}.")
    pace = f"{folder.usual * 1000:.0f} ms, at worst {folder.worst * 1000:.0f} ms"
    if folder.worst > SLOW:
        yield note(
            TOPIC,
            f"The disk takes long to keep a line of the journal ({pace}). GO acts at once all the same; only "
            "the answer on the tablet waits.",
            "Close programs that write much (copying, backups, video), or keep the journal on an inner disk.",
        )
    else:
        yield ok(TOPIC, f"The disk keeps a line of the journal in {pace}.")
