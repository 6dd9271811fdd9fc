"""Art-Net: DMX over UDP by the Art-Net 4 specification, packets ArtDmx and ArtPoll. Pure.

Art-Net(TM) is designed by and copyright Artistic Licence Holdings Ltd.
"""

import struct

PORT = 6454

_POLL, _DMX = 0x2000, 0x5000
_VERSION = 14
_ID = b"Art-Net"


class ArtNet:
    """The packets of one universe (a Port-Address of 15 bits), numbered."""

    def __init__(self, universe: int) -> None:
        self._universe = universe
        self._sequence = 0

    def packet(self, levels: bytes) -> bytes:
        """One picture of the universe: an even number of levels, 2 to 512, from channel 1 on."""
        self._sequence = self._sequence % 255 + 1  # 0 would mean that packets are not numbered
        head = struct.pack("<8sH", _ID, _DMX)
        # The Port-Address goes low byte first, all else high byte first.
        address = struct.pack("<H", self._universe)
        length = struct.pack(">H", len(levels))
        return head + struct.pack(">HBB", _VERSION, self._sequence, 0) + address + length + levels

    def farewell(self, levels: bytes) -> list[bytes]:
        """Nothing: Art-Net has no word for the end of a stream."""
        return []


def poll() -> bytes:
    """Asks a node who it is, and nothing else."""
    return struct.pack("<8sH", _ID, _POLL) + struct.pack(">HBB", _VERSION, 0, 0)
