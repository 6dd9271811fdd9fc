"""What a cue does when it acts, and what is done when that is over."""

from collections.abc import Collection

from show_control.actions import (
    Arm,
    Disarm,
    Gate,
    Halt,
    InEar,
    Jump,
    Line,
    Memo,
    Messages,
    NewScene,
    Note,
    Retouch,
    Wait,
)
from show_control.cue import Fails, Group
from show_control.gate import Watching
from show_control.listening import Listening
from show_control.picture import Picture
from show_control.plays import Plays
from show_control.run import Phase, Run
from show_control.runs import Runs
from show_control.script import Script
from show_control.showfile import ShowFile
from show_control.sounding import Sounding
from show_control.status import Failure
from show_control.transport import Transport


class Actor:
    """Lets runs act. `disarmed` are the numbers of the cues that keep their times and do nothing."""

    def __init__(
        self, file: ShowFile, picture: Picture, runs: Runs, script: Script, transport: Transport
    ) -> None:
        self.failed: Failure | None = None
        self._failures = 0
        self._picture = picture
        self._runs = runs
        self._script = script
        self._transport = transport
        self._file = file
        self._arm({cue.number for cue in file.cues.every.values() if not cue.armed})

    def adopt(self, file: ShowFile) -> None:
        """Another show file: cues keep whether they are armed, unless it says otherwise than the last one."""
        old, self._file = self._file.cues.every, file
        disarmed = set()
        for number, cue in file.cues.every.items():
            same = number in old and old[number].armed == cue.armed
            if number in self.disarmed if same else not cue.armed:
                disarmed.add(number)
        self._arm(disarmed)

    def act(self, run: Run, now: float) -> None:
        """A run's pre-wait is over. One that is disarmed keeps its times, and does nothing."""
        cue, longest = run.cue, 0.0
        armed = cue.number not in self.disarmed
        if run.parent is None and not run.aside:
            self._transport.current = cue
        if run.sought:
            longest = self._picture.seek(cue, now)
        self._runs.acts(run, now, armed)
        if armed:
            self._perform(run, longest, now)
        else:
            self._runs.over(run, now)

    def _perform(self, run: Run, longest: float, now: float) -> None:
        """Do what the cue is for; `longest` is the longest fade that has begun with its being gone to."""
        cue = run.cue
        match cue.action:
            case NewScene():
                self._runs.over(run, now + (longest if run.sought else self._picture.enter(cue, now)))
            case Retouch():
                self._runs.over(run, now + self._picture.retouch(cue, now))
            case Messages():
                self._runs.over(run, now + max((send.delay for send in cue.sends), default=0.0))
            case Wait(seconds):
                self._runs.over(run, now + seconds)
            case Note() as note:
                self._runs.do(run, Sounding(note), now)
            case Gate(control) as gate:
                self._runs.do(run, Watching(gate, self._picture.stage.level(control)), now)
            case Line() as line:
                self._give_way(line.speaker, now)
                self._runs.do(run, self._script.listen(line), now)
            case InEar(plays, timeout):
                self._runs.do(run, Plays(plays, timeout), now)
            case Group():
                self._runs.lead_on(run, now)
            case Arm(numbers):
                self._arm(self.disarmed - set(numbers))
                self._runs.over(run, now)
            case Disarm(numbers):
                self._arm(self.disarmed | set(numbers))
                self._runs.over(run, now)
            case Halt(numbers):
                self._runs.over(run, now)
                self._halt(run, numbers, now)
            case Jump(to):
                self._transport.jump(to, now)
            case Memo():
                self._runs.over(run, now)

    def _give_way(self, speaker: str, now: float) -> None:
        """A guest has one line at a time: the one before is passed over."""
        for run in self._runs:
            match run:
                case Run(phase=Phase.ACTING, doing=Listening() as line) if line.line.speaker == speaker:
                    line.skip(now)
                    self._runs.tend(run)
                    if self._runs.complete(run, now):
                        self.over(run, now)

    def _arm(self, disarmed: Collection[str]) -> None:
        self.disarmed = frozenset(disarmed)
        self._picture.arm(disarmed)

    def _halt(self, run: Run, numbers: tuple[str, ...] | None, now: float) -> None:
        if numbers is None:
            self._transport.end([other for other in self._runs if not run.within([other])], now)
        else:
            self._transport.end([other for other in self._runs if other.cue.number in numbers], now)

    def over(self, run: Run, now: float) -> None:
        """A run's action is complete, well or badly."""
        doing = run.doing
        if isinstance(doing, Listening):
            self._script.keep(doing)
        if doing is not None and doing.failure:
            self._failures += 1
            self.failed = Failure(self._failures, run.cue.number, doing.failure)
            if run.cue.fails is Fails.HOLD:
                self._transport.hold(now)
