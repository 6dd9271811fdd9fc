"""One surface, whatever draws it: where each control is, what it sends, and what it is told.

What it shows is what we tell of the show (/marrow/...), so the program has to be an [[osc.target]] of the rig
that is told so.
"""

from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 1024, 768


class Frame(NamedTuple):
    """In pixels of the canvas, from its upper left corner."""

    x: int
    y: int
    w: int
    h: int


class Colour(NamedTuple):
    """0..1 each."""

    r: float
    g: float
    b: float

    @property
    def hex(self) -> str:
        return "#" + "".join(f"{round(value * 255):02x}" for value in self)


GROUND = Colour(0.04, 0.03, 0.03)
PLAIN = Colour(0.32, 0.31, 0.30)
GREEN = Colour(0.20, 0.55, 0.30)
AMBER = Colour(0.75, 0.50, 0.12)
RED = Colour(0.80, 0.16, 0.12)
INK = Colour(0.96, 0.94, 0.90)
SOFT = Colour(0.62, 0.60, 0.57)


@dataclass(frozen=True, slots=True)
class Button:
    """Sends its address, without arguments, when it is pressed; nothing when it is let go."""

    name: str
    address: str
    frame: Frame
    colour: Colour = PLAIN
    size: int = 28


@dataclass(frozen=True, slots=True)
class Fader:
    """Sends a float from 0 to 1 while it is moved, and goes where it is told that the value is."""

    name: str
    address: str
    told: str
    frame: Frame
    colour: Colour = PLAIN


@dataclass(frozen=True, slots=True)
class Readout:
    """Shows the text that comes to an address."""

    name: str
    told: str
    frame: Frame
    size: int
    colour: Colour = INK


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that stay."""

    text: str
    frame: Frame
    size: int = 16


Control = Button | Fader | Readout | Caption

SURFACE: tuple[Control, ...] = (
    Caption("STANDBY", Frame(24, 16, 560, 24)),
    Readout("standby", "/marrow/standby", Frame(24, 40, 136, 72), 44),
    Readout("standby name", "/marrow/name/standby", Frame(168, 40, 656, 72), 40),
    Caption("ON STAGE", Frame(24, 120, 560, 24)),
    Readout("current", "/marrow/current", Frame(24, 144, 136, 48), 28, SOFT),
    Readout("current name", "/marrow/name/current", Frame(168, 144, 456, 48), 26, SOFT),
    Readout("mode", "/marrow/mode", Frame(632, 144, 192, 48), 26),
    Readout("guest", "/marrow/line/guest", Frame(24, 208, 136, 88), 24, SOFT),
    Readout("line", "/marrow/line/text", Frame(168, 208, 656, 88), 22),
    Button("GO", "/show/go", Frame(24, 320, 560, 424), GREEN, 96),
    Button("HOLD", "/show/hold", Frame(608, 320, 216, 96), AMBER),
    Button("RESUME", "/show/resume", Frame(608, 424, 216, 96)),
    Button("BACK", "/show/back", Frame(608, 528, 216, 96)),
    Button("TAKE", "/show/take", Frame(608, 640, 104, 104), size=22),
    Button("SKIP", "/show/skip", Frame(720, 640, 104, 104), size=22),
    Button("PANIC", "/show/panic", Frame(864, 24, 136, 200), RED, 32),
    Caption("MASTER", Frame(864, 296, 136, 24)),
    Fader("master", "/show/master", "/marrow/master", Frame(864, 320, 136, 424)),
)
"""GO lower left, where a thumb is; PANIC in the farthest corner from it."""
