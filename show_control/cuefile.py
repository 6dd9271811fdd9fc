"""One [[cue]] of a show file: what every cue has, what moves the picture, and the cues of a group."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import TypeVar

from show_control.actionfile import READERS
from show_control.cue import NOTHING, Again, Cue, Fails, Follow, Group, Order, number_key
from show_control.effects import Send
from show_control.errors import Problem, suggest
from show_control.lookfile import RETIRED, LookReader
from show_control.ramp import Curve
from show_control.reader import LONGEST, Reader, choice, entries, kind_of, number, text

T = TypeVar("T")

DEEPEST = 4
"""How far groups may be in groups."""

FADED = (
    *("walk", "style", "psi", "modes", "speed", "noise", "shadows", "classes", "bend", "move", "master"),
    *("drive", "default"),
)
NOT_IN_ADDRESS = frozenset("#*,?[]{} \t\r\n")


def read_cue(file: str, place: int, entry: object, looks: LookReader, problems: list[Problem]) -> Cue | None:
    """The cue at `place` in the file, counted from 1; None where it has no number to call it by.

    Problems name the cue by its number or, where that is bad, by its place.
    """
    return _CueReader(file, looks, problems).cue(f"cue[{place}]", entry, Follow(), 1)


class _CueReader:
    def __init__(self, file: str, looks: LookReader, problems: list[Problem]) -> None:
        self._file = file
        self._looks = looks
        self._problems = problems

    def cue(self, place: str, entry: object, follow: Follow, depth: int) -> Cue | None:
        """A cue of the list or, at a `depth` above 1, of a group; `follow` is for one that says nothing."""
        problems = self._problems
        called = entry.get("number") if isinstance(entry, dict) else None
        reader = Reader(f"{self._file}: {f'cue {called}' if _is_number(called) else place}", entry, problems)
        number = reader.require("number", partial(_number, problems), 'a number in quotes, such as "12.5"')
        name = reader.require("name", partial(_name, problems), "a name that the operator knows the cue by")
        kinds = (*READERS, "group")
        kind = reader.get("kind", lambda where, value: choice(where, value, kinds, problems))
        cue = Cue(
            number=number or "",
            name=name or "",
            notes=reader.text("notes") or "",
            armed=reader.flag("armed") is not False,
            pre_wait=reader.number("pre_wait", 0.0, LONGEST) or 0.0,
            follow=reader.get("follow", partial(_follow, problems)) or follow,
            post_wait=reader.number("post_wait", 0.0, LONGEST) or 0.0,
            again=Again(reader.get("again", partial(_word, problems, tuple(Again))) or Again.RESTART),
            fails=Fails(reader.get("fails", partial(_word, problems, tuple(Fails))) or Fails.GO_ON),
            sends=tuple(_send(*send, problems) for send in reader.entries("send")),
        )
        if kind == "group":
            cue = replace(cue, action=self._group(reader, place, depth))
        else:
            cue = replace(cue, action=READERS[kind or "look"](reader))
        if kind in (None, "look", "fade"):
            cue = self._picture(cue, reader, kind)
        if kind is None and "kind" in reader.table:
            return cue if number else None  # which keys it may have, nobody knows
        reader.finish()
        return cue if number else None

    def _picture(self, cue: Cue, reader: Reader, kind: str | None) -> Cue:
        """The keys of what moves the picture."""
        problems = self._problems
        fades = reader.get("fade", partial(_by_part, problems, partial(_seconds, problems)))
        curves = reader.get("curve", partial(_by_part, problems, partial(_curve, problems)))
        change = reader.get("look", self._looks.look) or NOTHING
        drives = reader.get("drive", self._looks.drives)
        preload = [self._looks.network(*entry) for entry in reader.entries("preload")]
        return replace(
            cue,
            change=replace(change, drives=drives),
            fades=fades or (),
            curves=curves or (),
            preload=tuple(network for network in preload if network is not None),
        )

    def _group(self, reader: Reader, place: str, depth: int) -> Group:
        orders = tuple(Order)
        mode = reader.require("mode", partial(_word, self._problems, orders), '"together" or "sequence"')
        order = Order(mode or Order.TOGETHER)
        if depth > DEEPEST:
            reader.problem(f"groups in groups are {depth} deep; expected at most {DEEPEST}")
            return Group(order, ())
        follow = Follow(done=True) if order is Order.SEQUENCE else Follow()
        cues = []
        for nth, (_, entry) in enumerate(reader.entries("cue"), 1):
            cue = self.cue(f"{place}.cue[{nth}]", entry, follow, depth + 1)
            if cue is None:
                continue
            cues.append(cue)
            if cue.follow.by_itself != follow.by_itself:
                expected = "the next comes by itself" if follow.done else "all start together"
                message = f"in this group {expected}; expected no follow, not {cue.follow.to_plain()}"
                self._problems.append(Problem(f"{self._file}: cue {cue.number}: follow", message))
        if not reader.table.get("cue"):
            reader.problem("missing; a group needs [[cue.cue]] tables", "cue")
        return Group(order, tuple(sorted(cues, key=lambda cue: number_key(cue.number))))


def _is_number(value: object) -> bool:
    try:
        number_key(value)
    except ValueError:
        return False
    return True


def _number(problems: list[Problem], where: str, value: object) -> str | None:
    try:
        number_key(value)
    except ValueError as error:
        problems.append(Problem(where, str(error)))
        return None
    return str(value)


def _name(problems: list[Problem], where: str, value: object) -> str | None:
    name = text(where, value, problems)
    if name is not None and not name.strip():
        problems.append(
            Problem(where, "expected a name that the operator knows the cue by, not an empty one")
        )
    return name


def _seconds(problems: list[Problem], where: str, value: object) -> float | None:
    return number(where, value, 0.0, LONGEST, problems)


def _word(problems: list[Problem], words: tuple[str, ...], where: str, value: object) -> str | None:
    return choice(where, value, words, problems)


def _curve(problems: list[Problem], where: str, value: object) -> Curve | None:
    word = choice(where, value, list(Curve), problems)
    return Curve(word) if word else None


def _follow(problems: list[Problem], where: str, value: object) -> Follow | None:
    match value:
        case "manual":
            return Follow()
        case "continue":
            return Follow(0.0)
        case "done":
            return Follow(done=True)
        case str():
            near = suggest(value, ["manual", "continue", "done"])
            message = f'expected "manual", "continue", "done" or seconds, not {kind_of(value)}.{near}'
            problems.append(Problem(where, message))
            return None
    return Follow(_seconds(problems, where, value))


def _by_part(
    problems: list[Problem], read: Callable[[str, object], T | None], where: str, value: object
) -> tuple[tuple[str, T], ...]:
    """One value for every part, or a table of parts; "default" is for those that the table does not name."""
    if not isinstance(value, dict):
        single = read(where, value)
        return () if single is None else (("default", single),)
    reader = Reader(where, value, problems)
    read_parts = [(part, reader.get(part, read)) for part in FADED]
    reader.finish(RETIRED)
    return tuple((part, entry) for part, entry in read_parts if entry is not None)


def _send(where: str, value: object, problems: list[Problem]) -> Send:
    reader = Reader(where, value, problems)
    target = reader.require("to", partial(_name, problems), "the name of a target in the rig's config")
    address = reader.require("address", partial(_address, problems), 'an OSC address, such as "/noteOn"')
    arguments = reader.get("args", lambda where, value: entries(where, value, problems)) or []
    args = tuple(argument for entry in arguments if (argument := _argument(*entry, problems)) is not None)
    delay = reader.number("delay", 0.0, LONGEST)
    always = reader.flag("always")
    reader.finish()
    return Send(target or "", address or "", args, delay or 0.0, always or False)


def _address(problems: list[Problem], where: str, value: object) -> str | None:
    address = text(where, value, problems)
    if address is not None and (not address.startswith("/") or NOT_IN_ADDRESS & set(address)):
        problems.append(Problem(where, f'expected an OSC address such as "/noteOn", not {kind_of(value)}'))
    return address


def _argument(where: str, value: object, problems: list[Problem]) -> int | float | str | bool | None:
    match value:
        case bool() | str():
            return value
        case int() if -(2**31) <= value < 2**31:
            return value
        case float() if isfinite(value):
            return value
    problems.append(Problem(where, f"expected text, true, false or a 32-bit number, not {kind_of(value)}"))
    return None
