"""The settings of a run, as a small TOML file: a table for each operation, in the order of application.

    copies = 3          # changed pictures of each; the picture itself goes with them
    seed = 0
    fill = "edge"       # constant, edge, reflect, symmetric or wrap

    [flip]              # every key of an operation has a default
    probability = 0.5

    [rotate]
    degrees = 2

Without a file: a crop of at least 0.9 of the side, and a little light and colour. These invent no pixels
and show nothing that a photographer a step to the side would not have shown. Everything else is for
whoever knows that the pictures allow it; mirrored people above all.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeGuard

from models.dataset.augment.augmentation import BLACK, Augmentation
from models.dataset.augment.changes import Brightness, Contrast, Cutout, Noise, SaltAndPepper, Saturation
from models.dataset.augment.moves import Crop, Flip, Rotate, Scale, Translate
from models.dataset.augment.operation import Move, Operation, OperationError
from models.dataset.augment.warp import Fill

OPERATIONS: Mapping[str, type[Operation]] = {
    operation.name: operation
    for operation in (
        Flip, Rotate, Scale, Crop, Translate, Noise, SaltAndPepper, Brightness, Contrast, Saturation, Cutout,
    )
}  # fmt: skip

# Cropping one sample in ten did not cure a network of alignment; cropping every one did. So each is certain.
GENTLE = Augmentation((Crop(), Brightness(), Contrast(), Saturation()))
MOST_COPIES = 1000


class RecipeError(ValueError):
    """The settings cannot be used; one line for each problem."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to do, how often to each picture, and from which seed."""

    copies: int = 3
    seed: int = 0
    augmentation: Augmentation = field(default=GENTLE)

    def with_operations(self, names: list[str]) -> "Recipe":
        """Also these operations, at their defaults, where they are not there yet. Raises RecipeError."""
        operations = self.augmentation.operations
        there = {operation.name for operation in operations}
        problems = [
            f"--with {name}: {_unknown(name, OPERATIONS)}" for name in names if name not in OPERATIONS
        ]
        if problems:
            raise RecipeError("\n".join(problems))
        added = [OPERATIONS[name]() for name in dict.fromkeys(names) if name not in there]
        # A move beside a move is one resampling; what covers or stains the picture comes last.
        moves = tuple(operation for operation in added if isinstance(operation, Move))
        changes = tuple(operation for operation in added if not isinstance(operation, Move))
        augmentation = dataclasses.replace(self.augmentation, operations=moves + operations + changes)
        return dataclasses.replace(self, augmentation=augmentation)

    def to_toml(self) -> str:
        """The text of a file that gives this recipe."""
        fill, value = self.augmentation.fill, self.augmentation.value
        lines = [f"copies = {self.copies}", f"seed = {self.seed}", f'fill = "{fill}"', f"value = {value!r}"]
        for operation in self.augmentation.operations:
            lines += ["", f"[{operation.name}]"]
            for key in _keys(type(operation)):
                setting = getattr(operation, key)
                lines.append(f'{key} = "{setting}"' if isinstance(setting, str) else f"{key} = {setting!r}")
        return "\n".join(lines) + "\n"


def load(path: Path) -> Recipe:
    """The recipe in a TOML file. Raises RecipeError with all that is wrong, or OSError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not TOML ({error})") from None
    return parse(data, str(path))


def parse(data: Mapping[str, Any], where: str) -> Recipe:
    """The recipe in the tables of the file called `where`. Raises RecipeError with all that is wrong."""
    problems: list[str] = []
    operations: list[Operation] = []
    for key, given in data.items():
        if isinstance(given, dict) and key in OPERATIONS:
            wrong = list(_wrong_keys(OPERATIONS[key], given))
            if not wrong:
                try:
                    operations.append(OPERATIONS[key](**given))
                except OperationError as error:
                    wrong.append(str(error))
            problems += [f"{where}: {key}.{problem}" for problem in wrong]
        else:
            problems += [f"{where}: {key}: {problem}" for problem in _wrong_top(key, given)]
    if problems:
        raise RecipeError("\n".join(problems))
    augmentation = Augmentation(
        tuple(operations), Fill(data.get("fill", Fill.CONSTANT)), float(data.get("value", BLACK))
    )
    return Recipe(data.get("copies", Recipe().copies), data.get("seed", Recipe().seed), augmentation)


def _wrong_top(key: str, given: object) -> Iterator[str]:
    match key:
        case "copies":
            if not _whole(given) or not 0 <= given <= MOST_COPIES:
                yield f"expected a whole number from 0 to {MOST_COPIES}, found {given!r}"
        case "seed":
            if not _whole(given) or given < 0:
                yield f"expected a whole number from 0, found {given!r}"
        case "fill":
            if given not in list(Fill):
                yield f"expected {', '.join(Fill)}, found {given!r}"
        case "value":
            if not _number(given) or not -1 <= given <= 1:
                yield f"expected -1 (black) to 1 (white), found {given!r}"
        case _ if key in OPERATIONS:
            yield f"expected a table of its own, as [{key}]"
        case _:
            yield _unknown(key, ["copies", "seed", "fill", "value", *OPERATIONS])


def _wrong_keys(operation: type[Operation], given: Mapping[str, object]) -> Iterator[str]:
    known = _keys(operation)
    for key, setting in given.items():
        if key not in known:
            yield f"{key}: {_unknown(key, known)}"
        elif isinstance(known[key], str) and not isinstance(setting, str):
            yield f"{key}: expected a text as {known[key]!r}, found {setting!r}"
        elif isinstance(known[key], float) and not _number(setting):
            yield f"{key}: expected a number as {known[key]!r}, found {setting!r}"


def _keys(operation: type[Operation]) -> dict[str, Any]:
    return {entry.name: entry.default for entry in dataclasses.fields(operation)}


def _whole(given: object) -> TypeGuard[int]:
    return isinstance(given, int) and not isinstance(given, bool)


def _number(given: object) -> TypeGuard[float]:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _unknown(word: str, choices: Mapping[str, object] | list[str]) -> str:
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    hint = f'did you mean "{close[0]}"?' if close else f"expected one of {', '.join(choices)}"
    return f"there is no such thing; {hint}"
