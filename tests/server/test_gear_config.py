"""[[midi.in]], [[midi.out]] and [[light]] in the rig's file, and in what is judged before doors."""

import copy
import tomllib
from collections.abc import Iterator
from datetime import date
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from server.check import judge
from server.config import ConfigError, load_rig
from server.config import rig_of as rig_of_tables
from server.rig import Rig
from show_control.showfile import parse_show

LEAST = '[show]\nfile = "dinner.toml"\n[generator]\nweights = "dinner.safetensors"\n'
TARGET = '[[osc.target]]\nname = "sound"\nport = 57120\n'
OUT = '[[midi.out]]\nname = "synth"\nport = "Digitakt"\n'
LIGHT = '[[light]]\nprotocol = "sacn"\nuniverse = 1\n'
SHOW = 'safe = { walk = { still = 4 } }\n[[cue]]\nnumber = "1"\nname = "One"\n'
CHANNEL = "channels = [ { channel = 1, value = 9 } ]\n"


def rig_of(folder: Path, text: str) -> Rig:
    path = folder / "config.toml"
    path.write_text(LEAST + text, encoding="utf-8")
    return load_rig(path)


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        rig_of(folder, text)
    return [str(problem).removeprefix("config.toml: ") for problem in error.value.problems]


def test_without_any_there_is_none(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "")
    assert (rig.midi.ins, rig.midi.outs, rig.lights, rig.followed) == ((), (), (), [])


