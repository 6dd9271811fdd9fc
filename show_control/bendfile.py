"""One bend of a show file: its kind, the layer and the channels that it acts on, and its numbers."""

import re

from show_control.errors import Problem
from show_control.look import Bend, BendKind
from show_control.reader import Reader, choice, entries, kind_of, number

RESOLUTIONS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
LAYER = re.compile(r"[A-Za-z][\w.-]{0,63}", re.ASCII)
RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
WORDS = ("even", "odd")

Numbers = tuple[tuple[float, float, float], ...]
BY: dict[BendKind, Numbers] = {
    BendKind.NOISE: ((1.0, 0.0, 8.0),),
    BendKind.THRESHOLD: ((0.0, -4.0, 4.0),),
    BendKind.ABLATE: (),
    BendKind.INVERT: (),
    BendKind.SCALE: ((2.0, -8.0, 8.0),),
    BendKind.TRANSLATE: ((0.25, -1.0, 1.0), (0.0, -1.0, 1.0)),
    BendKind.ROTATE: ((90.0, -360.0, 360.0),),
    BendKind.ERODE: ((2.0, 0.0, 16.0),),
    BendKind.DILATE: ((2.0, 0.0, 16.0),),
}
"""The numbers that each kind takes: (what it is where none is given, lowest, highest)."""


def read_bend(name: str, reader: Reader) -> Bend | None:
    """The bend that a table of [bends] declares; None where it is wrong, which is noted."""
    problems = reader.problems
    kind = reader.require(
        "kind", lambda where, value: choice(where, value, list(BendKind), problems), "the kind of bend"
    )
    expected = 'the layer that it bends: a resolution such as 64, or a name such as "b64.conv0"'
    at = reader.require("at", lambda where, value: _layer(where, value, problems), expected)
    channels = reader.get("channels", lambda where, value: _channels(where, value, problems))
    numbers = BY[BendKind(kind)] if kind else ()
    by = reader.get("by", lambda where, value: _numbers(where, value, numbers, problems) if kind else None)
    reader.finish()
    if kind is None or at is None:
        return None
    return Bend(name, BendKind(kind), at, channels or "", by or tuple(default for default, _, _ in numbers))


def _layer(where: str, value: object, problems: list[Problem]) -> str | None:
    if isinstance(value, int) and value in RESOLUTIONS:
        return str(value)
    if isinstance(value, str) and LAYER.fullmatch(value):
        return value
    known = ", ".join(map(str, RESOLUTIONS))
    problems.append(
        Problem(where, f'expected one of {known}, or a layer such as "b64.conv0", not {kind_of(value)}')
    )
    return None


def _channels(where: str, value: object, problems: list[Problem]) -> str | None:
    """ "even", "odd", or ranges with blanks or commas between, in order: "0-15 40" -> "0-15,40"."""
    if isinstance(value, str):
        if value in WORDS:
            return value
        found = [RANGE.fullmatch(part) for part in re.split(r"[\s,]+", value.strip())]
        ranges = [(int(one[1]), int(one[2] or one[1])) for one in found if one]
        if len(ranges) == len(found) <= 64 and all(first <= last for first, last in ranges):
            return ",".join(
                f"{first}-{last}" if last > first else f"{first}" for first, last in sorted(ranges)
            )
    message = f'expected "even", "odd", or channels such as "0-15 40", not {kind_of(value)}'
    problems.append(Problem(where, message))
    return None


def _numbers(
    where: str, value: object, expected: Numbers, problems: list[Problem]
) -> tuple[float, ...] | None:
    """As many numbers as the kind takes; a single one needs no brackets."""
    given = entries(where, value, problems) if isinstance(value, list) else [(where, value)]
    if len(given) != len(expected):
        takes = {0: "no number", 1: "one number"}.get(len(expected), f"a list of {len(expected)} numbers")
        problems.append(Problem(where, f"this kind of bend takes {takes}, not {kind_of(value)}"))
        return None
    read = [
        number(*entry, low, high, problems) for entry, (_, low, high) in zip(given, expected, strict=True)
    ]
    known = tuple(one for one in read if one is not None)
    return known if len(known) == len(read) else None
