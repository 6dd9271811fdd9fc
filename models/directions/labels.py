"""Pictures to be labelled by a person, and their labels: a folder with `labels.csv` (seed, label)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.checkpoint import write_whole
from models.latent import seed_of

FILE = "labels.csv"
HEAD = ("seed", "label")
WORDS = {"1": 1, "yes": 1, "y": 1, "0": 0, "no": 0, "n": 0}


class LabelError(ValueError):
    """The labels cannot be used; the message says which line and what was expected."""


@dataclass(frozen=True, slots=True)
class Labels:
    """`seeds` and their `labels` (0 or 1), in the order of the file; `empty`: how many had none yet."""

    seeds: tuple[int, ...]
    labels: tuple[int, ...]
    empty: int


def picture_name(seed: int) -> str:
    return f"{seed:05d}.png"


def write_blank(folder: Path, seeds: Sequence[int]) -> Path:
    """Write a `labels.csv` without labels. Raises LabelError when one is there: it may hold hours of work."""
    path = folder / FILE
    if path.exists():
        raise LabelError(f"{path} is there already; move it away, or name another folder")
    lines = [",".join(HEAD), *(f"{seed}," for seed in seeds)]
    write_whole(path, ("\n".join(lines) + "\n").encode())
    return path


def read(path: Path) -> Labels:
    """The labels of a file; lines without a label are left out and counted. Raises LabelError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise LabelError(
            f"{path}: no such file; make one with: marrow directions NETWORK --sample 200 FOLDER"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: cannot be read as text ({error})") from None
    first, *lines = text.splitlines() or [""]
    comma = ";" if ";" in first else ","  # a spreadsheet may have put semicolons
    if tuple(_cells(first, comma)[:2]) != HEAD:
        raise LabelError(f"{path}: line 1: expected the heading {','.join(HEAD)}")
    labels: dict[int, int] = {}
    empty = 0
    for line, row in enumerate(lines, start=2):
        cells = _cells(row, comma)
        if not any(cells):
            continue
        seed = _seed(path, line, cells[0])
        word = cells[1].lower() if len(cells) > 1 else ""
        if not word:
            empty += 1
        elif word not in WORDS:
            raise LabelError(
                f'{path}: line {line}: "{cells[1]}" is not a label; expected 1 or 0 (or yes or no)'
            )
        elif labels.setdefault(seed, WORDS[word]) != WORDS[word]:
            raise LabelError(f"{path}: line {line}: seed {seed} has both labels; leave one")
    return Labels(tuple(labels), tuple(labels.values()), empty)


def _cells(row: str, comma: str) -> list[str]:
    return [cell.strip().strip('"') for cell in row.split(comma)]


def _seed(path: Path, line: int, cell: str) -> int:
    try:
        seed = seed_of(cell)
    except ValueError:
        seed = None
    if seed is None:
        raise LabelError(f'{path}: line {line}: "{cell}" is not a seed; expected a whole number')
    return seed
