"""`marrow import-script`: the show file plays what the script played, and what cannot be carried is told."""

import heapq
import json
import tomllib
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from server.check import inspect
from server.importing.cues import INSTEAD, Rig, show_text
from server.importing.oldscript import ScriptError, load, read
from server.importing.script import import_script
from show_control.actions import InEar, Line
from show_control.clip import Clip
from show_control.cue import Group, Order
from show_control.effects import Play, Prompt, Send
from show_control.events import Event, Go, PlayFinished, Speech
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show
from show_control.walk import WalkKind
from tests.server.importing.old_engine import FILE, Logged, OldEngine, Speaks, perfect, silent

app = typer.Typer()
app.command()(import_script)

EAR = {"target": "mom", "lines": [{"text": "Look at your son.", "file": "a.wav", "pause": 12}]}
SCRIPT: dict[str, Any] = {
    "script-lines": [
        {
            "in-ear": [
                {"target": "mom", "lines": [{"text": "You are at home here.", "file": "1.wav", "pause": 10}]},
                {
                    "target": "dad",
                    "lines": [
                        {"text": "Smile.", "file": "2.wav"},
                        {"text": "Now look at the door.", "file": "3.wav", "pause": 25},
                    ],
                },
            ],
            "delay": 8,
        },
        {"speaker": "dad", "text": "The soup has been warm since this morning", "noskip": True},
        {
            "speaker": "sister",
            "text": "I have counted every chair in this house twice",
            "timeout": "I counted the chairs",
            "delay": 5,
            "triggers-osc": [
                {"target": "td", "address": "/fade", "value": 0.5, "delay": 2},
                {"target": "td", "address": "/fade", "value": 0.7, "delay": 2},
                {"target": "unity", "address": "/scene", "value": "bowl", "delay": 30},
            ],
            "triggers-midi": [{"note": 62, "delay": 0}, {"note": 64, "delay": 1.5}],
        },
        {"speaker": "mom", "type": "OPEN", "text": "", "save": True, "timeout": [EAR]},
        {"speaker": "brother", "text": "So there is %answer% under the table again"},
        {"triggers-osc": [{"target": "unity", "address": "/wave", "value": 3, "delay": 4}]},
        {"speaker": "sister", "text": "Nobody left and nobody came back", "timeout": "Nobody left"},
    ]
}


def imported(script: dict[str, Any], rig: Rig | None = None, clips: str = "") -> tuple[ShowFile, list[str]]:
    """The show that comes of a script, and what is told."""
    entries, problems = read("script.json", script)
    text, others = show_text("A night", entries, rig or Rig(), clips)
    return parse_show(text, "show.toml"), [str(problem) for problem in (*problems, *others)]


def only(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"script-lines": list(entries)}


class Night:
    """The show from one GO on, against the same guests and players as the old engine's."""

    def __init__(self, file: ShowFile, speaks: Speaks) -> None:
        self.log: list[Logged] = []
        self._show = Show(file, 0.0)
        self._speaks = speaks
        self._order = count()
        self._coming: list[tuple[float, int, Event, int]] = [(0.0, next(self._order), Go(), 0)]
        self._shown: dict[str, int] = {}

    def play(self) -> list[Logged]:
        while True:
            coming = [self._coming[0][0]] if self._coming else []
            due = self._show.deadline()
            times = coming if due is None else [*coming, due]
            if not times or min(times) > 3600.0:
                return self.log
            now = min(times)
            self._show.advance(now)
            self._collect(now)
            if coming and coming[0] <= now:
                _, _, event, showing = heapq.heappop(self._coming)
                # What was still to be said to words that are gone is not said.
                if not isinstance(event, Speech) or self._shown.get(event.role) == showing:
                    assert self._show.receive(event, now).ok
                    self._collect(now)

    def _collect(self, now: float) -> None:
        at = round(now, 6)
        for effect in self._show.take_effects():
            match effect:
                case Send(target, address, args):
                    self.log.append((at, ("send", target, address, args)))
                case Play(role, name):
                    self.log.append((at, ("play", role, name)))
                    self._later(now + FILE, PlayFinished(role), 0)
                case Prompt(role, text, "line" | "open" | "easier"):
                    self.log.append((at, ("show", role, text)))
                    self._shown[role] = showing = next(self._order)
                    for after, said, final in self._speaks(role, text):
                        self._later(now + after, Speech(role, said, final), showing)
                case Prompt(role, _, "done"):
                    self._shown.pop(role, None)

    def _later(self, at: float, event: Event, showing: int) -> None:
        heapq.heappush(self._coming, (at, next(self._order), event, showing))


