"""The patch: which message means which event. A lighting desk's word; here sensors meet controls and cues.

Pure: `now` is an argument (seconds, monotonic), nothing is read or awaited.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from server.osc.pattern import BadPattern, Pattern, is_pattern
from show_control.cue import NUMBER
from show_control.events import (
    Back,
    Blackout,
    Control,
    Desk,
    DeskMode,
    Event,
    Fire,
    Go,
    Goto,
    Hold,
    Master,
    Note,
    Panic,
    PlayFinished,
    Preload,
    Reset,
    Resume,
    Skip,
    Speech,
    StandBy,
    Stop,
    Take,
)
from show_control.lookfile import CONTROL, NAME

T = TypeVar("T")

EventName = Literal["go", "back", "hold", "resume", "panic", "blackout", "take", "skip"]
CurveName = Literal["linear", "square", "root"]

MAX_STRANGERS = 256  # addresses remembered under patterns that would take any: they must not fill the memory
MAX_ADDRESS = 255  # characters
MAX_BYPASSED = 256  # sensors that are ignored at a time
MAX_REACHED = 64  # sensors that one message with wildcards may reach
MAX_SAID = 4000  # characters of one utterance
ROOM = ("speech", "mid-speech", "play-finished")  # what recognisers and players of a performed script say
BUILT_IN = (
    "show",
    "cue",
    "control",
    "marrow",
    *ROOM,
)  # first segments of the addresses that are there without any entry

# OSC's own printable set, without wildcards (? * [ ] { }).
ADDRESS = re.compile(r"(?:/[!-\"$-)+\-.0->@-Z\\^-z|~]+)+")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

_BUTTONS: dict[str, Event] = {
    "go": Go(),
    "back": Back(),
    "hold": Hold(),
    "resume": Resume(),
    "panic": Panic(),
    "blackout": Blackout(),
    "take": Take(),
    "skip": Skip(),
}
_VERBS = (*_BUTTONS, "stop", "master", "standby", "goto", "fire", "preload", "desk", "reset", "note")

# Commands that do not move the show, and panic, which is right at any time.
_STAYS = ("", "panic", "blackout", "master", "preload", "desk", "note")


class Refused(Exception):
    """A message that asks for nothing we can do. The text says what was expected."""


class Unknown(Refused):
    """An address that nothing is patched to."""


class Bypassed(Refused):
    """A sensor whose messages are ignored for now."""


@dataclass(frozen=True, slots=True)
class PatchEntry:
    """One line of the patch: an address pattern, and the control or the event that it means.

    address     segments between slashes; {seat} stands for any one seat, other {names} for any one segment
    control     name of the control that follows the value; may use the placeholders. Or:
    event       what happens on the rising edge of the value, or on a message without arguments
    range       the sensor's values for 0 and 1; what lies outside is clamped. Backwards inverts the sensor
    curve       of the value between 0 and 1: linear, square (finer at the bottom), root (finer at the top)
    smoothing   s, time constant with which the control follows; the same at any message rate
    threshold   0..1, after the curve: the control becomes a gate, 1 from here on, else 0. An event without
                a threshold rises at 0.5
    hysteresis  a gate falls below threshold - hysteresis
    hold        s: shortest time between two events; shortest time that a gate stays on
    silence     s without a message after which the sensor counts as silent; None: it keeps its last value
    idle, decay the control's value in silence, and the time constant (s) with which it goes there
    """

    address: str
    control: str | None = None
    event: EventName | None = None
    range: tuple[float, float] = (0.0, 1.0)
    curve: CurveName = "linear"
    smoothing: float = 0.1
    threshold: float | None = None
    hysteresis: float = 0.0
    hold: float = 0.0
    idle: float = 0.0
    silence: float | None = None
    decay: float = 1.0

    def shape(self, value: float) -> float:
        """The sensor's value as 0..1: range, then curve."""
        lo, hi = self.range
        level = min(1.0, max(0.0, (value - lo) / (hi - lo)))
        match self.curve:
            case "linear":
                return level
            case "square":
                return level * level
            case "root":
                return math.sqrt(level)


