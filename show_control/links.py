"""What cues say about each other: numbers given twice, names of cues, guests and answers that there are not,
and circles that take no time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from math import inf

from show_control.actions import (
    ANSWER,
    Arm,
    Disarm,
    Guest,
    Halt,
    InEar,
    Jump,
    Line,
    Messages,
    NewScene,
    Note,
    Retouch,
    Wait,
)
from show_control.cue import Cue, Group, Order, number_key
from show_control.errors import Problem, suggest
from show_control.look import family

SHORTEST_ROUND = 1.0
"""Seconds that whatever goes round by itself must take."""


def judge_links(
    name: str, cues: Sequence[Cue], guests: Mapping[str, Guest] | None, loop: bool
) -> Iterator[Problem]:
    """Every problem; `name` (the file's) opens each. `cues` are those of the list, in any order."""
    every = [part for cue in cues for part in cue.family()]
    yield from _repeated(name, every)
    yield from _dangling(name, cues, every)
    yield from _unknown(name, every, guests)
    yield from _circles(name, sorted(cues, key=lambda cue: number_key(cue.number)), loop)


def _repeated(name: str, every: Iterable[Cue]) -> Iterator[Problem]:
    seen: set[str] = set()
    for cue in every:
        if cue.number in seen:
            yield Problem(f"{name}: cue {cue.number}", "two cues have this number")
        seen.add(cue.number)


def _dangling(name: str, cues: Iterable[Cue], every: Iterable[Cue]) -> Iterator[Problem]:
    numbers = {part.number for part in every}
    listed = {cue.number for cue in cues}
    for cue in every:
        key = "cues"
        named: tuple[str, ...] = ()
        match cue.action:
            case Jump(to):
                key, named = "to", (to,)
            case Arm(cues=some) | Disarm(cues=some):
                named = some
            case Halt(cues=tuple() as some):
                named = some
        for number in named:
            where = f"{name}: cue {cue.number}: {key}"
            if number not in numbers:
                yield Problem(where, f'there is no cue "{number[:40]}".{suggest(number, numbers)}')
            elif key == "to" and number not in listed:
                yield Problem(where, f"cue {number} is a part of a group; expected a cue of the list")


def _unknown(name: str, every: Sequence[Cue], guests: Mapping[str, Guest] | None) -> Iterator[Problem]:
    saved = {line.save for cue in every if isinstance(line := cue.action, Line) and line.save}
    for cue in every:
        where = f"{name}: cue {cue.number}"
        for key, role in cue.roles:
            if guests is not None and role not in guests:
                near = suggest(role, guests) or f" There are {', '.join(guests)}."
                yield Problem(f"{where}: {key}", f'no guest in [guests] is called "{role}".{near}')
        line = cue.action
        for key, text in (("text", line.text), ("easier", line.easier)) if isinstance(line, Line) else ():
            for answer in ANSWER.findall(text):
                if answer not in saved:
                    near = suggest(answer, saved)
                    yield Problem(f"{where}: {key}", f'no open line saves its answer as "{answer}".{near}')


# circles


def _circles(name: str, cues: Sequence[Cue], loop: bool) -> Iterator[Problem]:
    """Gotos that lead back to themselves, and a loop that never waits. A wait for people is endless."""
    mute = {number for cue in cues for part in cue.family() for number in _disarmed_by(part)}
    places = {cue.number: place for place, cue in enumerate(cues)}
    follows = [_follows_after(cue, mute) for cue in cues]
    jumps = [[(wait, places[to]) for wait, to in _jumps(cue, mute) if to in places] for cue in cues]
    after = [place + 1 if place + 1 < len(cues) else 0 if loop else None for place in range(len(cues))]
    edges = [
        [*jumps[place], *([] if (to := after[place]) is None else [(follows[place] + cues[to].pre_wait, to)])]
        for place in range(len(cues))
    ]
    for place, cue in enumerate(cues):
        rounds = [wait + _soonest(edges, to, place) for wait, to in jumps[place]]
        if min(rounds, default=inf) < SHORTEST_ROUND:
            message = f"goes round in circles by itself in {min(rounds):g} s; let one of these cues wait, for"
            yield Problem(f"{name}: cue {cue.number}: to", f"{message} {SHORTEST_ROUND:g} s at least")
    round_trip = sum(follow + cue.pre_wait for follow, cue in zip(follows, cues, strict=True))
    if loop and cues and round_trip < SHORTEST_ROUND:
        message = f"with loop = true and every cue following by itself, a round takes {round_trip:g} s"
        yield Problem(f"{name}: show.loop", f"{message}; expected at least {SHORTEST_ROUND:g} s")


def _disarmed_by(cue: Cue) -> tuple[str, ...]:
    """The cues that it may make, or leave, disarmed."""
    named = cue.action.cues if isinstance(cue.action, Disarm) else ()
    return named if cue.armed else (*named, cue.number)


def _soonest(edges: list[list[tuple[float, int]]], start: int, goal: int) -> float:
    """The least seconds from entering `start` to entering `goal`, as far as they matter (Dijkstra, 1959)."""
    queue, known = [(0.0, start)], set[int]()
    while queue:
        seconds, place = heappop(queue)
        if place == goal:
            return seconds
        if place in known:
            continue
        known.add(place)
        for wait, to in edges[place]:
            if seconds + wait < SHORTEST_ROUND:
                heappush(queue, (seconds + wait, to))
    return inf


def _follows_after(cue: Cue, mute: set[str]) -> float:
    """The least seconds from when it acts to when the next one starts."""
    if isinstance(cue.action, Jump) and cue.number not in mute:
        return inf
    if cue.follow.done:
        return _lasts(cue, mute) + cue.post_wait
    return inf if cue.follow.after is None else cue.follow.after


def _lasts(cue: Cue, mute: set[str]) -> float:
    """The least seconds from when it acts to when it is complete."""
    if cue.number in mute:
        return 0.0
    match cue.action:
        case Wait(seconds) | Note(seconds=seconds):
            return seconds
        case Messages():
            return max((send.delay for send in cue.sends), default=0.0)
        case NewScene() | Retouch():
            named = (_FADES_AS.get(part, family(part)) for part in cue.change.named())
            return max((cue.timing(part)[0] for part in named), default=0.0)
        case Line() | InEar():
            return inf
        case Group(order=order, cues=cues):
            parts = [part.pre_wait + _lasts(part, mute) + part.post_wait for part in cues]
            if order is Order.TOGETHER:
                return max(parts, default=0.0)
            return sum(part.pre_wait + _follows_after(part, mute) for part in cues)
    return 0.0


_FADES_AS = {"drives": "drive", "network": "walk"}


def _jumps(cue: Cue, mute: set[str]) -> Iterator[tuple[float, str]]:
    """(seconds from when it acts, cue) for each goto that is in it."""
    match cue.action:
        case Jump(to):
            yield 0.0, to
        case Group(order=order, cues=cues):
            at = 0.0
            for part in cues:
                for wait, to in _jumps(part, mute):
                    yield at + part.pre_wait + wait, to
                at += 0.0 if order is Order.TOGETHER else part.pre_wait + _follows_after(part, mute)
