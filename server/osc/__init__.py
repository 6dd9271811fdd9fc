"""Open Sound Control: the codec, the wires in (UDP and TCP, one inlet behind both) and the way out."""

from server.osc.codec import (
    MAX_ARGS,
    MAX_DEPTH,
    MAX_MESSAGES,
    Arg,
    OscError,
    OscMessage,
    Part,
    decode,
    encode,
    unbundle,
)
from server.osc.inlet import Inlet, Peer
from server.osc.out import Destination, OscOut
from server.osc.tcp import listen_tcp
from server.osc.udp import OscIn

__all__ = [
    "MAX_ARGS",
    "MAX_DEPTH",
    "MAX_MESSAGES",
    "Arg",
    "Destination",
    "Inlet",
    "OscError",
    "OscIn",
    "OscMessage",
    "OscOut",
    "Part",
    "Peer",
    "decode",
    "encode",
    "listen_tcp",
    "unbundle",
]
