"""The frame header: what goes in comes out, and what is no frame is refused with a reason."""

import math
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.frames import MODULUS, EncodedFrame, FrameError

FRAME = EncodedFrame(7, 12.5, 3, 2, 640, 480, 1, "12.5", b"\xff\xd8picture")

U32 = st.integers(0, 2**32 - 1)
U16 = st.integers(0, 2**16 - 1)


@given(
    st.builds(
        EncodedFrame,
        seq=U32,
        pts=st.floats(allow_nan=False),
        event=U32,
        epoch=U32,
        width=U16,
        height=U16,
        stream=st.integers(0, 255),
        cue=st.text(max_size=60),
        jpeg=st.binary(min_size=1),
    )
)
def test_round_trip(frame: EncodedFrame) -> None:
    assert EncodedFrame.unpack(frame.pack()) == frame


def test_the_bytes_are_those_of_the_wire() -> None:
    head = struct.pack("<4sIdIIHHBB", b"MRW1", 7, 12.5, 3, 2, 640, 480, 1, 4)
    assert len(head) == 30
    assert FRAME.pack() == head + b"12.5" + b"\xff\xd8picture"


def test_counters_wrap_instead_of_failing_after_years() -> None:
    frame = replace(FRAME, seq=MODULUS + 5, event=MODULUS + 6, epoch=MODULUS + 7)
    assert EncodedFrame.unpack(frame.pack()) == replace(FRAME, seq=5, event=6, epoch=7)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "at least 30 bytes"),
        (b"MRW1" + bytes(20), "at least 30 bytes"),
        (b"JUNK" + bytes(40), "begins with b'MRW1'"),
        (FRAME.pack()[:33], "before its picture"),
        (FRAME.pack()[:34], "before its picture"),
        (FRAME.pack().replace(b"12.5", b"\xff\xff\xff\xff"), "not UTF-8"),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        EncodedFrame.unpack(data)


@pytest.mark.parametrize("change", [{"width": 70000}, {"stream": 256}, {"height": -1}, {"cue": "x" * 300}])
def test_what_does_not_fit_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FrameError, match="does not fit"):
        replace(FRAME, **change).pack()


def test_pts_is_exact() -> None:
    assert EncodedFrame.unpack(replace(FRAME, pts=math.pi).pack()).pts == math.pi