@dataclass(slots=True)
class _Sensor:
    """One address that was heard, and what has to be remembered of it."""

    entry: PatchEntry
    control: str  # its control's name with the placeholders filled in; "" for an event
    heard_at: float = -math.inf
    silent: bool = True
    on: bool = False  # the gate, or the event's button
    low: bool = True  # the level asks for the gate to fall; it may have to wait for `hold`
    risen_at: float = -math.inf

    def hear(self, level: float | None, now: float) -> Event | None:
        """Takes a level 0..1, or None for a message without arguments. Returns what follows from it."""
        entry = self.entry
        self.heard_at, self.silent = now, False
        if entry.event is not None:
            return self._trigger(entry.event, level, now)
        assert level is not None  # only an event may come without a value
        if entry.threshold is None:
            return Control(self.control, level, entry.smoothing)
        was_on = self.on
        self.low = level < entry.threshold - (entry.hysteresis if was_on else 0.0)
        if not was_on and not self.low:
            self.on, self.risen_at = True, now
        elif was_on and self.low and now >= self.risen_at + entry.hold:
            self.on = False
        return Control(self.control, float(self.on), entry.smoothing) if self.on != was_on else None

    def _trigger(self, event: EventName, level: float | None, now: float) -> Event | None:
        entry, was_on = self.entry, self.on
        threshold = 0.5 if entry.threshold is None else entry.threshold
        self.on = level is not None and level >= threshold - (entry.hysteresis if was_on else 0.0)
        rises = level is None or (self.on and not was_on)
        if not rises or now < self.risen_at + entry.hold:
            return None
        self.risen_at = now
        return _BUTTONS[event]

    def deadline(self) -> float | None:
        """When something happens without a message: a gate falls after its hold, or silence begins."""
        times = []
        if self._falls_later():
            times.append(self.risen_at + self.entry.hold)
        if self.entry.silence is not None and not self.silent:
            times.append(self.heard_at + self.entry.silence)
        return min(times, default=None)

    def advance(self, now: float) -> Iterator[Event]:
        entry = self.entry
        if self._falls_later() and now >= self.risen_at + entry.hold:
            self.on = False
            yield Control(self.control, 0.0, entry.smoothing)
        if entry.silence is not None and not self.silent and now >= self.heard_at + entry.silence:
            self.silent = True
            if entry.event is not None:
                self.on = False  # a button that never says when it is let go can be pressed again
                return
            self.on = entry.threshold is not None and entry.idle >= entry.threshold
            self.low = not self.on
            yield Control(self.control, entry.idle, entry.decay)

    def rest(self) -> Iterator[Event]:
        """What its control does when nobody moves it any more."""
        if self.entry.event is None:
            yield Control(self.control, self.entry.idle, self.entry.decay)

    def _falls_later(self) -> bool:
        return self.entry.event is None and self.entry.threshold is not None and self.on and self.low


