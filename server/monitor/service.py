"""The monitor of a running show: hears every message in and out, and does what the crew asks of it."""

import asyncio
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from server.conductor import BY_HAND, Conductor
from server.config import ConfigError, rig_of
from server.doctor.finding import Finding, note, problem
from server.editing.blocks import EditError
from server.editing.store import ShowStore, StoreError
from server.health import Health
from server.monitor import wiring
from server.monitor.deck import Deck
from server.monitor.learning import Learner
from server.monitor.ledger import Direction, Ledger, number
from server.monitor.meaning import TOLD, Meaning, meaning
from server.monitor.recordings import Recordings
from server.monitor.tape import TapeError
from server.monitor.trial import Trial
from server.night.restore import digest
from server.patch import Patch, PatchEntry, Refused, finite
from show_control.show import Reply

MOST_MEANINGS = 2048
LOST = (
    "osc.junk",
    "osc.ahead",
    "osc.outdated",
    "osc.superseded",
    "osc.unknown",
    "osc.refused",
    "osc_out.failed",
)
"""What never became a message, or nothing: counters of health that the page shows."""


class MonitorError(Exception):
    """What was asked for cannot be done; the text says why, and what to do."""


class Monitor:
    """Lives on the event loop. `config` is the file that the patch is saved to; None: it cannot be saved.

    `pages` are open now. `rewired` is told of the lines that are played from now on. `qlab`: the rig hears
    QLab's words as well. `warnings` are what everybody ought to know.
    """

    def __init__(
        self,
        conductor: Conductor,
        patch: Patch,
        health: Health,
        clock: Callable[[], float],
        seats: Sequence[str] = (),
        config: Path | None = None,
        rewired: Callable[[tuple[PatchEntry, ...]], None] = lambda entries: None,
        qlab: bool = False,
    ) -> None:
        self.ledger = Ledger()
        self.pages = 0
        self.trials: set[Trial] = set()
        self.learners: set[Learner] = set()
        self.watching: dict[str, int] = {}
        self.seats = tuple(seats)
        self.deck = Deck(
            conductor, patch, clock, Recordings(config.parent / "recordings") if config else None
        )
        self.clock = clock
        self._conductor = conductor
        self._patch = patch
        self._health = health
        self._config = config
        self._rewired = rewired
        self._qlab = qlab
        self._saving = asyncio.Lock()
        self._meanings: dict[str, Meaning] = {}
        conductor.tap(self._heard)

    # what is heard

    def _heard(self, address: str, args: Sequence[object], source: str, reply: Reply) -> None:
        now = self.clock()
        row = self.ledger.hear(Direction.IN, source, address, args, "" if reply.ok else reply.reason, now)
        if self.deck.recorder is not None:
            self.deck.hear(address, args, source, now)
        if self.trials:
            for trial in self.trials:
                if trial.address == address:
                    trial.hear(args, now)
        if self.learners and (value := number(row.args) if args else 1.0) is not None:
            for learner in self.learners:
                learner.hear(row.address, value)

    def sent(self, target: str, address: str, args: Sequence[object], error: str) -> None:
        """A message has gone out, or could not. What OscOut's tap is given."""
        self.ledger.hear(Direction.OUT, target, address, args, error, self.clock())

    def pressed(self, command: str, args: Sequence[object], source: str, reply: Reply) -> None:
        """A command of a page was answered. Its row has the command's name in the place of an address."""
        reason = "" if reply.ok else reply.reason
        self.ledger.hear(Direction.IN, source, command.upper(), args, reason, self.clock())

    def watch(self, address: str) -> bool:
        """Keep the raw messages of an address, until as many as asked for that have let go of it."""
        if not self.ledger.watch(address):
            return False
        self.watching[address] = self.watching.get(address, 0) + 1
        return True

    def unwatch(self, address: str) -> None:
        self.watching[address] = self.watching.get(address, 1) - 1
        if self.watching[address] <= 0:
            del self.watching[address]
            self.ledger.unwatch(address)

    # what is told

    def meaning(self, direction: Direction, address: str) -> Meaning:
        if direction is Direction.OUT:
            return TOLD
        found = self._meanings.get(address)
        if found is None:
            if len(self._meanings) >= MOST_MEANINGS:
                self._meanings.clear()
            found = self._meanings[address] = meaning(address, self._patch, self._qlab)
        return found

    def facts(self) -> dict[str, object]:
        """What a page needs to know beside the messages; seconds are whole."""
        now, deck, show = self.clock(), self.deck, self._conductor.show
        health = self._health.to_plain()
        counters, details = health["counters"], health["details"]
        assert isinstance(counters, dict)
        assert isinstance(details, dict)
        recorder, player = deck.recorder, deck.player
        return {
            "bypassed": sorted(self._patch.bypassed),
            "controls": sorted({*show.file.controls, *show.status(now).controls}),
            "listened": sorted(show.file.controls),
            "seats": list(self.seats),
            "saves": self.saves,
            "recording": recorder
            and {"name": recorder.name, "address": recorder.address, "seconds": int(now - recorder.began)},
            "replay": player
            and {"name": player.name, "seconds": int(player.at(now)), "length": round(player.length)},
            "recordings": list(deck.names),
            "words": deck.words,
            "lost": {key: [counters[key], details.get(key, "")] for key in LOST if key in counters},
        }

    @property
    def saves(self) -> bool:
        """Whether there is a file to save the patch to."""
        return self._config is not None

    def warnings(self) -> list[str]:
        """What is not as it would be without the crew, in words for every page."""
        player = self.deck.player
        return [
            *(f"BYPASSED: {address} is ignored" for address in sorted(self._patch.bypassed)),
            *([f"A RECORDING IS PLAYED: {player.name}"] if player else []),
        ]

    def findings(self) -> list[Finding]:
        """The same for /health, and what to do about it."""
        player = self.deck.player
        bypassed = sorted(self._patch.bypassed)
        found = [
            problem(
                "bypass",
                f"BYPASSED: what {address} sends is ignored, and its control rests.",
                "Mend the sensor, then let it in again on /monitor.",
            )
            for address in bypassed
        ]
        if player is not None:
            found.append(
                note(
                    "replay",
                    f"A recording is played: {player.name}, {player.at(self.clock()):.0f} of "
                    f"{player.length:.0f} s.",
                    "Stop it on /monitor before doors.",
                )
            )
        return found

    # what the crew does. All raise MonitorError.

    def bypass(self, address: str, on: bool) -> None:
        try:
            self._conductor.bypass(address, on, BY_HAND)
        except Refused as error:
            raise MonitorError(str(error)) from None

    def simulate(self, address: str, value: float) -> None:
        """Send a value in a sensor's place."""
        try:
            self._patch.line(address)
            reply = self._conductor.message(address, (finite(value),), BY_HAND)
        except Refused as error:
            raise MonitorError(str(error)) from None
        if not reply.ok:
            raise MonitorError(reply.reason)

    def let_go(self, address: str) -> None:
        """Nobody stands in for this sensor any more: its control is where it left it."""
        self._conductor.let_go(address, BY_HAND)

    async def record(self, address: str, on: bool) -> str:
        try:
            if on:
                await self.deck.record(address)
                return "Recording."
            return await self.deck.stop_recording()
        except TapeError as error:
            raise MonitorError(str(error)) from None

    async def replay(self, name: str) -> None:
        """ "" stops."""
        try:
            if name:
                await self.deck.replay(name)
            else:
                self.deck.stop_replay()
        except TapeError as error:
            raise MonitorError(str(error)) from None

    async def places(self, address: str) -> list[dict[str, object]]:
        """The lines in which an address may be written, the one that takes it now first, each with its keys
        as they are in the file, or as they would begin."""
        try:
            store = await self._store()
            known = wiring.lines(store.text)
        except EditError as error:
            raise MonitorError(str(error)) from None
        found = []
        written = {str(line["address"]): line for line in known}
        for place in wiring.places(known, address, self.seats):
            line = written.get(place)
            found.append(
                {
                    "address": place,
                    "written": line is not None,
                    "keys": {key: value for key, value in (line or {}).items() if key != "address"},
                }
            )
        return found

    def entry(self, address: str, keys: Mapping[str, object]) -> PatchEntry:
        """The line that would be, judged as in the config."""
        line = {"address": address, **{key: value for key, value in keys.items() if value is not None}}
        try:
            rig = rig_of(
                {"show": {"file": "-"}, "generator": {"weights": "-.safetensors"}, "patch": [line]},
                Path("patch"),
            )
        except ConfigError as error:
            raise MonitorError("; ".join(f"{_key(p.where)}: {p.message}" for p in error.problems)) from None
        return rig.patch[0]

    async def preview(self, address: str, keys: Mapping[str, object] | None) -> tuple[str, str]:
        """What saving this line (None: taking it away) would change in the file, and the digest of what it
        would be."""
        store = await self._store()
        new = self._written(store.text, address, keys)
        return wiring.diff(store.text, new, store.path.name), digest(new)

    async def save(self, address: str, keys: Mapping[str, object] | None, seen: str) -> str:
        """Save the line, and play it. `seen` is the digest of what was shown: nothing else is saved."""
        async with self._saving:
            store = await self._store()
            new = self._written(store.text, address, keys)
            if digest(new) != seen:
                raise MonitorError("The file has changed since the difference was shown. Look at it again.")
            entries = self._judged(new)
            try:
                await asyncio.to_thread(store.save, new)
            except StoreError as error:
                raise MonitorError(str(error)) from None
            self._conductor.rewire(entries, BY_HAND)
            self._meanings.clear()
            self._rewired(entries)
            return f"Saved in {store.path.name}, and played from now on."

    def _written(self, text: str, address: str, keys: Mapping[str, object] | None) -> str:
        try:
            new = wiring.unwired(text, address) if keys is None else wiring.rewired(text, address, keys)
        except EditError as error:
            raise MonitorError(str(error)) from None
        self._judged(new)
        return new

    def _judged(self, text: str) -> tuple[PatchEntry, ...]:
        """The patch of a file that can be played."""
        assert self._config is not None
        try:
            return rig_of(tomllib.loads(text), self._config).patch
        except ConfigError as error:
            raise MonitorError(" ".join(str(problem) for problem in error.problems)) from None

    async def _store(self) -> ShowStore:
        if self._config is None:
            raise MonitorError("The patch cannot be saved: the show was started without a config file.")
        try:
            return await asyncio.to_thread(ShowStore, self._config)
        except StoreError as error:
            raise MonitorError(str(error)) from None


def _key(where: str) -> str:
    """The key of "patch: patch 1 (/a/b).range"."""
    return where.rpartition(").")[2] or where
