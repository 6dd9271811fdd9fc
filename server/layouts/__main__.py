"""`python -m server.layouts FOLDER`: writes the layouts that ship with the pages."""

import sys
from pathlib import Path

from server.layouts.openstagecontrol import session
from server.layouts.touchosc import layout

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open-stage-control.json").write_text(session(), encoding="utf-8")
    (folder / "touchosc.tosc").write_bytes(layout())
