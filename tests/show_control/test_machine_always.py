"""What holds whatever happens to a show with every kind of cue: random events, speech and times."""

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from show_control.effects import Effect, Play, Prompt, Record, Send, Spotlight, closes
from show_control.events import (
    Back,
    Control,
    Desk,
    DeskMode,
    Event,
    Fire,
    Go,
    Goto,
    Hold,
    Panic,
    PlayFinished,
    Reset,
    Resume,
    Skip,
    Speech,
    StandBy,
    Stop,
    Take,
)
from show_control.show import PANIC_SECONDS, Reply, Show
from show_control.showfile import parse_show

TEXT = """
[show]
title = "Everything"
loop = true
never_show = ["hell"]
[safe]
walk = { still = 0 }
psi = 0.4
[guests]
mom = {}
dad = { rate = 5 }
[[cue]]
number = "1"
name = "look"
fade = 3
pre_wait = 0.5
follow = "done"
look = { walk = { still = 1 }, psi = 0.9 }
send = [
  { to = "s", address = "/1/later", delay = 2 },
  { to = "s", address = "/1/off", delay = 4, always = true },
]
[[cue]]
number = "2"
name = "scene"
kind = "group"
mode = "sequence"
follow = "done"
[[cue.cue]]
number = "2.1"
name = "open"
kind = "line"
speaker = "mom"
text = "What are we eating?"
open = true
save = "food"
instead = "soup"
silence = 3
prompt = [{ to = "mom", file = "ask.wav" }]
[[cue.cue]]
number = "2.2"
name = "line"
kind = "line"
speaker = "dad"
text = "I cannot stand %food%"
easier = "Not %food%"
silence = 2
[[cue.cue]]
number = "2.3"
name = "both"
kind = "group"
mode = "together"
[[cue.cue.cue]]
number = "2.3.1"
name = "ears"
kind = "in-ear"
timeout = 3
plays = [{ to = "mom", file = "a", pause = 0.5 }, { to = "dad", file = "b" }, { to = "mom", file = "c" }]
[[cue.cue.cue]]
number = "2.3.2"
name = "note"
kind = "note"
to = "s"
note = 60
seconds = 1.5
post_wait = 1
[[cue]]
number = "3"
name = "gate"
kind = "gate"
control = "glass"
above = 0.5
timeout = 4
fails = "hold"
follow = "done"
[[cue]]
number = "4"
name = "fade"
kind = "fade"
fade = 2
follow = 1
look = { psi = 1.2 }
[[cue]]
number = "5"
name = "disarm"
kind = "disarm"
cues = ["4", "2.2"]
follow = "continue"
[[cue]]
number = "6"
name = "stop"
kind = "stop"
cues = ["4", "2"]
[[cue]]
number = "7"
name = "wait"
kind = "wait"
seconds = 2
again = "ignore"
follow = "done"
[[cue]]
number = "8"
name = "arm"
kind = "arm"
cues = ["4", "2.2"]
follow = "done"
post_wait = 0.5
[[cue]]
number = "9"
name = "noskip"
kind = "line"
speaker = "mom"
text = "The clock has stopped moving"
noskip = true
follow = "done"
[[cue]]
number = "10"
name = "stop all"
kind = "stop"
cues = "all"
follow = 0.5
[[cue]]
number = "11"
name = "again"
kind = "goto"
to = "2"
send = [{ to = "s", address = "/11" }]
"""
FILE = parse_show(TEXT, "everything.toml")
# Without what outlives a goto: answers, and what is armed.
FORGETFUL = parse_show(
    TEXT.replace('save = "food"\ninstead = "soup"\n', "")
    .replace("%food%", "soup")
    .replace('kind = "disarm"\ncues = ["4", "2.2"]', 'kind = "memo"')
    .replace('kind = "arm"\ncues = ["4", "2.2"]', 'kind = "memo"'),
    "forgetful.toml",
)
NUMBERS = [cue.number for cue in FILE.cues]
EVERY = list(FILE.cues.every)
SAID = ["", "um", "soup", "what the hell", "I cannot stand soup", "not soup", "the clock has", "I cannot"]
SAID += ["the clock has stopped moving", "potatoes", "\x00", "soup " * 400]