def played(file: ShowFile, speaks: Speaks) -> list[Logged]:
    return Night(file, speaks).play()


def same(ours: list[Logged], theirs: list[Logged]) -> None:
    """Equal, but for the order of what happens at one time, and for rounding."""
    assert len(ours) == len(theirs)
    for (at, what), (then, other) in zip(sorted_by_time(ours), sorted_by_time(theirs), strict=True):
        assert (what, at) == (other, pytest.approx(then, abs=1e-4))


def sorted_by_time(log: list[Logged]) -> list[Logged]:
    return sorted(log, key=lambda entry: (round(entry[0], 3), repr(entry[1])))


def wrong_words(role: str, shown: str) -> Any:
    """Talks and talks, about something else; to the easier wording says what is written."""
    if shown == "I counted the chairs":
        return list(perfect(role, shown))
    if shown.startswith("I have counted"):
        return [(4.0 * n, "blue elephants dance quietly", True) for n in range(1, 20)]
    return list(perfect(role, shown))


def silent_but_for_noskip(role: str, shown: str) -> Any:
    return list(perfect(role, shown)) if shown.startswith("The soup") else []


@pytest.mark.parametrize("speaks", [perfect, wrong_words, silent_but_for_noskip])
def test_it_plays_what_the_old_engine_played(speaks: Speaks) -> None:
    file, _ = imported(SCRIPT)
    same(played(file, speaks), OldEngine(SCRIPT, speaks, INSTEAD).play())


def test_a_line_that_is_not_to_be_skipped_waits_for_ever() -> None:
    file, _ = imported(SCRIPT)
    ours, theirs = played(file, silent), OldEngine(SCRIPT, silent, INSTEAD).play()
    same(ours, theirs)
    assert ours[-1][1] == ("show", "dad", "The soup has been warm since this morning")


