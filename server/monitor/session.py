"""A session: what one page of the monitor looks at, what it was told already, and what it asks for."""

from collections.abc import Mapping
from typing import Any

from server.monitor.learning import Learner
from server.monitor.ledger import Raw, Row, words
from server.monitor.service import Monitor, MonitorError
from server.monitor.trial import Trial
from server.patch import MAX_ADDRESS, shown

MOST_CHANGED = 150  # rows of one patch; the rest come with the next
MOST_SHOWN = 30  # raw messages of one patch
SHOWN_AGAIN = 1.0
"""Seconds between two snapshots where rows had to make room."""


class Session:
    """Lives on the event loop, for as long as the page is there. `close` it then.

    `news` are at first a snapshot and then patches, each with what has changed since the one before.
    """

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._told: int | None = None  # serial of the ledger
        self._forgotten = 0
        self._whole_at = 0.0
        self._facts: dict[str, object] | None = None
        self._selected = ""
        self._raw_at = 0.0
        self._trial: Trial | None = None
        self._points = 0
        self._learner: Learner | None = None
        self._stands_in: set[str] = set()

    def close(self) -> None:
        self._select("")
        for address in sorted(self._stands_in):
            self._monitor.let_go(address)
        self._learn(False)

    def news(self) -> dict[str, object]:
        """What is new; times are seconds of the show's clock."""
        now = self._monitor.clock()
        found: dict[str, object] = {"type": "news", "now": round(now, 3), **self._rows(now)}
        facts = self._monitor.facts()
        if facts != self._facts:
            self._facts = found["facts"] = facts
        if self._selected:
            raw = self._monitor.ledger.raw(self._selected, self._raw_at)
            if raw:
                self._raw_at = raw[-1].at
                found["raw"] = [_plain_raw(each) for each in raw[-MOST_SHOWN:]]
        if self._trial is not None:
            self._trial.look(now)
            found["anew"] = self._points == 0  # another line is tried: what was drawn is of the one before
            found["points"] = [
                [round(at, 3), raw_, level, round(out, 4), int(fired)]
                for at, raw_, level, out, fired in self._trial.points(self._points)
            ]
            self._points = self._trial.count
        if self._learner is not None:
            found["offers"] = [
                {**moved.to_plain(), **self._meant(moved.address)} for moved in self._learner.offers()
            ]
        return found

    async def do(self, name: str, fields: Mapping[str, Any]) -> dict[str, object]:
        """What a page asks for; what it is answered. Raises MonitorError."""
        monitor = self._monitor
        match name, fields:
            case "select", {"address": str(address)}:
                self._select(address)
                return {"places": await monitor.places(address) if address and monitor.saves else []}
            case "try", {"address": str(address), "line": str(line), "keys": dict(keys)}:
                entry = monitor.entry(line, keys)
                self._try(Trial(entry, address, monitor.seats))
                return {}
            case "learn", {"on": bool(on)}:
                self._learn(on)
                return {}
            case "preview", {"line": str(line), "keys": dict() | None as keys}:
                diff, digest = await monitor.preview(line, keys)
                return {"diff": diff, "digest": digest}
            case "save", {"line": str(line), "keys": dict() | None as keys, "digest": str(digest)}:
                return {"words": await monitor.save(line, keys, digest)}
            case "bypass", {"address": str(address), "on": bool(on)}:
                monitor.bypass(address, on)
                return {}
            case "simulate", {"address": str(address), "value": int() | float() as value}:
                monitor.simulate(address, value)
                self._stands_in.add(address)
                return {}
            case "let go", {"address": str(address)}:
                self._stands_in.discard(address)
                monitor.let_go(address)
                return {}
            case "record", {"address": str(address), "on": bool(on)}:
                return {"words": await monitor.record(address, on)}
            case "replay", {"tape": str(tape)}:
                await monitor.replay(tape)
                return {}
        raise MonitorError(f"nothing is known that is called {shown(name)} and has {shown(sorted(fields))}")

    def _rows(self, now: float) -> dict[str, object]:
        ledger = self._monitor.ledger
        makes_room = ledger.forgotten != self._forgotten and now - self._whole_at >= SHOWN_AGAIN
        first = self._told is None
        if first or makes_room:
            self._told, self._forgotten, self._whole_at = ledger.serial, ledger.forgotten, now
            return {"whole": True, "first": first, "rows": [self._plain(row, now) for row in ledger.rows()]}
        assert self._told is not None
        changed = ledger.changed(self._told, MOST_CHANGED)
        if changed:
            self._told = changed[-1].serial
        return {"whole": False, "rows": [self._plain(row, now) for row in changed]}

    def _plain(self, row: Row, now: float) -> dict[str, object]:
        known = row.high >= row.low
        return {
            "id": row.id,
            "direction": row.direction.value,
            "source": row.source,
            "address": row.address,
            "value": words(row.args),
            "count": row.count,
            "rate": round(row.rate(now), 1),
            "refused": row.refused,
            "reason": row.reason,
            "at": round(row.at, 3),
            "low": row.low if known else None,
            "high": row.high if known else None,
            "meaning": self._monitor.meaning(row.direction, row.address).to_plain(),
        }

    def _meant(self, address: str) -> dict[str, object]:
        row = self._monitor.ledger.newest(address)
        return {} if row is None else {"meaning": self._monitor.meaning(row.direction, address).to_plain()}

    def _select(self, address: str) -> None:
        if len(address) > MAX_ADDRESS:
            raise MonitorError(f"expected an address of at most {MAX_ADDRESS} characters")
        if self._selected:
            self._monitor.unwatch(self._selected)
        self._selected = ""
        self._try(None)
        if address:
            if not self._monitor.watch(address):
                raise MonitorError(
                    "too many addresses are looked at already: close another page of the monitor"
                )
            self._selected, self._raw_at = address, 0.0

    def _try(self, trial: Trial | None) -> None:
        if self._trial is not None:
            self._monitor.trials.discard(self._trial)
        self._trial, self._points = trial, 0
        if trial is not None:
            for raw in self._monitor.ledger.raw(trial.address, 0.0):
                trial.hear(raw.args, raw.at)
            self._monitor.trials.add(trial)

    def _learn(self, on: bool) -> None:
        if self._learner is not None:
            self._monitor.learners.discard(self._learner)
        self._learner = Learner(self._monitor.ledger.rows()) if on else None
        if self._learner is not None:
            self._monitor.learners.add(self._learner)


def _plain_raw(raw: Raw) -> dict[str, object]:
    return {
        "at": round(raw.at, 3),
        "direction": raw.direction.value,
        "source": raw.source,
        "value": words(raw.args),
        "reason": raw.reason,
    }
