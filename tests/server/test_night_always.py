"""A whole night with random commands, speech, time and crashes: what the journal gives back is what was
played."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from server.health import Health
from server.night.journal import Limits
from server.night.journalfile import read, segments
from server.night.night import Night
from show_control.events import Adopt, Control, Desk, DeskMode, Event, Hold, Note, Panic, Reset
from show_control.show import Show
from show_control.showfile import parse_show
from show_control.status import Mode
from tests.server.test_journal_restore import EVENT, TEXT

OTHER = TEXT.replace('"Rest"', '"Silence"').replace("fade = 2\n", "fade = 4\n")
QUICK = Limits(rate=200.0)


@dataclass(frozen=True)
class Crash:
    """The process is killed. Of what was written since the last answer, this share of the bytes is on
    disk."""

    share: float


@dataclass(frozen=True)
class Answer:
    """All up to here is acknowledged."""


Step = tuple[float, Event] | Crash | Answer
# Of a control that no gate waits for, only the newest value counts: that is no command.
COMMAND = EVENT.filter(lambda event: not isinstance(event, Control) or event.name == "door")
STEP: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.floats(0, 3), COMMAND),
    st.tuples(st.floats(0, 3), st.sampled_from([Reset(), Adopt(OTHER), Adopt(TEXT), Note("dad laughs")])),
    st.builds(Crash, st.floats(0, 1)),
    st.just(Answer()),
)


def make(text: str, now: float) -> Show:
    return Show(parse_show(text, "toy.toml"), now)


class Evening:
    """One life of the show after the other. `told` is what the show was told since it was last fresh; its
    twin, which knows of no journal, is told the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "0"
        self.now = 100.0
        self.begun = self.now
        self.text, self.desk = TEXT, DeskMode.EDIT
        self.told: list[tuple[Event, float, int, str]] = []
        self.acknowledged: set[int] = set()
        self.safe: tuple[Path | None, int] = None, 0
        self.lives: list[Night] = []
        self.live()

    def live(self) -> None:
        night = Night(self.folder, TEXT, "c", lambda: self.now, lambda: 1e9 + self.now, Health(), QUICK)
        self.lives.append(night)
        self.show, words = night.begin(make)
        assert words == ""

    def tell(self, gap: float, event: Event) -> bool:
        self.show.advance(self.now + gap / 2)
        self.now += gap
        id = self.show.snapshot().event + 1
        reply = self.show.receive(event, self.now, id)
        self.show.take_effects()
        self.lives[-1].write(event, self.now, "page", id, reply.reason)
        self.told.append((event, self.now, id, reply.reason))
        return reply.ok

    async def step(self, step: Step) -> None:
        match step:
            case Crash(share):
                await self.crash(share)
            case Answer():
                await self.answer()
            case (gap, Reset() as event):
                self.tell(gap, event)
                self.begun, self.told = self.now, []
                self.text, self.desk = self.show.file.text, self.show.status(self.now).desk
                self.acknowledged.clear()
                await self.answer()
            case (gap, event):
                self.tell(gap, event)

    async def answer(self) -> None:
        self.tell(0.0, Note("acknowledged"))  # for the value of a control nobody waits
        await self.lives[-1].kept()
        self.acknowledged = {id for _, _, id, _ in self.told}
        last = segments(self.folder)[-1]
        self.safe = last, last.stat().st_size

    async def crash(self, share: float) -> None:
        """At any byte behind what was acknowledged."""
        self.tell(0.0, Note("never acknowledged"))
        await self.lives[-1].kept()
        last = segments(self.folder)[-1]
        after = self.safe[1] if last == self.safe[0] else 0
        folder = self.folder.with_name(str(len(self.lives)))
        shutil.copytree(self.folder, folder)
        (folder / "starts.json").unlink()
        data = (folder / last.name).read_bytes()
        (folder / last.name).write_bytes(data[: after + round((len(data) - after) * share)])
        self.folder = folder
        self.restart()

    def restart(self) -> None:
        reading = read(self.folder)
        entries = [entry for session in reading.sessions for entry in session.entries]
        ids = [entry.id for entry in entries if entry.source != "start"]
        # One line a command, as it was told, and none that was acknowledged is missing.
        assert [(e.event, e.now, e.id, e.refused) for e in entries if e.source != "start"] == self.told[
            : len(ids)
        ]
        assert self.acknowledged <= set(ids)
        self.told = self.told[: len(ids)]
        if reading.sessions:
            self.now = reading.sessions[-1].last
        else:
            self.begun = self.now
        twin = self.twin(bool(entries))
        self.live()
        if reading.sessions:
            assert self.lives[-1].restored is not None
            if twin.status(self.now).mode is Mode.RUNNING:
                id = twin.snapshot().event + 1
                twin.receive(Hold(), self.now, id)
                self.told.append((Hold(), self.now, id, ""))
        self.same(twin)

    def twin(self, prefaced: bool) -> Show:
        twin = make(self.text, self.begun)
        if prefaced and self.desk is not DeskMode.EDIT:
            twin.receive(Desk(self.desk), self.begun)
        for event, now, id, _ in self.told:
            twin.receive(event, now, id)
            twin.take_effects()
        twin.advance(self.now)
        return twin

    def same(self, twin: Show) -> None:
        assert self.show.status(self.now) == twin.status(self.now)
        assert self.show.snapshot() == twin.snapshot()
        assert self.show.deadline() == twin.deadline()
        assert self.show.take_effects() == ()

    def panic_wins(self) -> None:
        self.tell(0.0, Panic())
        self.show.advance(self.now + 600.0)
        assert self.show.status(self.now).mode is Mode.PANIC
        assert self.show.take_effects() == ()
        assert self.show.deadline() is None

    def close(self) -> None:
        for night in self.lives:
            night.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, min_size=3, max_size=25), st.floats(0, 1))
def test_a_night_with_crashes_is_the_night_that_was_acknowledged(steps: list[Step], share: float) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            evening = Evening(Path(folder))
            try:
                for step in [*steps, Crash(share)]:
                    await evening.step(step)
                evening.panic_wins()
            finally:
                evening.close()

    asyncio.run(play())
