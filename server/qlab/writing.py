"""What QLab's controllers write into the show file: through the same door as the editor's page."""

import asyncio
from collections.abc import Callable

from server.editing.editing import Editing, Make, Played
from server.editing.text import edited
from server.patch import Refused
from server.qlab.asks import Edit, Write
from show_control.show import Reply

MAX_WAITING = 16  # changes that wait for each other


class Writing:
    """Changes in the order in which they came, each on what the one before has left. Never waits itself.

    `editing` is what changes the show file; without it nothing is changed.
    """

    def __init__(self) -> None:
        self.editing: Editing | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, asked: Write | Edit, source: str, done: Callable[[Reply], None]) -> None:
        """Begins a change; `done` hears what became of it. Raises Refused."""
        if self.editing is None:
            raise Refused("nothing can be edited here")
        if len(self._tasks) >= MAX_WAITING:
            raise Refused(f"{MAX_WAITING} changes wait already")
        task = asyncio.get_running_loop().create_task(_finish(self.editing, asked, source, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """What waits is not done any more."""
        for task in self._tasks:
            task.cancel()


async def _finish(editing: Editing, asked: Write | Edit, source: str, done: Callable[[Reply], None]) -> None:
    match asked:
        case Write(cue, key):
            done(await editing.change("edit", f"cue {cue}: {key}", _made(asked), source))
        case Edit("undo"):
            done(await editing.undo(source))
        case Edit("redo"):
            done(await editing.redo(source))
        case _:
            done(await editing.commit(source))


def _made(write: Write) -> Make:
    def make(played: Played) -> str:
        value = write.value
        if write.by is not None:
            cue = played.file.cues.every.get(write.cue)
            value = round((float(getattr(cue, write.key)) if cue else 0.0) + write.by, 3)
        return edited(played.file.text, write.cue, write.key, value)

    return make
