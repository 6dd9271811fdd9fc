"""What a page may ask of the show file: each command's fields, read strictly, and what it does.

edit {cue?, key, value?}, edit {cue?, set: {key: value}} for several at once, record {number?, title?},
update {cue?}, insert {cue: {...}, PLACE?}, delete {cue}, move {cue, PLACE}, renumber {cue, number},
renumber {cue?} to count through the list or a group, group {cues, number?, title?, mode?}, ungroup {cue},
duplicate {cue, number?}, undo, redo, commit {digest?} of the text that was shown, revert.
PLACE is one of after, before (a cue) and into (a group). Those that change something take draft = true: then
it is not saved, although the desk is in edit mode.
"""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from server.editing.cuelist import Place, counted, deleted, duplicated, inserted, moved, renumbered
from server.editing.editing import Editing, Make, Played
from server.editing.groups import grouped, ungrouped
from server.editing.recording import recorded, updated
from server.editing.text import edited
from server.patch import Refused, cue_number, shown
from show_control.show import Reply

Job = Callable[[], Coroutine[None, None, Reply]]

PLACES = ("after", "before", "into")


def edit_from(editing: Editing, name: str, fields: Mapping[str, object], source: str) -> Job | None:
    """What a page's command does to the show file; None for a command that does nothing to it.

    Raises patch.Refused, which says what was expected.
    """
    if name not in COMMANDS:
        return None
    asked = _Fields(name, fields)
    match name:
        case "commit":
            job: Job = partial(editing.commit, source, asked.text("digest"))
        case "revert":
            job = partial(editing.revert, source)
        case "undo" | "redo":
            job = partial(getattr(editing, name), source, asked.flag("draft"))
        case _:
            draft = asked.flag("draft")
            words, make = _CHANGES[name](asked)
            job = partial(editing.change, name, words, make, source, draft)
    asked.finish()
    return job


class _Fields:
    """The fields of a command. Each that is read is known; `finish` refuses the others."""

    def __init__(self, name: str, fields: Mapping[str, object]) -> None:
        self._name = name
        self._fields = fields
        self._known: list[str] = []

    def raw(self, key: str) -> Any:
        self._known.append(key)
        return self._fields.get(key)

    def cue(self, key: str = "cue") -> str:
        """The number of a cue; "" where there is none."""
        value = self.raw(key)
        try:
            return "" if value is None else cue_number(value)
        except Refused as error:
            raise Refused(f'{self._name}: "{key}": {error}') from None

    def needed(self, key: str = "cue") -> str:
        return self.cue(key) or self._expected(key, 'a cue number such as "12.5"')

    def text(self, key: str) -> str:
        value = self.raw(key)
        return "" if value is None else value if isinstance(value, str) else self._expected(key, "text")

    def flag(self, key: str) -> bool:
        value = self.raw(key)
        return (
            bool(value) if value is None or isinstance(value, bool) else self._expected(key, "true or false")
        )

    def table(self, key: str) -> Mapping[str, Any]:
        value = self.raw(key)
        return value if isinstance(value, dict) else self._expected(key, 'a table such as {"name": "Hall"}')

    def cues(self, key: str) -> list[str]:
        value = self.raw(key)
        if not isinstance(value, list) or not value:
            self._expected(key, 'a list of cue numbers such as ["3", "4"]')
        try:
            return [cue_number(one) for one in value]
        except Refused as error:
            raise Refused(f'{self._name}: "{key}": {error}') from None

    def place(self, needed: bool) -> Place:
        place = Place(**{key: self.cue(key) for key in PLACES})
        if needed and place == Place():
            self._expected("after", 'a cue number, or "before" one, or "into" a group')
        return place

    def key(self) -> str:
        value = self.raw("key")
        return value if isinstance(value, str) else self._expected("key", 'a key such as "look.psi"')

    def finish(self) -> None:
        for stranger in sorted(self._fields.keys() - set(self._known)):
            takes = ", ".join(self._known) or "nothing else"
            raise Refused(f"{self._name}: expected {takes}, got {shown(stranger)}")

    def _expected(self, key: str, what: str) -> Any:
        raise Refused(f'{self._name}: "{key}": expected {what}, got {shown(self._fields.get(key))}')


# the changes, each in words for the list of what can be undone, and as a function of the show

Change = tuple[str, Make]


def _text(make: Callable[..., str], *args: Any, **more: Any) -> Make:
    """A change of the text that is played, whatever is on stage."""
    return lambda played: make(played.file.text, *args, **more)


def _edit(asked: _Fields) -> Change:
    cue = asked.cue()
    some = {asked.key(): asked.raw("value")} if asked.raw("set") is None else asked.table("set")

    def make(text: str) -> str:
        for key, value in some.items():
            text = edited(text, cue or None, key, value)
        return text

    keys = ", ".join(some)[:60]
    return f"cue {cue}: {keys}" if cue else keys, _text(make)


def _record(asked: _Fields) -> Change:
    number, name = asked.cue("number"), asked.text("title")

    def make(played: Played) -> str:
        return recorded(played.file, played.scene, played.current, number, name)

    return f"record {number}".strip(), make


def _update(asked: _Fields) -> Change:
    cue = asked.cue()

    def make(played: Played) -> str:
        return updated(played.file, played.scene, cue or played.look or played.current)

    return f"update cue {cue}" if cue else "update the cue on stage", make


def _insert(asked: _Fields) -> Change:
    cue, place = asked.table("cue"), asked.place(needed=False)
    return f"new cue {str(cue.get('name', ''))[:40]}".strip(), _text(inserted, cue, place)


def _delete(asked: _Fields) -> Change:
    cue = asked.needed()
    return f"delete cue {cue}", _text(deleted, cue)


def _move(asked: _Fields) -> Change:
    cue, place = asked.needed(), asked.place(needed=True)
    return f"move cue {cue}", _text(moved, cue, place)


def _renumber(asked: _Fields) -> Change:
    cue, number = asked.cue(), asked.cue("number")
    if not number:
        return f"count through {f'group {cue}' if cue else 'the list'}", _text(counted, cue)
    if not cue:
        asked.needed()
    return f"cue {cue} becomes {number}", _text(renumbered, cue, number)


def _group(asked: _Fields) -> Change:
    cues, number = asked.cues("cues"), asked.cue("number")
    mode = asked.text("mode") or "sequence"
    return f"group {', '.join(cues)[:40]}", _text(grouped, cues, number, asked.text("title"), mode)


def _ungroup(asked: _Fields) -> Change:
    cue = asked.needed()
    return f"ungroup cue {cue}", _text(ungrouped, cue)


def _duplicate(asked: _Fields) -> Change:
    cue, number = asked.needed(), asked.cue("number")
    return f"duplicate cue {cue}", _text(duplicated, cue, number)


_CHANGES: Mapping[str, Callable[[_Fields], Change]] = {
    "edit": _edit,
    "record": _record,
    "update": _update,
    "insert": _insert,
    "delete": _delete,
    "move": _move,
    "renumber": _renumber,
    "group": _group,
    "ungroup": _ungroup,
    "duplicate": _duplicate,
}
COMMANDS = (*_CHANGES, "undo", "redo", "commit", "revert")
