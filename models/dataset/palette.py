"""Colours: mixing in OKLab, and the limited palettes that keep one picture in one key."""

import math
from dataclasses import dataclass

Color = tuple[float, float, float]
"""sRGB, each channel in 0..1."""


def rgb(code: str) -> Color:
    """The colour of a six-digit hex code such as "d9a441"."""
    return (int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255)


def _to_lab(color: Color) -> Color:
    # OKLab, B. Ottosson 2020.
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    cone_l = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    cone_m = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    cone_s = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * cone_l + 0.7936177850 * cone_m - 0.0040720468 * cone_s,
        1.9779984951 * cone_l - 2.4285922050 * cone_m + 0.4505937099 * cone_s,
        0.0259040371 * cone_l + 0.7827717662 * cone_m - 0.8086757660 * cone_s,
    )


def _from_lab(lab: Color) -> Color:
    light, a, b = lab
    cone_l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    cone_m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    cone_s = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * cone_l - 3.3077115913 * cone_m + 0.2309699292 * cone_s,
        -1.2684380046 * cone_l + 2.6097574011 * cone_m - 0.3413193965 * cone_s,
        -0.0041960863 * cone_l - 0.7034186147 * cone_m + 1.7076147010 * cone_s,
    )
    r, g, b = (
        min(1.0, max(0.0, 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055)) for c in linear
    )
    return (r, g, b)


def mix(a: Color, b: Color, amount: float) -> Color:
    """`a` moved towards `b` by `amount` (0..1), in OKLab."""
    la, lb = _to_lab(a), _to_lab(b)
    return _from_lab(
        (la[0] + (lb[0] - la[0]) * amount, la[1] + (lb[1] - la[1]) * amount, la[2] + (lb[2] - la[2]) * amount)
    )


def lighten(color: Color, amount: float) -> Color:
    """`color` with its OKLab lightness moved by `amount` (may be negative), hue kept."""
    light, a, b = _to_lab(color)
    return _from_lab((min(1.0, max(0.0, light + amount)), a, b))


def saturate(color: Color, factor: float) -> Color:
    """`color` with its OKLab chroma multiplied by `factor`."""
    light, a, b = _to_lab(color)
    return _from_lab((light, a * factor, b * factor))


def lightness(color: Color) -> float:
    """OKLab lightness, 0..1."""
    return _to_lab(color)[0]


def with_lightness(color: Color, low: float, high: float) -> Color:
    """`color` with its OKLab lightness held between `low` and `high`."""
    light, a, b = _to_lab(color)
    return _from_lab((min(high, max(low, light)), a, b))


@dataclass(frozen=True, slots=True)
class Scheme:
    """The palette of one picture: walls, table cloth, what people wear, the colour of light and of shade."""

    name: str
    wall: Color
    wall_accent: Color
    table: Color
    wear: tuple[Color, ...]
    light: Color
    shade: Color


def _scheme(name: str, wall: str, accent: str, table: str, wear: str, light: str, shade: str) -> Scheme:
    return Scheme(
        name, rgb(wall), rgb(accent), rgb(table), tuple(rgb(c) for c in wear.split()), rgb(light), rgb(shade)
    )


SCHEMES = (
    _scheme("kitchen", "7fae9f", "e9d9ae", "f1e6cf", "c8452f e8b84a 2f6f73 f3e3c3 8a3b4a 5f8fb0", "ffe2a8",
            "2a3a5c"),
    _scheme("plum", "6b4a63", "c98a6b", "ead7c0", "d98c3f 8f2f45 3f7d78 f0d9b5 566a9c c9a0a8", "ffd394",
            "2b1f45"),
    _scheme("mustard", "c99a3c", "8a4f2a", "f4ead2", "1f5f6b b33a2c f2e2bc 7a8f4a 40486f d9772f", "fff0c0",
            "3a2340"),
    _scheme("rose", "d49a8f", "f2d6bd", "f6efe4", "2f5d7c b8323f 6f8f6a f5d77a 8a5a7a f3e7db", "ffe6bd",
            "3c2850"),
    _scheme("night", "34466e", "b9783f", "e2d3b4", "d14b34 e9c05b 5a8f8a f1dfc4 a85c77 7f9ac4", "ffcf86",
            "1d1d46"),
    _scheme("moss", "74803f", "d8c07a", "efe2c2", "b5502e f0e0b4 335f66 d8a23a 7b3346 9db3a0", "ffeab0",
            "2c2a3f"),
    _scheme("brick", "a4513b", "e0b07a", "f0e3cc", "2f6a68 f0cf86 39476f e9dcc3 c9793f 7d9b7d", "ffdca0",
            "34203c"),
    _scheme("mint", "9cc7b4", "e6795a", "f8f1df", "d8533f 2c5f86 f4c65f f6e8d2 6d4f7c 4f8f6d", "fff0c8",
            "2b3560"),
    _scheme("sea", "3f7f8c", "e6c78f", "ece0c8", "e2683f f3d9a0 7a2f4a 2f4f78 c7b24e d8e2d8", "ffdf9f",
            "1e2a50"),
    _scheme("lilac", "8f86b5", "f0d4b8", "f3ead9", "c23f5a e7b64c 3f7a70 efe2d2 4a4f8c d98560", "ffe0b4",
            "2f2458"),
)

SKINS = tuple(
    rgb(c) for c in ["f3d2b8", "eec1a0", "e8b48c", "dda27a", "cf9468", "c08358", "a86c46", "8f5738", "774630",
                     "633a2a"]
)
"""From pale to deep; the first pictures of a family are drawn from neighbours in this list."""

HAIRS = tuple(
    rgb(c) for c in ["3b3350", "4a3230", "5d3a2a", "7a4a2c", "94562c", "b5653a", "c9843f", "d9ac5c", "e8cb86",
                     "7d2f2a"]
)
"""From blue-black to blonde, and a dyed red; never black, which would vanish on a black canvas."""

GREYS = tuple(rgb(c) for c in ["a9a6a8", "c9c4bd", "e6e0d4", "8b8c96"])

IRISES = tuple(rgb(c) for c in ["3f6f9c", "4c8f7a", "6b4a2c", "4a3326", "7a7f45", "5f86a8", "8a6234"])
