"""What of an earlier show file is still on stage: directions and bends that are in use keep what they do."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from show_control.look import Amounts, Bend, Direction, Scene

MARK = "#"
"""Stands in no name of a show file."""

Definition = TypeVar("Definition", Direction, Bend)


def succeed(
    old: tuple[Definition, ...], new: tuple[Definition, ...], used: Collection[str]
) -> tuple[tuple[Definition, ...], dict[str, str]]:
    """The definitions from now on, and what those of `used` are called that mean something else in `new`.

    Bends act one after another, so where one has changed or moved all in use are kept, in front.
    """
    on_stage = [item for item in old if item.name in used]
    current = [item for item in on_stage if MARK not in item.name]
    names = {item.name for item in current}
    called: dict[str, str] = {}
    if [item for item in new if item.name in names] != current:
        taken = {item.name for item in on_stage}
        called = {name: _free(name, taken) for name in names}
    kept: list[Definition] = []
    for item in on_stage:
        if MARK in item.name or item.name in called:
            kept.append(replace(item, name=called.get(item.name, item.name)))
    return tuple(kept + list(new)), called


def _free(name: str, taken: Collection[str]) -> str:
    count = 1
    while f"{name}{MARK}{count}" in taken:
        count += 1
    return f"{name}{MARK}{count}"


Called = Mapping[str, str]
"""Part ("move.lean") -> what it is called now."""


def renamed(scene: Scene, called: Called) -> Scene:
    """The scene with its parts called otherwise."""
    drives = tuple(replace(drive, part=called.get(drive.part, drive.part)) for drive in scene.drives)
    move, bend = _amounts("move", scene.move, called), _amounts("bend", scene.bend, called)
    return replace(scene, move=move, bend=bend, drives=drives)


def _amounts(table: str, amounts: Amounts, called: Called) -> Amounts:
    parts = ((f"{table}.{name}", amount) for name, amount in amounts)
    return tuple(sorted((called.get(part, part).removeprefix(f"{table}."), amount) for part, amount in parts))
