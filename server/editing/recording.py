"""What is on stage becomes a cue of the show file: a new one, or the look of one that is there. Pure."""

import tomlkit

from server.editing.blocks import EditError
from server.editing.cuelist import END, Place, inserted
from server.editing.numbers import between
from server.editing.scenewords import change_between, drive_of, look_of
from server.editing.text import edited
from server.editing.values import Plain
from show_control.actions import NewScene
from show_control.cue import number_key
from show_control.look import Scene
from show_control.showfile import ShowFile

NAME = "From the stage"


def recorded(file: ShowFile, stage: Scene, current: str, number: str = "", name: str = "") -> str:
    """The file with a new look of the list behind the cue `current` ("": in front of all), or at the place of
    a `number` of its own. Played in its turn it leads to the scene on stage. Raises EditError.
    """
    row = [cue.number for cue in file.cues]
    if not number:
        place = sum(1 for one in row if current and number_key(one) <= number_key(current))
        low, high = row[place - 1] if place else None, row[place] if place < len(row) else None
        number = between(low, high, list(file.cues.every))
    before = [one for one in row if number_key(one) < number_key(_good(number))]
    scenes = _scenes(file)
    change = change_between(scenes[before[-1]] if before else file.safe, stage, file)
    look = look_of(change, file) or {"psi": stage.psi}
    cue: dict[str, Plain] = {"number": number, "name": name or NAME, "look": look}
    if change.drives is not None:
        cue["drive"] = drive_of(change.drives)
    return inserted(file.text, cue, Place(after=before[-1]) if before else END)


def updated(file: ShowFile, stage: Scene, number: str) -> str:
    """The file with the scene on stage as the look of a cue. What it says already stays as it is written,
    where it still holds. Raises EditError.
    """
    cue = file.cues.every.get(number)
    if cue is None:
        raise EditError(f'there is no cue "{number[:40]}"' if number else "no cue is on stage; name one")
    if not isinstance(cue.action, NewScene):
        looks = [part.number for part in cue.family() if isinstance(part.action, NewScene)]
        hint = f"; name one of its looks: {', '.join(looks)}" if looks else ""
        raise EditError(f"cue {number} is no look but a {cue.action.kind}{hint}")
    change = change_between(_scenes(file)[number], stage, file)
    text = file.text
    for key, value in look_of(change, file).items():
        if key in ("bend", "move"):
            for name, amount in value.items():
                text = edited(text, number, f"look.{key}.{_key(name)}", amount)
        else:
            text = edited(text, number, f"look.{key}", value)
    if change.drives is not None:
        text = edited(text, number, "drive", drive_of(change.drives))
    return text


def _scenes(file: ShowFile) -> dict[str, Scene]:
    """Cue number -> scene, as in a fresh start."""
    return file.scenes({number for number, cue in file.cues.every.items() if not cue.armed})


def _key(name: str) -> str:
    return tomlkit.key(name).as_string()


def _good(number: str) -> str:
    try:
        number_key(number)
    except ValueError as error:
        raise EditError(f"number: {error}") from None
    return number
