"""The show file as the editor's page sees it: text, tables, scenes, and what may be chosen."""

import tomllib
from collections.abc import Collection

from server.editing import diff as showdiff
from server.night.restore import digest
from server.rig import Rig
from show_control.actionfile import READERS
from show_control.look import RANGES
from show_control.showfile import ShowFile

Plain = dict[str, object]


def diff_of(saved: str, playing: str) -> Plain:
    """{"lines", "words"}: from what is saved to what is played."""
    return {"lines": showdiff.lines(saved, playing), "words": showdiff.words(saved, playing)}


def view(rig: Rig, file: ShowFile, saved: str, undo: str, redo: str, controls: Collection[str]) -> Plain:
    """The file's name, text and digest, whether it is a draft and how it differs from what is `saved`, and
    what can be undone; its tables as they are written; cue number -> the numbers of its scene; and words to
    choose from, with the `controls` that were heard of. It takes a while: a thread's work.
    """
    return {
        "file": file.name,
        "text": file.text,
        "digest": digest(file.text),
        "draft": file.text != saved,
        "undo": undo,
        "redo": redo,
        "diff": diff_of(saved, file.text),
        "show": tomllib.loads(file.text),
        "scenes": {
            number: scene.targets() | {"network": scene.network} for number, scene in file.scenes().items()
        },
        "ranges": RANGES,
        "choices": {
            "kind": [*READERS, "group"],
            "network": list(rig.generator.all_networks),
            "target": [target.name for target in rig.osc.targets],
            "role": list(rig.seats),
            "control": sorted({*file.controls, *controls}),
            "bend": [bend.name for bend in file.bends],
            "move": [direction.name for direction in file.directions],
            "point": list(file.points),
        },
    }
