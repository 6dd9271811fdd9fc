"""What a draft changes of a show file: line by line, and in words. Pure."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from server.editing.values import written

AROUND = 2
"""Lines that are shown before and after what has changed."""

LONGEST = 60
"""Characters of a value in words."""

Line = dict[str, object]
Cue = Mapping[str, Any]

Found = tuple[str, Cue]
"""The number of the group that a cue is in, and the cue."""


def lines(old: str, new: str) -> list[Line]:
    """{"mark", "old", "new", "text"} for each line that is gone ("-"), has come ("+") or stands beside such a
    one (" "), with its numbers in both texts; a "@" is between parts that are not together."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(AROUND):
        if found:
            found.append({"mark": "@", "old": None, "new": None, "text": ""})
        for tag, a, b, c, d in group:
            if tag == "equal":
                same = zip(range(a, b), range(c, d), strict=True)
                found += [_line(" ", nth, there, before[nth]) for nth, there in same]
            else:
                found += [_line("-", nth, None, before[nth]) for nth in range(a, b)]
                found += [_line("+", None, there, after[there]) for there in range(c, d)]
    return found


def words(old: str, new: str) -> list[str]:
    """A sentence for each thing that has changed; comments and spacing are not things."""
    before, after = tomllib.loads(old), tomllib.loads(new)
    return [*_tables(before, after), *_cues(before, after)]


def _line(mark: str, old: int | None, new: int | None, text: str) -> Line:
    one = {"old": None if old is None else old + 1, "new": None if new is None else new + 1}
    return {"mark": mark, **one, "text": text}


def _tables(before: Cue, after: Cue) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        if name != "cue":
            yield from _keys(name, before.get(name), after.get(name))


def _cues(before: Cue, after: Cue) -> Iterator[str]:
    old, new = dict(_every(before, "")), dict(_every(after, ""))
    was = _origins(old, new)
    for number, one in was.items():
        if one != number:
            yield f"Cue {one} ({_name(old[one])}) is now cue {number}."
    for number in (one for one in old if one not in was.values()):
        yield f"Cue {number} ({_name(old[number])}) is gone."
    for number, (group, cue) in new.items():
        if number not in was:
            place = f" in group {group}" if group else ""
            yield f"Cue {number} ({_name(new[number])}) is new{place}."
            continue
        home, earlier = old[was[number]]
        if home != was.get(group, "" if not group else None):
            yield f"Cue {number} is now {f'in group {group}' if group else 'in the list'}."
        for key in dict.fromkeys((*earlier, *cue)):
            if key not in ("number", "cue"):
                yield from _keys(f"Cue {number}: {key}", earlier.get(key), cue.get(key))


def _origins(old: Mapping[str, Found], new: Mapping[str, Found]) -> dict[str, str]:
    """Number of a cue -> the one it had before. What says the same under another number has moved."""
    same = {number for number in new if number in old and _own(old[number][1]) == _own(new[number][1])}
    origins = {number: number for number in same}
    for number, (_, cue) in new.items():
        free = (one for one in old if one not in origins.values() and one not in same)
        twin = next((one for one in free if _own(old[one][1]) == _own(cue)), None)
        if number not in same and twin is not None:
            origins[number] = twin
    moved = set(origins.values())
    return origins | {number: number for number in new if number in old and number not in {*origins, *moved}}


def _every(table: Cue, group: str) -> Iterator[tuple[str, Found]]:
    """Each by its number."""
    for cue in table.get("cue", []):
        yield cue["number"], (group, cue)
        yield from _every(cue, cue["number"])


def _own(cue: Cue) -> Cue:
    """What it says but for its number and its cues."""
    return {key: value for key, value in cue.items() if key not in ("number", "cue")}


def _keys(where: str, old: object, new: object) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _keys(f"{where}.{key}", old.get(key), new.get(key))
    elif old is None:
        yield f"{where} is {_short(new)}; it was not said before."
    elif new is None:
        yield f"{where} was {_short(old)}; it is no longer said."
    else:
        yield f"{where} was {_short(old)}, and is {_short(new)}."


def _name(found: Found) -> str:
    return str(found[1].get("name", ""))


def _short(value: object) -> str:
    text = written(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"
