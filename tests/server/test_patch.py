"""The patch in tables of (time, address, arguments) -> events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.patch import (
    MAX_REACHED,
    MAX_STRANGERS,
    Patch,
    PatchEntry,
    Refused,
    Unknown,
    cue_number,
    finite,
    unit,
)
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

PLATE = PatchEntry("/table/plate/{seat}", control="plate.{seat}", smoothing=0.04, silence=0.8, decay=1.2)
CHAIR = PatchEntry("/chair", control="chair", threshold=0.5, hysteresis=0.2, hold=2.0, smoothing=1.5)
PEDAL = PatchEntry("/pedal", event="go", threshold=0.5, hysteresis=0.2, hold=1.0)
SEATS = ("mom", "dad")


@pytest.mark.parametrize(
    ("address", "args", "event"),
    [
        ("/show/go", (), Go()),
        ("/show/go", (1,), Go()),
        ("/show/go", (True,), Go()),
        ("/show/go", ("3",), Go(expected="3")),
        ("/show/back", (), Back()),
        ("/show/hold", (), Hold()),
        ("/show/resume", (), Resume()),
        ("/show/panic", (1.0,), Panic()),
        ("/show/blackout", (), Blackout()),
        ("/show/blackout", (1,), Blackout(on=True)),
        ("/show/blackout", (0.0,), Blackout(on=False)),
        ("/show/master", (0.25,), Master(0.25)),
        ("/show/standby", ("12.5",), StandBy("12.5")),
        ("/show/standby", (7,), StandBy("7")),
        ("/show/goto", ("12.10",), Goto("12.10")),
        ("/show/preload", ("sea",), Preload("sea")),
        ("/cue/12.5/go", (), Goto("12.5")),
        ("/control/plate.mom", (-0.5,), Control("plate.mom", -0.5)),
    ],
)
def test_built_in_addresses(address: str, args: tuple[object, ...], event: Event) -> None:
    assert Patch().resolve(address, args, 0.0) == (event,)


@pytest.mark.parametrize("address", ["/show/go", "/show/panic", "/cue/3/go"])
def test_the_release_of_a_button_means_nothing(address: str) -> None:
    assert Patch().resolve(address, (0,), 0.0) == ()


@pytest.mark.parametrize(
    ("address", "args", "said"),
    [
        ("/show/go", ("1", 2), "expected one argument, got 2"),
        ("/show/go", (None,), "expected a finite number, got None"),
        ("/show/master", (), "expected one argument, got 0"),
        ("/show/master", (1.5,), "expected a number from 0 to 1, got 1.5"),
        ("/show/master", ("full",), "expected a finite number, got 'full'"),
        ("/show/preload", (), "expected one argument, got 0"),
        ("/show/preload", ("a b",), 'expected the name of a network such as "sea", got'),
        ("/show/goto", (12.5,), 'expected a cue number as a string such as "12.5", got 12.5'),
        ("/show/goto", ("",), "expected a cue number"),
        ("/show/goto", ("1" * 5000,), "expected a cue number"),
        ("/show/goto", (10**5000,), "got a number of far too many digits"),
        ("/show/goto", (-1,), "expected a cue number"),
        ("/show/goto", ("\ud800",), "got '\\ud800'"),
        ("/show/standby", ("1\n",), "got '1\\n'"),
        ("/show/go", ("the next",), "expected a cue number"),
        ("/show/go", ("\ud800",), "got '\\ud800'"),
        ("/show/\ud800", (), "expected an address"),
        ("/cue/three/go", (), "expected a cue number as a string such as \"12.5\", got 'three'"),
        ("/cue/" + "3" * 200 + "/go", (), "expected a cue number"),
        ("/control/" + "a" * 65, (1,), "expected a control's name"),
        ("/control/\ud800", (1,), "expected an address"),
        ("/control/a", (2,), "expected a number from -1 to 1, got 2"),
        ("/table/plate/mom", (float("nan"),), "expected a finite number, got nan"),
        ("/table/plate/mom", (10**400,), "expected a finite number"),
        ("/table/plate/mom", (), "expected one argument, got 0"),
        ("/table/plate/mom", (b"x",), "expected a finite number, got b'x'"),
        ("/table/plate/[mom", (1,), 'a pattern with "[" and no "]"'),
        ("/" + "*" * 30 + "a", (), "no sensor matches"),
        ("/" + "*" * 300, (), "expected a pattern of at most 255 characters, got 301"),
        ("/show/{go,panic}", (), "no sensor matches"),
        ("/*/go", (), "no sensor matches"),
        ("/cue/?/go", (), "no sensor matches"),
        ("/control/*", (1,), "no sensor matches"),
        ("/mid-speec?", ("mom", "soup"), "no sensor matches"),
        ("", (), "expected an address"),
        ("show/go", (), "expected an address"),
        ("//go", (), "expected an address"),
        ("/a" * 200, (), "expected an address"),
    ],
)
def test_what_does_not_fit_is_refused_and_told(address: str, args: tuple[object, ...], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        Patch([PLATE]).resolve(address, args, 0.0)
    assert said in str(refusal.value)
    assert len(str(refusal.value)) < 250
    assert not isinstance(refusal.value, Unknown)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/tabel/plate/mom", "nothing is patched"),
        ("/table/plate", "nothing is patched"),
        ("/table/plate/mom/left", "nothing is patched"),
        ("/table/plate/mum", "no such seat; the seats are mom, dad"),
        ("/show/pnaic", "panic"),
        ("/cue/3", "/cue/<number>/go"),
        ("/control/a/b", "/control/<name>"),
    ],
)
def test_unknown_addresses(address: str, said: str) -> None:
    with pytest.raises(Unknown) as refusal:
        Patch([PLATE], SEATS).resolve(address, (1,), 0.0)
    assert said in str(refusal.value)


def test_placeholders_fill_the_control_and_exact_addresses_go_first() -> None:
    exact = PatchEntry("/table/plate/dad", control="head")
    patch = Patch([PLATE, exact, PatchEntry("/{a}/at/{b}", control="{b}.{a}")])
    assert patch.resolve("/table/plate/mom", (0.5,), 0.0) == (Control("plate.mom", 0.5, 0.04),)
    assert patch.resolve("/table/plate/dad", (0.5,), 0.0) == (Control("head", 0.5, 0.1),)
    assert patch.resolve("/x/at/y", (1,), 0.0) == (Control("y.x", 1.0, 0.1),)


@pytest.mark.parametrize(
    ("ends", "curve", "value", "level"),
    [
        ((0.0, 1.0), "linear", 0.25, 0.25),
        ((200.0, 1000.0), "linear", 400, 0.25),
        ((200.0, 1000.0), "linear", 5000, 1.0),
        ((200.0, 1000.0), "linear", -5000, 0.0),
        ((1.0, 0.0), "linear", 0.25, 0.75),
        ((0.0, 10.0), "square", 5, 0.25),
        ((0.0, 1.0), "root", 0.25, 0.5),
        ((0.0, 1.0), "linear", True, 1.0),
    ],
)
def test_range_and_curve(ends: tuple[float, float], curve: str, value: float, level: float) -> None:
    entry = PatchEntry("/a", control="a", range=ends, curve=curve)  # type: ignore[arg-type]
    assert Patch([entry]).resolve("/a", (value,), 0.0) == (Control("a", level, 0.1),)


@given(
    st.sampled_from(["linear", "square", "root"]),
    st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)).filter(lambda ends: ends[0] != ends[1]),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_level_is_always_from_0_to_1(curve: str, ends: tuple[float, float], value: float) -> None:
    entry = PatchEntry("/a", control="a", range=ends, curve=curve)  # type: ignore[arg-type]
    assert 0.0 <= entry.shape(value) <= 1.0


def play(patch: Patch, address: str, steps: list[tuple[float, float]]) -> list[tuple[float, Event]]:
    """(time, value) pairs through a patch whose deadlines are kept; the events and their times."""
    events: list[tuple[float, Event]] = []
    for now, value in steps:
        while (due := patch.deadline()) is not None and due <= now:
            events += [(due, event) for event in patch.advance(due)]
        events += [(now, event) for event in patch.resolve(address, (value,), now)]
    return events


ON, OFF = Control("chair", 1.0, 1.5), Control("chair", 0.0, 1.5)


@pytest.mark.parametrize(
    ("steps", "events"),
    [
        pytest.param([(0, 0.0), (1, 0.49), (2, 0.5)], [(0, OFF), (2, ON)], id="rises at the threshold"),
        pytest.param([(0, 1.0), (1, 1.0), (9, 0.9)], [(0, ON)], id="stays on without a word"),
        pytest.param([(0, 1.0), (5, 0.31), (6, 0.29)], [(0, ON), (6, OFF)], id="falls below the hysteresis"),
        pytest.param([(0, 1.0), (1, 0.0), (9, 0.0)], [(0, ON), (2, OFF)], id="is on for the hold at least"),
        pytest.param([(0, 1.0), (1, 0.0), (1.5, 1.0), (9, 1.0)], [(0, ON)], id="sits down again in time"),
        pytest.param(
            [(0, 1.0), (3, 0.0), (3.1, 1.0), (9, 0.4)],
            [(0, ON), (3, OFF), (3.1, ON)],
            id="sits down again late",
        ),
    ],
)
def test_gates(steps: list[tuple[float, float]], events: list[tuple[float, Event]]) -> None:
    assert play(Patch([CHAIR]), "/chair", steps) == events


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        pytest.param([(0, 0.0), (1, 1.0), (2, 1.0), (3, 0.9)], [1], id="once on the rising edge"),
        pytest.param([(0, 1.0), (1, 0.4), (2, 1.0)], [0], id="not before it fell below the hysteresis"),
        pytest.param([(0, 1.0), (1, 0.0), (2, 1.0)], [0, 2], id="again after a release"),
        pytest.param(
            [(0, 1.0), (0.1, 0.0), (0.2, 1.0), (2, 1.0)], [0], id="a bounce within the hold is none"
        ),
    ],
)
def test_events(steps: list[tuple[float, float]], times: list[float]) -> None:
    assert play(Patch([PEDAL]), "/pedal", steps) == [(time, Go()) for time in times]


def test_an_event_without_arguments_is_a_press_each_time_but_keeps_the_hold() -> None:
    patch = Patch([PEDAL])
    assert [patch.resolve("/pedal", (), now) for now in (0.0, 0.5, 1.0)] == [(Go(),), (), (Go(),)]


def test_a_button_that_only_says_1_can_be_pressed_again_after_silence() -> None:
    patch = Patch([PatchEntry("/button", event="panic", silence=0.5)])
    assert play(patch, "/button", [(0, 1), (0.2, 1), (1, 1)]) == [(0, Panic()), (1, Panic())]
    assert patch.deadline() == 1.5


def test_silence_lets_a_control_go_to_idle_once() -> None:
    patch = Patch([PLATE])
    assert patch.deadline() is None
    patch.resolve("/table/plate/mom", (1.0,), 10.0)
    patch.resolve("/table/plate/dad", (1.0,), 10.3)
    patch.resolve("/table/plate/mom", (0.5,), 10.5)
    assert patch.deadline() == pytest.approx(11.1)
    assert patch.advance(11.0) == ()
    assert patch.advance(11.2) == (Control("plate.dad", 0.0, 1.2),)
    assert patch.deadline() == pytest.approx(11.3)
    assert patch.advance(12.0) == (Control("plate.mom", 0.0, 1.2),)
    assert patch.deadline() is None
    assert patch.advance(13.0) == ()
    assert patch.resolve("/table/plate/mom", (0.5,), 14.0) == (Control("plate.mom", 0.5, 0.04),)
    assert patch.deadline() == pytest.approx(14.8)


def test_a_gate_is_silenced_to_its_idle_and_can_leave_it() -> None:
    entry = PatchEntry("/lamp", control="lamp", threshold=0.5, silence=1.0, idle=1.0, decay=0.0)
    events = play(Patch([entry]), "/lamp", [(0, 1.0), (0.1, 0.0), (5, 0.0), (5.1, 1.0)])
    assert [(time, event.value) for time, event in events if isinstance(event, Control)] == [
        (0, 1.0),
        (0.1, 0.0),
        (1.1, 1.0),
        (5, 0.0),
        (5.1, 1.0),
    ]


def test_a_refused_message_does_not_count_as_hearing_the_sensor() -> None:
    patch = Patch([PLATE])
    with pytest.raises(Refused):
        patch.resolve("/table/plate/mom", ("x",), 0.0)
    assert patch.deadline() is None


def test_strangers_cannot_fill_the_memory_nor_lock_out_what_is_known() -> None:
    patch = Patch([PLATE, CHAIR, PatchEntry("/any/{name}", control="any")], SEATS)
    for number in range(MAX_STRANGERS):
        patch.resolve(f"/any/{number}", (1,), 0.0)
    with pytest.raises(Refused, match="no more are taken"):
        patch.resolve("/any/other", (1,), 0.0)
    assert patch.resolve("/any/0", (0.5,), 1.0) == (Control("any", 0.5, 0.1),)
    assert patch.resolve("/chair", (1,), 1.0) == (Control("chair", 1.0, 1.5),)
    for seat in SEATS:
        assert patch.resolve(f"/table/plate/{seat}", (1,), 1.0) == (Control(f"plate.{seat}", 1.0, 0.04),)


def test_without_seats_any_segment_is_a_stranger() -> None:
    patch = Patch([PLATE])
    for number in range(MAX_STRANGERS):
        patch.resolve(f"/table/plate/{number}", (1,), 0.0)
    with pytest.raises(Refused, match="no more are taken"):
        patch.resolve("/table/plate/mom", (1,), 0.0)


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("/show/goto", "goto"),
        ("/show/panic", "panic"),
        ("/show/pnaic", "show"),
        ("/show/go/now", "show"),
        ("/show/\ud800", "show"),
        ("/cue/x/go", "goto"),
        ("/pedal", "go"),
        ("/chair", ""),
        ("/control/x", ""),
        ("/table/plate/mom", ""),
        ("/nothing", ""),
        ("", ""),
    ],
)
def test_which_command_a_message_is_about(address: str, command: str) -> None:
    assert Patch([PLATE, CHAIR, PEDAL], SEATS).command(address) == command


def test_urgent_addresses_are_those_that_may_mean_events() -> None:
    buttons = PatchEntry("/buttons/{name}", event="back")
    assert set(Patch([PLATE, CHAIR, PEDAL, buttons]).urgent()) == {
        *("/show/", "/cue/", "/speech", "/mid-speech", "/play-finished"),
        *("/pedal", "/buttons/"),
    }


anything = st.one_of(
    st.floats(), st.integers(), st.text(max_size=5), st.binary(max_size=5), st.none(), st.booleans()
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["/chair", "/pedal", "/table/plate/mom", "/table/plate/dad", "/show/go", "/show/master"]
            )
            | st.text(max_size=12),
            st.lists(anything, max_size=2),
            st.floats(0.0, 3.0),
        ),
        max_size=30,
    )
)
def test_whatever_comes_events_are_sound_and_gates_alternate(
    messages: list[tuple[str, list[object], float]],
) -> None:
    patch = Patch([PLATE, CHAIR, PEDAL], SEATS)
    now, events = 0.0, list[Event]()
    for address, args, wait in messages:
        now += wait
        while (due := patch.deadline()) is not None and due <= now:
            events += patch.advance(due)
        try:
            events += patch.resolve(address, args, now)
        except Refused:
            continue
    controls = [event for event in events if isinstance(event, Control)]
    assert all(0.0 <= event.value <= 1.0 for event in controls)
    gate = [event.value for event in controls if event.name == "chair"]
    assert all(before != after for before, after in pairwise(gate))


def test_a_show_that_has_forgotten_is_told_again() -> None:
    patch = Patch([CHAIR])
    assert patch.resolve("/chair", (1.0,), 0.0) == (ON,)
    assert patch.resolve("/chair", (1.0,), 1.0) == ()
    patch.anew()
    assert patch.resolve("/chair", (1.0,), 2.0) == (ON,)
    assert patch.resolve("/chair", (1.0,), 3.0) == ()


def test_readers_of_single_values() -> None:
    assert cue_number(12) == "12"
    assert unit(1) == 1.0
    assert finite(False) == 0.0
    for reader, wrong in [
        (cue_number, True),
        (cue_number, 1.5),
        (cue_number, 10**6),
        (unit, -0.1),
        (finite, "1"),
        (finite, [1]),
    ]:
        with pytest.raises(Refused):
            reader(wrong)


ROOM = [
    ("/speech", ("mom", "good evening"), Speech("mom", "good evening", True)),
    ("/mid-speech", ("dad", ""), Speech("dad", "", False)),
    ("/play-finished", ("mom",), PlayFinished("mom")),
    ("/play-finished", ("mom", "a.wav"), PlayFinished("mom", "a.wav")),
    ("/show/reset", (1,), Reset()),
    ("/show/note", (" dad laughs ",), Note("dad laughs")),
    ("/show/take", (), Take()),
    ("/show/skip", (1,), Skip()),
    ("/show/take", ("2.1",), Take("2.1")),
    ("/show/skip", ("2.1",), Skip("2.1")),
    ("/show/stop", (), Stop()),
    ("/show/stop", (1,), Stop()),
    ("/show/stop", ("12.5",), Stop("12.5")),
    ("/show/desk", ("rehearsal",), Desk(DeskMode.REHEARSAL)),
    ("/show/fire", ("2.1",), Fire("2.1")),
    ("/cue/2.1/start", (), Fire("2.1")),
    ("/cue/2.1/start", (1,), Fire("2.1")),
]


@pytest.mark.parametrize(("address", "args", "event"), ROOM)
def test_what_a_performed_script_hears(address: str, args: tuple[object, ...], event: Event) -> None:
    assert Patch(seats=("mom", "dad")).resolve(address, args, 0.0) == (event,)


@pytest.mark.parametrize(
    ("address", "args", "said"),
    [
        ("/speech", ("mom",), "expected two arguments, a guest and what was said, got 1"),
        ("/speech", ("mum", "x"), "no such seat; the seats are mom, dad"),
        ("/speech", (3, "x"), "expected the name of a guest"),
        ("/speech", ("mom", 3), "expected text, got 3"),
        ("/speech", ("mom", "x" * 5000), "expected at most 4000 characters of speech"),
        ("/speech", ("mom", "\ud800"), "UTF-8"),
        ("/speech/mom", ("x",), "/speech, /mid-speech, /play-finished"),
        ("/play-finished", (), "expected the guest and, if it is known, the file; got 0 arguments"),
        ("/show/note", ("  ",), "expected a few words"),
        ("/show/stop", ("x y",), "expected a cue number"),
        ("/show/desk", ("shwo",), "expected one of edit, rehearsal, show"),
    ],
)
def test_what_a_script_cannot_hear_is_refused(address: str, args: tuple[object, ...], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        Patch(seats=("mom", "dad")).resolve(address, args, 0.0)
    assert said in str(refusal.value)


def test_the_release_of_a_stop_button_means_nothing() -> None:
    assert Patch().resolve("/show/stop", (0,), 0.0) == ()


def test_a_foot_switch_may_take_a_line() -> None:
    patch = Patch([PatchEntry("/foot", event="take")])
    assert patch.resolve("/foot", (1.0,), 0.0) == (Take(),)


def controls(events: tuple[Event, ...]) -> list[tuple[str, float]]:
    return sorted((event.name, event.value) for event in events if isinstance(event, Control))


def test_wildcards_reach_every_sensor_that_matches_heard_or_not() -> None:
    glass = PatchEntry("/table/glass/{seat}", control="glass.{seat}")
    patch = Patch([PLATE, glass, PEDAL], SEATS)
    assert controls(patch.resolve("/table/plate/*", (0.5,), 0.0)) == [("plate.dad", 0.5), ("plate.mom", 0.5)]
    assert controls(patch.resolve("/table/{plate,glass}/m?m", (1,), 0.0)) == [
        ("glass.mom", 1.0),
        ("plate.mom", 1.0),
    ]
    assert len(patch.resolve("/*/*/[!x]*", (0,), 0.0)) == 4
    with pytest.raises(Refused, match="expected a finite number, got 'hard'"):
        patch.resolve("/table/plate/*", ("hard",), 0.0)


def test_wildcards_never_reach_a_button() -> None:
    with pytest.raises(Refused, match="neither /show, /cue, /control nor buttons"):
        Patch([PEDAL, PLATE], SEATS).resolve("/peda?", (), 0.0)
    exact = PatchEntry("/table/plate/mom", event="go")
    assert controls(Patch([PLATE, exact], SEATS).resolve("/table/plate/*", (1,), 0.0)) == [("plate.dad", 1.0)]


def test_wildcards_reach_strangers_once_they_were_heard_and_not_too_many() -> None:
    patch = Patch([PatchEntry("/any/{name}", control="{name}")])
    with pytest.raises(Refused, match="no sensor matches"):
        patch.resolve("/any/*", (1,), 0.0)
    patch.resolve("/any/lamp", (0.2,), 0.0)
    assert controls(patch.resolve("/any/*", (1,), 0.0)) == [("lamp", 1.0)]
    for number in range(MAX_REACHED):
        patch.resolve(f"/any/{number}", (0.2,), 0.0)
    with pytest.raises(Refused, match=f"{MAX_REACHED + 1} sensors match, where at most {MAX_REACHED}"):
        patch.resolve("/any/*", (1,), 0.0)
    assert len(patch.resolve("/any/[0-9]", (1,), 0.0)) == 10


@pytest.mark.parametrize(
    ("address", "moves"),
    [
        ("/show/go", True),
        ("/show/goto", True),
        ("/show/stop", True),
        ("/show/take", True),
        ("/cue/3/go", True),
        ("/pedal", True),
        ("/show/panic", False),  # right at any time
        ("/show/master", False),
        ("/show/blackout", False),
        ("/table/plate/mom", False),
        ("/control/noise", False),
        ("/speech", False),
        ("/nobody", False),
    ],
)
def test_what_moves_the_show(address: str, moves: bool) -> None:
    assert Patch([PLATE, PEDAL], SEATS).transport(address) is moves
