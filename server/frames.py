"""One encoded picture and the header it wears on every wire: the renderer's pipe and the projector sockets.

Little-endian, 30 bytes, then the cue's number in UTF-8, then the JPEG::

    <4sIdIIHHBB   magic "MRW1", seq, pts, event, epoch, width, height, stream, length of the cue's number
"""

import struct
from dataclasses import dataclass

MAGIC = b"MRW1"
MODULUS = 2**32

_HEADER = struct.Struct("<4sIdIIHHBB")


class FrameError(ValueError):
    """The bytes are not a frame; the message says what was found instead."""


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """A JPEG with where it belongs in the show.

    `seq` is the number of the frame clock's tick since the host's monotonic zero, modulo 2^32, so it goes on
    rising when the renderer is replaced; a gap is a skipped tick. `pts` is the moment the picture was made
    for, in seconds of the host's monotonic clock. `event` is the id of the newest event the picture includes;
    it and the epoch are taken modulo 2^32 as well. `width` and `height` are in pixels.
    """

    seq: int
    pts: float
    event: int
    epoch: int
    width: int
    height: int
    stream: int
    cue: str
    jpeg: bytes

    def pack(self) -> bytes:
        """The frame as it travels. A value that does not fit its field raises FrameError."""
        cue = self.cue.encode()
        try:
            header = _HEADER.pack(
                MAGIC,
                self.seq % MODULUS,
                self.pts,
                self.event % MODULUS,
                self.epoch % MODULUS,
                self.width,
                self.height,
                self.stream,
                len(cue),
            )
        except struct.error as error:
            raise FrameError(f"a field of the frame does not fit the header: {error}") from error
        return b"".join((header, cue, self.jpeg))

    @classmethod
    def unpack(cls, data: bytes) -> "EncodedFrame":
        """The inverse of pack. Raises FrameError."""
        if len(data) < _HEADER.size:
            raise FrameError(f"a frame has at least {_HEADER.size} bytes, this one has {len(data)}")
        magic, seq, pts, event, epoch, width, height, stream, cue_length = _HEADER.unpack_from(data)
        if magic != MAGIC:
            raise FrameError(f"a frame begins with {MAGIC!r}, this one with {magic!r}")
        body = _HEADER.size + cue_length
        if len(data) <= body:
            raise FrameError("the frame ends before its picture begins")
        try:
            cue = data[_HEADER.size : body].decode()
        except UnicodeDecodeError as error:
            raise FrameError(f"the cue's number is not UTF-8: {error}") from error
        return cls(seq, pts, event, epoch, width, height, stream, cue, data[body:])
