"""Tapes: recorded as JSON lines with times, and played again at their own times."""

import json

import pytest

from server.monitor.tape import LONGEST, Player, Recorder, Step, TapeError, parse

TABLE = """
{"at": 2, "address": "/table/plate/mom", "args": [0.4]}
{"at": 0.5, "address": "/table/chair/mom", "args": [1]}

{"at": 1.0, "role": "mom", "text": "good evening", "final": true}
{"at": 0.9, "role": "mom", "text": "good", "final": false}
"""


def test_lines_come_in_order_of_time_and_those_of_a_rehearsal_are_taken() -> None:
    assert parse(TABLE, "table.jsonl") == [
        Step(0.5, "/table/chair/mom", (1,)),
        Step(0.9, "/mid-speech", ("mom", "good")),
        Step(1.0, "/speech", ("mom", "good evening")),
        Step(2.0, "/table/plate/mom", (0.4,)),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nonsense", "line 1: this is not JSON"),
        ('{"at": -1, "address": "/a", "args": []}', "expected a line such as"),
        ('{"at": true, "address": "/a", "args": []}', "expected a line such as"),
        ('{"at": 1, "address": "/a", "args": [[1]]}', "expected a line such as"),
        ('{"at": NaN, "address": "/a", "args": [1]}', "expected a line such as"),
        ('{"at": 1, "address": "/a"}', "expected a line such as"),
        ("[" * 100_000, "this is not JSON"),
        ("", "nothing is recorded"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(line: str, told: str) -> None:
    with pytest.raises(TapeError, match=told):
        parse(line, "table.jsonl")


def test_it_is_played_at_its_own_times_whatever_the_steps() -> None:
    player = Player("table", parse(TABLE, "t"), 100.0)
    assert player.deadline() == 100.5
    assert player.due(100.4) == []
    assert [step.at for step in player.due(101.0)] == [0.5, 0.9, 1.0]
    assert player.at(101.5) == 1.5
    assert [step.at for step in player.due(500.0)] == [2.0]
    assert player.over
    assert player.deadline() is None
    assert player.at(900.0) == 2.0


def test_a_few_at_a_time_are_given_when_it_is_late() -> None:
    player = Player("table", parse(TABLE, "t"), 0.0)
    assert [len(player.due(9.0, most=3)) for _ in range(3)] == [3, 1, 0]


def test_what_is_recorded_can_be_played() -> None:
    recorder = Recorder("r", 10.0)
    recorder.hear("/a", (0.25,), 10.5)
    recorder.hear("/b", ("mom", True, None, b"blob"), 11.0)
    assert parse(recorder.take(), "r") == [Step(0.5, "/a", (0.25,)), Step(1.0, "/b", ("mom", True, None, ""))]
    assert recorder.take() == ""


def test_what_could_not_be_played_is_not_recorded() -> None:
    recorder = Recorder("r", 0.0)
    recorder.hear("table", (1,), 1.0)
    recorder.hear("/a", (float("nan"), 2), 2.0)
    assert parse(recorder.take(), "r") == [Step(2.0, "/a", ("", 2))]


def test_one_address_can_be_recorded_alone_and_it_ends_by_itself() -> None:
    recorder = Recorder("r", 0.0, "/a")
    recorder.hear("/b", (1,), 1.0)
    recorder.hear("/a", (1,), 2.0)
    recorder.hear("/a", (1,), LONGEST + 1)
    assert recorder.full(LONGEST + 1)
    assert [json.loads(line)["at"] for line in recorder.take().splitlines()] == [2.0]
