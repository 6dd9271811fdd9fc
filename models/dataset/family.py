"""Families: the traits of four people, sampled from a seed, in one palette and one light."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from models.dataset.palette import (
    GREYS,
    HAIRS,
    IRISES,
    SCHEMES,
    SKINS,
    Color,
    Scheme,
    lighten,
    lightness,
    mix,
    with_lightness,
)
from models.dataset.traits import Clothes, Face, Hair, Look, Mood, Pose, Role, Traits


@dataclass(frozen=True, slots=True)
class Family:
    """Four people, the palette they are painted in, and the side the light comes from (-1 left, +1 right)."""

    seed: int
    scheme: Scheme
    side: float
    people: tuple[Traits, Traits, Traits, Traits]


_STYLES = {
    ("f", "child"): ["bob", "fringe", "pigtails", "braids", "long", "ponytail", "curls", "bun_top"],
    ("f", "adult"): ["waves", "bob", "beehive", "bun", "long", "fringe", "curls", "afro", "updo", "pixie"],
    ("f", "old"): ["bun", "curls", "updo", "waves", "bob", "pixie"],
    ("m", "child"): ["bowl", "side", "crop", "quiff", "curls_short", "mop"],
    ("m", "adult"): ["side", "quiff", "crop", "bald", "receding", "curls_short", "slick", "mop"],
    ("m", "old"): ["bald", "receding", "side", "slick", "bald", "curls_short"],
}


_T = TypeVar("_T")


def _pick(rng: np.random.Generator, options: tuple[_T, ...] | list[_T],
          weights: list[float] | None = None) -> _T:
    p = None if weights is None else np.asarray(weights) / sum(weights)
    return options[int(rng.choice(len(options), p=p))]


def _other(rng: np.random.Generator, colors: tuple[Color, ...], first: Color) -> Color:
    """A colour that stands off `first` in lightness."""
    apart = [c for c in colors if abs(lightness(c) - lightness(first)) > 0.14]
    return _pick(rng, apart or list(colors))


def _face(rng: np.random.Generator, age: float, feminine: bool) -> Face:
    u = rng.uniform
    youth = float(np.clip((20 - age) / 13, 0, 1))
    old = float(np.clip((age - 50) / 25, 0, 1))
    width = u(24.5, 30) - 0.5 * feminine + 0.8 * youth
    return Face(
        width=width,
        drop=u(42, 56) - 9 * youth - 1.5 * feminine,
        crown=u(33, 38) + 2 * youth,
        jaw=u(0.7, 0.97) - 0.05 * feminine + 0.03 * youth + 0.03 * old,
        chin=u(0.32, 0.52) - 0.05 * feminine,
        eye=u(8.8, 11.0) + 0.5 * youth + 0.4 * feminine - 0.5 * old,
        spread=u(0.45, 0.53),
        slant=u(-1.4, 2.4) - 1.2 * old,
        nose=u(0.47, 0.6) - 0.1 * youth,
        nose_width=u(4.4, 8.2) - 1.2 * youth - 0.6 * feminine + 0.8 * old,
        mouth=u(8.5, 13.0) - 1.2 * youth,
        lips=u(0.75, 1.35) - 0.3 * old + 0.15 * feminine,
        brow=u(2.0, 4.2) - 1.1 * feminine - 0.5 * youth,
        ear=u(0.85, 1.2),
    )


def _look(rng: np.random.Generator) -> Look:
    mood = _pick(rng, list(Mood), [3, 3.2, 2.2, 2, 1.8, 1.3, 1])
    closed = rng.random() < 0.06
    lids = 0.0 if closed else float(rng.uniform(0.62, 1.0))
    if mood in (Mood.SURPRISE, Mood.WORRY) and not closed:
        lids = float(rng.uniform(0.9, 1.12))
    yaw = float(np.clip(rng.normal(0, 0.5), -1, 1))
    pitch, tilt, lean = (float(rng.normal(0, spread)) for spread in (0.4, 5.0, 2.2))
    look_x, look_y = yaw * 0.5 + float(rng.normal(0, 0.4)), float(rng.normal(0.1, 0.35))
    return Look(
        yaw=yaw,
        pitch=float(np.clip(pitch, -0.9, 0.9)),
        tilt=float(np.clip(tilt, -11, 11)),
        lean=float(np.clip(lean, -5, 5)),
        mood=mood,
        lids=lids,
        gaze=(float(np.clip(look_x, -1, 1)), float(np.clip(look_y, -0.8, 0.9))),
    )


def _clothes(rng: np.random.Generator, feminine: bool, band: str, scheme: Scheme) -> Clothes:
    wear = scheme.wear
    base = _pick(rng, wear)
    over_color = _other(rng, wear, base)
    patterns = ["plain", "stripes", "bars", "dots", "checks", "plaid", "flowers", "knit"]
    pattern = _pick(rng, patterns, [3.5, 1.4, 1.3, 1.6, 1.2, 0.9, 1.4, 1])
    if pattern == "flowers" and not feminine:
        pattern = "bars"
    if band == "child":
        neckline = _pick(rng, ["crew", "peter", "collar", "sailor", "turtle"],
                         [2, 2.2 * feminine + 0.2, 1.5, 1, 0.7])
        over = _pick(rng, ["none", "straps", "cardigan", "vest"], [4, 1.6, 1.2, 1.0])
    elif feminine:
        neckline = _pick(rng, ["scoop", "vee", "collar", "peter", "turtle", "boat"], [2, 1.5, 1.5, 1, 0.8, 1])
        over = _pick(rng, ["none", "cardigan", "apron", "jacket", "shawl"], [3, 1.7, 1.8, 0.8, 1])
    else:
        neckline = _pick(rng, ["collar", "crew", "turtle"], [4, 1, 0.8])
        over = _pick(rng, ["none", "jacket", "cardigan", "vest", "braces"], [1.8, 2.4, 1.3, 1.3, 1])
    neckwear = "none"
    if neckline == "collar" and not feminine:
        neckwear = _pick(rng, ["tie", "bow", "none", "napkin"], [3, 1.4, 1.5, 0.5])
    elif feminine and neckline in ("scoop", "boat", "vee"):
        neckwear = _pick(rng, ["pearls", "none", "scarf", "pendant"], [2, 1.5, 0.8, 1])
    elif feminine and neckline in ("collar", "peter"):
        neckwear = _pick(rng, ["none", "ribbon"], [1.5, 1])
    elif rng.random() < 0.12:
        neckwear = "napkin"
    sleeve = _pick(rng, ["long", "short"] if feminine or band == "child" else ["long"])
    return Clothes(
        base=base,
        base_second=_other(rng, wear, base),
        pattern=pattern,
        neckline=neckline,
        over=over,
        over_color=over_color,
        neckwear=neckwear,
        neck_color=_other(rng, wear, base if over in ("none", "braces", "apron") else over_color),
        sleeve=sleeve,
        lap=lighten(mix(_pick(rng, wear), scheme.shade, 0.45), 0.02),
    )


def _person(rng: np.random.Generator, role: Role, scheme: Scheme, skin_at: float, hair_at: float) -> Traits:
    u = rng.uniform
    feminine = role in (Role.MOM, Role.SISTER)
    grown = role in (Role.MOM, Role.DAD)
    age = float((u(60, 82) if rng.random() < 0.22 else u(27, 56)) if grown else u(5, 18))
    band = "child" if not grown else "old" if age > 58 else "adult"
    skin = SKINS[int(np.clip(round(skin_at + rng.normal(0, 0.7)), 0, 9))]
    skin = with_lightness(mix(skin, (0.86, 0.45, 0.36), float(u(0, 0.12))), 0.48, 0.9)
    color = HAIRS[int(np.clip(round(hair_at + rng.normal(0, 1.1)), 0, len(HAIRS) - 1))]
    if band == "old":
        color = mix(_pick(rng, GREYS), color, float(u(0, 0.15)))
    elif band == "adult" and age > 44:
        color = mix(color, _pick(rng, GREYS), float(u(0, 0.6)))
    if feminine:
        hats = ["none", "pillbox", "scarf", "beret", "bow", "flower", "paper", "band"]
        hat = _pick(rng, hats, [6, 0.5 * grown, 0.8 * grown, 0.5, 1.2 if not grown else 0.2, 0.5, 0.4, 0.9])
        beard = "none"
    else:
        hat = _pick(rng, ["none", "fedora", "cap", "paper", "beret", "bobble"],
                    [6, 0.9 * grown, 0.8, 0.5, 0.3, 0.5])
        beard = "none" if not grown else _pick(
            rng, ["none", "moustache", "beard", "goatee", "walrus", "stubble"], [3, 1.5, 1.4, 0.7, 0.8, 0.8]
        )
    rouge = rng.random()
    lips = mix(skin, (0.68, 0.2, 0.22), 0.42)
    if feminine:
        lips = mix(lips, (0.78, 0.1, 0.16), (0.35 + 0.55 * rouge) if grown else 0.25)
    child = float(np.clip((19 - age) / 14, 0, 1))
    return Traits(
        role=role,
        seed=int(rng.integers(2**31)),
        age=age,
        feminine=feminine,
        skin=skin,
        iris=_pick(rng, IRISES) if lightness(skin) > 0.66 else _pick(rng, IRISES[2:4]),
        lips=lips,
        face=_face(rng, age, feminine),
        look=_look(rng),
        hair=Hair(
            style=_pick(rng, _STYLES["f" if feminine else "m", band]),
            color=color,
            beard=beard,
            hat=hat,
            hat_color=_pick(rng, scheme.wear),
            ribbon=_pick(rng, scheme.wear),
        ),
        clothes=_clothes(rng, feminine, band, scheme),
        pose=_pick(rng, list(Pose), [2.2, 2, 1.6, 1.3, 1.2, 0.9]),
        flip=bool(rng.random() < 0.5),
        shoulders=float(u(35, 40.5) - 3 * feminine - 6 * child),
        neck=float(u(7, 16) - 3 * child + 2 * feminine),
        glasses=_pick(rng, ["none", "round", "square", "cat"], [7, 1.2, 1.0, 0.8 * feminine])
        if not grown or age < 55
        else _pick(rng, ["none", "round", "square"]),
        earrings=bool(feminine and rng.random() < (0.6 if grown else 0.15)),
        blush=float(u(0.15, 0.6)),
        freckles=bool(rng.random() < (0.08 if grown else 0.22) and lightness(skin) > 0.7),
    )


def sample_family(seed: int) -> Family:
    """The family of one picture: skin and hair run in it, everything else is each one's own."""
    rng = np.random.default_rng([seed, 0])
    scheme = _pick(rng, SCHEMES)
    side = 1.0 if rng.random() < 0.5 else -1.0
    skin_a, hair_a = rng.uniform(-0.4, 9.4), rng.uniform(0, 9)
    if skin_a > 5:
        hair_a = rng.uniform(0, 2.4)
    skin_b = skin_a + rng.normal(0, 1.2) if rng.random() < 0.8 else rng.uniform(0, 9.4)
    hair_b = hair_a + rng.normal(0, 2.0)
    between, hair_between = (skin_a + skin_b) / 2, (hair_a + hair_b) / 2
    inherited = {
        Role.MOM: (skin_a, hair_a),
        Role.DAD: (skin_b, hair_b),
        Role.BROTHER: (between, hair_between),
        Role.SISTER: (between, hair_between),
    }
    mom, dad, brother, sister = (
        _person(np.random.default_rng([seed, 1 + i]), role, scheme, float(skin), float(hair))
        for i, (role, (skin, hair)) in enumerate(inherited.items())
    )
    return Family(seed, scheme, side, (mom, dad, brother, sister))
