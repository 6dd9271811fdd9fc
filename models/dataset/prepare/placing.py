"""The pictures where they are used: OUT/NAME.png to train on, OUT/held-out/NAME.png never."""

import filecmp
import os
import shutil
from pathlib import Path

from models.dataset.prepare.prepared import HELD_OUT


def place(source: Path, target: Path) -> None:
    """The picture at `target`: a second name of the same file where the disk can do that."""
    if target.exists() and (target.samefile(source) or filecmp.cmp(source, target, shallow=False)):
        return
    target.parent.mkdir(exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        shutil.copyfile(source, part)
    part.replace(target)


def set_strangers_aside(out: Path, paths: set[str]) -> None:
    """Pictures that an earlier run put beside those of this one would be trained on; they move away."""
    for folder in (out, out / HELD_OUT):
        for path in sorted(folder.glob("*.png")) if folder.is_dir() else ():
            if str(path.relative_to(out)) not in paths:
                (out / "prepared/earlier").mkdir(parents=True, exist_ok=True)
                path.replace(out / "prepared/earlier" / path.name)