WORDS = [
    *("orange", "window", "brother", "gallop", "seventeen", "kitchen", "umbrella", "fog", "marble", "piano"),
    *("thursday", "jacket", "volcano"),
]
seconds = st.integers(0, 12).map(lambda n: n / 2)
texts = st.lists(st.sampled_from(WORDS), min_size=3, max_size=9, unique=True).map(" ".join)
roles = st.sampled_from(["mom", "dad", "brother", "sister"])
whispers = st.lists(
    st.fixed_dictionaries(
        {"text": texts, "file": st.sampled_from(["x.wav", "y.wav"]), "pause": st.integers(0, 40)}
    ),
    min_size=1,
    max_size=3,
)
ears = st.lists(st.tuples(roles, whispers), min_size=1, max_size=3, unique_by=lambda item: item[0]).map(
    lambda items: [{"target": to, "lines": lines} for to, lines in items]
)
sends = st.fixed_dictionaries(
    {
        "target": st.sampled_from(["td", "unity"]),
        "address": st.sampled_from(["/fade", "/scene"]),
        "value": st.one_of(st.integers(-9, 9), st.floats(-1, 1), texts),
        "delay": seconds,
    }
)
hits = st.fixed_dictionaries({"note": st.integers(0, 127), "delay": seconds})
triggers = {
    "triggers-osc": st.lists(sends, max_size=3),
    "triggers-midi": st.lists(hits, max_size=3),
    "delay": seconds,
}
entries = st.one_of(
    st.fixed_dictionaries({"speaker": roles, "text": texts}, optional={"timeout": texts, **triggers}),
    st.fixed_dictionaries(
        {"speaker": roles, "type": st.just("OPEN"), "text": st.just("")},
        optional={"save": st.booleans(), "timeout": ears, **triggers},
    ),
    st.fixed_dictionaries({"in-ear": ears}, optional=triggers),
    st.fixed_dictionaries(
        {"triggers-osc": st.lists(sends, min_size=1, max_size=3)}, optional={"delay": seconds}
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(entries, min_size=1, max_size=6), st.sampled_from([perfect, silent]))
def test_any_script_plays_what_the_old_engine_played(lines: list[dict[str, Any]], speaks: Speaks) -> None:
    script = {"script-lines": lines}
    file, told = imported(script)
    assert all("better words" in line for line in told)
    same(played(file, speaks), OldEngine(script, speaks, INSTEAD).play())


# cue by cue


def test_each_entry_is_a_cue_of_its_number_and_one_go_plays_them_all() -> None:
    file, _ = imported(SCRIPT)
    assert [cue.number for cue in file.cues] == ["1", "2", "3", "4", "5", "6", "7"]
    assert [cue.action.kind for cue in file.cues] == [
        "in-ear",
        "line",
        "line",
        "line",
        "line",
        "send",
        "line",
    ]
    assert [cue.follow.done for cue in file.cues] == [True] * 6 + [False]
    assert [cue.pre_wait for cue in file.cues] == [8.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0]
    assert list(file.guests) == ["mom", "dad", "sister", "brother"]


def test_what_a_line_says_is_kept() -> None:
    file, told = imported(SCRIPT)
    second, third, fourth = (file.cues.every[number].action for number in ("2", "3", "4"))
    assert isinstance(second, Line)
    assert (second.speaker, second.noskip, second.easier) == ("dad", True, "")
    assert isinstance(third, Line)
    assert third.easier == "I counted the chairs"
    assert isinstance(fourth, Line)
    assert (fourth.open, fourth.save, fourth.instead) == (True, "answer", INSTEAD)
    assert [(item.to, item.file, item.pause) for item in fourth.prompt] == [("mom", "a.wav", 1.2)]
    assert told == [
        f'entry 4: save: "{INSTEAD}" stands where nobody has answered: say better words, as instead'
    ]


def test_two_sends_of_one_address_and_delay_both_go_out() -> None:
    file, _ = imported(SCRIPT)
    fades = [send for send in file.cues.every["3"].sends if send.address == "/fade"]
    assert [(send.args, send.delay) for send in fades] == [((0.5,), 2.0), ((0.7,), 2.0)]


def test_a_note_ends_half_a_second_later_in_any_case() -> None:
    file, _ = imported(
        only({"speaker": "dad", "text": "Yes of course", "triggers-midi": [{"note": 62, "delay": 2}]})
    )
    on, off = file.cues.every["1"].sends
    assert (on.address, on.args, on.delay, on.always) == ("/noteOn", (62, 127), 2.0, False)
    assert (off.address, off.args, off.delay, off.always) == ("/noteOff", (62,), 2.5, True)


def test_whispers_without_a_file_are_given_one_and_their_words_stand_beside_it() -> None:
    script = only({"in-ear": [{"target": "mom", "lines": [{"text": "Breathe # in."}, {"text": "Out."}]}]})
    read_entries, _ = read("script.json", script)
    text, _ = show_text("A night", read_entries, Rig())
    assert '{ to = "mom", file = "1-mom-1.wav" },  # Breathe # in.' in text
    action = parse_show(text, "show.toml").cues.every["1"].action
    assert isinstance(action, InEar)
    assert [item.file for item in action.plays] == ["1-mom-1.wav", "1-mom-2.wav"]


def test_remarks_are_notes() -> None:
    file, _ = imported(only({"speaker": "dad", "text": "Yes of course", "comment": "He lies."}))
    assert file.cues.every["1"].notes == "He lies."


# the streamer

CLIPS = """[clips]
drops = { from = "@drops.from", to = "@drops.to", steps = 432 }
apple = { from = "@drops.to", to = "@apple.to", steps = 432 }
"""
STREAMER = Rig(clips=("drops", "apple"))


def sequence(value: object, delay: float = 0.0, address: str = "/start-sequence") -> dict[str, Any]:
    trigger = {"target": "stylegan", "address": address, "value": value, "delay": delay}
    return {"speaker": "dad", "text": "Here it comes now", "delay": 3, "triggers-osc": [trigger]}


def test_a_sequence_is_a_look_that_begins_with_the_line() -> None:
    file, told = imported(only(sequence("drops, apple")), STREAMER, CLIPS)
    look, line = file.cues
    assert (look.number, look.pre_wait, look.follow.after) == ("1", 3.0, 0.0)
    assert look.change.walk is not None
    assert look.change.walk.clips == (
        Clip("@drops.from", "@drops.to", 432),
        Clip("@drops.to", "@apple.to", 432),
    )
    assert (line.number, line.pre_wait, line.sends) == ("1.1", 0.0, ())
    assert told == []
    shown = [at for at, what in played(file, perfect) if what[0] == "show"]
    assert shown == [3.0]


def test_a_sequence_that_begins_later_is_in_a_group_with_the_line() -> None:
    file, told = imported(only(sequence("drops", 2.0)), STREAMER, CLIPS)
    [group] = file.cues
    assert isinstance(group.action, Group)
    assert (group.action.order, group.pre_wait) == (Order.TOGETHER, 3.0)
    line, look = group.cues
    assert (line.action.kind, line.pre_wait, look.action.kind, look.pre_wait) == ("line", 0.0, "look", 2.0)
    assert told == ["entry 1: triggers-osc: the cue is not done before its sequence begins, 2 s in"]


def test_a_clip_that_there_is_not_is_told_and_the_others_play() -> None:
    file, told = imported(only(sequence("drops,dorps,apple")), STREAMER, CLIPS)
    walk = file.cues.every["1"].change.walk
    assert walk is not None
    assert len(walk.clips) == 2
    assert told == ['entry 1: triggers-osc: there is no clip "dorps" in [clips]; the others play']
    alone, _ = imported(only(sequence("dorps")), STREAMER, CLIPS)
    assert [cue.action.kind for cue in alone.cues] == ["line"]


def test_a_random_walk_is_a_long_round() -> None:
    file, told = imported(only(sequence(1, address="/random")), STREAMER, CLIPS)
    walk = file.cues.every["1"].change.walk
    assert walk is not None
    assert (walk.kind, len(walk.points), walk.seconds) == (WalkKind.LOOP, 24, 288.0)
    assert "the random walk is a round of 24 seeds, 288 s long" in told[0]


def test_what_the_streamer_alone_knew_is_left_out_and_told() -> None:
    file, told = imported(only(sequence("x", address="/load-snapshot")), STREAMER, CLIPS)
    assert file.targets == frozenset()
    assert told == ["entry 1: triggers-osc: the show itself has no /load-snapshot; left out"]


def test_without_clips_the_streamer_is_sent_what_it_was() -> None:
    file, told = imported(only(sequence("drops", 2.0)))
    assert file.cues.every["1"].sends == (Send("stylegan", "/start-sequence", ("drops",), 2.0),)
    assert told == []


# what cannot be carried


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, "empty; left out"),
        (7, "expected a table, not 7"),
        ({"delay": 3}, "neither a line, nor in-ear, nor triggers; left out"),
        ({"speaker": "dad"}, "text: missing; expected the words of the line, which is left out"),
        (
            {"speaker": "the dad", "text": "Yes"},
            'speaker: expected a name such as "mom", not the text "the dad"',
        ),
        ({"speaker": "dad", "text": "Yes", "mood": "sad"}, "mood: unknown key."),
        ({"speaker": "dad", "text": "Yes", "delay": -1}, "delay: -1 is out of range"),
        ({"speaker": "dad", "text": "Yes", "delay": float("nan")}, "delay: nan is out of range"),
        ({"speaker": "dad", "text": "Yes", "type": "CHORUS"}, 'type: expected "OPEN" or nothing'),
        (
            {"speaker": "dad", "text": "Yes", "timeout": [EAR]},
            "timeout: only an OPEN line can be helped by in-ear",
        ),
        ({"speaker": "dad", "text": "Yes", "save": True}, "save: only what is said to a line of"),
        ({"speaker": "dad", "type": "OPEN", "save": "a b"}, "save: expected true"),
        ({"speaker": "dad", "text": "Yes", "in-ear": [EAR]}, "in-ear: a line and in-ear in one entry"),
        ({"speaker": "dad", "text": "So %answer% it is"}, "text: no open line keeps %answer%"),
        ({"in-ear": [{"target": "mom", "lines": [{"pause": 3}]}]}, "text: missing; expected the words"),
        ({"in-ear": [{"lines": [{"text": "Yes"}]}]}, "target: expected a name"),
        ({"triggers-midi": [{"note": 128}]}, "note: expected a whole number from 0 to 127"),
        ({"triggers-midi": [{"delay": 1}]}, "note: missing"),
        ({"triggers-osc": [{"target": "td", "address": "fade"}]}, "address: expected an OSC address"),
        ({"triggers-osc": [{"target": "td", "address": "/a*"}]}, "address: expected an OSC address"),
        ({"triggers-osc": [{"target": "td", "address": "/a", "value": {}}]}, "value: expected text"),
        ({"triggers-osc": [{"target": "td", "address": "/a", "value": 2**40}]}, "value: expected text"),
        (
            {"triggers-osc": [{"target": "td", "address": "/a", "value": float("inf")}]},
            "value: expected text",
        ),
    ],
)
def test_what_means_nothing_is_told_with_its_entry_and_key(entry: object, expected: str) -> None:
    file, told = imported({"script-lines": [{"speaker": "mom", "text": "Good evening"}, entry]})
    assert any("entry 2: " in line and expected in line for line in told), told
    assert "1" in file.cues.every


