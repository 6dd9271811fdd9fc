"""A company performs the show that ships: it reads states, and what it sends goes through the patch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import server
from server.company import Company, Message
from server.config import load_rig
from server.patch import Patch
from show_control.events import Go, Goto, Hold, Panic
from show_control.show import Show
from show_control.showfile import parse_show

RIG = load_rig(Path(server.__file__).parent.parent / "config.toml")
DINNER = parse_show(RIG.show.read_text(encoding="utf-8"), RIG.show.name)
STEP = 0.1
LAST = "12"


class Evening:
    """The show and a company, each of which knows the other by messages alone, on a clock moved by hand."""

    def __init__(self, seed: int, go: bool = True) -> None:
        self.show = Show(DINNER, 0.0)
        self.company = Company(seed, go)
        self.patch = Patch(RIG.patch, RIG.seats)
        self.now = 0.0
        self.sent: list[tuple[float, Message]] = []
        self.refused: list[str] = []
        self.scenes: list[str] = []

    def play(self, longest: float) -> None:
        while self.now < longest and not self.company.over:
            state = self.show.status(self.now).to_plain()
            for message in (*self.company.told(state, self.now), *self.company.speak(self.now)):
                self._deliver(message)
            self.now = round(self.now + STEP, 3)
            for event in self.patch.advance(self.now):
                self.show.receive(event, self.now)
            self.show.advance(self.now)
            current = self.show.status(self.now).current
            if current is not None and current.number not in self.scenes:
                self.scenes.append(current.number)

    def _deliver(self, message: Message) -> None:
        self.sent.append((self.now, message))
        for event in self.patch.resolve(*message, self.now):
            reply = self.show.receive(event, self.now)
            if not reply.ok:
                self.refused.append(reply.reason)

    def said(self, address: str) -> Iterator[tuple[str | float, ...]]:
        return (args for _, (to, args) in self.sent if to == address)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_performs_the_show_to_its_end(seed: int) -> None:
    evening = Evening(seed)
    evening.play(1200.0)
    assert evening.company.over
    assert evening.scenes == [cue.number for cue in DINNER.cues]
    assert evening.refused == []
    assert list(evening.said("/show/go"))[-1] == (LAST,)
    assert "food" in evening.show.status(evening.now).answers
    assert 420.0 <= evening.now <= 900.0


def test_the_same_seed_is_the_same_evening() -> None:
    first, second, other = Evening(3), Evening(3), Evening(4)
    for evening in (first, second, other):
        evening.play(150.0)
    assert first.sent == second.sent
    assert first.sent != other.sent


def test_whoever_speaks_is_loud_and_then_quiet() -> None:
    evening = Evening(0)
    evening.play(150.0)
    loud = [float(args[0]) for args in evening.said("/table/voice/mom")]
    assert max(loud) > 0.5
    assert loud[-1] == 0.0


def test_players_answer_when_their_file_has_been_read() -> None:
    evening = Evening(0)
    evening.play(20.0)
    [(begun, _)] = [entry for entry in evening.sent if entry[1][0] == "/show/go"]
    answers = [at for at, (address, _) in evening.sent if address == "/play-finished"]
    assert answers
    assert all(at - begun > 4.0 for at in answers)


def test_without_an_operator_nobody_presses_go() -> None:
    evening = Evening(0, go=False)
    evening.play(30.0)
    assert evening.sent == []
    evening.show.receive(Go(), evening.now)
    evening.play(90.0)
    assert evening.scenes == ["1"]
    assert not list(evening.said("/show/go"))
    assert list(evening.said("/play-finished"))


@pytest.mark.parametrize("stop", [Hold(), Panic()])
def test_nobody_presses_go_while_the_show_stands(stop: Hold | Panic) -> None:
    evening = Evening(0)
    evening.show.receive(stop, 0.0)
    evening.play(30.0)
    assert not list(evening.said("/show/go"))


def test_a_line_that_has_gone_is_said_no_further() -> None:
    evening = Evening(0)
    evening.show.receive(Goto("2"), 0.0)
    evening.play(5.5)
    evening.show.receive(Goto("12"), evening.now)
    before = len(evening.sent)
    evening.play(9.0)
    heard = [to for _, (to, _) in evening.sent[before:] if to == "/mid-speech"]
    assert heard == []