def test_least_and_defaults(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, OUT + LIGHT + CHANNEL + '[[midi.in]]\nname = "a"\nport = "b"\n')
    [out], [light], [one] = rig.midi.outs, rig.lights, rig.midi.ins
    assert (one.name, one.port) == ("a", "b")
    assert (out.channel, out.cc) == (1, ())
    assert (light.host, light.priority, light.rate, light.called) == (None, 100, 30, "sACN universe 1")
    [channel] = light.channels
    assert (channel.range, channel.smoothing, channel.master) == ((0.0, 255.0), 0.2, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OUT + "channel = 17", "midi.out 1 (synth).channel: expected at most 16, got 17"),
        (OUT + "chanel = 1", 'midi.out 1 (synth).chanel: unknown key. Did you mean "channel"?'),
        ('[[midi.out]]\nname = "a"\nport = ""', "midi.out 1 (a).port: "),
        (OUT + OUT, "midi.out 2 (synth).name: there is a [[midi.out]] of this name already"),
        (OUT.replace("synth", "sound") + TARGET, "midi.out 1 (sound).name: there is an [[osc.target]] of"),
        (
            '[[midi.in]]\nname = "a"\nport = "b"\n[[midi.in]]\nname = "a"\nport = "c"\n',
            "midi.in 2 (a).name: there is one of this name already",
        ),
        (
            OUT + 'cc = [ { number = 20, follow = "energy.mian.motion" } ]',
            'midi.out 1 (synth).cc 1.follow: no [[projector]] is named "mian". Did you mean "main"?',
        ),
        (
            OUT + 'cc = [ { number = 20, follow = "master", range = [0, 255] } ]',
            "midi.out 1 (synth).cc 1.range: expected two numbers from 0 to 127",
        ),
        (
            OUT + 'cc = [ { number = 2, follow = "a" }, { number = 2, follow = "b" } ]',
            "midi.out 1 (synth).cc 2.number: another of this output's controllers has this number",
        ),
        (LIGHT, "light 1.channels: missing, and needed"),
        (LIGHT + "channels = []", "light 1.channels: expected at least one, such as {"),
        (
            LIGHT.replace("= 1", "= 64000") + CHANNEL,
            "light 1.universe: expected 1 to 63999 for sacn, got 64000",
        ),
        (LIGHT.replace("sacn", "dmx") + CHANNEL, 'light 1.protocol: expected "sacn" or "artnet", got '),
        (LIGHT.replace("sacn", "artnet") + CHANNEL, "light 1.host: missing, and needed for Art-Net"),
        (LIGHT + 'host = "::1"\n' + CHANNEL, "light 1.host: expected an IPv4 address"),
        (LIGHT + 'host = "desk"\n' + CHANNEL, "light 1.host: expected an IP address such as"),
        (
            LIGHT + 'host = "10.0.0.1"\ninterface = "10.0.0.2"\n' + CHANNEL,
            "light 1.interface: means nothing beside host",
        ),
        (LIGHT + CHANNEL + LIGHT + CHANNEL, "light 2.universe: there is one like it already"),
        (LIGHT + "rate = 60\n" + CHANNEL, "light 1.rate: expected at most 44, got 60"),
        (
            LIGHT + "channels = [ { channel = 0, value = 1 } ]",
            "light 1.channels 1.channel: expected at least 1",
        ),
        (LIGHT + "channels = [ { channel = 1 } ]", "light 1.channels 1.follow: expected either follow ="),
        (
            LIGHT + 'channels = [ { channel = 1, follow = "energy.main.loud" } ]',
            "light 1.channels 1.follow: expected energy.PROJECTOR and one of motion, brightness",
        ),
        (
            LIGHT + "channels = [ { channel = 1, value = 1, smoothing = 1 } ]",
            "light 1.channels 1.smoothing: means nothing beside value",
        ),
        (
            LIGHT + 'channels = [ { channel = 1, follow = "energy.main.left", master = false } ]',
            "light 1.channels 1.master: means nothing to what follows the picture",
        ),
        (
            LIGHT + 'channels = [ { channel = 1, follow = "energy.main.left" }, { channel = 3, value = 1 } ]',
            "light 1.channels 2.channel: channel 3 is taken by number 1 of this list",
        ),
        (
            LIGHT + 'channels = [ { channel = 511, follow = "energy.main.left" } ]',
            "light 1.channels 1.channel: a colour takes three channels, and 511 leaves too few of 512",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_key(tmp_path: Path, text: str, expected: str) -> None:
    [problem] = refused(tmp_path, text)
    assert problem.startswith(expected)


def test_art_net_has_no_priority(tmp_path: Path) -> None:
    text = LIGHT.replace("sacn", "artnet") + 'host = "2.0.0.1"\npriority = 9\n' + CHANNEL
    assert refused(tmp_path, text) == ["light 1.priority: means nothing in Art-Net"]


def judged(folder: Path, sends: str) -> list[str]:
    rig = rig_of(folder, TARGET + OUT)
    show = parse_show(SHOW + sends, "dinner.toml")
    return [str(problem) for problem in judge(rig, show, {})[0]]


@pytest.mark.parametrize(
    "cue",
    [
        'send = [ { to = "synth", address = "/noteOn", args = [60, 100] } ]',
        'send = [ { to = "synth", address = "/cc", args = [7, 0] } ]',
        'send = [ { to = "sound", address = "/cc", args = ["whatever", 0.5] } ]',
        'kind = "note"\nto = "synth"\nnote = 60\n',
    ],
)
def test_what_cues_may_send_to_midi(tmp_path: Path, cue: str) -> None:
    assert judged(tmp_path, cue) == []


def test_what_is_no_midi_is_told_before_doors(tmp_path: Path) -> None:
    [problem] = judged(
        tmp_path,
        'send = [ { to = "synth", address = "/cc", args = [7, 1] }, '
        '{ to = "synth", address = "/cc", args = [7, 0.5] } ]',
    )
    assert problem == (
        'dinner.toml: cue 1: send[2]: "synth" is a [[midi.out]]: /cc NUMBER VALUE: expected 2 whole numbers '
        "from 0 to 127, got 7, 0.5"
    )


def test_a_control_that_nothing_sets_is_worth_a_look(tmp_path: Path) -> None:
    rig = rig_of(
        tmp_path,
        LIGHT
        + 'channels = [ { channel = 1, follow = "plate.mum" }, { channel = 2, follow = "master" } ]\n'
        + OUT
        + 'cc = [ { number = 20, follow = "plate.dad" } ]\n'
        + '[[patch]]\naddress = "/plate/{seat}"\ncontrol = "plate.{seat}"\n',
    )
    show = parse_show(SHOW, "dinner.toml")
    _, notes = judge(rig, show, {})
    [note] = [note for note in notes if "plate." in note]
    assert note.startswith('light 1 channel 1: no patch entry sets the control "plate.mum"; only /control/')


GEAR = """
[[midi.in]]
name = "faders"
port = "BCF"
[[midi.out]]
name = "synth"
port = "Digitakt"
channel = 2
cc = [{ number = 20, follow = "energy.main.motion", range = [0, 127], smoothing = 0.1 }]
[[light]]
protocol = "sacn"
universe = 1
interface = "10.0.0.1"
priority = 100
rate = 30
channels = [{ channel = 1, follow = "plate.mom", range = [0, 255], smoothing = 0.2, master = true }]
[[light]]
protocol = "artnet"
universe = 1
host = "10.0.0.2"
channels = [{ channel = 1, value = 9 }]
"""
STRANGE: tuple[Any, ...] = (
    *([], ["artnet"], [[1]], [{"a": 1}], {}, {"a": [1]}),
    *(0, -1, 10**30, 1.5, nan, inf, True, False, "", "\0", "ü" * 999, date(2026, 11, 21)),
)


def places(node: Any) -> Iterator[tuple[str | int, ...]]:
    """The way to every value, and to every table and list."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (key,)
        if isinstance(value, dict | list):
            yield from ((key, *way) for way in places(value))


def test_whatever_stands_where_a_value_is_expected_the_config_is_read_or_refused(tmp_path: Path) -> None:
    sound = tomllib.loads(LEAST + GEAR)
    rig_of_tables(sound, tmp_path / "config.toml")
    refusals = 0
    for way in places({key: sound[key] for key in ("midi", "light")}):
        for value in STRANGE:
            raw = copy.deepcopy(sound)
            node: Any = raw
            for key in way[:-1]:
                node = node[key]
            node[way[-1]] = value
            try:
                rig_of_tables(raw, tmp_path / "config.toml")
            except ConfigError:
                refusals += 1
    assert refusals > 400


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("protocol", 'light 1.protocol: expected "sacn" or "artnet", got '),
        ("universe", "light 1.universe: expected a whole number, got "),
        ("host", "light 1.host: expected text in quotes, got "),
    ],
)
def test_a_list_where_a_light_has_a_value_is_told(tmp_path: Path, key: str, expected: str) -> None:
    table = {"protocol": '"sacn"', "universe": "1", key: '["artnet"]'}
    text = "[[light]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items()) + CHANNEL
    assert any(problem.startswith(expected) for problem in refused(tmp_path, text))