def test_text_that_cannot_be_written_is_made_so() -> None:
    file, _ = imported(only({"speaker": "dad", "text": 'A "quote" \\ and\n\ta \ud800 \x7f line % 100 %'}))
    line = file.cues.every["1"].action
    assert isinstance(line, Line)
    assert line.text == 'A "quote" \\ and a line % 100 %'


@pytest.mark.parametrize("plain", [[], {}, {"script-lines": []}, {"script-lines": {}}, 7, None, "x"])
def test_what_is_no_script_is_refused(plain: object) -> None:
    with pytest.raises(ScriptError, match="expected"):
        read("script.json", plain)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "script.json").write_bytes(data)
    with pytest.raises(ScriptError, match=r"script\.json: not JSON"):
        load(tmp_path / "script.json")


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.just("/a"),
        st.just("mom"),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "speaker",
                    "text",
                    "type",
                    "save",
                    "timeout",
                    "noskip",
                    "in-ear",
                    "target",
                    "lines",
                    "pause",
                    "delay",
                    "triggers-osc",
                    "triggers-midi",
                    "address",
                    "value",
                    "note",
                    "comment",
                    "other",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, min_size=1, max_size=4))
def test_anything_makes_a_show_that_can_be_played(lines: list[object]) -> None:
    good = {"speaker": "mom", "text": "Good evening"}
    file, _ = imported({"script-lines": [*lines, good]}, STREAMER, CLIPS)
    assert str(len(lines) + 1) in file.cues.every


