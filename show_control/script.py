"""The performed script: who speaks what next, and what guests have answered."""

from collections.abc import Collection
from dataclasses import replace

from show_control.actions import ANSWER, Guest, Line
from show_control.cue import Cue
from show_control.listening import Listening
from show_control.showfile import ShowFile
from show_control.utterance import Utterances


class Script:
    """The lines of a show and the answers so far, as they may be shown."""

    def __init__(self, file: ShowFile) -> None:
        self.answers: dict[str, str] = {}
        self.utterances = Utterances()
        self.adopt(file)

    def adopt(self, file: ShowFile) -> None:
        """Another show file; the answers stay."""
        self._cues = file.cues
        self._guests = file.guests
        self._never_show = file.never_show
        cues = list(file.cues.every.values())
        self._places = {cue.number: place for place, cue in enumerate(cues)}
        self._lines = [(place, cue) for place, cue in enumerate(cues) if isinstance(cue.action, Line)]
        saved = [line for cue in cues if isinstance(line := cue.action, Line) and line.save]
        self._instead = {line.save: line.instead for line in reversed(saved)}

    def listen(self, line: Line) -> Listening:
        shown = replace(line, text=self.fill(line.text), easier=self.fill(line.easier))
        guest, begun = self._guests.get(line.speaker, Guest()), self.utterances.begun(line.speaker)
        return Listening(shown, guest, self._never_show, begun)

    def keep(self, listening: Listening) -> None:
        """A line is over: its answer is kept, and what of its words has not been heard yet is no other's."""
        line, heard = listening.line, listening.heard
        self.utterances.over(line.speaker, heard.words_left if heard.matched else 0)
        if line.save and listening.answer:
            self.answers[line.save] = listening.answer

    def fill(self, text: str) -> str:
        """The text with the answers where their names stand."""
        return ANSWER.sub(lambda name: self.answers.get(name[1], self._instead.get(name[1], "")), text)

    def line_after(self, cue: Cue | None, disarmed: Collection[str]) -> Cue | None:
        """The next line of the list after a cue (None: the first)."""
        start = -1
        if cue is not None and (place := self._places.get(cue.number)) is not None:
            start = place
        elif cue is not None:  # it has left the list
            following = self._cues.after(cue)
            start = self._places[following.number] - 1 if following else len(self._places)
        return next((c for place, c in self._lines if place > start and c.number not in disarmed), None)
