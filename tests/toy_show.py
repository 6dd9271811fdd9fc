"""`python -m tests.toy_show CONFIG [MOOD]`: the whole show process, with the toy as its renderer. With MOOD
"guarded" it is watched over by a guard.
"""

import asyncio
import socket
import sys
from pathlib import Path

from rich.console import Console

from server.config import load_rig
from server.doors import Doors, bind, bind_qlab
from server.guard import Guard, end_with_guard
from server.night.restore import digest
from server.serve import serve
from show_control.showfile import parse_show

if __name__ == "__main__":
    path, *mood = sys.argv[1:]
    if mood == ["guarded"]:
        watched = (sys.executable, "-m", "tests.toy_show", path, "well", "--guarded")
        sys.exit(Guard(watched, lambda words: print(words, flush=True)).run())
    if "--guarded" in mood:
        end_with_guard()
    rig = load_rig(Path(path))
    asyncio.run(
        serve(
            rig,
            parse_show(rig.show.read_text(), rig.show.name),
            Doors(
                bind(socket.SOCK_STREAM, rig.web.host, rig.web.port, "Pages", "--port", "web"),
                bind(socket.SOCK_DGRAM, rig.osc.host, rig.osc.port, "OSC", "--osc-port", "osc"),
                qlab=bind_qlab(rig),
            ),
            Console(),
            digest(Path(path).read_text()),
            worker=(sys.executable, "-m", "tests.toy_renderer", *mood[:1]),
            guarded="--guarded" in mood,
        )
    )