roles = st.sampled_from(["mom", "dad", "nobody"])
numbers = st.sampled_from(NUMBERS)
commands: st.SearchStrategy[Event] = st.one_of(
    st.builds(Go),
    st.builds(Go),
    st.builds(Go),
    st.builds(StandBy, numbers),
    st.builds(Goto, numbers),
    st.builds(Fire, st.sampled_from(EVERY)),
    st.builds(Back),
    st.builds(Hold),
    st.builds(Resume),
    st.builds(Resume),
    st.builds(Panic),
    st.builds(Reset),
    st.builds(Stop, st.sampled_from([None, *EVERY])),
    st.builds(Desk, st.sampled_from(DeskMode)),
)
room: st.SearchStrategy[Event] = st.one_of(
    st.builds(Speech, roles, st.sampled_from(SAID), st.booleans()),
    st.builds(Speech, roles, st.sampled_from(SAID), st.booleans()),
    st.builds(PlayFinished, roles, st.sampled_from([None, "a", "b", "c"])),
    st.builds(Take, st.sampled_from([None, *EVERY])),
    st.builds(Skip, st.sampled_from([None, *EVERY])),
    st.builds(Control, st.just("glass"), st.floats(-1.0, 1.0)),
)
pauses = st.one_of(st.just(0.0), st.floats(0.0, 0.7), st.floats(0.0, 8.0))
steps = st.lists(st.tuples(pauses, st.one_of(commands, room)), min_size=1, max_size=40)
Steps = list[tuple[float, Event]]


def perform(show: Show, events: Steps, now: float = 0.0) -> float:
    for pause, event in events:
        now += pause
        show.receive(event, now)
    return now


def collect(show: Show, events: Steps, punctual: bool) -> list[tuple[Reply | None, tuple[Effect, ...]]]:
    """Every reply and effect, as a shell collects them that wakes at each deadline, or only for events."""
    now = 0.0
    found: list[tuple[Reply | None, tuple[Effect, ...]]] = []
    for pause, event in events:
        now += pause
        while punctual and (due := show.deadline()) is not None and due < now:
            show.advance(due)
        show.advance(now)
        found.append((None, show.take_effects()))
        reply = show.receive(event, now)
        found.append((reply, show.take_effects()))
    return found


@given(steps)
def test_the_same_events_have_the_same_effects_however_late_the_timers(events: Steps) -> None:
    one, other, late = Show(FILE, 0.0), Show(FILE, 0.0), Show(FILE, 0.0)
    expected = collect(one, events, punctual=True)
    assert collect(other, events, punctual=True) == expected
    assert collect(late, events, punctual=False) == expected
    now = sum(pause for pause, _ in events)
    assert one.snapshot() == other.snapshot() == late.snapshot()
    assert one.status(now) == other.status(now) == late.status(now)


@given(steps, st.floats(0.0, 20.0))
def test_what_is_told_is_plain_and_in_its_range(events: Steps, later: float) -> None:
    show, now = Show(FILE, 0.0), 0.0
    for pause, event in events:
        now += pause
        show.receive(event, now)
        for t in (now, now + later):
            status = show.status(t)
            plain = json.loads(json.dumps(status.to_plain(), allow_nan=False))
            assert plain["epoch"] == status.epoch
            assert all(run.remaining is None or run.remaining >= 0.0 for run in status.running)
            assert all(run.progress is None or 0.0 <= run.progress <= 1.0 for run in status.running)
            assert status.line is None or 0 <= status.line.said <= status.line.words
        due = show.deadline()
        assert due is None or due > now or show.status(now).mode == "held"
        assert len({run.number for run in status.running}) == len(status.running)


