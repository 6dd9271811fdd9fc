"""The wire between the show process and its renderer: messages with their length in front, over a byte pipe.

`<IB` (length of the payload, kind) and then the payload: JSON, or one packed frame. Nothing is ever pickled.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

LIMIT = 32 * 2**20
"""The longest payload, in bytes: well above any frame, well below what would exhaust memory."""

_PREFIX = struct.Struct("<IB")


class PipeError(ValueError):
    """The bytes on the pipe are not messages; nothing after them can be trusted."""


class Kind(IntEnum):
    JSON = 1
    FRAME = 2


_KINDS = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Message:
    kind: Kind
    payload: bytes

    def json(self) -> dict[str, Any]:
        """The payload of a JSON message. Raises PipeError where it is not a JSON object."""
        try:
            value = json.loads(self.payload)
        except (ValueError, RecursionError) as error:
            raise PipeError(f"not JSON: {error}") from error
        if not isinstance(value, dict):
            raise PipeError(f"expected a JSON object, found {type(value).__name__}")
        return value


def encode(kind: Kind, payload: bytes) -> bytes:
    """One message, ready for the pipe. A payload over LIMIT raises PipeError."""
    if len(payload) > LIMIT:
        raise PipeError(f"a message of {len(payload)} bytes is over the limit of {LIMIT}")
    return _PREFIX.pack(len(payload), kind) + payload


def encode_json(value: Mapping[str, object]) -> bytes:
    return encode(Kind.JSON, json.dumps(value, separators=(",", ":"), allow_nan=False).encode())


class Decoder:
    """Cuts a stream of bytes, in pieces of any size, back into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes, in order. Raises PipeError."""
        self._buffer += data
        messages: list[Message] = []
        start = 0
        while len(self._buffer) - start >= _PREFIX.size:
            length, kind = _PREFIX.unpack_from(self._buffer, start)
            if length > LIMIT:
                raise PipeError(f"a message of {length} bytes is over the limit of {LIMIT}")
            if kind not in _KINDS:
                raise PipeError(f"unknown kind of message {kind}")
            end = start + _PREFIX.size + length
            if len(self._buffer) < end:
                break
            messages.append(Message(Kind(kind), bytes(self._buffer[start + _PREFIX.size : end])))
            start = end
        del self._buffer[:start]
        return messages
