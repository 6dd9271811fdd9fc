"""The old rig's engine, as far as its script went: who is shown what when, and what is sent. For comparison.

Written from the description of its script alone: entries in order, each beginning `delay` after the last has
ended; triggers by the clock; a line that waits for its speaker, then for the rest of its words at 2.8 a
second; silence of 10 s, or 20 s without progress, makes it easier, and then passes it over.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

Said = tuple[float, str, bool]
"""Seconds after the words were shown, what was heard, and whether that was all of it."""

Speaks = Callable[[str, str], Sequence[Said]]
"""(role, the words that are shown, "" for an open line) -> what is heard until other words are shown."""

Logged = tuple[float, tuple[Any, ...]]

RATE, SILENCE, NO_PROGRESS, MATCH, NOTE, FILE = 2.8, 10.0, 20.0, 0.92, 0.5, 1.5


class OldEngine:
    """Plays a script once against guests who speak and players that take 1.5 s for a file.

    `unanswered` stands for an answer that nobody gave. (The old rig had nothing there.)
    """

    def __init__(self, script: Mapping[str, Any], speaks: Speaks, unanswered: str) -> None:
        self.log: list[Logged] = []
        self._entries: list[Mapping[str, Any]] = list(script["script-lines"])
        self._speaks = speaks
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = count()
        self._place = -1
        self._answer = unanswered
        self._epoch = 0

    def play(self) -> list[Logged]:
        self._next(0.0)
        while self._due:
            at, _, act = heapq.heappop(self._due)
            act(at)
        return sorted(self.log, key=lambda entry: entry[0])

    def _at(self, when: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self._due, (when, next(self._order), act))

    def _say(self, now: float, *what: Any) -> None:
        self.log.append((round(now, 6), what))

    def _next(self, now: float) -> None:
        self._place += 1
        self._epoch += 1
        if self._place < len(self._entries):
            self._at(now + self._entries[self._place].get("delay", 0), self._begin)

    def _begin(self, now: float) -> None:
        entry = self._entries[self._place]
        for send in entry.get("triggers-osc", []):
            words = ("send", send["target"], send["address"], (send["value"],))
            self._at(now + send.get("delay", 0), lambda at, words=words: self._say(at, *words))
        for hit in entry.get("triggers-midi", []):
            note, on = hit["note"], now + hit.get("delay", 0)
            self._at(on, lambda at, n=note: self._say(at, "send", "audio", "/noteOn", (n, 127)))
            self._at(on + NOTE, lambda at, n=note: self._say(at, "send", "audio", "/noteOff", (n,)))
        if "in-ear" in entry:
            self._ears(now, entry["in-ear"], self._next)
        elif "speaker" in entry:
            self._show(now, entry.get("text", ""), first=True)
        else:
            last = max((t.get("delay", 0) for t in entry.get("triggers-osc", [])), default=0)
            ends = max((t.get("delay", 0) + NOTE for t in entry.get("triggers-midi", [])), default=0)
            self._at(now + max(last, ends), self._next)

    def _ears(self, now: float, items: Sequence[Mapping[str, Any]], then: Callable[[float], None]) -> None:
        done = now
        for item in items:
            at = now
            for line in item["lines"]:
                words = ("play", item["target"], line["file"])
                self._at(at, lambda when, words=words: self._say(when, *words))
                at += FILE + line.get("pause", 0) / 10
            done = max(done, at)
        self._at(done, then)

    def _show(self, now: float, text: str, first: bool) -> None:
        """Words on the plate, and all that the guest will say to them, until other words are there."""
        entry = self._entries[self._place]
        self._epoch += 1
        epoch = self._epoch
        shown = text.replace("%answer%", self._answer)
        self._say(now, "show", entry["speaker"], shown)
        heard, progress, best = now, now, 0
        is_open = entry.get("type") == "OPEN"
        for after, words, final in self._speaks(entry["speaker"], shown):
            at = now + after
            if at > min(heard + SILENCE, progress + NO_PROGRESS):
                break
            heard = at
            if is_open:
                progress = at
                if final:
                    self._answer = words if entry.get("save") else self._answer
                    self._at(at, lambda when: self._if(epoch, self._next, when))
                    return
                continue
            said = self._said(words, shown)
            if said > best:
                best, progress = said, at
            if said >= MATCH * len(shown.split()):
                rest = (len(shown.split()) - said) / RATE
                self._at(at + rest, lambda when: self._if(epoch, self._next, when))
                return
        silent = min(heard + SILENCE, progress + NO_PROGRESS)
        if first and "timeout" in entry:
            self._at(silent, lambda when: self._if(epoch, self._help, when))
        elif not entry.get("noskip"):
            self._at(silent, lambda when: self._if(epoch, self._next, when))

    def _help(self, now: float) -> None:
        help = self._entries[self._place]["timeout"]
        if isinstance(help, str):
            self._show(now, help, first=False)
        else:
            self._ears(now, help, lambda when: self._at(when + SILENCE, self._next))

    def _if(self, epoch: int, act: Callable[[float], None], now: float) -> None:
        if epoch == self._epoch:
            act(now)

    @staticmethod
    def _said(words: str, line: str) -> int:
        """How many words of the line, from its first, the end of what was said has."""
        said, wanted = words.lower().split(), line.lower().split()
        return max((n for n in range(len(wanted) + 1) if said[len(said) - n :] == wanted[:n]), default=0)


def perfect(role: str, shown: str) -> Iterator[Said]:
    """Says it as it stands, a word after another, and answers what is open."""
    words = (shown or "a big fish").split()
    for spoken in range(1, len(words) + 1):
        yield 0.7 + spoken / RATE, " ".join(words[:spoken]), spoken == len(words)


def silent(role: str, shown: str) -> Iterator[Said]:
    return iter(())
