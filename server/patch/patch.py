"""Turns messages into events. Pure: `now` is an argument (seconds, monotonic), nothing is read or awaited."""

from collections.abc import Sequence
from dataclasses import replace

from server.osc.pattern import BadPattern, Pattern, is_pattern
from server.patch.address import fill, match_address, placeholders, split
from server.patch.builtin import BUILT_IN, ROOM, STAYS, built_in, command_of
from server.patch.entry import PatchEntry
from server.patch.sensor import Sensor
from server.patch.words import Bypassed, Refused, Unknown, finite, one, shown
from show_control.events import Event

MAX_STRANGERS = 256  # addresses remembered under patterns that would take any: they must not fill the memory
MAX_BYPASSED = 256  # sensors that are ignored at a time
MAX_REACHED = 64  # sensors that one message with wildcards may reach


class Patch:
    """Turns messages into events, by the rig's entries and the built-in addresses.

    `seats` are the names that {seat} stands for; without any it stands for any segment, as others do.
    """

    def __init__(self, entries: Sequence[PatchEntry] = (), seats: Sequence[str] = ()) -> None:
        # An exact address goes before a pattern that would take it as well.
        self._entries = sorted(entries, key=lambda entry: len(placeholders(entry.address)))
        self._seats = tuple(seats)
        self._sensors: dict[str, Sensor] = {}
        self._strangers = 0
        self._wary: frozenset[PatchEntry] = frozenset()
        self.bypassed: set[str] = set()
        self._stood_in: dict[str, Sensor | None] = {}  # as it was before somebody stood in for it

    def rewire(self, entries: Sequence[PatchEntry]) -> tuple[Event, ...]:
        """Other entries from now on. Who is heard already goes on as it is; a control that nobody moves any
        more goes to its `idle`. A button whose entry is new counts once it was let go: one that happens to be
        down while it is patched presses nothing.
        """
        before, heard = frozenset(self._entries), self._sensors
        self._entries = sorted(entries, key=lambda entry: len(placeholders(entry.address)))
        self._wary = frozenset(self._entries) - before
        self._sensors, self._strangers = {}, 0
        for address, old in heard.items():
            try:
                new = self._find(address, address.split("/")[1:])
                if (new.entry.event is None) == (old.entry.event is None):
                    new = replace(old, entry=new.entry, control=new.control)
                self._remember(address, new)
            except Refused:  # nothing takes it any more, or no more are taken
                continue
        moved = {sensor.control for sensor in self._sensors.values()}
        lost = {old.control: old for old in heard.values() if old.control not in moved | {""}}
        return tuple(event for old in lost.values() for event in old.rest())

    def bypass(self, address: str, on: bool) -> tuple[Event, ...]:
        """Ignore what a sensor sends, or no longer: its control goes to `idle`. Raises Refused."""
        if not on:
            self.bypassed.discard(address)
            return ()
        if address not in self.bypassed and len(self.bypassed) >= MAX_BYPASSED:
            raise Refused(f"{MAX_BYPASSED} sensors are bypassed already")
        entry, control = self.line(address)
        sensor = Sensor(entry, control)
        if address in self._sensors:
            self._sensors[address] = sensor
        self.bypassed.add(address)
        return tuple(sensor.rest())

    def let_go(self, address: str) -> tuple[Event, ...]:
        """Nobody stands in for a sensor any more: it is as it was when it was heard itself."""
        now = self._sensors.get(address)
        if now is None or address not in self._stood_in:
            return ()
        left = self._stood_in.pop(address) or Sensor(now.entry, now.control)
        self._sensors[address] = replace(left, entry=now.entry, control=now.control)
        return tuple(left.again())

    def anew(self) -> None:
        """The show has forgotten what it was told: each sensor tells it again when it is heard next."""
        for sensor in self._sensors.values():
            sensor.last = None

    def line(self, address: str) -> tuple[PatchEntry, str]:
        """The entry that takes an address, and the name of its control, "" for an event. Raises Refused."""
        sensor = self._sensors.get(address)
        if sensor is None:
            segments = split(address)
            if segments[0] in BUILT_IN:
                raise Unknown(f"{address}: it is built in, and no sensor's")
            sensor = self._find(address, segments)
        return sensor.entry, sensor.control

    def takes(self, address: str) -> bool:
        """Whether a line takes what is sent to an address: what is built in is not meant."""
        try:
            self.line(address)
        except Refused:
            return False
        return True

    def urgent(self) -> tuple[str, ...]:
        """How the addresses begin that may mean an event: none of their messages may be passed over."""
        events = (entry.address.partition("{")[0] for entry in self._entries if entry.event is not None)
        return ("/show/", "/cue/", *(f"/{word}" for word in ROOM), *events)

    def command(self, address: str) -> str:
        """Which command a message to this address is about, "show" if it is none; "" for a sensor's."""
        segments = address.split("/")[1:]
        if command := command_of(segments):
            return command
        found = (entry for entry in self._entries if match_address(entry.address, segments) is not None)
        return next((entry.event or "" for entry in found), "")

    def transport(self, address: str) -> bool:
        """Whether a message to this address moves the show, and so means nothing once that has gone
        elsewhere.

        A panic is right at any time, and is not meant.
        """
        return self.command(address) not in STAYS

    def addresses(self) -> dict[str, PatchEntry]:
        """The addresses that are patched: those of known seats, and those that were heard."""
        known = {
            fill(entry.address, {"seat": seat}): entry
            for entry in reversed(self._entries)  # the entry that comes first has the last word
            for seat in self._seats or ("",)
            if set(placeholders(entry.address)) <= ({"seat"} if self._seats else set())
        }
        return known | {address: sensor.entry for address, sensor in self._sensors.items()}

    def reached(self, address: str) -> list[str]:
        """The sensors that an address with wildcards reaches; any other address reaches itself. Raises
        Refused."""
        if not is_pattern(address):
            return [address]
        try:
            pattern = Pattern(address)
        except BadPattern as error:
            raise Refused(f"{shown(address)}: {error}") from None
        known = self.addresses().items()
        reached = [each for each, entry in known if entry.event is None and pattern.matches(each)]
        if not reached:
            raise Refused(
                f"{shown(address)}: no sensor matches. Wildcards reach what controls follow, and neither "
                "/show, /cue, /control nor buttons"
            )
        if len(reached) > MAX_REACHED:
            raise Refused(
                f"{shown(address)}: {len(reached)} sensors match, where at most {MAX_REACHED} are taken"
            )
        return reached

    def resolve(
        self, address: str, args: Sequence[object], now: float, by_hand: bool = False
    ) -> tuple[Event, ...]:
        """The events that a message means; none for the release of a button or a gate that stays as it is.

        Wildcards reach every sensor that matches, and nothing else: no button, nothing that is built in.
        `by_hand`: it stands in for a sensor, whether that is bypassed or not. Raises Unknown where nothing is
        patched to the address, Bypassed, or Refused where the arguments do not fit.
        """
        if is_pattern(address):
            reached = [each for each in self.reached(address) if by_hand or each not in self.bypassed]
            return tuple(event for each in reached for event in self.resolve(each, args, now))
        if address in self.bypassed and not by_hand:
            raise Bypassed(f"{address}: bypassed; what it sends is ignored until /monitor lets it in again")
        sensor = self._sensors.get(address)
        if sensor is None:
            segments = split(address)
            if segments[0] in BUILT_IN:
                return built_in(address, segments, args, self._seats)
            sensor = self._find(address, segments)
        pulse = not args and sensor.entry.event is not None
        level = None if pulse else sensor.entry.shape(one(address, args, finite))
        known = address in self._sensors
        self._remember(address, sensor)
        if by_hand:
            self._stood_in.setdefault(address, replace(sensor) if known else None)
        else:
            self._stood_in.pop(address, None)
        event = sensor.hear(level, now)
        return () if event is None else (event,)

    def deadline(self) -> float | None:
        """When `advance` has something to do without any message, or None."""
        times = (sensor.deadline() for sensor in self._sensors.values())
        return min((time for time in times if time is not None), default=None)

    def advance(self, now: float) -> tuple[Event, ...]:
        """What time alone brings: gates whose hold is over, sensors that have fallen silent."""
        return tuple(event for sensor in self._sensors.values() for event in sensor.advance(now))

    def _find(self, address: str, segments: list[str]) -> Sensor:
        reason = "nothing is patched to this address"
        for entry in self._entries:
            names = match_address(entry.address, segments)
            if names is None:
                continue
            seat = names.get("seat")
            if self._seats and seat is not None and seat not in self._seats:
                reason = f"no such seat; the seats are {', '.join(self._seats)}"
                continue
            on = entry.event is not None and entry in self._wary
            return Sensor(entry, fill(entry.control or "", names), on=on)
        raise Unknown(f"{address}: {reason}")

    def _remember(self, address: str, sensor: Sensor) -> None:
        if address in self._sensors:
            return
        finite_names = {"seat"} if self._seats else set[str]()
        if set(placeholders(sensor.entry.address)) - finite_names:
            if self._strangers >= MAX_STRANGERS:
                raise Refused(f"{address}: {MAX_STRANGERS} sensors are known already, and no more are taken")
            self._strangers += 1
        self._sensors[address] = sensor
