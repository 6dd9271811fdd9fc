"""Targets: alive, dead, and behind a network that is not there."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.doctor.finding import Level
from server.doctor.targets import HELLO, Answer, Target, judge, look
from server.rig import Target as Named
from tests.patience import PATIENCE
from tests.ports import free_port


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(PATIENCE)
        yield sock


def test_a_program_that_listens_is_well_and_was_sent_one_message(listener: socket.socket) -> None:
    [found] = look([Named(name="sound", host="localhost", port=listener.getsockname()[1])])
    assert found.answer is Answer.SILENT
    assert listener.recv(100) == HELLO.encode() + b"\0\0,\0\0\0"
    assert [finding.level for finding in judge([found])] == [Level.OK]


def test_a_dead_target_is_told_apart_from_one_that_lives(listener: socket.socket) -> None:
    dead = free_port()
    found = look([Named(name="dead", port=dead), Named(name="alive", port=listener.getsockname()[1])])
    assert [target.answer for target in found] == [Answer.REFUSED, Answer.SILENT]
    first, _ = judge(found)
    assert first.level is Level.NOTE
    assert f"dead (127.0.0.1, port {dead})" in first.what
    assert "no program listens" in first.what


def test_a_target_that_answers_is_there(listener: socket.socket) -> None:
    def answer() -> None:
        _, where = listener.recvfrom(100)
        listener.sendto(b"/pong\0\0\0,\0\0\0", where)

    answering = threading.Thread(target=answer)
    answering.start()
    [found] = look([Named(name="chatty", port=listener.getsockname()[1])])
    answering.join()
    assert found.answer is Answer.SILENT


def test_many_are_waited_for_together() -> None:
    """Each tick of this clock is a second: the wait ends by the clock, not by the number of targets."""
    ticks = iter(range(1000))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        names = [Named(name=f"n{n}", port=sock.getsockname()[1]) for n in range(20)]
        found = look(names, clock=lambda: float(next(ticks)))
    assert len(found) == 20
    assert next(ticks) < 4


def test_broadcast_is_a_target_like_others() -> None:
    [found] = look([Named(name="all", host="127.255.255.255", port=9)])
    assert found.answer is Answer.SILENT


def test_no_targets_are_well() -> None:
    assert [finding.level for finding in judge(look([]))] == [Level.OK]


Elsewhere = Callable[[str, str], Any]

ASK = """
import json
from server.rig import Target
from server.doctor.targets import judge, look
found = look([Target(name="lights", host={host!r}, port=7700)])
print(json.dumps([[found[0].answer.name, f.level, f.what, f.do] for f in judge(found)]))
"""


def test_without_a_network_there_is_no_way(elsewhere: Elsewhere) -> None:
    [[answer, level, what, do]] = elsewhere("ip link set lo up", ASK.format(host="192.168.1.30"))
    assert (answer, level) == ("NO_WAY", Level.NOTE)
    assert "lights (192.168.1.30, port 7700)" in what
    assert "cable" in do


def test_a_machine_that_is_switched_off_is_found_out(elsewhere: Elsewhere) -> None:
    wires = (
        "ip link set lo up; ip link add wall type veth peer name far; ip link set wall up; ip link set far up"
    )
    setup = f"{wires}; ip addr add 10.9.0.1/24 dev wall"
    [[answer, level, what, do]] = elsewhere(setup, ASK.format(host="10.9.0.2"))
    assert (answer, level) == ("NO_HOST", Level.NOTE)
    assert "no machine answers" in what
    assert "Switch that machine on" in do


def test_a_name_that_nobody_knows() -> None:
    [finding] = judge([Target("sound", "nowhere.invalid", 1, Answer.NO_NAME)])
    assert "nobody knows a machine of that name" in finding.what
