"""What a person is, before a line is drawn: traits come first, and drawing is a function of them alone."""

from dataclasses import dataclass
from enum import StrEnum

from models.dataset.palette import Color


class Role(StrEnum):
    """The four seats of the table."""

    MOM = "mom"
    DAD = "dad"
    BROTHER = "brother"
    SISTER = "sister"


class Mood(StrEnum):
    """What a face says."""

    CALM = "calm"
    SMILE = "smile"
    GRIN = "grin"
    TALK = "talk"
    WORRY = "worry"
    SURPRISE = "surprise"
    SOUR = "sour"


class Pose(StrEnum):
    """What the arms do."""

    FOLDED = "folded"
    TABLE = "table"
    FORK = "fork"
    GLASS = "glass"
    CHEEK = "cheek"
    SPOON = "spoon"


@dataclass(frozen=True, slots=True)
class Face:
    """Proportions of a head, in units of the figure (a figure is about 100 wide)."""

    width: float  # half, at the cheekbones
    drop: float  # eye line to chin
    crown: float  # eye line to crown
    jaw: float  # of width
    chin: float  # of width
    eye: float  # half the width of one eye
    spread: float  # eye centre from the middle, of width
    slant: float  # outer corner above the inner one
    nose: float  # eye line to nose tip, of drop
    nose_width: float
    mouth: float  # half width
    lips: float  # fullness
    brow: float  # thickness
    ear: float


@dataclass(frozen=True, slots=True)
class Look:
    """Where a head turns and what it shows. Angles are small: yaw and pitch in -1..1, tilt in degrees."""

    yaw: float
    pitch: float
    tilt: float
    lean: float
    mood: Mood
    lids: float  # 0 closed .. 1 wide open
    gaze: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Hair:
    """A head of hair: its cut, its colour, and what covers it."""

    style: str
    color: Color
    beard: str
    hat: str
    hat_color: Color
    ribbon: Color


@dataclass(frozen=True, slots=True)
class Clothes:
    """One outfit: a base garment, something over it, something at the neck."""

    base: Color
    base_second: Color
    pattern: str
    neckline: str
    over: str
    over_color: Color
    neckwear: str
    neck_color: Color
    sleeve: str
    lap: Color


@dataclass(frozen=True, slots=True)
class Traits:
    """Everything that the drawing of one person depends on, besides the palette and the light."""

    role: Role
    seed: int
    age: float  # years
    feminine: bool
    skin: Color
    iris: Color
    lips: Color
    face: Face
    look: Look
    hair: Hair
    clothes: Clothes
    pose: Pose
    flip: bool
    shoulders: float  # half width, units
    neck: float  # length, units
    glasses: str
    earrings: bool
    blush: float
    freckles: bool
