"""The deck: records what sensors send, and plays a recording into the show at its own times. One of each at a
time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from server.conductor import Conductor
from server.monitor.recordings import Recordings
from server.monitor.tape import Player, Recorder, TapeError
from server.patch import Patch
from show_control.events import DeskMode

REPLAY = "replay"
"""The source of what a recording sends."""

WRITE_EVERY = 1.0
MOST_AT_ONCE = 256
"""Messages of a recording in one turn of the loop, however late it is."""


class Deck:
    """Lives on the event loop; the disk is left to threads. `words` say why the last of them ended by itself.

    What moves the show is recorded and not played: a GO of yesterday is nobody's wish today.
    """

    def __init__(
        self, conductor: Conductor, patch: Patch, clock: Callable[[], float], recordings: Recordings | None
    ) -> None:
        self.recorder: Recorder | None = None
        self.player: Player | None = None
        self.names: list[str] = []
        self.words = ""
        self.left_out = 0
        self._conductor = conductor
        self._patch = patch
        self._clock = clock
        self._recordings = recordings
        self._turn = asyncio.Event()

    def hear(self, address: str, args: Sequence[object], source: str, now: float) -> None:
        """A message has come in."""
        if self.recorder is not None and source != REPLAY:
            self.recorder.hear(address, args, now)

    async def record(self, address: str = "") -> None:
        """Begin to record an address, or ("") all. Raises TapeError."""
        folder = self._folder()
        if self.recorder is not None:
            raise TapeError(f"{self.recorder.name} is being recorded; stop that first")
        name = await asyncio.to_thread(folder.create, address, datetime.now())
        if self.recorder is not None:  # another page was quicker
            raise TapeError(f"{self.recorder.name} is being recorded; stop that first")
        self.recorder, self.words = Recorder(name, self._clock(), address), ""
        self._turn.set()

    async def stop_recording(self) -> str:
        """What was recorded, in words."""
        recorder, self.recorder = self.recorder, None
        if recorder is None:
            return "Nothing is being recorded."
        await asyncio.to_thread(self._folder().append, recorder.name, recorder.take())
        await self.list()
        return f"{recorder.count} messages are in {recorder.name}."

    async def replay(self, name: str) -> None:
        """Play a recording from its beginning. Raises TapeError."""
        if self._in_show:
            raise TapeError(
                "in show mode nothing is played over the guests' hands; set the desk to rehearsal"
            )
        steps = await asyncio.to_thread(self._folder().read, name)
        self.player, self.words, self.left_out = Player(name, steps, self._clock()), "", 0
        self._turn.set()

    def stop_replay(self) -> None:
        self.player = None

    async def list(self) -> None:
        """Look what recordings there are."""
        if self._recordings is not None:
            self.names = await asyncio.to_thread(self._recordings.names)

    async def run(self) -> None:
        """For ever: plays what is due, and writes what was heard."""
        await self.list()
        while True:
            self._turn.clear()
            now = self._clock()
            due = None if self.player is None else self.player.deadline()
            wait = WRITE_EVERY if due is None else min(WRITE_EVERY, max(0.0, due - now))
            try:
                async with asyncio.timeout(wait):
                    await self._turn.wait()
            except TimeoutError:
                pass
            self._play(self._clock())
            await self._write()

    def _play(self, now: float) -> None:
        player = self.player
        if player is None:
            return
        if self._in_show:
            self.player, self.words = None, "The recording was stopped: the desk was set to show."
            return
        for step in player.due(now, MOST_AT_ONCE):
            if self._patch.command(step.address):
                self.left_out += 1
            else:
                self._conductor.message(step.address, step.args, REPLAY)
        if player.over:
            left = f", but for {self.left_out} that would move the show" if self.left_out else ""
            self.player, self.words = None, f"{player.name} was played to its end{left}."

    async def _write(self) -> None:
        recorder = self.recorder
        if recorder is None:
            return
        try:
            if text := recorder.take():
                await asyncio.to_thread(self._folder().append, recorder.name, text)
            if recorder.full(self._clock()) and self.recorder is recorder:
                self.words = f"The recording is full. {await self.stop_recording()}"
        except TapeError as error:
            self.recorder, self.words = None, str(error)

    @property
    def _in_show(self) -> bool:
        return self._conductor.show.status(self._clock()).desk is DeskMode.SHOW

    def _folder(self) -> Recordings:
        if self._recordings is None:
            raise TapeError("there is no folder for recordings: the show was started without a config file")
        return self._recordings
