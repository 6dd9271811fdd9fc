"""What was decided on one file, stage by stage, from the manifests."""

import os
from collections.abc import Container
from pathlib import Path

from models.dataset.prepare.folder import shown
from models.dataset.prepare.manifest import KEPT, Line, Lines
from models.dataset.prepare.recipe import STAGES


class NotFound(ValueError):
    """No manifest names the file."""


def explanation(photos: Path, out: Path, file: str) -> str:
    """All lines on a photograph, or on one picture of it, as sentences.

    `file` is a path, a name under the folder of photographs, a bare file name, or a picture's name in OUT.
    Raises NotFound.
    """
    stages = {stage: Lines(out / "manifest" / f"{stage}.jsonl") for stage in STAGES}
    names = {line["file"] for line in stages["read"]}
    if not names:
        raise NotFound(f"{out}: there is no manifest; prepare it first: marrow prepare {photos} {out}")
    source = {line["name"]: line["file"] for line in stages["compose"]}
    wanted = _meant(photos, file, names, source)
    # What became of its photograph belongs to a picture.
    files = {source.get(name, name) for name in wanted}
    about = [(s, line) for s, lines in stages.items() for line in lines if line["file"] in files]
    parts = []
    for name in wanted:
        of = source.get(name, name)
        parts.append(shown(name))
        for stage, line in about:
            if line["file"] == of and (of == name or line["name"] in (of, name)):
                parts.append(f"  {stage:9} {_words(stage, line)}")
    return "\n".join(parts)


def _meant(photos: Path, file: str, names: set[str], pictures: Container[str]) -> list[str]:
    path = Path(file)
    if file in names or file in pictures:
        return [file]
    full = os.path.relpath(path.absolute(), photos.absolute())
    if full in names:
        return [full]
    if path.name in pictures:
        return [path.name]
    found = sorted(name for name in names if name.rsplit("/", 1)[-1] == path.name)
    if not found:
        raise NotFound(f"{shown(file)}: no manifest names it; expected a file under {photos} or a picture")
    return found


def _words(stage: str, line: Line) -> str:
    words: str = line["decision"]
    if line["decision"] != KEPT:
        return f"{words}: {shown(line['reason'])}"
    if stage in ("compose", "refilter", "split", "audit"):
        words += f" {line['name']}"
    match stage:
        case "read":
            notes = "; ".join(line["notes"])
            size = f"{line['width']} x {line['height']}"
            words += f": {line['format']}, {size}{'; ' if notes else ''}{notes}"
        case "people":
            taken = sum(person["taken"] for person in line["people"])
            words += f": {line['sure']} people, {taken} taken"
        case "split":
            words += f": {line['split']}"
        case _:
            pass
    return words
