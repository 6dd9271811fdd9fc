"""The surface as a layout of TouchOSC: XML in a zlib stream, one node a control.

The format is that which its editor writes (lexml version 3, read by all of its versions since): properties of
a type each (b, i, f, s, c colour, r frame), in the order of their keys; values with their defaults; messages
whose path and arguments are made of parts. Connections are flags from the right, so "00001" is the first. A
part of the type CONSTANT is as it stands, VALUE is a value of the control; the trigger RISE is a press, ANY
is any change. A button has no text of its own, so a label lies over it that takes no touch.
"""

import uuid
import zlib
from xml.etree import ElementTree as ET

from server.layouts.surface import (
    GROUND,
    HEIGHT,
    INK,
    SOFT,
    SURFACE,
    WIDTH,
    Button,
    Caption,
    Colour,
    Control,
    Fader,
    Frame,
    Readout,
)

_SPACE = uuid.UUID("5b0c4f0e-6f1d-4c1c-9c43-4d6172726f78")
_LEFT, _CENTRE = 1, 2
_FIRST_CONNECTION = "00001"


def layout() -> bytes:
    """The file."""
    return zlib.compress(document(), 9)


def document() -> bytes:
    """The XML in it."""
    root = ET.Element("lexml", version="3")
    canvas = _node(root, "GROUP", "Marrow", Frame(0, 0, WIDTH, HEIGHT), GROUND)
    children = ET.SubElement(canvas, "children")
    for control in SURFACE:
        _add(children, control)
    for properties in root.iter("properties"):
        properties[:] = sorted(properties, key=lambda entry: entry.findtext("key") or "")
    body: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return body + b"\n"


def _add(children: ET.Element, control: Control) -> None:
    match control:
        case Button(name, address, frame, colour, size):
            button = _node(children, "BUTTON", name, frame, colour)
            _values(button, x="0", touch="false")
            _message(button, address, trigger="RISE")
            _label(children, f"{name} label", name, frame, size, INK, _CENTRE)
        case Fader(name, address, told, frame, colour):
            fader = _node(children, "FADER", name, frame, colour)
            _values(fader, x="1", touch="false")
            _message(fader, address, trigger="ANY", value=("x", "FLOAT"))
            _message(fader, told, value=("x", "FLOAT"))
        case Readout(name, told, frame, size, colour):
            _message(_label(children, name, "", frame, size, colour, _LEFT), told, value=("text", "STRING"))
        case Caption(text, frame, size):
            _label(children, text, text, frame, size, SOFT, _LEFT)


def _label(
    children: ET.Element, name: str, text: str, frame: Frame, size: int, colour: Colour, align: int
) -> ET.Element:
    label = _node(children, "LABEL", name, frame, colour)
    properties = label.find("properties")
    assert properties is not None
    for key in ("background", "interactive", "outline"):
        _property(properties, "b", key, "0")
    _property(properties, "i", "textAlignH", str(align))
    _property(properties, "i", "textSize", str(size))
    _colour(properties, "textColor", colour)
    _values(label, text=text, touch="false")
    return label


def _node(parent: ET.Element, type: str, name: str, frame: Frame, colour: Colour) -> ET.Element:
    node = ET.SubElement(parent, "node", ID=str(uuid.uuid5(_SPACE, name)), type=type)
    properties = ET.SubElement(node, "properties")
    _colour(properties, "color", colour)
    value = ET.SubElement(_keyed(properties, "r", "frame"), "value")
    for key, number in frame._asdict().items():
        ET.SubElement(value, key).text = str(number)
    _property(properties, "s", "name", name)
    return node


def _values(node: ET.Element, **defaults: str) -> None:
    values = ET.SubElement(node, "values")
    for key, default in defaults.items():
        value = ET.SubElement(values, "value")
        texts = {
            "key": key,
            "locked": "0",
            "lockedDefaultCurrent": "0",
            "default": default,
            "defaultPull": "0",
        }
        for tag, text in texts.items():
            ET.SubElement(value, tag).text = text


def _message(node: ET.Element, address: str, trigger: str = "", value: tuple[str, str] | None = None) -> None:
    """A message that is sent on a trigger or, without one, only received. `value`: name and conversion of the
    value that is its argument."""
    messages = node.find("messages")
    messages = ET.SubElement(node, "messages") if messages is None else messages
    osc = ET.SubElement(messages, "osc")
    send = "1" if trigger else "0"
    receive = "0" if trigger else "1"
    flags = {"enabled": "1", "send": send, "receive": receive, "feedback": "0"}
    for tag, text in (flags | {"connections": _FIRST_CONNECTION}).items():
        ET.SubElement(osc, tag).text = text
    if trigger:
        entry = ET.SubElement(ET.SubElement(osc, "triggers"), "trigger")
        ET.SubElement(entry, "var").text = "x"
        ET.SubElement(entry, "condition").text = trigger
    _part(ET.SubElement(osc, "path"), "CONSTANT", "STRING", address)
    if value is not None:
        _part(ET.SubElement(osc, "arguments"), "VALUE", value[1], value[0])


def _part(parent: ET.Element, type: str, conversion: str, value: str) -> None:
    part = ET.SubElement(parent, "partial")
    texts = {"type": type, "conversion": conversion, "value": value, "scaleMin": "0", "scaleMax": "1"}
    for tag, text in texts.items():
        ET.SubElement(part, tag).text = text


def _property(properties: ET.Element, type: str, key: str, text: str) -> None:
    ET.SubElement(_keyed(properties, type, key), "value").text = text


def _colour(properties: ET.Element, key: str, colour: Colour) -> None:
    value = ET.SubElement(_keyed(properties, "c", key), "value")
    for name, number in (colour._asdict() | {"a": 1.0}).items():
        ET.SubElement(value, name).text = f"{number:g}"


def _keyed(properties: ET.Element, type: str, key: str) -> ET.Element:
    entry = ET.SubElement(properties, "property", type=type)
    ET.SubElement(entry, "key").text = key
    return entry
