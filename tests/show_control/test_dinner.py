"""The show that runs out of the box: it plays to its end, it reacts to the table, and it ends in black."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

import show_control
from show_control.actions import Halt, InEar, Line
from show_control.cue import Group
from show_control.effects import Play, Send
from show_control.events import Control, Go, Goto, PlayFinished, Speech
from show_control.look import BendKind, Look
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show
from show_control.walk import WalkKind

SEATS = ["mom", "dad", "brother", "sister"]
SCENES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]

STEP = 0.1  # s
BREATH = 0.8  # s from a line's coming up to its first word
SPOKEN = 2.4  # words a second of a file in an ear
OPERATOR = 2.0  # s from the end of a scene to GO


@pytest.fixture(scope="module")
def dinner() -> ShowFile:
    path = Path(show_control.__file__).parent / "shows" / "dinner.toml"
    return parse_show(path.read_text(encoding="utf-8"), path.name)


@pytest.fixture(scope="module")
def lines(dinner: ShowFile) -> list[Line]:
    return [cue.action for cue in dinner.cues.every.values() if isinstance(cue.action, Line)]


@dataclass
class Night:
    """The show, played by guests who speak, players who answer and an operator, on a clock moved by hand."""

    show: Show
    file: ShowFile
    speaks: bool = True
    now: float = 0.0
    begins: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _line: str = ""
    _since: float = 0.0
    _words: int = 0
    _playing: list[tuple[float, str, str]] = field(default_factory=list)
    _idle: float = 0.0

    def play(self, longest: float) -> None:
        """To the last cue's end, or to `longest` seconds."""
        while self.now < longest and not self._over():
            self._operate()
            if self.speaks:
                self._speak()
                self._answer()
            self.now = round(self.now + STEP, 3)
            self.show.advance(self.now)
            self._look()

    def _over(self) -> bool:
        status = self.show.status(self.now)
        return status.current is not None and status.current.number == SCENES[-1] and not status.running

    def _operate(self) -> None:
        status = self.show.status(self.now)
        lead = status.current
        quiet = lead is None or all(run.number != lead.number for run in status.running)
        self._idle = self._idle + STEP if quiet else 0.0
        if self._idle >= OPERATOR or lead is None:
            assert self.show.receive(Go(), self.now).ok
            self._idle = 0.0

    def _speak(self) -> None:
        line = self.show.status(self.now).line
        if line is None:
            return
        if line.number != self._line:
            self._line, self._since, self._words = line.number, self.now, 0
            self.said.append(line.text)
        words = ["well", "it", "is", "fish", "soup"] if line.open else line.text.split()
        rate = self.file.guests[line.speaker].rate
        heard = min(int((self.now - self._since - BREATH) * rate), len(words))
        if heard > self._words:
            self._words = heard
            final = heard == len(words)
            self.show.receive(Speech(line.speaker, " ".join(words[:heard]), final), self.now)

    def _answer(self) -> None:
        for end, role, file in [entry for entry in self._playing if entry[0] <= self.now]:
            self._playing.remove((end, role, file))
            self.show.receive(PlayFinished(role, file), self.now)

    def _look(self) -> None:
        status = self.show.status(self.now)
        if status.current is not None:
            self.begins.setdefault(status.current.number, self.now)
        if status.failed is not None and status.failed.reason not in self.failures:
            self.failures.append(status.failed.reason)
        for effect in self.show.take_effects():
            match effect:
                case Play(role, file):
                    [text] = [ear.text for ear in status.ears if (ear.role, ear.file) == (role, file)]
                    self._playing.append((self.now + len(text.split()) / SPOKEN, role, file))
                case Send():
                    self.sends.append(effect)
        if round(self.now / STEP) % 10 == 0:
            self.looks.append(self.show.snapshot().at(self.now))


@pytest.fixture(scope="module")
def night(dinner: ShowFile) -> Night:
    """An evening on which everybody speaks, and nobody touches a thing."""
    night = Night(Show(dinner, 0.0), dinner)
    night.play(900.0)
    return night


def test_it_lasts_eight_minutes_and_needs_a_go_a_scene_at_most(night: Night) -> None:
    assert list(night.begins) == SCENES
    assert 420.0 <= night.begins["12"] <= 540.0


def test_every_line_is_said_in_its_order(night: Night, lines: list[Line]) -> None:
    assert night.said == [line.text.replace("%food%", "fish soup") for line in lines]


def test_the_answer_comes_back(night: Night) -> None:
    assert sum("fish soup" in said for said in night.said) >= 4


def test_the_bubbles_take_110_seconds(night: Night) -> None:
    assert night.begins["5"] - night.begins["4"] == pytest.approx(110.0, abs=0.3)


def test_nothing_fails_but_the_glass_that_nobody_lifts(night: Night) -> None:
    [failure] = night.failures
    assert "glass.sister" in failure


def test_it_goes_through_light_shadow_and_dark(night: Night) -> None:
    assert max(look.shadows for look in night.looks) == 1.0
    assert min(look.master for look in night.looks) == 0.0
    assert max(look.master for look in night.looks) == 1.0
    bends = {bend.kind for look in night.looks for bend in look.bends}
    assert bends == {BendKind.NOISE, BendKind.TRANSLATE, BendKind.THRESHOLD}


