"""The surface as a session of Open Stage Control: JSON, one object a widget.

Names and meanings of the properties are those of its reference ("Widgets: properties reference"). A button of
the mode "momentary" sends its address without a value when it is pressed, and nothing when it is let go. A
widget has one address for both directions, so what is told of the master comes to a variable, whose script
moves the fader without sending.
"""

import json
from typing import Any

from server.layouts.surface import GROUND, INK, SOFT, SURFACE, Button, Caption, Control, Fader, Readout

Plain = dict[str, Any]

VERSION = "1.29.2"
"""The version whose reference was read. It converts sessions of 1.24.2 and before when it opens them."""


def session() -> str:
    """The file, as text."""
    root = {
        "type": "root",
        "id": "root",
        "colorBg": GROUND.hex,
        "colorText": INK.hex,
        "scroll": False,
        "hideMenu": True,
        "widgets": [widget for control in SURFACE for widget in _widgets(control)],
        "tabs": [],
    }
    plain = {"createdWith": "Open Stage Control", "version": VERSION, "type": "session", "content": root}
    return json.dumps(plain, indent=2) + "\n"


def _widgets(control: Control) -> tuple[Plain, ...]:
    match control:
        case Button(name, address, _, colour, size):
            mode = {"label": name, "mode": "momentary", "address": address}
            look = {"colorWidget": colour.hex, "alphaFillOff": 0.6, "css": _font(size)}
            return (_placed("button", name, control) | mode | look,)
        case Fader(name, address, told, _, colour):
            value = {"range": {"min": 0, "max": 1}, "decimals": 3, "typeTags": "f", "address": address}
            fader = _placed("fader", name, control) | value | {"colorWidget": colour.hex}
            script = f'set("{name}", value, {{send: false}})'
            heard = {"type": "variable", "id": f"{name} told", "address": told, "bypass": True}
            return fader, heard | {"onValue": script}
        case Readout(name, told, _, size, colour):
            look = {"colorText": colour.hex, "align": "left", "wrap": "soft", "css": _font(size)}
            return (_placed("text", name, control) | {"address": told, "bypass": True} | look,)
        case Caption(text, _, size):
            look = {"colorText": SOFT.hex, "align": "left", "css": _font(size)}
            return (_placed("text", text, control) | {"default": text, "bypass": True} | look,)


def _placed(type: str, name: str, control: Control) -> Plain:
    x, y, w, h = control.frame
    return {"type": type, "id": name, "left": x, "top": y, "width": w, "height": h}


def _font(size: int) -> str:
    return f"font-size: {size}px;"
