"""What holds whatever happens: random events at random times, on a show that has a bit of everything."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import pi, sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from show_control.events import (
    Back,
    Blackout,
    Control,
    Event,
    Go,
    Goto,
    Hold,
    Master,
    Panic,
    Reset,
    Resume,
    StandBy,
)
from show_control.look import RANGES, Drive, Look
from show_control.show import PANIC_SECONDS, Show
from show_control.showfile import ShowFile, parse_show
from show_control.snapshot import Snapshot
from show_control.walk import Walk, WalkKind, Weights, weighted_sum

TEXT = """
show = { loop = true }
safe = { walk = { drift = [0, 1, 2], radius = 0.2, seconds = 20 }, psi = 0.4, noise = 0.1, master = 0.3 }
points = { a = 3, b = { 4 = 1.5, 5 = -0.5 }, c = { "@grandma" = 1.25, 5 = -0.25 } }
directions = { flinch = { from = 7, to = 8 }, lean = { from = "b", to = "mean" } }
bends = { grain = { kind = "noise", at = 16 }, slip = { kind = "translate", at = 8, channels = "even", by = [0.5, 0] } }
[[cue]]
number = "1"
name = "drift"
fade = 0
look = { walk = { drift = ["a", 5, 6, "b"], radius = 1.0, seconds = 10 }, psi = 0.9, speed = 2.0, move = { lean = 0.5, "+older" = 4.0 }, modes = 1.0, classes = { 1 = 1.0 } }
drive = { "c0" = { psi = 0.5, bend = { grain = 1.0 }, speed = -2.0, move = { flinch = 1.0 } } }
send = [ { to = "s", address = "/1/0" }, { to = "s", address = "/1/3", delay = 3 } ]
[[cue]]
number = "2"
name = "loop, after a wait"
pre_wait = 1.5
fade = 3
curve = "ease-out"
follow = 4
look = { network = "sea", walk = { loop = ["a", 6, 1], seconds = 4 }, style = { still = 9 }, bend = { slip = 0.3 } }
send = [ { to = "s", address = "/2/on" }, { to = "s", address = "/2/2", delay = 2 }, { to = "s", address = "/2/off", delay = 2.5, always = true } ]
[[cue]]
number = "2.5"
name = "chain"
send = [ { to = "s", address = "/2.5/off", delay = 0.2, always = true }, { to = "s", address = "/2.5/on" } ]
fade = { walk = 1, style = 20, default = 0 }
curve = "ease-in"
follow = "continue"
look = { walk = { chain = ["b", "a", 0], seconds = 3 }, style = { drift = [1, 2], radius = 0.5, seconds = 7 }, speed = 1.0, shadows = 1.0 }
drive = { "c1" = { move = { flinch = -1.0, lean = 1.0, "+older" = -4.0 }, master = -1.0 }, "c0" = { speed = 3.0, modes = -1.0, classes = { 2 = 1.0 } } }
[[cue]]
number = "3"
name = "still"
fade = 8
look = { network = "main", walk = { still = "c" }, style = "none", psi = 0.2, noise = 1.0, shadows = 0.0, move = { flinch = 1.0, lean = -1.0 } }
drive = {}
send = [ { to = "s", address = "/3/1", delay = 1 } ]
"""  # noqa: E501
FILE = parse_show(TEXT, "test.toml")
QUIET = parse_show("\n".join(line for line in TEXT.splitlines() if not line.startswith("drive")), "test.toml")
RESTING = parse_show(
    re.sub(
        r"^(follow|pre_wait|send) = .*$", "", re.sub(r"speed = [-.\d]+", "speed = 0.0", TEXT), flags=re.M
    ).replace("psi = 0.4", "psi = 0.4, speed = 0.0"),
    "test.toml",
)
KINDS = parse_show(
    TEXT
    + """
