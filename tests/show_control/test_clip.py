"""Clips: which step is there at which time, whatever the speed, the fades and the clock."""

import json
from math import nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.clip import Clip, key_at
from show_control.errors import ShowFileError
from show_control.events import Go, Goto, Hold, Panic, Resume
from show_control.look import Look
from show_control.show import Show
from show_control.showfile import parse_show
from show_control.snapshot import Snapshot
from show_control.status import Mode
from show_control.walk import Walk, WalkKind

DROPS, APPLE = Clip("@drops.from", "@drops.to", 432), Clip("@drops.to", "@apple.to", 288)

SHOW = """
[clips]
drops = { from = "@drops.from", to = "@drops.to", steps = 432 }
apple = { from = "@drops.to", to = "@apple.to", steps = 288 }
short = { from = 7, to = 12, steps = 10 }

[safe]
walk = { still = 4 }

[[cue]]
number = "1"
name = "Drops"
look = { walk = { clips = ["drops"] }, speed = 3.0 }
fade = 0

[[cue]]
number = "2"
name = "Apple"
look = { walk = { clips = ["apple"] } }
fade = { walk = 0.0 }

[[cue]]
number = "3"
name = "Psi"
look = { psi = 0.9, speed = 0.0 }
drive = { voice = { speed = 1.0 } }

[[cue]]
number = "4"
name = "Both, faster"
look = { walk = { clips = ["drops", "apple"], rate = 48 } }
"""


def played(number: str = "1", now: float = 100.0) -> Show:
    """A show in which that cue has been gone to."""
    show = Show(parse_show(SHOW, "show.toml"), now)
    assert show.receive(Goto(number), now).ok
    return show


def look(show: Show, t: float) -> Look:
    """As the renderer sees it: through JSON."""
    plain = json.loads(json.dumps(show.snapshot().to_plain()))
    return Snapshot.from_plain(plain).at(t)


def key(show: Show, t: float) -> str:
    found = look(show, t)
    [(name, weight)] = found.latents
    assert (weight, found.style) == (1.0, found.latents)
    return name


# steps


def test_the_ends_of_a_clip_are_its_points() -> None:
    assert DROPS.key(0) == "@drops.from"
    assert DROPS.key(117) == "@drops.from~@drops.to:117/431"
    assert DROPS.key(431) == "@drops.to"


def test_a_clip_that_leads_nowhere_stays() -> None:
    assert {Clip("7", "7", 5).key(step) for step in range(5)} == {"7"}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1.0, "@drops.from"),
        (0.0, "@drops.from"),
        (0.999 / 24, "@drops.from"),
        (1 / 24, "@drops.from~@drops.to:1/431"),
        (9.0, "@drops.from~@drops.to:216/431"),
        (17.99, "@drops.to"),
        (18.0, "@drops.to"),
        (18.0 + 1 / 24, "@drops.to~@apple.to:1/287"),
        (29.95, "@drops.to~@apple.to:286/287"),
        (29.99, "@apple.to"),
        (1e9, "@apple.to"),
    ],
)
def test_where_clips_are(seconds: float, expected: str) -> None:
    assert key_at((DROPS, APPLE), 24.0, seconds) == expected


@given(st.floats(0.0, 1e6), st.integers(0, 719))
def test_every_step_is_there_at_its_time_however_late_the_clock(origin: float, step: int) -> None:
    walk = Walk(WalkKind.CLIPS, (), clips=(DROPS, APPLE))
    expected = DROPS.key(step) if step < 432 else APPLE.key(step - 432)
    for t in (origin + step / 24, nextafter(origin + step / 24, 0.0), origin + (step + 0.99) / 24):
        assert walk.weights(t - origin) == ((expected, 1.0),)


# on stage


def test_432_steps_are_18_seconds_whatever_the_speed() -> None:
    show = played()
    show.advance(100.6)
    assert key(show, 100.0 + 117 / 24) == "@drops.from~@drops.to:117/431"
    assert key(show, 100.0 + 430 / 24) == "@drops.from~@drops.to:430/431"
    assert key(show, 100.0 + 431 / 24) == key(show, 118.0) == key(show, 999.0) == "@drops.to"


def test_a_fade_into_a_clip_does_not_jump() -> None:
    show = played()
    assert look(show, 100.0).latents == (("4", 1.0),)
    middle = dict(look(show, 100.25).latents)
    assert middle == pytest.approx({"4": 0.5, "@drops.from~@drops.to:6/431": 0.5})


def test_a_clip_after_one_that_ends_where_it_begins_is_exact_from_its_first_step() -> None:
    show = played()
    assert show.receive(Go(), 118.0).ok
    assert [key(show, 118.0 + step / 24) for step in (0, 1, 2, 287, 500)] == [
        "@drops.to",
        "@drops.to~@apple.to:1/287",
        "@drops.to~@apple.to:2/287",
        "@apple.to",
        "@apple.to",
    ]


def test_before_the_end_it_fades() -> None:
    show = played()
    assert show.receive(Go(), 110.0).ok
    assert look(show, 110.0).latents == (("@drops.from~@drops.to:240/431", 1.0),)
    assert set(dict(look(show, 110.25).latents)) == {
        "@drops.from~@drops.to:246/431",
        "@drops.to~@apple.to:6/287",
    }


def test_cues_that_do_not_name_the_walk_leave_a_clip_alone() -> None:
    show = played("2")
    assert show.receive(Go(), 103.0).ok
    assert key(show, 105.0) == "@drops.to~@apple.to:120/287"


