"""What is on stage, in the words of a show file: what a person would write to come from one scene to another.

Only what differs is named, as earlier cues are tracked. What hands and voices add at this moment is no part
of it, nor are the grand master and blackout; of a picture that is fading it is where the fade leads. Pure.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

from server.editing.blocks import EditError
from show_control.clip import RATE
from show_control.look import NUMBERS, Amounts, Drive, LookChange, Scene
from show_control.lookfile import LookReader
from show_control.retained import MARK
from show_control.showfile import ShowFile
from show_control.walk import Walk, WalkKind, Weights

DIGITS = 4
"""Decimal places: finer than any eye, and short."""

Table = dict[str, Any]


def change_between(before: Scene, after: Scene, file: ShowFile) -> LookChange:
    """The change that leads from one scene to another; what stays is not in it.

    Raises EditError where the picture was made with directions or bends that the file no longer has.
    """
    _known(after, file)
    named: dict[str, Any] = {
        part: getattr(after, part)
        for part in ("network", "walk", "style")
        if getattr(after, part) != getattr(before, part)
    }
    for part in NUMBERS:
        value = round(getattr(after, part), DIGITS)
        if value != round(getattr(before, part), DIGITS):
            named[part] = value
    for table in ("bend", "move"):
        if moved := _moved(getattr(before, table), getattr(after, table)):
            named[table] = moved
    if _moved(before.classes, after.classes):
        named["classes"] = after.classes
    if set(after.drives) != set(before.drives):
        named["drives"] = after.drives
    return LookChange(**named)


def look_of(change: LookChange, file: ShowFile) -> Table:
    """The `look` of a cue that makes this change, as a table of plain values; all but its drives."""
    names = _Names(file)
    look: Table = {}
    if change.network is not None:
        look["network"] = change.network
    if change.walk is not None:
        look["walk"] = names.walk(change.walk)
    if change.style is not None:
        look["style"] = names.walk(change.style) if isinstance(change.style, Walk) else change.style
    for part in NUMBERS:
        if (value := getattr(change, part)) is not None:
            look[part] = round(value, DIGITS)
    for table in ("classes", "bend", "move"):
        if amounts := getattr(change, table):
            look[table] = {name: round(amount, DIGITS) for name, amount in amounts}
    return look


def drive_of(drives: tuple[Drive, ...]) -> Table:
    """The `drive` of a cue: control -> part -> gain, with tables for bends, moves and classes."""
    table: Table = {}
    for drive in drives:
        entry = table.setdefault(drive.control, {})
        part, _, name = drive.part.partition(".")
        if name:
            entry.setdefault(part, {})[name] = drive.gain
        else:
            entry[part] = drive.gain
    return table


class _Names:
    """A show file's words for points and clips, found from what they mean."""

    def __init__(self, file: ShowFile) -> None:
        self._points = {point: name for name, point in reversed(file.points.items())}
        looks = LookReader([])
        looks.points = file.points
        looks.read_clips("clips", tomllib.loads(file.text).get("clips", {}))
        self._clips = {clip: name for name, clip in reversed(looks.clips.items())}

    def walk(self, walk: Walk) -> Table:
        match walk.kind:
            case WalkKind.STILL:
                return {"still": self.point(walk.points[0])}
            case WalkKind.CLIPS:
                table: Table = {"clips": [self._clip(clip) for clip in walk.clips]}
                return table if walk.rate == RATE else table | {"rate": walk.rate}
        table = {walk.kind.value: [self.point(point) for point in walk.points]}
        if walk.kind is WalkKind.DRIFT:
            table["radius"] = walk.radius
        return table | {"seconds": int(walk.seconds) if walk.seconds.is_integer() else walk.seconds}

    def point(self, point: Weights) -> str | int | Mapping[str, float]:
        if point in self._points:
            return self._points[point]
        if len(point) == 1 and point[0][1] == 1.0:
            key = point[0][0]
            return int(key) if key.isdecimal() else key
        return {key: round(weight, 6) for key, weight in point}

    def _clip(self, clip: Any) -> str:
        if clip not in self._clips:
            raise EditError("a clip is on stage that the file no longer has; go to a cue, then try again")
        return self._clips[clip]


def _moved(before: Amounts, after: Amounts) -> Amounts:
    """The amounts that are others; what is not named is 0."""
    old, new = dict(before), dict(after)
    names = sorted({*old, *new})
    there = [(name, round(old.get(name, 0.0), DIGITS), round(new.get(name, 0.0), DIGITS)) for name in names]
    return tuple((name, is_now) for name, was, is_now in there if was != is_now)


def _known(scene: Scene, file: ShowFile) -> None:
    parts = [*scene.targets(), *(drive.part for drive in scene.drives)]
    directions = {direction.name for direction in file.directions}
    bends = {bend.name for bend in file.bends}
    for part in parts:
        table, _, name = part.partition(".")
        lost = (table == "bend" and name not in bends) or (
            table == "move" and name not in directions and not name.startswith("+")
        )
        if lost and scene.targets().get(part, 1.0) != 0.0:
            raise EditError(
                f'the picture still has "{name.partition(MARK)[0]}" as it was before the show file changed; '
                "go to a cue, then try again"
            )