def test_every_note_is_let_go(night: Night) -> None:
    on = [send.args[0] for send in night.sends if send.address == "/noteOn"]
    off = [send.args[0] for send in night.sends if send.address == "/noteOff"]
    assert sorted(on) == sorted(off)
    assert len(on) >= 8


def test_among_silent_guests_it_waits_for_the_first_line_alone(dinner: ShowFile) -> None:
    night = Night(Show(dinner, 0.0), dinner, speaks=False)
    night.play(600.0)
    line = night.show.status(night.now).line
    assert list(night.begins) == ["1", "2"]
    assert line is not None
    assert line.text == "Sit, everyone."


def test_among_silent_guests_it_goes_on_once_the_first_line_is_said(dinner: ShowFile) -> None:
    night = Night(Show(dinner, 0.0), dinner, speaks=False)
    night.play(90.0)
    night.show.receive(Speech("mom", "sit everyone", True), night.now)
    night.play(2400.0)
    assert list(night.begins) == SCENES
    assert night.show.status(night.now).answers == {}


def test_a_go_leaves_the_scene_before(dinner: ShowFile) -> None:
    show = Show(dinner, 0.0)
    show.receive(Goto("3"), 0.0)
    show.advance(30.0)
    assert show.status(30.0).line is not None
    show.receive(Go("4"), 30.0)
    show.advance(31.0)
    assert {run.number.split(".")[0] for run in show.status(31.0).running} == {"4"}


def test_every_scene_but_the_last_two_begins_by_leaving_the_one_before(dinner: ShowFile) -> None:
    for cue in list(dinner.cues)[:-2]:
        assert isinstance(cue.action, Group)
        assert cue.action.cues[0].action == Halt(None)


def test_the_operator_is_told_when_to_go(dinner: ShowFile) -> None:
    for cue in dinner.cues:
        assert "GO" in cue.notes, cue.number


def test_lines_can_be_spoken(lines: list[Line]) -> None:
    assert {line.speaker for line in lines} == set(SEATS)
    for line in lines:
        assert 4 <= len(line.text.split()) <= 14, line.text
        assert line.open or len(line.easier.split()) < len(line.text.split()), line.text


def test_lines_share_themselves_out(lines: list[Line]) -> None:
    for seat in SEATS:
        assert sum(line.speaker == seat for line in lines) >= 8


def test_what_is_in_an_ear_can_be_read(dinner: ShowFile) -> None:
    actions = [cue.action for cue in dinner.cues.every.values()]
    plays = [item for action in actions if isinstance(action, InEar) for item in action.plays]
    prompts = [item for action in actions if isinstance(action, Line) for item in action.prompt]
    assert plays
    assert prompts
    assert all(item.text for item in (*plays, *prompts))


def test_it_listens_to_every_part_of_the_table(dinner: ShowFile) -> None:
    assert dinner.controls == {
        f"{part}.{seat}" for part in ("plate", "chair", "glass", "voice") for seat in SEATS
    }
    assert len([cue for cue in dinner.cues.every.values() if cue.change.drives]) >= 3
    assert dinner.targets == {"sound"}


def test_no_panic_leaves_a_note_on(dinner: ShowFile) -> None:
    sends = [send for cue in dinner.cues.every.values() for send in cue.sends]
    assert all(send.always for send in sends if send.address == "/noteOff")


def test_the_end_fades_to_black(dinner: ShowFile) -> None:
    assert dinner.scenes()["11"].master == 0.0
    assert dinner.loop


def test_everything_breathes_and_stays_within_what_the_network_knows(dinner: ShowFile) -> None:
    scenes = [dinner.safe, *dinner.scenes().values()]
    assert all(scene.walk.kind is not WalkKind.STILL and scene.speed > 0.0 for scene in scenes)
    assert all(0.6 <= scene.psi <= 0.9 for scene in scenes)


@pytest.mark.parametrize(
    ("cue", "control", "what"),
    [
        ("1", "chair.{seat}", "master"),
        ("1", "plate.{seat}", "latents"),
        ("2", "plate.{seat}", "latents"),
        ("2", "plate.{seat}", "bends"),
        ("3", "voice.{seat}", "latents"),
        ("4", "plate.{seat}", "bends"),
        ("6", "glass.{seat}", "shadows"),
        ("8", "voice.{seat}", "psi"),
        ("9", "plate.{seat}", "bends"),
    ],
)
@pytest.mark.parametrize("seat", SEATS)
def test_a_touch_changes_the_picture(dinner: ShowFile, cue: str, control: str, what: str, seat: str) -> None:
    touched, left = Show(dinner, 0.0), Show(dinner, 0.0)
    for show in (touched, left):
        show.receive(Goto(cue), 0.0)
        show.advance(34.0)
    now = 34.0
    touched.receive(Control(control.format(seat=seat), 1.0, 0.1), now)
    assert getattr(touched.snapshot().at(now), what) == getattr(left.snapshot().at(now), what)
    assert getattr(touched.snapshot().at(now + 0.5), what) != getattr(left.snapshot().at(now + 0.5), what)


@pytest.mark.parametrize("seat", SEATS)
def test_a_plate_is_felt_before_the_first_go(dinner: ShowFile, seat: str) -> None:
    touched, left = Show(dinner, 0.0), Show(dinner, 0.0)
    touched.receive(Control(f"plate.{seat}", 1.0, 0.1), 5.0)
    assert touched.snapshot().at(6.0).latents != left.snapshot().at(6.0).latents