def test_a_cue_that_is_gone_to_again_plays_its_clip_again() -> None:
    show = played("2")
    show.receive(Goto("2"), 110.0)
    assert key(show, 111.0) == "@drops.to~@apple.to:24/287"


def test_a_cue_with_a_clip_is_complete_when_the_clip_is() -> None:
    done = SHOW.replace('clips = ["drops"] }, speed = 3.0 }', 'clips = ["drops"] } }\nfollow = "done"')
    show = Show(parse_show(done, "show.toml"), 0.0)
    assert show.receive(Goto("1"), 0.0).ok
    show.advance(17.99)
    assert look(show, 17.99).latents == (("@drops.to", 1.0),)
    assert [run.number for run in show.status(17.99).running] == ["1"]
    show.advance(18.0)
    assert [run.number for run in show.status(18.0).running] == ["2"]


def test_a_hold_stops_a_clip_where_it_is() -> None:
    show = played()
    show.receive(Hold(), 105.0)
    assert key(show, 109.0) == "@drops.from~@drops.to:120/431"
    show.receive(Resume(), 110.0)
    assert key(show, 110.0) == "@drops.from~@drops.to:120/431"
    assert key(show, 123.0) == "@drops.to"
    show.receive(Panic(), 111.0)
    show.receive(Resume(), 114.0)
    assert key(show, 117.0) == "@drops.from~@drops.to:288/431"


def test_a_second_wall_that_is_ahead_shows_the_same_step() -> None:
    show = played()
    assert show.snapshot().at(105.0, ahead=20.0) == show.snapshot().at(105.0)


def test_clips_have_a_rate() -> None:
    show = played("4")
    assert key(show, 102.5) == "@drops.from~@drops.to:120/431"
    assert key(show, 109.0 + 1 / 48) == "@drops.to~@apple.to:1/287"


# in the show file


def test_a_show_file_names_clips() -> None:
    file = parse_show(SHOW, "show.toml")
    assert file.cues.every["4"].change.walk == Walk(WalkKind.CLIPS, (), clips=(DROPS, APPLE), rate=48.0)
    assert Walk.from_plain(json.loads(json.dumps(Walk(WalkKind.CLIPS, (), clips=(DROPS,)).to_plain()))) == (
        Walk(WalkKind.CLIPS, (), clips=(DROPS,))
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('["drops"]', '["dorps"]', 'walk.clips: no clip in [clips] is named "dorps". Did you mean "drops"?'),
        ('["drops"]', "[]", "walk.clips: expected at least 1 clip in the list"),
        ('["drops"]', '"drops"', "walk.clips: expected a list"),
        ("rate = 48", "rate = 0", "walk.rate: 0 is out of range; expected 1 to 240"),
        ("rate = 48", "seconds = 48", "walk.seconds: unknown key"),
        ("steps = 10", "steps = 1", "clips.short.steps: expected a whole number from 2 to 100000, not 1"),
        (", steps = 10", "", "clips.short.steps: missing; expected how many steps it has, such as 432"),
        ("from = 7, ", "", "clips.short.from: missing; expected the point of Z that the clip starts from"),
        ("to = 12", 'to = "mean"', "clips.short.to: expected a seed or a point of Z in the atlas"),
        ("to = 12", "to = { 1 = 0.5, 2 = 0.5 }", "clips.short.to: expected a seed or a point of Z"),
        ("to = 12", 'to = "twelve"', 'clips.short.to: no point in [points] is named "twelve"'),
        ("short =", '"a b" =', 'clips.a b: a clip is named by a word, such as "apple"'),
        ("to = 12", "end = 12", "clips.short.end: unknown key"),
    ],
)
def test_what_is_wrong_with_clips_is_told(old: str, new: str, expected: str) -> None:
    with pytest.raises(ShowFileError) as error:
        parse_show(SHOW.replace(old, new, 1), "show.toml")
    assert expected in str(error.value)


def test_a_clip_may_begin_at_a_named_point() -> None:
    file = parse_show(SHOW.replace("from = 7", 'from = "home"') + "[points]\nhome = 9\n", "show.toml")
    assert file.title == "show.toml"


# whatever happens

ENDS = {"@drops.from": -3.0, "@drops.to": 1.0, "@apple.to": 8.0, "4": 0.5}


def place_of(name: str) -> float:
    """Where a key would be in a Z of one dimension."""
    ends, _, step = name.partition(":")
    start, _, end = ends.partition("~")
    at, last = step.split("/") if step else ("0", "1")
    return ENDS[start] + (ENDS[end or start] - ENDS[start]) * int(at) / int(last)


def position(show: Show, t: float) -> float:
    return sum(weight * place_of(name) for name, weight in look(show, t).latents)


EVENTS = [Go(), Hold(), Resume(), Panic(), *(Goto(number) for number in "1234")]


@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.sampled_from(EVENTS)), max_size=12))
def test_no_event_makes_the_picture_jump(
    steps: list[tuple[float, Go | Hold | Resume | Panic | Goto]],
) -> None:
    show, now = Show(parse_show(SHOW, "show.toml"), 0.0), 0.0
    for pause, event in steps:
        now += pause
        show.advance(now)
        before = position(show, now)
        cut = isinstance(event, Panic) and show.status(now).mode is Mode.PANIC  # the one that is permitted
        show.receive(event, now)
        if not cut:
            assert position(show, now) == pytest.approx(before, abs=1e-5)
