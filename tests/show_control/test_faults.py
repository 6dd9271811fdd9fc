"""What went wrong in the rig of 2020, each a test: here it cannot."""

from itertools import pairwise

import pytest

from show_control.effects import Play, Prompt, Send
from show_control.events import Back, Event, Go, Goto, Panic, Speech, StandBy, Stop, Take
from show_control.show import Show
from show_control.showfile import ShowFileError, parse_show
from show_control.snapshot import Snapshot

SAFE = "[safe]\nwalk = { still = 0 }\n"


def play(text: str, *steps: tuple[float, Event]) -> Show:
    show = Show(parse_show(SAFE + text, "rig.toml"), 0.0)
    for now, event in steps:
        show.receive(event, now)
    return show


def heard(show: Show, until: float) -> list[str]:
    show.advance(until)
    return [effect.address for effect in show.take_effects() if isinstance(effect, Send)]


SENDS = """
[[cue]]
number = "1"
name = "sends"
kind = "send"
send = [
  { to = "s", address = "/a", args = [1], delay = 5 },
  { to = "s", address = "/a", args = [2], delay = 5 },
  { to = "s", address = "/b", delay = 9 },
]
[[cue]]
number = "2"
name = "end"
kind = "memo"
"""


@pytest.mark.parametrize("stop", [Stop(), Stop("1"), Panic(), Goto("2"), Back()])
def test_stop_leaves_no_delayed_send_alive(stop: Event) -> None:
    """They leaked into the next audience."""
    before = (0.0, Go()) if not isinstance(stop, Back) else (0.0, Goto("2"))
    show = play(SENDS, before, (1.0, StandBy("1")), (1.0, Go()))
    if isinstance(stop, Back):
        show.receive(Goto("2"), 1.5)
    show.receive(stop, 2.0)
    show.take_effects()
    kept = [] if not isinstance(stop, Back) else ["/a", "/a", "/b"]  # going back to 1 plays it anew
    assert heard(show, 3600.0) == kept


def test_a_long_sequence_does_not_drift_from_its_camera_move() -> None:
    """The picture was paced by sleeping after the work. A clip of 432 steps at 24 a second lasts 18 s here,
    whenever anybody looks, and five of them in a row 90 s."""
    clips = "".join(
        f'[[cue]]\nnumber = "{n}"\nname = "clip"\nfollow = 18.0\nfade = 0.5\n'
        f"look = {{ walk = {{ chain = [{n}, {n + 1}], seconds = 18 }} }}\n"
        for n in range(1, 6)
    )
    end = '[[cue]]\nnumber = "6"\nname = "end"\nkind = "memo"\nsend = [{ to = "s", address = "/end" }]\n'
    lazy, eager = play(clips + end, (100.0, Go())), play(clips + end, (100.0, Go()))
    for step in range(1, 8901):
        eager.advance(100.0 + step * 0.01003)
    for show in (lazy, eager):
        assert heard(show, 189.999) == []
        assert heard(show, 190.0) == ["/end"]
    assert lazy.snapshot() == eager.snapshot()


def test_a_cue_that_is_called_again_plays_nothing_stale() -> None:
    """It appended to a queue that was not cleared."""
    clips = """
    [[cue]]
    number = "1"
    name = "clip"
    kind = "group"
    mode = "sequence"
    [[cue.cue]]
    number = "1.1"
    name = "one"
    kind = "wait"
    seconds = 10
    send = [{ to = "s", address = "/one" }]
    [[cue.cue]]
    number = "1.2"
    name = "two"
    kind = "memo"
    send = [{ to = "s", address = "/two" }]
    """
    show = play(clips, (0.0, Go()), (6.0, StandBy("1")), (6.0, Go()))
    assert heard(show, 100.0) == ["/one", "/one", "/two"]
    assert show.status(100.0).running == ()


def test_start_pressed_twice_starts_once() -> None:
    show = play(SENDS, (0.0, Go()), (0.2, Go()))
    status = show.status(0.2)
    assert status.current is not None
    assert status.current.number == "1"
    assert heard(show, 60.0) == ["/a", "/a", "/b"]


