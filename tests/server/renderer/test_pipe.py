"""The pipe's framing: any cut of the stream gives the same messages, and nonsense is refused."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.renderer.pipe import LIMIT, Decoder, Kind, Message, PipeError, encode, encode_json


@given(
    st.lists(st.tuples(st.sampled_from(Kind), st.binary(max_size=50)), max_size=8),
    st.lists(st.integers(1, 20)),
)
def test_any_cut_gives_the_same_messages(messages: list[tuple[Kind, bytes]], cuts: list[int]) -> None:
    stream = b"".join(encode(kind, payload) for kind, payload in messages)
    decoder, received = Decoder(), []
    for cut in cuts:
        received += decoder.feed(stream[:cut])
        stream = stream[cut:]
    received += decoder.feed(stream)
    assert received == [Message(kind, payload) for kind, payload in messages]


def test_json_round_trip() -> None:
    (message,) = Decoder().feed(encode_json({"type": "ready", "size": 256}))
    assert message.json() == {"type": "ready", "size": 256}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (struct.pack("<IB", LIMIT + 1, Kind.FRAME), "over the limit"),
        (struct.pack("<IB", 3, 9) + b"abc", "unknown kind of message 9"),
        (b"Traceback (most recent call last)", "over the limit"),
    ],
)
def test_nonsense_is_refused_before_it_is_stored(data: bytes, reason: str) -> None:
    with pytest.raises(PipeError, match=reason):
        Decoder().feed(data)


@pytest.mark.parametrize("payload", [b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(payload: bytes) -> None:
    (message,) = Decoder().feed(encode(Kind.JSON, payload))
    with pytest.raises(PipeError):
        message.json()


def test_too_long_a_message_is_not_sent() -> None:
    with pytest.raises(PipeError, match="over the limit"):
        encode(Kind.FRAME, bytes(LIMIT + 1))


def test_nan_does_not_travel() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        encode_json({"fps": float("nan")})