[[cue]]
number = "4"
name = "a fade that goes on by itself"
kind = "fade"
pre_wait = 0.3
follow = 0.2
fade = { psi = 1.5, default = 0 }
look = { psi = 1.4, shadows = 0.0, modes = 0.0, move = { lean = -2.0 } }
[[cue]]
number = "5"
name = "a group"
kind = "group"
mode = "sequence"
follow = "done"
[[cue.cue]]
number = "5.1"
name = "in it, a look"
fade = 1
look = { network = "sea", walk = { drift = ["b", 6, 1], radius = 0.5, seconds = 9 }, psi = 0.1 }
follow = 0.4
[[cue.cue]]
number = "5.2"
name = "in it, a fade"
kind = "fade"
fade = { move = 0.5, default = 0 }
look = { psi = 1.2, move = { flinch = 2.0 } }
[[cue]]
number = "6"
name = "back to the second"
kind = "goto"
to = "2"
""",
    "test.toml",
)
NUMBERS = [cue.number for cue in FILE.cues]

numbers = st.sampled_from(NUMBERS)
commands: st.SearchStrategy[Event] = st.one_of(
    st.builds(Go),
    st.builds(Go),
    st.builds(Go, numbers),
    st.builds(StandBy, numbers),
    st.builds(Goto, numbers),
    st.builds(Back),
    st.builds(Hold),
    st.builds(Resume),
    st.builds(Panic),
    st.builds(Reset),
    st.builds(Blackout),
    st.builds(Master, st.floats(0.0, 1.0)),
)
controls: st.SearchStrategy[Event] = st.builds(
    Control, st.sampled_from(["c0", "c1", "c2"]), st.floats(-1.0, 1.0), st.floats(0.0, 2.0)
)
pauses = st.one_of(st.floats(0.0, 0.3), st.floats(0.0, 6.0))
steps = st.lists(st.tuples(pauses, st.one_of(commands, commands, controls)), min_size=1, max_size=25)
Steps = list[tuple[float, Event]]


def apart(a: Weights, b: Weights) -> float:
    return sum(abs(weight) for _, weight in weighted_sum([(1.0, a), (-1.0, b)]))


def size(weights: Weights) -> float:
    return sum(abs(weight) for _, weight in weights)


def sound(look: Look) -> bool:
    """Weights sum to one, and every number is in its range."""
    sums = [
        sum(weight for key, weight in weights if not key.startswith("+"))
        for weights in (look.latents, look.style)
    ]
    numbers = {part: getattr(look, part) for part in ("psi", "modes", "noise", "shadows", "master")}
    inside_classes = all(0 < weight <= 1 for _, weight in look.classes)
    inside = all(RANGES[part][0] <= value <= RANGES[part][1] for part, value in numbers.items())
    return (
        inside
        and inside_classes
        and sums == pytest.approx([1.0, 1.0], abs=1e-6)
        and all(0 < b.amount <= 1 for b in look.bends)
    )


@given(steps, st.floats(0.0, 30.0), st.floats(0.0, 30.0))
def test_weights_sum_to_one_and_numbers_keep_their_range(events: Steps, later: float, ahead: float) -> None:
    show, now = Show(FILE, 0.0), 0.0
    for pause, event in events:
        now += pause
        show.receive(event, now)
        snapshot = show.snapshot()
        for t in (now - 0.05, now, now + 0.7, now + later):
            looks = snapshot.looks(t, ahead)
            assert all(sound(look) for _, look in looks)
            assert sum(share for share, _ in looks) == pytest.approx(1.0)
            assert len({look.network for _, look in looks}) == len(looks)


@given(steps)
def test_a_snapshot_is_the_same_through_json(events: Steps) -> None:
    show, now = Show(FILE, 0.0), 0.0
    for pause, event in events:
        now += pause
        show.receive(event, now)
    before = show.snapshot()
    after = Snapshot.from_plain(json.loads(json.dumps(before.to_plain(), allow_nan=False)))
    assert after == before
    assert after.looks(now + 1.7, 2.0) == before.looks(now + 1.7, 2.0)
    json.dumps(show.status(now).to_plain(), allow_nan=False)


@given(steps, st.lists(st.tuples(st.floats(0.0, 0.5), controls), max_size=5), st.floats(0.0, 60.0))
def test_panic_is_safe_in_its_two_seconds(events: Steps, meanwhile: Steps, later: float) -> None:
    show, now = Show(FILE, 0.0), 0.0
    for pause, event in events:
        now += pause
        show.receive(event, now)
    panic = now + 0.1
    show.receive(Panic(), panic)
    for pause, event in meanwhile:
        now += pause
        show.receive(event, max(now, panic))
    t = max(panic + PANIC_SECONDS, now) + later + 1e-9
    show.advance(t)
    snapshot = show.snapshot()
    # The safe look breathes, so it is known where it is only by the reading of the odometer.
    safe = FILE.safe
    place = snapshot.walk.target
    assert place is not None
    assert place.walk == safe.walk
    [(_, look)] = snapshot.looks(t)
    expected = safe.walk.weights(snapshot.odometer.travel(t) - place.origin)
    assert apart(look.latents, expected) < 1e-6
    assert apart(look.style, expected) < 1e-6
    assert (look.psi, look.noise, look.shadows) == pytest.approx(
        (safe.psi, safe.noise, safe.shadows), abs=1e-9
    )
    assert look.bends == ()
    overlays = snapshot.grand.at(t) * snapshot.lit.at(t)
    assert look.master == pytest.approx(safe.master * overlays, abs=1e-9)
    assert show.deadline() is None


@given(steps, st.sampled_from([Panic(), *map(Goto, NUMBERS)]), st.floats(0.0, 0.4))
def test_nothing_of_an_old_epoch_acts(events: Steps, cut: Event, lateness: float) -> None:
    """After a panic or a goto the show does what a new one does after the same goto: nothing is left over.

    But for sends that are to go out always: those come first, in the moment of the cut.
    """
    show, now = Show(FILE, 0.0), 0.0
    for pause, event in events:
        now += pause
        show.receive(event, now)
    now += lateness
    assert show.receive(cut, now).ok
    fresh = Show(FILE, now)
    fresh.receive(cut, now)
    ours, theirs = show.take_effects(), fresh.take_effects()
    left_over = ours[: len(ours) - len(theirs)]
    assert ours[len(left_over) :] == theirs
    assert all(send.always for send in left_over)
    for _ in range(40):
        assert show.take_effects() == fresh.take_effects()
        assert show.deadline() == fresh.deadline()
        mine, other = show.status(now), fresh.status(now)
        assert mine.pending == other.pending
        if isinstance(cut, Goto):
            assert (mine.mode, mine.current, mine.standby) == (other.mode, other.current, other.standby)
        now += 0.5
        show.advance(now)
        fresh.advance(now)


@given(steps)
def test_every_note_that_is_on_goes_off_once(events: Steps) -> None:
    """Whatever comes between: a shell that collects after every call hears each of them once."""
    show, now = Show(FILE, 0.0), 0.0
    heard: Counter[str] = Counter()
    for pause, event in [*events, (0.0, Panic())]:
        now += pause
        show.advance(now)
        heard.update(send.address for send in show.take_effects())
        show.receive(event, now)
        heard.update(send.address for send in show.take_effects())
    assert heard["/2/off"] == heard["/2/on"]
    assert heard["/2.5/off"] == heard["/2.5/on"]


@given(steps)
def test_two_gos_within_half_a_second_are_never_both_taken(events: Steps) -> None:
    show, now = Show(FILE, 0.0), 0.0
    taken: list[float] = []
    for pause, event in events:
        now += pause
        reply = show.receive(event, now)
        if not reply.ok:
            assert "refused" in reply.reason
        elif isinstance(event, Go):
            taken.append(now)
        elif isinstance(event, Reset):
            taken.clear()
    assert all(after - before >= 0.5 for before, after in pairwise(taken))


@given(steps, st.floats(0.0, 8.0))
def test_late_timers_change_nothing(events: Steps, after: float) -> None:
    """A shell that is called at every deadline and one that only wakes for events see the same show."""
    punctual, late, now = Show(FILE, 0.0), Show(FILE, 0.0), 0.0
    for pause, event in [*events, (after, Master(1.0))]:
        now += pause
        while (due := punctual.deadline()) is not None and due < now:
            punctual.advance(due)
        assert punctual.receive(event, now) == late.receive(event, now)
        assert punctual.take_effects() == late.take_effects()
    assert punctual.snapshot() == late.snapshot()
    assert punctual.status(now) == late.status(now)


@given(steps, numbers)
def test_goto_gives_the_look_of_playing_up_to_it(events: Steps, number: str) -> None:
    """However one came there. This show neither walks nor follows by itself, so looks can be compared."""
    sought, played, now, t = Show(RESTING, 0.0), Show(RESTING, 0.0), 0.0, 0.0
    for pause, event in events:
        now += pause
        if not isinstance(event, Control | Master | Blackout):
            sought.receive(event, now)
    sought.receive(Goto(number), now)
    while (current := played.status(t).current) is None or current.number != number:
        t += 30.0
        played.receive(Go(), t)
    one, other = sought.snapshot().looks(now + 30.0), played.snapshot().looks(t + 30.0)
    assert one == other


def fastest(walk: Walk) -> float:
    """A bound on the change of a walk in a second of travel, in sums of |weights|."""
    longest = max(size(point) for point in walk.points)
    match walk.kind:
        case WalkKind.STILL:
            return 0.0
        case WalkKind.DRIFT:
            others = walk.points[1:]
            around = walk.radius * sqrt(2.0 / len(others)) * 2.0 * pi / walk.seconds
            return around * sum((k // 2 + 1) * (size(point) + 1.0) for k, point in enumerate(others))
        case WalkKind.LOOP:  # the slopes of the four coefficients sum to at most 3 in each segment
            return 3.0 * longest * len(walk.points) / walk.seconds
        case WalkKind.CHAIN:  # and smooth is at most 1.5 as steep as linear
            return 1.5 * 3.0 * longest * (len(walk.points) - 1) / walk.seconds


def farthest(walk: Walk) -> float:
    """A bound on the sum of |weights| along a walk."""
    longest = max(size(point) for point in walk.points)
    if walk.kind is not WalkKind.DRIFT:
        return 1.25 * longest  # the coefficients of a Catmull-Rom spline sum to at most 1.25 in size
    others = walk.points[1:]
    return size(walk.points[0]) + walk.radius * sqrt(2.0 / len(others)) * sum(size(p) + 1.0 for p in others)


@dataclass(frozen=True)
class Limits:
    """The bounds that `show_control.show` states, per second."""

    latents: float
    style: float
    psi: float

    @classmethod
    def of(cls, file: ShowFile) -> "Limits":
        scenes = [file.safe, *file.scenes().values()]
        walks = [walk for scene in scenes for walk in (scene.walk, scene.style) if isinstance(walk, Walk)]
        p, v = max(map(farthest, walks)), max(map(fastest, walks))
        drives = [drive for scene in scenes for drive in scene.drives]
        s = max(scene.speed for scene in scenes) + sum(gains(drives, "speed").values())
        moves = 0.0
        for direction in file.directions:
            d = size(weighted_sum([(1.0, direction.towards), (-1.0, direction.away)]))
            moves += d * (64.0 + driven(drives, f"move.{direction.name}"))
        return cls(8.0 * p + s * v + moves, 16.0 * p + s * v + moves, 6.0 + driven(drives, "psi"))


def gains(drives: list[Drive], part: str) -> dict[str, float]:
    """Control -> the greatest gain that it ever has on a part."""
    greatest: dict[str, float] = {}
    for drive in drives:
        if drive.part == part:
            greatest[drive.control] = max(greatest.get(drive.control, 0.0), abs(drive.gain))
    return greatest


def driven(drives: list[Drive], part: str) -> float:
    """How fast the drives of a part, together, can change it."""
    return sum(gain * (2.0 / 0.03 + 8.0) for gain in gains(drives, part).values())


Looks = tuple[tuple[float, Look], ...]
Distance = Callable[[Looks, Looks], float]
DISTANCES: dict[str, Distance] = {
    "latents": lambda one, two: apart(spread(one, "latents"), spread(two, "latents")),
    "style": lambda one, two: apart(spread(one, "style"), spread(two, "style")),
    "psi": lambda one, two: abs(one[0][1].psi - two[0][1].psi),
}


def spread(looks: Looks, part: str) -> Weights:
    """All weights, each of its network and times its share."""
    return tuple(
        (f"{look.network} {key}", share * weight)
        for share, look in looks
        for key, weight in getattr(look, part)
    )


def steepest(
    snapshot: Snapshot, start: float, end: float, span: float, distance: Distance
) -> tuple[float, float]:
    """Distance and seconds of the steepest part, at most `span` long, found by halving: jumps lead there."""
    one, two = snapshot.looks(start), snapshot.looks(end)
    while end - start > span:
        t = (start + end) / 2.0
        middle = snapshot.looks(t)
        if distance(one, middle) > distance(middle, two):
            end, two = t, middle
        else:
            start, one = t, middle
    return distance(one, two), end - start


@pytest.mark.parametrize("file", [FILE, QUIET, KINDS], ids=["driven", "undriven", "kinds"])
@given(events=steps)
@example(events=[(0.0, StandBy("3")), *((0.6, Go()) for _ in range(9))])
@example(events=[(0.0, Goto("1")), *((1.0, Control("c0", value, 0.0)) for value in (1.0, -1.0, 0.5))])
@example(events=[(1.0, event) for number in NUMBERS for event in (Goto(number), Panic(), Resume())])
def test_nothing_jumps(file: ShowFile, events: Steps) -> None:
    """What happens leaves the picture where it is, and from there it moves no faster than the bound.

    It is looked at so closely that the bound allows a fifth of a whole look, where a cut makes up to two.
    """
    limits = Limits.of(file)
    show, now = Show(file, 0.0), 0.0
    for pause, event in [*events, (1.0, Hold())]:
        then = now + pause
        while True:
            due = show.deadline()
            until = then if due is None else min(due, then)
            snapshot = show.snapshot()
            for part, distance in DISTANCES.items():
                limit: float = getattr(limits, part)
                moved, seconds = steepest(snapshot, now, until, 0.2 / limit, distance)
                assert moved <= limit * seconds + 1e-6
            now = until
            if due is None or due > then:
                break
            show.advance(now)
            assert_close(snapshot.looks(now), show.snapshot().looks(now))
        cut = isinstance(event, Panic) and show.status(now).mode == "panic"
        before = show.snapshot().looks(now)
        show.receive(event, now)
        if not cut:
            assert_close(before, show.snapshot().looks(now))


def assert_close(one: Looks, two: Looks) -> None:
    assert DISTANCES["latents"](one, two) < 1e-4
    assert DISTANCES["style"](one, two) < 1e-4
    assert DISTANCES["psi"](one, two) < 1e-9
    assert one[0][1].modes == pytest.approx(two[0][1].modes, abs=1e-9)
    assert dict(one[0][1].classes) == pytest.approx(dict(two[0][1].classes), abs=1e-9)