def test_a_missing_clip_is_refused_before_doors() -> None:
    """It killed the picture for good."""
    with pytest.raises(ShowFileError, match='no point in \\[points\\] is named "clpi7"'):
        parse_show(
            f'{SAFE}[points]\nclip7 = 7\n[[cue]]\nnumber = "1"\nname = "x"\n'
            'look = { walk = { still = "clpi7" } }\n',
            "rig.toml",
        )


def test_a_lost_play_finished_does_not_hang_the_scene() -> None:
    show = play(
        '[[cue]]\nnumber = "1"\nname = "whisper"\nkind = "in-ear"\nfollow = "done"\ntimeout = 4\n'
        'plays = [{ to = "mom", file = "hello.wav" }, { to = "mom", file = "again.wav" }]\n'
        '[[cue]]\nnumber = "2"\nname = "on"\nkind = "memo"\n',
        (0.0, Go()),
    )
    show.advance(8.0)
    assert show.take_effects() == (Play("mom", "hello.wav"), Play("mom", "again.wav"))
    status = show.status(8.0)
    assert status.failed is not None
    assert "mom's player never answered to hello.wav; mom's player never answered" in status.failed.reason
    assert status.current is not None
    assert status.current.number == "2"


def test_two_sends_of_one_address_and_delay_both_go_out() -> None:
    show = play(SENDS, (0.0, Go()))
    show.advance(5.0)
    assert [effect.args for effect in show.take_effects() if isinstance(effect, Send)] == [(1,), (2,)]


def test_back_restores_the_picture() -> None:
    cues = "".join(
        f'[[cue]]\nnumber = "{n}"\nname = "x"\nfade = 1\nlook = {{ walk = {{ still = {n} }}, psi = 0.{n} }}\n'
        for n in (1, 2, 3)
    )
    show = play(cues, (0.0, Go()), (10.0, Go()))
    before = show.snapshot().at(19.0)
    show.receive(Go(), 20.0)
    assert show.snapshot().at(29.0) != before
    show.receive(Back(), 30.0)
    assert show.snapshot().at(39.0) == before


def test_the_operator_sees_the_line_and_the_next() -> None:
    text = "".join(
        f'[[cue]]\nnumber = "{n}"\nname = "x"\nkind = "line"\nspeaker = "mom"\nfollow = "done"\n'
        f'text = "{words}"\n'
        for n, words in enumerate(("Pass the salt", "Who is that at the door", "Nobody"), 1)
    )
    show = play(text, (0.0, Go()))
    seen = []
    for now in (1.0, 2.0, 3.0):
        status = show.status(now)
        seen.append((status.line and status.line.text, status.next_line and status.next_line.text))
        show.receive(Take(), now)
    assert seen == [
        ("Pass the salt", "Who is that at the door"),
        ("Who is that at the door", "Nobody"),
        ("Nobody", None),
    ]


def test_another_network_restarts_nothing() -> None:
    """A changed snapshot restarted the whole generator. Here one network dissolves into the other."""
    text = (
        '[[cue]]\nnumber = "1"\nname = "a"\nfade = 4\n'
        '[[cue]]\nnumber = "2"\nname = "b"\nfade = 4\nlook = { network = "sea" }\n'
    )
    show = Show(parse_show(SAFE + text, "rig.toml"), 0.0, ("main", "sea"))
    show.receive(Goto("2"), 0.0)
    snapshot: Snapshot = show.snapshot()
    shares = [{look.network: share for share, look in snapshot.looks(now / 10)} for now in range(41)]
    assert (shares[0], shares[-1]) == ({"main": 1.0}, {"sea": 1.0})
    assert all(one.get("sea", 0.0) <= two.get("sea", 0.0) for one, two in pairwise(shares))


def test_a_line_of_the_last_audience_is_off_the_plate() -> None:
    text = '[[cue]]\nnumber = "1"\nname = "x"\nkind = "line"\nspeaker = "mom"\ntext = "Pass the salt"\n'
    show = play(text + '[[cue]]\nnumber = "2"\nname = "y"\nkind = "memo"\n', (0.0, Go()), (1.0, Goto("2")))
    assert Prompt("mom", "Pass the salt", "done") in show.take_effects()
    show.receive(Speech("mom", "pass the salt", True), 2.0)
    assert show.take_effects() == ()
    assert show.deadline() is None
