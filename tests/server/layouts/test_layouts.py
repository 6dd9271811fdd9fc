"""The layouts without the programs that draw them: each is parsed as its program would, and all that it sends
and shows is looked up in what OSCQuery lists, and given to a real patch."""

import json
import math
import time
import zlib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from server.conductor import Conductor
from server.config import load_rig
from server.health import Health
from server.layouts.openstagecontrol import session
from server.layouts.surface import HEIGHT, SURFACE, WIDTH, Button, Fader, Frame, Readout
from server.layouts.touchosc import document
from server.osc import OscOut
from server.oscquery.methods import BUTTON, space
from server.oscquery.space import Access, Space
from server.patch import Patch
from show_control.events import Back, Event, Go, Hold, Master, Panic, Resume, Skip, Take
from show_control.show import Show
from show_control.showfile import parse_show

LAYOUTS = Path(__file__).parents[3] / "static/layouts"
SHOW = """
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
"""
MEANT: dict[str, Event] = {
    "/show/go": Go(),
    "/show/back": Back(),
    "/show/hold": Hold(),
    "/show/resume": Resume(),
    "/show/panic": Panic(),
    "/show/take": Take(),
    "/show/skip": Skip(),
    "/show/master": Master(0.5),
}


class Message(NamedTuple):
    """What a control sends, or hears: an address, and the type of its argument, "" for none."""

    control: str
    address: str
    type: str
    sent: bool


@pytest.fixture
def known(tmp_path: Path) -> Space:
    """What OSCQuery lists of a plain rig."""
    (tmp_path / "show.toml").write_text(SHOW)
    path = tmp_path / "config.toml"
    path.write_text('[show]\nfile = "show.toml"\n[generator]\nweights = "net.safetensors"\n')
    return space(load_rig(path), parse_show(SHOW, "show.toml"), {}, {})


# as Open Stage Control reads it


def widgets() -> list[dict[str, object]]:
    found = json.loads((LAYOUTS / "open-stage-control.json").read_text())
    assert (found["createdWith"], found["type"]) == ("Open Stage Control", "session")
    assert found["content"]["type"] == "root"
    listed: list[dict[str, object]] = found["content"]["widgets"]
    return listed


def of_open_stage_control() -> Iterator[Message]:
    for widget in widgets():
        name, address = str(widget["id"]), str(widget.get("address", ""))
        match widget["type"]:
            case "button":
                assert widget["mode"] == "momentary"  # no value, and nothing when it is let go
                yield Message(name, address, "", sent=True)
            case "fader":
                assert widget["range"] == {"min": 0, "max": 1}
                yield Message(name, address, str(widget["typeTags"]), sent=True)
            case "variable":
                assert widget["bypass"] is True
                assert widget["onValue"] == 'set("master", value, {send: false})'
                yield Message("master", address, "f", sent=False)
            case "text":
                assert widget["bypass"] is True
                if address:
                    yield Message(name, address, "s", sent=False)
            case strange:
                raise AssertionError(strange)


# as TouchOSC reads it


def tree() -> ET.Element:
    return ET.fromstring(zlib.decompress((LAYOUTS / "touchosc.tosc").read_bytes()))


def of_touchosc() -> Iterator[Message]:
    for node in tree().iter("node"):
        keys = [entry.findtext("key") for entry in node.iterfind("properties/property")]
        assert keys == sorted(set(map(str, keys)))
        name = next(
            entry.findtext("value")
            for entry in node.iterfind("properties/property")
            if entry.findtext("key") == "name"
        )
        values = {value.findtext("key") for value in node.iterfind("values/value")}
        for osc in node.iterfind("messages/osc"):
            (path,) = osc.iterfind("path/partial")
            assert (path.findtext("type"), path.findtext("conversion")) == ("CONSTANT", "STRING")
            arguments = osc.findall("arguments/partial")
            assert {argument.findtext("value") for argument in arguments} <= values
            sent = osc.findtext("send") == "1"
            assert sent != (osc.findtext("receive") == "1")
            triggers = [trigger.findtext("condition") for trigger in osc.iterfind("triggers/trigger")]
            assert triggers == ([] if not sent else ["RISE"] if node.get("type") == "BUTTON" else ["ANY"])
            types = {"FLOAT": "f", "STRING": "s"}
            type = "".join(types[str(argument.findtext("conversion"))] for argument in arguments)
            yield Message(str(name), str(path.findtext("value")), type, sent)


READERS = [of_open_stage_control, of_touchosc]


