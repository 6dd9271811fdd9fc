"""What the show wants done outside, as OSC: which address each effect becomes, and which target gets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from show_control.effects import Effect, Play, Prompt, Record, Send, Spotlight

EVERYBODY = ""
"""In the place of a guest's name: all who are not named."""

Duty = Literal["play", "record", "prompt"]


class OscSender(Protocol):
    def send(self, target: str, address: str, args: Sequence[object] = ()) -> None: ...


@dataclass(frozen=True, slots=True)
class ScriptTargets:
    """Who is sent what a performed script says: of each duty, guest (or EVERYBODY) -> name of a target.

    play    files for an ear: /play role file
    record  microphones: /record-start role, /record-stop role
    prompt  what is seen at the table: /spotlight role, /script role text ("": nothing any more),
            /openline role, /speech text
    """

    play: Mapping[str, str] = field(default_factory=dict)
    record: Mapping[str, str] = field(default_factory=dict)
    prompt: Mapping[str, str] = field(default_factory=dict)

    def of(self, duty: Duty, role: str) -> str | None:
        """The target for a guest; None where nobody is to be told."""
        targets: Mapping[str, str] = getattr(self, duty)
        return targets.get(role, targets.get(EVERYBODY))


NOBODY = ScriptTargets()


class Outputs:
    """All that cues send to, by name: OSC targets, and others such as MIDI outputs."""

    def __init__(self, osc_out: OscSender, others: Mapping[str, OscSender]) -> None:
        self._osc_out = osc_out
        self._others = others

    def send(self, target: str, address: str, args: Sequence[object] = ()) -> None:
        self._others.get(target, self._osc_out).send(target, address, args)


class Outbox:
    """Sends each effect where it belongs. What nobody is to be told is let go."""

    def __init__(self, script: ScriptTargets, osc_out: OscSender) -> None:
        self._script = script
        self._osc_out = osc_out

    def send(self, effect: Effect) -> None:
        match effect:
            case Send(target, address, args):
                self._osc_out.send(target, address, args)
            case Play(role, file):
                self._tell("play", role, "/play", role, file)
            case Record(role, on):
                self._tell("record", role, "/record-start" if on else "/record-stop", role)
            case Spotlight(role):
                self._tell("prompt", role, "/spotlight", role)
            case Prompt(role, text, "open"):
                self._tell("prompt", role, "/script", role, text)
                self._tell("prompt", role, "/openline", role)
            case Prompt(role, text, "said"):
                self._tell("prompt", role, "/speech", text)
            case Prompt(role, text, "done"):
                self._tell("prompt", role, "/script", role, "")
            case Prompt(role, text):
                self._tell("prompt", role, "/script", role, text)

    def _tell(self, duty: Duty, role: str, address: str, *args: str) -> None:
        if target := self._script.of(duty, role):
            self._osc_out.send(target, address, args)
