"""MIDI as bytes, and as what the patch and the cues say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.midi.message import NotMidi, heard, written
from server.patch import ADDRESS


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("90 3c 7f", ("/midi/keys/note/1/60", (1.0,))),
        ("9f 3c 40", ("/midi/keys/note/16/60", (64 / 127,))),
        ("90 3c 00", ("/midi/keys/note/1/60", (0.0,))),  # so many keyboards let go
        ("80 3c 40", ("/midi/keys/note/1/60", (0.0,))),
        ("b2 07 7f", ("/midi/keys/cc/3/7", (1.0,))),
        ("b0 40 00", ("/midi/keys/cc/1/64", (0.0,))),
        ("c4 05", ("/midi/keys/program/5/5", ())),
        ("d0 7f", ("/midi/keys/pressure/1", (1.0,))),
        ("e0 00 40", ("/midi/keys/bend/1", (0.5,))),
        ("e0 00 00", ("/midi/keys/bend/1", (0.0,))),
        ("e0 7f 7f", ("/midi/keys/bend/1", (1.0,))),
    ],
)
def test_what_is_played(data: str, message: tuple[str, tuple[float, ...]]) -> None:
    assert heard("keys", bytes.fromhex(data)) == message
    assert heard("keys", list(bytes.fromhex(data))) == message


@pytest.mark.parametrize(
    "data",
    [
        "f8",  # clock
        "fe",  # active sensing
        "f0 7e 7f 06 01 f7",  # system exclusive
        "a0 3c 40",  # after-touch of one key
        "b0 7b 00",  # all notes off
        "90 3c",
        "3c 40",
        "",
    ],
)
def test_what_means_nothing_here(data: str) -> None:
    assert heard("keys", bytes.fromhex(data)) is None


@given(st.binary(max_size=4))
def test_whatever_comes_it_is_an_address_of_the_patch_and_values_from_0_to_1(data: bytes) -> None:
    message = heard("keys", [byte & 0x7F if nth else byte for nth, byte in enumerate(data)])
    if message is not None:
        address, args = message
        assert ADDRESS.fullmatch(address)
        assert all(0.0 <= arg <= 1.0 for arg in args)


@pytest.mark.parametrize(
    ("address", "args", "data"),
    [
        ("/noteOn", (60, 127), "92 3c 7f"),
        ("/noteOff", (60,), "82 3c 00"),
        ("/cc", (7, 0), "b2 07 00"),
        ("/program", (5,), "c2 05"),
    ],
)
def test_what_cues_send(address: str, args: tuple[int, ...], data: str) -> None:
    assert written(3, address, args).hex(" ") == data


@pytest.mark.parametrize(
    ("address", "args", "reason"),
    [
        ("/noteOn", (60,), "/noteOn NOTE VELOCITY: expected 2 whole numbers from 0 to 127, got 60"),
        ("/cc", (7, 0.5), "/cc NUMBER VALUE: expected 2 whole numbers from 0 to 127, got 7, 0.5"),
        ("/cc", (7, 128), "got 7, 128"),
        ("/cc", (True, 1), "got True, 1"),
        ("/program", (), "/program NUMBER: expected a whole number from 0 to 127, got nothing"),
        ("/note", (60, 1), "expected one of /noteOn NOTE VELOCITY, /noteOff NOTE, /cc NUMBER VALUE, /prog"),
    ],
)
def test_what_cannot_be_written_says_what_was_expected(
    address: str, args: tuple[object, ...], reason: str
) -> None:
    with pytest.raises(NotMidi) as refused:
        written(1, address, args)
    assert reason in str(refused.value)


@given(st.integers(1, 16), st.integers(0, 119), st.integers(0, 127))
def test_what_is_written_is_heard_as_the_same(channel: int, number: int, value: int) -> None:
    data = written(channel, "/cc", (number, value))
    assert heard("loop", data) == (f"/midi/loop/cc/{channel}/{number}", (value / 127,))