class Patch:
    """Turns messages into events, by the rig's entries and the built-in addresses.

    `seats` are the names that {seat} stands for; without any it stands for any segment, as others do.
    """

    def __init__(self, entries: Sequence[PatchEntry] = (), seats: Sequence[str] = ()) -> None:
        # An exact address goes before a pattern that would take it as well.
        self._entries = sorted(entries, key=lambda entry: len(placeholders(entry.address)))
        self._seats = tuple(seats)
        self._sensors: dict[str, _Sensor] = {}
        self._strangers = 0
        self._wary: frozenset[PatchEntry] = frozenset()
        self.bypassed: set[str] = set()

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
        sensor = _Sensor(entry, control)
        if address in self._sensors:
            self._sensors[address] = sensor
        self.bypassed.add(address)
        return tuple(sensor.rest())

    def line(self, address: str) -> tuple[PatchEntry, str]:
        """The entry that takes an address, and the name of its control, "" for an event. Raises Refused."""
        sensor = self._sensors.get(address)
        if sensor is None:
            if len(address) > MAX_ADDRESS or not ADDRESS.fullmatch(address):
                raise Refused(_no_address(address))
            segments = address.split("/")[1:]
            if segments[0] in BUILT_IN:
                raise Unknown(f"{address}: it is built in, and no sensor's")
            sensor = self._find(address, segments)
        return sensor.entry, sensor.control

    def urgent(self) -> tuple[str, ...]:
        """How the addresses begin that may mean an event: none of their messages may be passed over."""
        events = (entry.address.partition("{")[0] for entry in self._entries if entry.event is not None)
        return ("/show/", "/cue/", *(f"/{word}" for word in ROOM), *events)

    def command(self, address: str) -> str:
        """Which command a message to this address is about, "show" if it is none; "" for a sensor's."""
        segments = address.split("/")[1:]
        match segments:
            case ["show", verb] if verb in _VERBS:
                return verb
            case ["show", *_]:
                return "show"
            case ["cue", _, "start"]:
                return "fire"
            case ["cue", *_]:
                return "goto"
        found = (entry for entry in self._entries if match_address(entry.address, segments) is not None)
        return next((entry.event or "" for entry in found), "")

    def transport(self, address: str) -> bool:
        """Whether a message to this address moves the show, and so means nothing once that has gone
        elsewhere.

        A panic is right at any time, and is not meant.
        """
        return self.command(address) not in _STAYS

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
            if len(address) > MAX_ADDRESS or not ADDRESS.fullmatch(address):
                raise Refused(_no_address(address))
            segments = address.split("/")[1:]
            if segments[0] in BUILT_IN:
                return self._built_in(address, segments, args)
            sensor = self._find(address, segments)
        pulse = not args and sensor.entry.event is not None
        level = None if pulse else sensor.entry.shape(_one(address, args, finite))
        self._remember(address, sensor)
        event = sensor.hear(level, now)
        return () if event is None else (event,)

    def deadline(self) -> float | None:
        """When `advance` has something to do without any message, or None."""
        times = (sensor.deadline() for sensor in self._sensors.values())
        return min((time for time in times if time is not None), default=None)

    def advance(self, now: float) -> tuple[Event, ...]:
        """What time alone brings: gates whose hold is over, sensors that have fallen silent."""
        return tuple(event for sensor in self._sensors.values() for event in sensor.advance(now))

    def _find(self, address: str, segments: list[str]) -> _Sensor:
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
            return _Sensor(entry, fill(entry.control or "", names), on=on)
        raise Unknown(f"{address}: {reason}")

    def _remember(self, address: str, sensor: _Sensor) -> None:
        if address in self._sensors:
            return
        finite_names = {"seat"} if self._seats else set[str]()
        if set(placeholders(sensor.entry.address)) - finite_names:
            if self._strangers >= MAX_STRANGERS:
                raise Refused(f"{address}: {MAX_STRANGERS} sensors are known already, and no more are taken")
            self._strangers += 1
        self._sensors[address] = sensor

    def _built_in(self, address: str, segments: list[str], args: Sequence[object]) -> tuple[Event, ...]:
        match segments:
            case ["show", "go"] if len(args) == 1 and isinstance(args[0], str):
                return (Go(expected=_one(address, args, cue_number)),)
            case ["show", "stop"] if len(args) == 1 and isinstance(args[0], str):
                return (Stop(_one(address, args, cue_number)),)
            case ["show", "stop"]:
                return (Stop(),) if _pressed(address, args) else ()
            case ["show", "reset"]:
                return (Reset(),) if _pressed(address, args) else ()
            case ["show", "note"]:
                return (Note(_one(address, args, note)),)
            case ["show", "desk"]:
                return (Desk(_one(address, args, desk_mode)),)
            case ["show", "blackout"] if args:
                return (Blackout(on=_one(address, args, finite) != 0),)
            case ["show", name] if name in _BUTTONS:
                return (_BUTTONS[name],) if _pressed(address, args) else ()
            case ["show", "master"]:
                return (Master(_one(address, args, unit)),)
            case ["show", "standby"]:
                return (StandBy(_one(address, args, cue_number)),)
            case ["show", "goto"]:
                return (Goto(_one(address, args, cue_number)),)
            case ["show", "fire"]:
                return (Fire(_one(address, args, cue_number)),)
            case ["show", "preload"]:
                return (Preload(_one(address, args, network_name)),)
            case ["cue", number, "go"]:
                cue = _one("/cue/<number>/go", (number,), cue_number)
                return (Goto(cue),) if _pressed(address, args) else ()
            case ["cue", number, "start"]:
                cue = _one("/cue/<number>/start", (number,), cue_number)
                return (Fire(cue),) if _pressed(address, args) else ()
            case ["speech" | "mid-speech"]:
                return (self._speech(address, args, final=segments[0] == "speech"),)
            case ["play-finished"]:
                if len(args) not in (1, 2):
                    raise Refused(
                        f"{address}: expected the guest and, if it is known, the file; "
                        f"got {len(args)} arguments"
                    )
                file = utterance(args[1]) if len(args) == 2 else None
                return (PlayFinished(self._role(address, args[0]), file),)
            case ["control", name]:
                if not CONTROL.fullmatch(name):
                    raise Refused(
                        f"{address[:80]}: expected a control's name such as plate.mom: at most 64 letters, "
                        "digits, dots and dashes"
                    )
                return (Control(name, _one(address, args, lambda value: within(-1.0, 1.0, value))),)
        verbs, room = ", ".join(_VERBS), ", ".join(f"/{word}" for word in ROOM)
        cues = "/cue/<number>/go, /cue/<number>/start"
        raise Unknown(f"{address}: not one of /show/({verbs}), {cues}, /control/<name>, {room}")

    def _speech(self, address: str, args: Sequence[object], final: bool) -> Speech:
        if len(args) != 2:
            raise Refused(f"{address}: expected two arguments, a guest and what was said, got {len(args)}")
        return Speech(self._role(address, args[0]), utterance(args[1]), final)

    def _role(self, address: str, value: object) -> str:
        if not isinstance(value, str) or not NAME.fullmatch(value):
            raise Refused(f'{address}: expected the name of a guest such as "mom", got {shown(value)}')
        if self._seats and value not in self._seats:
            raise Refused(f"{address}: no such seat; the seats are {', '.join(self._seats)}")
        return value


