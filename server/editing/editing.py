"""The show file while it is played: changes from a page, drafts, undo, and what somebody has changed on disk.

Whatever comes is checked whole, as before doors, and adopted whole or not at all. The disk and the checking
are for threads: the loop waits for neither.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.conductor import Conductor
from server.editing.blocks import EditError
from server.editing.history import Change, History
from server.editing.store import ShowStore, StoreError
from server.night.restore import digest
from show_control.errors import Problem
from show_control.events import Adopt, DeskMode
from show_control.look import Scene
from show_control.show import Reply, Show
from show_control.showfile import ShowFile

LOOK_EVERY = 1.0
"""Seconds between looks at the file."""

CHANGED = "The show file has changed on disk"

Judge = Callable[[str], Sequence[Problem]]
"""All that is wrong with the text of a show file, on this rig and with its networks."""


@dataclass(frozen=True, slots=True)
class Played:
    """What is played at a moment: the file; the scene on stage; the current cue and the one whose look is on
    stage, by number, "" for none."""

    file: ShowFile
    scene: Scene
    current: str
    look: str

    @classmethod
    def of(cls, show: Show) -> "Played":
        status = show.status(0.0)
        return cls(show.file, show.scene, status.current.number if status.current else "", status.look.cue)


Make = Callable[[Played], str]
"""Another text for what is played; called in a thread. Raises EditError."""


class Editing:
    """Lives on the event loop. One change at a time: each begins with what the one before has left.

    `say` tells the terminal, what the operator is told as a refusal.
    """

    def __init__(
        self, store: ShowStore, conductor: Conductor, judge: Judge, say: Callable[[str], None]
    ) -> None:
        self._store, self._conductor, self._judge, self._say = store, conductor, judge, say
        self._lock = asyncio.Lock()
        self._history = History()
        self._saved = store.text  # as it was on disk when it was last played or saved
        self._judged = ""  # what was last found on disk and cannot be played as it is
        self._told = ""

    @property
    def draft(self) -> bool:
        """Whether what is played has edits that are not saved."""
        return self._playing != self._saved

    @property
    def saved(self) -> str:
        """The text that is on disk, as far as we know."""
        return self._saved

    @property
    def undoes(self) -> str:
        """What `undo` would take back, in words; "" for nothing."""
        return _words(self._history.last(self._playing))

    @property
    def redoes(self) -> str:
        """What `redo` would do again, in words; "" for nothing."""
        return _words(self._history.next(self._playing))

    # commands

    async def change(self, command: str, words: str, make: Make, source: str, draft: bool = False) -> Reply:
        """Play another text; `words` say what was done. In edit mode it is saved at once, unless it is to
        stay a draft; in rehearsal it is a draft."""
        async with self._lock:
            if reason := self._closed():
                return self._refused(command, reason, source)
            before = self._playing
            try:
                text = await asyncio.to_thread(make, Played.of(self._conductor.show))
            except EditError as error:
                return self._refused(command, str(error), source)
            reply = await self._adopt(command, text, source)
            if reply.ok:
                self._history.did(before, text, words)
            return await self._kept(command, reply, source, draft)

    async def undo(self, source: str, draft: bool = False) -> Reply:
        """Take the last change back."""
        return await self._step("undo", source, draft)

    async def redo(self, source: str, draft: bool = False) -> Reply:
        """Do again what was undone last."""
        return await self._step("redo", source, draft)

    async def commit(self, source: str, seen: str = "") -> Reply:
        """Save the draft. `seen` is the digest of the text that was shown, "" for whatever it is: no other is
        saved."""
        async with self._lock:
            if not self.draft:
                return self._refused("commit", "there is no draft; all is saved.", source)
            if seen and digest(self._playing) != seen:
                reason = "the show file has changed since the difference was shown. Look at it again."
                return self._refused("commit", reason, source)
            return await self._save("commit", Reply(True), source)

    async def revert(self, source: str) -> Reply:
        """Play what is on disk; the draft can be had back by an undo."""
        async with self._lock:
            before, known = self._playing, self._store.text
            try:
                text = await asyncio.to_thread(self._store.read)
            except StoreError as error:
                return self._refused("revert", str(error), source)
            reply = await self._adopt("revert", text, source)
            if reply.ok:
                self._saved = text
                self._history.did(before, text, "back to what is saved")
            else:
                self._store.unread(known)
            return reply

    async def watch(self) -> None:
        """For ever: what somebody has changed on disk is played as soon as it can be."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            async with self._lock:
                await self.look()

    async def look(self) -> None:
        """Play what is on disk if it is good, and if nothing that runs stands against it; else say why
        not."""
        try:
            changed = await asyncio.to_thread(self._store.changed_on_disk)
            if changed and self.draft:  # to read it now would be to save over it later
                return self._tell(f"{CHANGED}, and there is a draft here. REVERT plays the file.")
            if changed:
                await asyncio.to_thread(self._store.read)
        except StoreError as error:
            return self._tell(str(error))
        text = self._store.text
        if text in (self._saved, self._judged):
            return None
        if problems := await asyncio.to_thread(self._judge, text):
            self._judged = text
            for problem in problems:
                self._say(str(problem))
            return self._tell(f"{CHANGED} and is not played: {_first(problems)}")
        if reason := self._conductor.show.refuses(text):
            return self._tell(f"{CHANGED}. {reason}")
        self._conductor.command(Adopt(text), "disk")
        self._saved, self._told = text, ""
        return None

    # what they share

    @property
    def _playing(self) -> str:
        return self._conductor.show.file.text

    @property
    def _desk(self) -> DeskMode:
        return self._conductor.show.status(0.0).desk

    def _closed(self) -> str:
        """Why nothing may be changed now; "" where it may."""
        if self._desk is DeskMode.SHOW:
            return "the desk is in show mode. Put it in edit or rehearsal first."
        if self._store.text != self._saved:
            return f"{CHANGED} and is not played yet."
        return ""

    async def _step(self, command: str, source: str, draft: bool) -> Reply:
        """Back in the history, or on."""
        async with self._lock:
            history, back = self._history, command == "undo"
            step = history.last(self._playing) if back else history.next(self._playing)
            reason = self._closed() or ("" if step else f"there is nothing to {command}.")
            if reason or step is None:
                return self._refused(command, reason, source)
            reply = await self._adopt(command, step.before if back else step.after, source)
            if reply.ok:
                history.undid() if back else history.redid()
            return await self._kept(command, reply, source, draft)

    async def _kept(self, command: str, reply: Reply, source: str, draft: bool) -> Reply:
        """Saved, where changes are saved at once."""
        if draft or self._desk is not DeskMode.EDIT:
            return reply
        return await self._save(command, reply, source)

    async def _adopt(self, command: str, text: str, source: str) -> Reply:
        if problems := await asyncio.to_thread(self._judge, text):
            return self._refused(command, _first(problems), source)
        return self._conductor.command(Adopt(text), source)

    async def _save(self, command: str, reply: Reply, source: str) -> Reply:
        """After a reply that is one; else that one."""
        if not reply.ok:
            return reply
        text = self._playing
        try:
            await asyncio.to_thread(self._store.save, text)
        except StoreError as error:
            return self._refused(command, str(error), source)
        self._saved = text
        return reply

    def _refused(self, command: str, reason: str, source: str) -> Reply:
        words = f"{command.upper()} refused: {reason}"
        self._conductor.refuse(command, words, source)
        return Reply(False, words)

    def _tell(self, words: str) -> None:
        """Once, however often it is found."""
        if words != self._told:
            self._told = words
            self._say(words)
            self._conductor.refuse("reload", words, "disk")


def _words(change: Change | None) -> str:
    return change.words if change else ""


def _first(problems: Sequence[Problem]) -> str:
    more = f" Of {len(problems)} problems this is the first." if len(problems) > 1 else ""
    return f"{problems[0]}.{more}"
