"""How a show starts, by what the journal says of the last night; and what is written of the next."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.health import Health
from server.night import segments as segments_module
from server.night.journalfile import read
from server.night.night import Night
from server.night.restore import FORGOTTEN_AFTER, Starts
from show_control.events import (
    Adopt,
    Control,
    Desk,
    DeskMode,
    Event,
    Go,
    Goto,
    Hold,
    Note,
    Panic,
    Reset,
    Resume,
)
from show_control.show import Show
from show_control.showfile import parse_show
from show_control.status import Mode

TEXT = """
[show]
title = "Toy"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Sea"
fade = 3
[[cue]]
number = "2"
name = "Sand"
fade = 2
look = { psi = 0.5 }
[[cue]]
number = "3"
name = "Door"
kind = "gate"
control = "door"
above = 0.5
"""
OTHER = TEXT.replace('"Sand"', '"Stone"')


def make(text: str, now: float) -> Show:
    return Show(parse_show(text, "toy.toml"), now)


class Rig:
    """A show process's memory, one life after the other, in the same folder. `wall` runs with `now`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 100.0
        self.health = Health()
        self.lives: list[Night] = []

    def live(self, text: str = TEXT, config: str = "c", fresh: bool = False) -> tuple[Night, Show, str]:
        night = Night(self.folder, text, config, lambda: self.now, lambda: 1e9 + self.now, self.health)
        self.lives.append(night)
        self.show, words = night.begin(make, fresh)
        return night, self.show, words

    async def tell(self, *events: Event) -> None:
        night = self.lives[-1]
        for event in events:
            self.now += 1.0
            id = self.show.snapshot().event + 1
            reply = self.show.receive(event, self.now, id)
            night.write(event, self.now, "page", id, reply.reason)
        await night.kept()

    def die(self) -> None:
        """As a process does: nothing is said and nothing is closed."""
        self.now += 1.0


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "journal")
    yield rig
    for night in rig.lives:
        night.close()


async def test_the_first_night_is_fresh_and_begins_with_the_file_that_it_plays(rig: Rig) -> None:
    night, show, words = rig.live()
    await rig.tell(Go())
    assert (words, night.restored, show.status(rig.now).mode) == ("", None, Mode.RUNNING)
    entries = read(rig.folder).sessions[0].entries
    assert [entry.event for entry in entries] == [Adopt(TEXT), Go()]


async def test_after_a_death_it_is_held_where_it_was(rig: Rig) -> None:
    rig.live()
    await rig.tell(Desk(DeskMode.REHEARSAL), Goto("2"), Note("dad laughs"))
    before = rig.show.status(rig.now)
    rig.die()
    night, show, words = rig.live()
    after = show.status(rig.now)
    assert words == ""
    assert (after.mode, after.current, after.standby) == (Mode.HELD, before.current, before.standby)
    assert (after.desk, after.notes) == (DeskMode.REHEARSAL, 1)
    assert night.restored is not None
    plain = night.restored.to_plain()
    assert (plain["at"], plain["seconds_lost"]) == ("2001-09-09T01:48:24+00:00", 1.0)
    await rig.tell()
    assert read(rig.folder).sessions[-1].entries[0].event == Hold()


async def test_a_bypass_outlives_a_death_and_an_audience_but_not_the_night(rig: Rig) -> None:
    night, _, _ = rig.live()
    for address, on in (("/plate/mom", True), ("/plate/dad", True), ("/plate/dad", False)):
        night.bypass(address, on)
    await rig.tell(Go())
    rig.die()
    night, _, _ = rig.live()
    assert night.bypassed == {"/plate/mom"}
    await rig.tell(Reset())
    night.close()
    assert [remark.words for remark in read(rig.folder).sessions[-1].remarks] == ["/plate/mom"]
    night, _, _ = rig.live()
    assert night.bypassed == set()  # it ended as it should: tomorrow the sensor may be mended


async def test_restored_it_says_so_until_the_operator_goes_on(rig: Rig) -> None:
    rig.live()
    await rig.tell(Goto("2"))
    rig.die()
    night, _, _ = rig.live()
    await rig.tell(Control("door", 1.0), Panic())
    assert night.restored is not None
    await rig.tell(Resume())
    assert night.restored is None


async def test_a_show_that_died_in_panic_is_in_panic(rig: Rig) -> None:
    rig.live()
    await rig.tell(Goto("2"), Panic())
    rig.die()
    _, show, _ = rig.live()
    assert show.status(rig.now).mode is Mode.PANIC
    assert show.status(rig.now).refused is None


async def test_ended_as_it_should_the_next_is_fresh(rig: Rig) -> None:
    night, _, _ = rig.live()
    await rig.tell(Goto("2"))
    night.close()
    _, show, words = rig.live()
    assert (words, show.status(rig.now).current) == ("", None)


async def test_asked_for_a_fresh_show_gives_one_without_a_word(rig: Rig) -> None:
    rig.live()
    await rig.tell(Goto("2"))
    rig.die()
    night, show, words = rig.live(fresh=True)
    assert (words, show.status(rig.now).current, night.restored) == ("", None, None)