def _no_address(text: str) -> str:
    return (
        f"{shown(text)}: expected an address of at most {MAX_ADDRESS} characters such as /table/plate/mom, "
        "without spaces and wildcards"
    )


def placeholders(text: str) -> list[str]:
    """The names in braces, in order: "/table/plate/{seat}" -> ["seat"]."""
    return _PLACEHOLDER.findall(text)


def fill(text: str, names: Mapping[str, str]) -> str:
    """The text with its placeholders replaced: "plate.{seat}" -> "plate.mom"."""
    return _PLACEHOLDER.sub(lambda found: names[found[1]], text)


def match_address(pattern: str, segments: Sequence[str]) -> dict[str, str] | None:
    """What the placeholders of a pattern stand for in an address that was split at its slashes, or None."""
    parts = pattern.split("/")[1:]
    if len(parts) != len(segments):
        return None
    names = {}
    for part, segment in zip(parts, segments, strict=True):
        if placeholder := _PLACEHOLDER.fullmatch(part):
            names[placeholder[1]] = segment
        elif part != segment:
            return None
    return names


def cue_number(value: object) -> str:
    """A cue number from outside, as a string. Raises Refused: a float cannot tell 12.1 from 12.10.

    Nothing else passes, whether the show has such a cue or not: what does is told to everybody.
    """
    match value:
        case str() if NUMBER.fullmatch(value):
            return value
        case int() if not isinstance(value, bool) and 0 <= value < 1_000_000:
            return str(value)
    raise Refused(f'expected a cue number as a string such as "12.5", got {shown(value)}')


def network_name(value: object) -> str:
    """A network's name from outside. Raises Refused."""
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    raise Refused(f'expected the name of a network such as "sea", got {shown(value)}')


def desk_mode(value: object) -> DeskMode:
    """What the desk is used for. Raises Refused."""
    if isinstance(value, str) and value in tuple(DeskMode):
        return DeskMode(value)
    raise Refused(f"expected one of {', '.join(DeskMode)}, got {shown(value)}")


def utterance(value: object) -> str:
    """What somebody has said. Raises Refused."""
    if not isinstance(value, str):
        raise Refused(f"expected text, got {shown(value)}")
    if len(value) > MAX_SAID:
        raise Refused(f"expected at most {MAX_SAID} characters of speech at a time, got {len(value)}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Refused("expected text that can be written as UTF-8")
    return value


def note(value: object) -> str:
    """What somebody wants to remember. Raises Refused; how long it may be is the show's business."""
    text = utterance(value).strip()
    if not text:
        raise Refused("expected a few words")
    return text


def unit(value: object) -> float:
    """A number from 0 to 1. Raises Refused."""
    return within(0.0, 1.0, value)


def within(lo: float, hi: float, value: object) -> float:
    """A number from lo to hi. Raises Refused: out of range is a mistake here, not a sensor's jitter."""
    number = finite(value)
    if not lo <= number <= hi:
        raise Refused(f"expected a number from {lo:g} to {hi:g}, got {number:g}")
    return number


def finite(value: object) -> float:
    """A finite number; True and False count as 1 and 0. Raises Refused."""
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise Refused(f"expected a finite number, got {shown(value)}")


def _one(address: str, args: Sequence[object], read: Callable[[object], T]) -> T:
    if len(args) != 1:
        raise Refused(f"{address}: expected one argument, got {len(args)}")
    try:
        return read(args[0])
    except Refused as reason:
        raise Refused(f"{address}: {reason}") from None


def _pressed(address: str, args: Sequence[object]) -> bool:
    """A button: no argument or any number but 0 is a press; 0 is its release, which means nothing."""
    return not args or _one(address, args, finite) != 0


def shown(value: object) -> str:
    """A value as it may stand in a sentence: never long, never raw, always encodable."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of far too many digits"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
