"""What a show is called in QLab's terms: one workspace, in it one list, in that the cues."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from show_control.cue import Cue
from show_control.showfile import ShowFile

_SPACE = uuid.UUID("5b0c4f0e-6f1d-4c1c-9c43-4d6172726f77")
NOBODY = "none"
"""What QLab says where it is asked for the id of a playhead that stands nowhere."""

TYPES = {
    "look": "Video",
    "fade": "Fade",
    "send": "Network",
    "note": "MIDI",
    "wait": "Wait",
    "gate": "Wait",
    "goto": "GoTo",
    "group": "Group",
    "arm": "Arm",
    "disarm": "Disarm",
    "stop": "Stop",
    "in-ear": "Audio",
    "line": "Memo",
    "memo": "Memo",
}
"""Kind of cue -> the type of QLab's that is nearest. Controllers pass over types that QLab does not have."""


def _id(*names: str) -> str:
    return str(uuid.uuid5(_SPACE, "\n".join(names))).upper()


@dataclass(frozen=True, slots=True)
class Place:
    """A cue in the list: its id, and the id of the group or list that it is in."""

    cue: Cue
    id: str
    parent: str


@dataclass(frozen=True)
class Workspace:
    """The show as QLab would list it. Ids are made of names, so they are the same each night.

    A cue's id is that of its number: another number is another id, as another cue would be.
    """

    name: str
    file: ShowFile
    id: str = field(init=False)
    list_id: str = field(init=False)
    by_number: dict[str, Place] = field(init=False)
    by_id: dict[str, Place] = field(init=False)

    def __post_init__(self) -> None:
        places = tuple(self._places(tuple(self.file.cues), _id(self.name, "list")))
        made = {
            "id": _id(self.name),
            "list_id": _id(self.name, "list"),
            "by_number": {place.cue.number: place for place in places},
            "by_id": {place.id: place for place in places},
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def called(self, name: str) -> bool:
        """Whether this is its id or its name."""
        return name in (self.id, self.name)

    def _places(self, cues: tuple[Cue, ...], parent: str) -> Iterator[Place]:
        for cue in cues:
            place = Place(cue, _id(self.name, "cue", cue.number), parent)
            yield place
            yield from self._places(cue.cues, place.id)