@pytest.mark.parametrize("read", READERS)
def test_it_sends_what_oscquery_lists_with_arguments_that_fit(known: Space, read: object) -> None:
    sent = [message for message in read() if message.sent]  # type: ignore[operator]
    assert {message.address for message in sent} == set(MEANT)
    for message in sent:
        method = known.methods[message.address]
        assert method.access & Access.WRITE
        assert message.type == ("" if method.type == BUTTON else method.type), message


@pytest.mark.parametrize("read", READERS)
def test_it_shows_what_oscquery_lists_as_told(known: Space, read: object) -> None:
    heard = [message for message in read() if not message.sent]  # type: ignore[operator]
    assert {message.address for message in heard} == {
        control.told for control in SURFACE if isinstance(control, Fader | Readout)
    }
    for message in heard:
        method = known.methods[message.address]
        assert (method.type, method.access) == (message.type, Access.READ), message


@pytest.mark.parametrize("read", READERS)
def test_each_button_means_what_stands_on_it(read: object) -> None:
    patch = Patch()
    for message in read():  # type: ignore[operator]
        if message.sent:
            args = (0.5,) if message.type == "f" else ()
            assert patch.resolve(message.address, args, 0.0) == (MEANT[message.address],)
            assert message.address == f"/show/{message.control.lower()}"


async def test_a_conductor_obeys_it() -> None:
    health = Health()
    show = Show(parse_show(SHOW, "show.toml"), time.monotonic())
    conductor = Conductor(show, Patch(), time.monotonic, lambda snapshot: None, OscOut((), health), health)
    assert conductor.message("/show/go", (), "surface").ok
    assert conductor.message("/show/panic", (), "surface").ok
    assert show.status(time.monotonic()).mode == "panic"
    conductor.close()


# what a hand finds


def _apart(one: Frame, other: Frame) -> float:
    """Pixels between two frames; negative where they overlap."""
    across = max(one.x - other.x - other.w, other.x - one.x - one.w)
    down = max(one.y - other.y - other.h, other.y - one.y - one.h)
    return math.hypot(max(across, 0), max(down, 0)) if max(across, down) >= 0 else max(across, down)


def test_nothing_overlaps_and_all_of_it_is_on_the_canvas() -> None:
    for one, other in combinations([control.frame for control in SURFACE], 2):
        assert _apart(one, other) >= 0, (one, other)
    for x, y, w, h in (control.frame for control in SURFACE):
        assert min(x, y) >= 0
        assert x + w <= WIDTH
        assert y + h <= HEIGHT


def test_what_is_touched_is_no_smaller_than_a_fingertip_and_panic_is_far_from_go() -> None:
    buttons = {control.name: control.frame for control in SURFACE if isinstance(control, Button | Fader)}
    for frame in buttons.values():
        assert min(frame.w, frame.h) >= 44
    assert buttons["GO"].w * buttons["GO"].h == max(frame.w * frame.h for frame in buttons.values())
    others = [name for name in buttons if name not in ("GO", "PANIC")]
    assert _apart(buttons["GO"], buttons["PANIC"]) > 250
    assert min(_apart(buttons["PANIC"], buttons[name]) for name in others) > 90


def test_what_ships_is_what_is_drawn() -> None:
    assert (LAYOUTS / "open-stage-control.json").read_text() == session()
    assert zlib.decompress((LAYOUTS / "touchosc.tosc").read_bytes()) == document()


def test_touchosc_finds_each_control_once_where_it_is_drawn() -> None:
    nodes = list(tree().iter("node"))
    assert len({node.get("ID") for node in nodes}) == len(nodes)
    frames = [
        tuple(int(value.text or "") for value in entry.find("value") or ())
        for node in nodes
        if node.get("type") in ("BUTTON", "FADER")
        for entry in node.iterfind("properties/property")
        if entry.findtext("key") == "frame"
    ]
    assert frames == [tuple(control.frame) for control in SURFACE if isinstance(control, Button | Fader)]
    labels = [node for node in nodes if node.get("type") == "LABEL"]
    touched = [
        entry.findtext("value")
        for label in labels
        for entry in label.iterfind("properties/property")
        if entry.findtext("key") == "interactive"
    ]
    assert touched == ["0"] * len(labels)


def test_open_stage_control_finds_each_widget_once_where_it_is_drawn() -> None:
    placed = [widget for widget in widgets() if widget["type"] != "variable"]
    frames = [tuple(widget[key] for key in ("left", "top", "width", "height")) for widget in placed]
    assert frames == [tuple(control.frame) for control in SURFACE]
    assert len({widget["id"] for widget in widgets()}) == len(widgets())