# the command


def call(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "night.json"
    path.write_text(json.dumps(SCRIPT))
    return path


CONFIG = """
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[table]
seats = ["mom", "dad", "brother", "sister"]
[script]
play = "ears"
prompt = "ears"
record = "ears"
"""


def test_the_show_passes_the_check(script: Path, network: Path, tmp_path: Path) -> None:
    status, output = call(script, "-o", tmp_path / "show.toml")
    assert status == 0
    assert "show.toml: 7 cues of 7 entries" in output
    assert "seats mom, dad, sister, brother; [[osc.target]] td, unity, audio" in output
    targets = "".join(
        f'[[osc.target]]\nname = "{name}"\nport = 7000\n' for name in ("td", "unity", "audio", "ears")
    )
    (tmp_path / "config.toml").write_text(CONFIG + targets)
    verdict = inspect(tmp_path / "config.toml")
    assert [str(problem) for problem in verdict.problems] == []


def test_clips_of_an_import_are_played(script: Path, tmp_path: Path) -> None:
    (tmp_path / "clips.toml").write_text(CLIPS)
    script.write_text(json.dumps(only(sequence("drops,apple"))))
    assert "to play its clips here: marrow import-clips" in call(script, "-o", tmp_path / "a.toml")[1]
    status, output = call(
        script, "-o", tmp_path / "b.toml", "--clips", tmp_path / "clips.toml", "--language", "nl"
    )
    assert (status, "marrow import-clips" in output) == (0, False)
    show = parse_show((tmp_path / "b.toml").read_text(), "b.toml")
    assert show.title == "night"
    assert show.guests["dad"].language == "nl"
    assert show.cues.every["1"].change.walk is not None
    assert tomllib.loads((tmp_path / "b.toml").read_text())["clips"] == tomllib.loads(CLIPS)["clips"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--language", "xx"], '--language "xx": expected one of en, fr, de, nl'),
        (["--clips", "CLIPS"], "no file with [clips]; make one with marrow import-clips"),
    ],
)
def test_a_command_that_cannot_be_followed_is_refused(
    script: Path, tmp_path: Path, words: list[str], expected: str
) -> None:
    (tmp_path / "CLIPS").write_text("x = 1\n")
    given = [str(tmp_path / "CLIPS") if word == "CLIPS" else word for word in words]
    status, output = call(script, "-o", tmp_path / "show.toml", *given)
    assert (status, expected in output) == (2, True), output
    assert not (tmp_path / "show.toml").exists()


def test_a_show_that_is_there_is_not_written_over(script: Path, tmp_path: Path) -> None:
    show = tmp_path / "show.toml"
    show.write_text("mine")
    status, output = call(script, "-o", show)
    assert (status, "is there already" in output, show.read_text()) == (2, True, "mine")


def test_a_script_of_nothing_writes_nothing(script: Path, tmp_path: Path) -> None:
    script.write_text(json.dumps(only({"delay": 3})))
    status, output = call(script, "-o", tmp_path / "show.toml")
    assert (status, "makes no show that can be played" in output) == (2, True)
    assert not (tmp_path / "show.toml").exists()
