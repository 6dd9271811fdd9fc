"""A company that performs a running show from outside: it reads what pages read and says what guests would.

Pure: states go in as the wire has them, OSC messages come out, and `now` is an argument (seconds).
"""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from server.rehearsal.cast import Simulated
from server.rehearsal.room import Room
from show_control.cue import number_key
from show_control.effects import Play, Prompt
from show_control.events import Event, PlayFinished, Speech

Message = tuple[str, tuple[str | float, ...]]
"""An OSC address, and its arguments."""

READING = 2.4
"""Words a second of a file in an ear."""

PATIENCE = 2.0
"""Seconds for which nothing happens before the operator presses GO."""

BUSY = ("waiting", "acting")


class Company:
    """Four guests, their players and, with `go`, an operator. The same seed, the same slips of the tongue.

    over  the operator has come to the end of the list, and would begin again
    """

    def __init__(self, seed: int, go: bool) -> None:
        self.over = False
        self._go = go
        self._random = Random(f"{seed} company")
        self._lengths: dict[str, float] = {}
        self._room = Room(Simulated({}, seed, self._lengths.get))
        self._line: tuple[int, str, Prompt] | None = None
        self._ears: set[tuple[int, str, str]] = set()
        self._idle_since: float | None = None
        self._begun = False

    def told(self, state: Mapping[str, Any], now: float) -> Iterator[Message]:
        """Takes a state of the show; gives what the operator does about it."""
        epoch = int(state["epoch"])
        self._hear_line(epoch, state["line"], now)
        self._hear_ears(epoch, state["ears"], now)
        if self._go and not self.over:
            yield from self._operate(state, now)

    def deadline(self) -> float | None:
        return self._room.deadline()

    def speak(self, now: float) -> Iterator[Message]:
        """What guests and players have said by `now`."""
        while (event := self._room.take(now)) is not None:
            yield from self._messages(event)

    def _hear_line(self, epoch: int, line: Mapping[str, Any] | None, now: float) -> None:
        new = None
        if line is not None:
            prompt = Prompt(line["speaker"], line["text"], "open" if line["open"] else "line")
            new = epoch, str(line["number"]), prompt
        if new == self._line:
            return
        if self._line is not None:
            old = self._line[2]
            self._room.told(Prompt(old.role, old.text, "done"), now)
        if new is not None:
            self._room.told(new[2], now)
        self._line = new

    def _hear_ears(self, epoch: int, ears: list[Mapping[str, str]], now: float) -> None:
        playing = {(epoch, ear["role"], ear["file"]): ear["text"] for ear in ears}
        for key, text in playing.items():
            if key not in self._ears:
                _, role, file = key
                if text:
                    self._lengths[file] = len(text.split()) / READING
                self._room.told(Play(role, file), now)
        self._ears = set(playing)

    def _operate(self, state: Mapping[str, Any], now: float) -> Iterator[Message]:
        busy = state["pending"] is not None or any(run["phase"] in BUSY for run in state["running"])
        if state["mode"] != "running" or (busy and state["current"] is not None):
            self._idle_since = None
            return
        if self._idle_since is None:
            self._idle_since = now
        if now - self._idle_since < PATIENCE:
            return
        standby, current = state["standby"], state["current"]
        last = standby is None or (
            current is not None and number_key(standby["number"]) <= number_key(current["number"])
        )
        if last and self._begun:
            self.over = True
            return
        if standby is not None:
            self._begun, self._idle_since = True, None
            yield "/show/go", (standby["number"],)

    def _messages(self, event: Event) -> Iterator[Message]:
        match event:
            case Speech(role, text, final):
                yield ("/speech" if final else "/mid-speech"), (role, text)
                yield f"/table/voice/{role}", (0.0 if final else self._random.uniform(0.6, 1.0),)
            case PlayFinished(role):
                yield "/play-finished", (role,)