@given(steps, st.lists(st.tuples(pauses, room), max_size=10), st.integers(1, 2))
def test_panic_always_wins(events: Steps, meanwhile: Steps, presses: int) -> None:
    """Everything ends in that moment; nothing that the room does begins anything, until somebody resumes."""
    show = Show(FILE, 0.0)
    now = perform(show, events)
    show.take_effects()
    was_panic = show.status(now).mode == "panic"
    for _ in range(presses):
        assert show.receive(Panic(), now).ok
    assert all(closes(effect) for effect in show.take_effects())
    panicked = now
    now = perform(show, meanwhile, now)
    assert show.take_effects() == ()
    assert show.deadline() is None
    status = show.status(now)
    assert (status.mode, status.running, status.line, status.pending) == ("panic", (), None, None)
    look = show.snapshot().at(panicked + (0.0 if presses > 1 or was_panic else PANIC_SECONDS) + 1e-9)
    assert (look.latents, look.psi) == ((("0", 1.0),), 0.4)


@given(steps, st.sampled_from([Stop(), Panic(), *map(Goto, NUMBERS)]), st.floats(0.0, 0.4))
def test_no_effect_of_a_dead_epoch(events: Steps, cut: Event, lateness: float) -> None:
    """After it the show does what a fresh one does after the same. Only what closes something comes first."""
    show = Show(FORGETFUL, 0.0)
    now = perform(show, events) + lateness
    held = show.status(now).mode == "held"
    show.advance(now)
    epoch = show.status(now).epoch
    assert show.receive(cut, now).ok
    assert show.status(now).epoch > epoch
    fresh = Show(FORGETFUL, now)
    for event in [event for _, event in events if isinstance(event, Control)][-1:]:
        fresh.receive(event, now)  # where a sensor stands outlives every epoch
    fresh.receive(cut, now)
    ours, theirs = show.take_effects(), fresh.take_effects()
    left_over = ours[: len(ours) - len(theirs)]
    assert ours[len(left_over) :] == theirs
    assert all(closes(effect) for effect in left_over)
    if held and isinstance(cut, Stop):
        show.receive(Resume(), now)
    for _ in range(30):
        now += 0.7
        show.advance(now)
        fresh.advance(now)
        assert show.take_effects() == fresh.take_effects()
        mine, other = show.status(now), fresh.status(now)
        assert (mine.running, mine.line, mine.pending) == (other.running, other.line, other.pending)


@given(steps)
def test_what_is_begun_is_ended(events: Steps) -> None:
    """Microphones close, plates are cleared, notes go off: each as often as it began."""
    show, now = Show(FILE, 0.0), 0.0
    open_mics: Counter[str] = Counter()
    plates: dict[str, str] = {}
    notes = 0
    for pause, event in [*events, (0.0, Panic())]:
        now += pause
        show.advance(now)
        effects = show.take_effects()
        show.receive(event, now)
        for effect in (*effects, *show.take_effects()):
            match effect:
                case Record(role, on):
                    open_mics[role] += 1 if on else -1
                case Prompt(role, text, "line" | "easier" | "open"):
                    plates[role] = text
                case Prompt(role, text, "done"):
                    assert plates.pop(role) == text
                case Send(address="/noteOn"):
                    notes += 1
                case Send(address="/noteOff"):
                    notes -= 1
                case Prompt() | Play() | Spotlight() | Send():
                    pass
        assert all(count in (0, 1) for count in open_mics.values())
        assert notes in (0, 1)
    assert (sum(open_mics.values()), plates, notes) == (0, {}, 0)


@given(steps, st.floats(0.0, 30.0))
def test_a_hold_changes_nothing_but_the_time(events: Steps, pause: float) -> None:
    """What happens after a hold is what would have happened without, later by the hold."""
    still = [
        (wait, event) for wait, event in events if not isinstance(event, Hold | Resume | Panic | Control)
    ]
    held, free = Show(FILE, 0.0), Show(FILE, 0.0)
    now = perform(held, still)
    perform(free, still)
    if held.status(now).mode != "running":
        return  # a gate holds the show
    held.receive(Hold(), now)
    held.receive(Resume(), now + pause)
    for show in (held, free):
        show.take_effects()
    for _ in range(20):
        # Between the dues, where rounding cannot tell one side of them from the other.
        now += 0.6180339
        held.advance(now + pause)
        free.advance(now)
        assert [run.number for run in held.status(now + pause).running] == [
            run.number for run in free.status(now).running
        ]
        assert held.take_effects() == free.take_effects()
