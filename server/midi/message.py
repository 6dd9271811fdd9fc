"""MIDI messages as bytes, and as the addresses that the patch and the cues know. Pure.

In, of an input named PORT; channels 1 to 16, values 0..1:

    /midi/PORT/note/CHANNEL/NOTE f         how hard it is struck, 0 when it is let go
    /midi/PORT/cc/CHANNEL/NUMBER f         a control change
    /midi/PORT/bend/CHANNEL f              the wheel, 0.5 at rest
    /midi/PORT/pressure/CHANNEL f          after-touch of the whole channel
    /midi/PORT/program/CHANNEL/NUMBER      a program change, which has no value

Out, on the channel of the output; whole numbers 0 to 127:

    /noteOn NOTE VELOCITY    /noteOff NOTE    /cc NUMBER VALUE    /program NUMBER

Layouts are those of the MIDI 1.0 Detailed Specification, tables I to III.
"""

from collections.abc import Sequence

Message = tuple[str, tuple[float, ...]]
"""Address and arguments."""

NOTE_OFF, NOTE_ON, CC, PROGRAM, PRESSURE, BEND = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0

CHANNEL_MODE = 120
"""Controllers from here on are orders to an instrument (all notes off ...) and no values."""

_OUT = {
    "/noteOn": (NOTE_ON, ("NOTE", "VELOCITY"), ()),
    "/noteOff": (NOTE_OFF, ("NOTE",), (0,)),
    "/cc": (CC, ("NUMBER", "VALUE"), ()),
    "/program": (PROGRAM, ("NUMBER",), ()),
}


class NotMidi(ValueError):
    """What cannot be written as MIDI; says what was expected."""


def heard(port: str, data: Sequence[int]) -> Message | None:
    """The message that bytes from a port mean. None for what has no value: clock, sensing, system
    exclusive."""
    if not data or data[0] >= 0xF0:
        return None
    kind, channel = data[0] & 0xF0, (data[0] & 0x0F) + 1
    match kind, *data[1:]:
        case 0x90, note, velocity:
            return f"/midi/{port}/note/{channel}/{note}", (velocity / 127,)
        case 0x80, note, _:
            return f"/midi/{port}/note/{channel}/{note}", (0.0,)
        case 0xB0, number, value if number < CHANNEL_MODE:
            return f"/midi/{port}/cc/{channel}/{number}", (value / 127,)
        case 0xC0, number:
            return f"/midi/{port}/program/{channel}/{number}", ()
        case 0xD0, value:
            return f"/midi/{port}/pressure/{channel}", (value / 127,)
        case 0xE0, low, high:
            # 8192 of 0 to 16383 is at rest, and has to be exactly the middle.
            bent = (high << 7 | low) - 8192
            return f"/midi/{port}/bend/{channel}", (0.5 + bent / (16382 if bent > 0 else 16384),)
    return None


def written(channel: int, address: str, args: Sequence[object]) -> bytes:
    """What is sent on a channel, 1 to 16. Raises NotMidi."""
    if address not in _OUT:
        forms = ", ".join(" ".join((each, *names)) for each, (_, names, _) in _OUT.items())
        raise NotMidi(f"expected one of {forms}")
    kind, names, rest = _OUT[address]
    values = [arg for arg in args if isinstance(arg, int) and not isinstance(arg, bool) and 0 <= arg <= 127]
    if len(args) != len(names) or len(values) != len(args):
        numbers = "a whole number" if len(names) == 1 else f"{len(names)} whole numbers"
        got = ", ".join(map(str, args))[:60] or "nothing"
        raise NotMidi(f"{' '.join((address, *names))}: expected {numbers} from 0 to 127, got {got}")
    return bytes((kind | channel - 1, *values, *rest))
