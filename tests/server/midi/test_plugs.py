"""Ports that are plugged in, pulled out and plugged in again."""

import pytest

from server.midi.plugs import Plug, Plugs
from server.midi.system import PortOut, find
from tests.server.midi.toy_system import ToyCables

DESK = "nanoKONTROL:nanoKONTROL MIDI 1 20:0"


@pytest.fixture
def cables() -> ToyCables:
    return ToyCables(outputs=["Midi Through 14:0"])


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def desk() -> Plug[PortOut]:
    return Plug("desk", "NANOkontrol")


@pytest.fixture
def plugs(cables: ToyCables, told: list[tuple[str, str]], desk: Plug[PortOut]) -> Plugs[PortOut]:
    return Plugs("output", (desk,), cables.system.make_out, lambda key, words: told.append((key, words)))


def test_what_is_missing_is_named_once_with_what_there_is(
    plugs: Plugs[PortOut], told: list[tuple[str, str]]
) -> None:
    plugs.look()
    plugs.look()
    assert told == [
        (
            "midi.missing",
            'the MIDI output "desk" (NANOkontrol) is not plugged in. There are: "Midi Through 14:0"',
        )
    ]


def test_it_is_taken_up_let_go_and_taken_up_again_under_another_number(
    plugs: Plugs[PortOut], cables: ToyCables, desk: Plug[PortOut], told: list[tuple[str, str]]
) -> None:
    plugs.look()
    cables.outputs.append(DESK)
    plugs.look()
    assert desk.port == DESK
    assert [port.name for port in cables.open] == [DESK]
    cables.outputs.remove(DESK)
    plugs.look()
    assert desk.port == ""
    assert cables.open == []
    cables.outputs.append("nanoKONTROL:nanoKONTROL MIDI 1 24:0")
    plugs.look()
    assert [port.name for port in cables.open] == ["nanoKONTROL:nanoKONTROL MIDI 1 24:0"]
    assert [key for key, _ in told] == [
        "midi.missing",
        "midi.found",
        "midi.unplugged",
        "midi.missing",
        "midi.found",
    ]
    assert told[2][1] == 'the MIDI output "desk" (NANOkontrol) is gone; it is taken up again when it is back'


def test_one_that_another_program_holds_is_told_once_and_tried_until_it_opens(
    plugs: Plugs[PortOut], cables: ToyCables, desk: Plug[PortOut], told: list[tuple[str, str]]
) -> None:
    cables.outputs.append(DESK)
    cables.stuck.add(DESK)
    plugs.look()
    plugs.look()
    assert told == [("midi.failed", 'the MIDI output "desk" (NANOkontrol) does not open: busy')]
    cables.stuck.clear()
    plugs.look()
    assert desk.port == DESK


def test_our_own_ports_are_never_taken() -> None:
    assert find("keys", ["Marrow:keys 128:0"]) is None
    assert find("KEYS", ["Marrow:keys 128:0", "big keys", "keys"]) == "big keys"
