"""Streams that are cut anywhere, broken anywhere, and go on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.osc.framing import LONGEST, BrokenStream, FrameError, Framing, Sized, Slip, framing_of

packets = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
# Bytes that mean something to SLIP, more often than by chance.
awkward = st.lists(
    st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD, 0x00, 0x2F]), min_size=1, max_size=20).map(bytes),
    max_size=6,
)


def read(framing: Framing, stream: bytes, cuts: list[int]) -> list[bytes | str]:
    """What comes out of a stream that arrives in pieces: packets, and the reasons for what is none."""
    found: list[bytes | str] = []
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    for start, end in zip([0, *ends], ends, strict=False):
        framing.feed(stream[start:end])
        while True:
            try:
                packet = framing.take()
            except FrameError as error:
                found.append(str(error))
                continue
            if packet is None:
                break
            found.append(packet)
    return found


@pytest.mark.parametrize("kind", [Slip, Sized])
@given(sent=st.one_of(packets, awkward), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_what_goes_in_comes_out_wherever_the_stream_is_cut(
    kind: type[Framing], sent: list[bytes], cuts: list[int]
) -> None:
    framing = kind()
    stream = b"".join(map(framing.frame, sent))
    assert read(framing, stream, cuts) == sent


@given(sent=st.one_of(packets, awkward), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_slip_without_an_end_in_front_is_read_as_well(sent: list[bytes], cuts: list[int]) -> None:
    assert read(Slip(), b"".join(Slip().frame(packet)[1:] for packet in sent), cuts) == sent


@given(
    noise=st.binary(max_size=60), sent=packets.filter(bool), cuts=st.lists(st.integers(0, 200), max_size=6)
)
def test_slip_after_any_noise_is_right_again(noise: bytes, sent: list[bytes], cuts: list[int]) -> None:
    stream = noise + b"".join(map(Slip().frame, sent))
    assert read(Slip(), stream, cuts)[-len(sent) :] == sent


def test_rfc_1055_by_hand() -> None:
    assert Slip().frame(b"a\xc0\xdbb") == b"\xc0a\xdb\xdc\xdb\xddb\xc0"
    assert read(Slip(), b"\xdb\xdd\xdc\xc0", []) == [b"\xdb\xdc"]  # an escaped ESC, and not an escaped END


@pytest.mark.parametrize("bad", [b"/a\xdbb", b"/a\xdb", b"\xdb\xdb\xdc"])
def test_an_escape_that_is_none_costs_its_packet_alone(bad: bytes) -> None:
    found = read(Slip(), b"/1\xc0" + bad + b"\xc0/2\xc0", [])
    assert found == [b"/1", "an escape that SLIP does not know", b"/2"]


def test_a_packet_that_never_ends_fills_no_memory() -> None:
    slip = Slip()
    found: list[bytes | str] = []
    for _ in range(100):
        found += read(slip, b"/" * 10_000, [])
    assert len(found) == 1
    assert "more than 65536 bytes" in str(found[0])
    assert len(slip._buffer) <= 2 * LONGEST
    assert read(slip, b"/still that packet\xc0/next\xc0", []) == [b"/next"]


def test_the_longest_packet_is_taken_escaped_or_not() -> None:
    for byte in (b"/", b"\xc0"):
        assert read(Slip(), Slip().frame(byte * LONGEST), []) == [byte * LONGEST]
    assert "more than" in str(read(Slip(), Slip().frame(b"/" * (LONGEST + 1)), [])[0])
    assert read(Sized(), Sized().frame(b"/" * LONGEST), []) == [b"/" * LONGEST]


@pytest.mark.parametrize("size", [0, -4, LONGEST + 1, 2**31 - 1])
def test_a_size_that_cannot_be_breaks_the_stream(size: int) -> None:
    framing = Sized()
    framing.feed(size.to_bytes(4, "big", signed=True) + b"/a\0\0")
    with pytest.raises(BrokenStream, match=str(size)):
        framing.take()


@pytest.mark.parametrize(
    ("first", "kind"), [(b"\0\0\0\x14#bundle", Sized), (b"\xc0/a", Slip), (b"/a", Slip), (b"#bundle\0", Slip)]
)
def test_the_first_byte_tells_the_framing(first: bytes, kind: type[Framing]) -> None:
    assert isinstance(framing_of(first), kind)


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n", b"POST /", b"\x16\x03\x01", b"\xff"])
def test_what_is_no_osc_is_no_stream(first: bytes) -> None:
    with pytest.raises(BrokenStream, match="expected OSC"):
        framing_of(first)
