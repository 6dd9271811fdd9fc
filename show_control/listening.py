"""A line of the script while it waits for its speaker. What was said is compared by `matching`."""

from collections.abc import Iterable
from dataclasses import replace

from show_control.actions import EarItem, Guest, Line
from show_control.effects import Effect, Prompt, Record, Spotlight
from show_control.matching import Heard, allowed, cleaned, heard, normalised, pause_after
from show_control.plays import EAR_TIMEOUT, Plays
from show_control.utterance import Begun

MOST_WORDS = 200
"""Words of what was said that are remembered: the newest. A line is found at their end."""

NOTHING_BEGUN = Begun()


class Listening:
    """Hears its speaker, helps after a silence, and is complete when the line is said, taken or passed over.

    `line` has its texts as they are shown, answers filled in. After `silence` seconds without a word, or
    `progress_silence` without progress, comes the next help (the easier wording; of an open line the prompt);
    when there is no more, the show goes on, unless the line is `noskip`.
    """

    def __init__(
        self, line: Line, guest: Guest, never_show: Iterable[str], begun: Begun = NOTHING_BEGUN
    ) -> None:
        self.over_at: float | None = None
        self.failure = ""
        self.line = line
        self.shown = line.text
        self.answer = ""
        self._guest = guest
        self.heard = self._compare("")
        self._never_show = tuple(never_show)
        self._begun = begun
        self._final = ""
        self._partial = ""
        self._best = 0.0
        self._heard_at = self._progress_at = 0.0
        self._helps = ["easier"] * bool(line.easier) + ["prompt"] * bool(line.prompt)
        self._prompt: Plays | None = None

    @property
    def words(self) -> int:
        """How many words the line has, as it is shown."""
        return len(normalised(self.shown, self._guest.language))

    def begin(self, now: float) -> Iterable[Effect]:
        self._heard_at = self._progress_at = now
        speaker = self.line.speaker
        kind = Prompt(speaker, self.shown, "open" if self.line.open else "line")
        return (Spotlight(speaker), kind, Record(speaker, True))

    def hear(self, text: str, final: bool, now: float) -> Iterable[Effect]:
        """What the speaker has said: an utterance so far, or the whole of it."""
        text = self._of_this_line(text, final)
        self._partial = text
        said = " ".join(f"{self._final} {self._partial}".split()[-MOST_WORDS:])
        if final:
            self._final, self._partial = said, ""
        if not text.strip():
            return ()
        self._heard_at = now
        self.heard = self._compare(said)
        if self.heard.progress > self._best or self.line.open:
            self._best, self._progress_at = self.heard.progress, now
        if not self.line.open:
            if self.heard.matched:
                self._over(now + pause_after(self.heard.words_left, self._guest.rate))
            return ()
        if final:
            self._keep(said, now)
        return (Prompt(self.line.speaker, said, "said"),) if allowed(said, self._never_show) else ()

    def finished(self, role: str, file: str | None, now: float) -> bool:
        """A player says that its file is over. False where the prompt was not waiting for it."""
        if self._prompt is None or not self._prompt.finished(role, file, now):
            return False
        self._after_prompt(now)
        return True

    @property
    def playing(self) -> tuple[EarItem, ...]:
        """What of its prompt plays now."""
        return self._prompt.playing if self._prompt is not None else ()

    def deadline(self) -> float | None:
        if self.over_at is not None:
            return None
        if self._prompt is not None:
            return self._prompt.deadline()
        if not self._helps and self.line.noskip:
            return None
        return self._silent_at()

    def wake(self, now: float) -> Iterable[Effect]:
        if self._prompt is not None:
            effects = self._prompt.wake(now)
            self._after_prompt(now)
            return effects
        if self._partial and self.line.open:
            # It was said, and the recogniser never came to its end.
            self._keep(" ".join(f"{self._final} {self._partial}".split()), now)
            if self.over_at is not None:
                return ()
        if not self._helps:
            self._over(now)
            return ()
        self._heard_at = self._progress_at = now
        if self._helps.pop(0) == "easier":
            self.shown = self.line.easier
            self.heard = self._compare(f"{self._final} {self._partial}")
            if self.heard.matched and not self.line.open:  # said already, in other words
                self._over(now)
            return (Prompt(self.line.speaker, self.shown, "easier"),)
        self._prompt = Plays(self.line.prompt, EAR_TIMEOUT)
        return self._prompt.begin(now)

    def take(self, now: float) -> None:
        """The operator's word that it was said."""
        if self.line.open:
            self._keep(f"{self._final} {self._partial}", now)
        self.heard = replace(self.heard, progress=1.0, words_left=0, matched=True)
        self._over(now)

    def skip(self, now: float) -> None:
        self._over(now)

    def close(self) -> Iterable[Effect]:
        speaker = self.line.speaker
        return (Record(speaker, False), Prompt(speaker, self.shown, "done"))

    def shift(self, dt: float) -> None:
        self.over_at = None if self.over_at is None else self.over_at + dt
        self._heard_at += dt
        self._progress_at += dt
        if self._prompt is not None:
            self._prompt.shift(dt)

    def _of_this_line(self, text: str, final: bool) -> str:
        """An answer is what was said since it was asked for. A line may have been begun too soon."""
        since = self._begun.after(text) if self.line.open else None
        if final or since is None:
            self._begun = NOTHING_BEGUN
        return text if since is None else since

    def _compare(self, said: str) -> Heard:
        line = self.line
        texts = dict.fromkeys((self.shown, line.text))
        found = [
            heard(said, text, language=self._guest.language, threshold=line.threshold, open=line.open)
            for text in texts
        ]
        return next((one for one in found if one.matched), found[0])

    def _keep(self, said: str, now: float) -> None:
        """The answer, if there is more in it than fillers."""
        if answer := cleaned(said, self._guest.language):
            self.answer = answer if allowed(answer, self._never_show) else self.line.instead
            self._over(now)

    def _over(self, at: float) -> None:
        self.over_at = at if self.over_at is None else min(at, self.over_at)

    def _silent_at(self) -> float:
        return min(self._heard_at + self.line.silence, self._progress_at + self.line.progress_silence)

    def _after_prompt(self, now: float) -> None:
        if self._prompt is not None and self._prompt.over_at is not None:
            self.failure = self._prompt.failure
            self._prompt = None
            self._heard_at = self._progress_at = now
