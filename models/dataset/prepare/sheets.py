"""Contact sheets: what a stage kept and what it set aside, at a glance."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from models.dataset.prepare.folder import shown
from models.dataset.prepare.manifest import KEPT, Line
from models.dataset.prepare.reading import thumb_path
from models.dataset.prepare.work import png

TILE, CAPTION, ACROSS, MOST = 160, 16, 8, 64
GROUND, INK, RED, GREEN, GREY = "#16181c", "#c8ccd4", "#e06c5f", "#7fbf7f", "#6b7280"


def some(lines: Iterable[Line], count: int = MOST) -> list[Line]:
    """At most `count` lines, evenly spread; half of them from what was set aside, where there is as much.

    What was kept comes first. `lines` are gone through twice.
    """
    decisions = [line["decision"] == KEPT for line in lines]
    kept = sum(decisions)
    aside = len(decisions) - kept
    out = min(aside, max(count // 2, count - kept))
    left = {True: _even(kept, count - out), False: _even(aside, out)}
    chosen: dict[bool, list[Line]] = {True: [], False: []}
    seen = {True: 0, False: 0}
    for line, is_kept in zip(lines, decisions, strict=True):
        if seen[is_kept] in left[is_kept]:
            chosen[is_kept].append(line)
        seen[is_kept] += 1
    return chosen[True] + chosen[False]


def _even(many: int, count: int) -> set[int]:
    """Which of `many` are chosen."""
    return {many * index // count for index in range(count)} if many > count else set(range(many))


def sheet(out: Path, stage: str, every: Iterable[Line]) -> bytes:
    """The contact sheet of a stage as PNG; what was set aside has a red frame and its reason."""
    lines = some(every)
    rows = max(1, -(-len(lines) // ACROSS))
    paper = Image.new("RGB", (ACROSS * TILE, rows * (TILE + CAPTION)), GROUND)
    draw = ImageDraw.Draw(paper)
    font = ImageFont.load_default(11)
    for index, line in enumerate(lines):
        left, top = index % ACROSS * TILE, index // ACROSS * (TILE + CAPTION)
        picture = tile(out, stage, line)
        picture.thumbnail((TILE - 8, TILE - 8), Image.Resampling.LANCZOS)
        x, y = left + (TILE - picture.width) // 2, top + (TILE - picture.height) // 2
        paper.paste(picture, (x, y))
        kept = line["decision"] == KEPT
        if not kept:
            draw.rectangle((left + 2, top + 2, left + TILE - 3, top + TILE - 3), outline=RED, width=2)
        words = shown(Path(line["file"]).name) if kept else shown(line["reason"])
        while font.getlength(words) > TILE - 6:
            words = words[:-2].rstrip("…") + "…"
        draw.text((left + 3, top + TILE), words, fill=INK if kept else RED, font=font)
    return png(paper)


def tile(out: Path, stage: str, line: Line) -> Image.Image:
    """The picture of one line: the photograph, with boxes where people were looked for, or the composite."""
    if stage in ("compose", "refilter", "split", "audit"):
        path = out / f"prepared/composites/{line['name']}"
    else:
        path = out / thumb_path(line["sha256"])
    if not line["sha256"] or not path.exists():
        blank = Image.new("RGB", (TILE, TILE), "#22252b")
        ImageDraw.Draw(blank).line((40, 40, TILE - 40, TILE - 40), fill=GREY, width=3)
        return blank
    with Image.open(path) as file:
        picture = file.convert("RGB")
    if stage in ("people", "refilter"):
        scale = picture.width / line.get("width", picture.width)
        width = max(1, picture.width // 160)
        for person in line.get("people", ()):
            box = [side * scale for side in person["box"]]
            outline = GREEN if person.get("taken", True) else GREY
            ImageDraw.Draw(picture).rectangle(box, outline=outline, width=width)
    return picture
