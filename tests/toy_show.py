"""`python -m tests.toy_show CONFIG [MOOD]`: the whole show process, with the toy as its renderer."""

import asyncio
import socket
import sys
from pathlib import Path

from rich.console import Console

from server.config import load_rig
from server.run import bind, serve
from show_control.showfile import parse_show

if __name__ == "__main__":
    rig = load_rig(Path(sys.argv[1]))
    asyncio.run(
        serve(
            rig,
            parse_show(rig.show.read_text(), rig.show.name),
            bind(socket.SOCK_STREAM, rig.web.host, rig.web.port, "Pages", "--port", "web"),
            bind(socket.SOCK_DGRAM, rig.osc.host, rig.osc.port, "OSC", "--osc-port", "osc"),
            Console(),
            (sys.executable, "-m", "tests.toy_renderer", *sys.argv[2:]),
        )
    )