@pytest.mark.parametrize(
    ("text", "config", "later", "said"),
    [
        (OTHER, "c", 1.0, "cut off, and the show file has changed since. The show starts at its first cue."),
        (TEXT, "d", 1.0, "cut off, and the config has changed since. The show starts at its first cue."),
        (TEXT, "c", FORGOTTEN_AFTER + 3600.0, "cut off, 13 hours ago. The show starts at its first cue."),
    ],
)
async def test_what_is_not_gone_on_with_is_said(
    rig: Rig, text: str, config: str, later: float, said: str
) -> None:
    rig.live()
    await rig.tell(Goto("2"))
    rig.now += later
    night, show, words = rig.live(text, config)
    assert words == f"The last night was {said}"
    assert (show.status(rig.now).current, night.restored) == (None, None)


async def test_a_show_that_cannot_be_restored_is_fresh(rig: Rig) -> None:
    rig.live()
    await rig.tell(Goto("2"))
    rig.die()
    died = []

    def fragile(text: str, now: float) -> Show:
        if not died:
            died.append(now)
            raise RuntimeError("as it was")
        return make(text, now)

    night = Night(rig.folder, TEXT, "c", lambda: rig.now, lambda: 1e9 + rig.now, rig.health)
    rig.lives.append(night)
    show, words = night.begin(fragile)
    assert "cannot be restored (RuntimeError('as it was')). The show starts at its first cue." in words
    assert show.status(rig.now).current is None


async def test_three_deaths_in_two_minutes_and_the_next_is_fresh(rig: Rig) -> None:
    for _ in range(3):
        rig.live()
        await rig.tell(Goto("2"))
        rig.die()
    night, show, words = rig.live()
    assert words == "The show process died 3 times within 2 minutes. The show starts at its first cue."
    assert (show.status(rig.now).current, night.restored) == (None, None)


async def test_what_was_adopted_is_what_is_played_again(rig: Rig) -> None:
    rig.live()
    await rig.tell(Adopt(OTHER), Goto("2"))
    rig.die()
    _, show, _ = rig.live(TEXT)  # a draft: on the disk is still the file of before
    current = show.status(rig.now).current
    assert current is not None
    assert current.name == "Stone"
    await rig.tell(Resume())
    rig.die()
    _, show, words = rig.live(OTHER)
    assert (words, show.file.text) == ("", OTHER)


async def test_the_next_audience_has_a_journal_of_its_own(rig: Rig) -> None:
    rig.live()
    await rig.tell(Goto("2"), Desk(DeskMode.SHOW), Reset())
    await rig.tell(Control("door", 0.1), Control("door", 0.9), Goto("1"))
    events = [entry.event for session in read(rig.folder).sessions for entry in session.entries]
    expected = [Adopt(TEXT), Desk(DeskMode.SHOW), Control("door", 0.1), Control("door", 0.9), Goto("1")]
    assert events == expected
    rig.die()
    _, show, _ = rig.live()
    status = show.status(rig.now)
    assert status.current is not None
    assert (status.current.number, status.desk) == ("1", DeskMode.SHOW)


async def test_remarks_are_for_reports_alone(rig: Rig) -> None:
    night, _, _ = rig.live()
    night.remark("renderer lost", "no frame for 2.1 s")
    await rig.tell(Goto("2"))
    (session,) = read(rig.folder).sessions
    (remark,) = session.remarks
    assert (remark.kind, remark.words) == ("renderer lost", "no frame for 2.1 s")
    rig.die()
    _, show, _ = rig.live()
    current = show.status(rig.now).current
    assert current is not None
    assert current.number == "2"


async def test_a_disk_that_hangs_holds_an_answer_for_a_second_and_is_said(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    night, _, _ = rig.live()
    await rig.tell(Goto("1"))
    released = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(segments_module, "_sync", lambda file: released.wait(30.0))
        await rig.tell(Goto("2"))
    assert night.to_plain()["ok"] is False
    assert "the disk does not answer" in str(night.to_plain()["words"])
    current = rig.show.status(rig.now).current
    assert current is not None
    assert current.number == "2"
    released.set()
    await rig.tell(Goto("1"))
    assert night.to_plain() == {"ok": True, "words": ""}


async def test_a_folder_that_cannot_be_had_is_said_and_the_show_starts(rig: Rig) -> None:
    rig.folder.write_text("a file, where the folder should be")
    night, show, _ = rig.live()
    await rig.tell(Goto("1"))
    await asyncio.sleep(0)
    current = show.status(rig.now).current
    assert current is not None
    assert night.to_plain()["ok"] is False
    assert rig.health.counted("journal.troubles") > 0


async def test_without_a_folder_nothing_is_kept_and_nobody_waits(tmp_path: Path) -> None:
    night = Night(None, TEXT, "c", lambda: 1.0, lambda: 1e9, Health())
    show, words = night.begin(make)
    night.write(Go(), 1.0, "page", 1)
    night.refuse("goto", "no such cue", 1.0, "page")
    night.remark("late", "x")
    await night.kept()
    night.close()
    assert (words, show.status(1.0).current) == ("", None)
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240


async def test_an_end_is_remembered(rig: Rig) -> None:
    night, _, _ = rig.live()
    starts = Starts(rig.folder / "starts.json")
    assert len(starts.before()) == 1
    night.close()
    assert starts.before() == ()
    assert read(rig.folder).ended
