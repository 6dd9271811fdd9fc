"""A recipe: what each stage is to do, read from a TOML file and refused whole, with every problem at once."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.dataset import compose

BUILT_IN = ("family", "plain", "aligned")
STAGES = ("read", "dedupe", "people", "compose", "refilter", "split", "audit")
FROM_FILES = ("masks", "grabcut")
"""Segmenters that look up what lies beside a photograph, so that they have no word on a composite."""

Share = Annotated[float, Field(ge=0, le=1)]
Point = tuple[float, float]


class RecipeError(ValueError):
    """The recipe cannot be followed; one line for each problem."""


class Part(BaseModel):
    """A table of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Read(Part):
    longest: int = Field(default=2000, ge=64, le=8192)
    max_megapixels: float = Field(default=64, gt=0, le=1000)
    max_megabytes: float = Field(default=256, gt=0, le=2000)
    min_side: int = Field(default=64, ge=1)
    seconds: float = Field(default=60, gt=0)
    """What takes longer, in this stage or a later one, is set aside."""
    skip: tuple[str, ...] = ("masks",)
    """Names of folders that are not looked into."""


class Dedupe(Part):
    distance: int = Field(default=10, ge=0, le=16)
    mirrored: bool = True


class People(Part):
    segmenter: str = "own"
    options: dict[str, str | int | float | bool] = {}
    """What the segmenter is made with: a file of weights, a folder of masks."""
    score: Share = 0.95
    pixels: int = Field(default=115, ge=1)
    whole: Share = 0.9
    """The share of a person's visible area that must hang together; 0 asks nothing."""
    at_least: int = Field(default=4, ge=1, le=64)
    choose: Literal["largest", "surest", "leftmost"] = "largest"
    keep: int = Field(default=768, ge=32, le=4096)


class Columns(Part):
    layout: Literal["columns"] = "columns"
    canvas: int = Field(default=512, ge=16, le=4096)
    column: int = Field(default=128, ge=4)
    top: int = 128
    people: int = Field(default=4, ge=1, le=64)
    orders: int = Field(default=4, ge=1, le=64)

    def layout_of_figures(self) -> compose.Recipe:
        return compose.Recipe(self.canvas, self.column, self.top, self.people, self.orders)


class Square(Part):
    layout: Literal["square"]
    size: int = Field(default=512, ge=16, le=4096)
    crops: int = Field(default=1, ge=1, le=16)


class Aligned(Part):
    layout: Literal["aligned"]
    size: int = Field(default=512, ge=16, le=4096)
    by: Literal["people", "file"] = "people"
    file: str = ""
    box: tuple[Share, Share, Share, Share] = (0.25, 0.15, 0.75, 0.95)
    points: tuple[Point, Point] = ((0.38, 0.42), (0.62, 0.42))
    max_outside: Share = 0.25


class Refilter(Part):
    segmenter: str = ""
    """Empty: the one that found the people; "own" where that one only looks masks or boxes up."""
    options: dict[str, str | int | float | bool] = {}
    score: Share = 0.95
    pixels: int = Field(default=48, ge=1)


class Split(Part):
    held_out: float = Field(default=0.15, ge=0.1, le=0.2)
    distance: int = Field(default=12, ge=0, le=16)
    alike: Share = 0.7
    """Photographs on both sides whose details correlate as much are a leak, and the split is refused."""


class Audit(Part):
    distance: int = Field(default=12, ge=0, le=16)
    """Photographs that are still this close, in bits, are shown as near-copies."""
    spread: Share = 0.05
    """When places vary by less than this share of the picture, the report warns."""


class Recipe(Part):
    """All of it. The defaults are the family of the installation."""

    read: Read = Read()
    dedupe: Dedupe = Dedupe()
    people: People = People()
    compose: Annotated[Columns | Square | Aligned, Field(discriminator="layout")] = Columns()
    refilter: Refilter = Refilter()
    split: Split = Split()
    audit: Audit = Audit()

    @property
    def finds_people(self) -> bool:
        match self.compose:
            case Columns():
                return True
            case Square():
                return False
            case Aligned(by=by):
                return by == "people"

    @property
    def refilters(self) -> bool:
        return isinstance(self.compose, Columns)

    @property
    def refilter_segmenter(self) -> str:
        """Who looks at composites, by name; empty for the one that looks at photographs."""
        if self.refilter.segmenter:
            return self.refilter.segmenter
        return "own" if self.people.segmenter in FROM_FILES else ""

    @property
    def stages(self) -> tuple[str, ...]:
        out = {"people": not self.finds_people, "refilter": not self.refilters}
        return tuple(stage for stage in STAGES if not out.get(stage))

    def values(self, stage: str) -> dict[str, Any]:
        """The table of a stage as plain values."""
        part: Part = getattr(self, stage)
        return part.model_dump(mode="json")

    def digests(self, also: Mapping[str, str]) -> dict[str, str]:
        """For each stage, a digest of all that its decisions follow from: its table and those before it.

        `also`: what else the decisions of a stage follow from, such as the fingerprint of the segmenter.
        """
        digest, digests = "", {}
        for stage in self.stages:
            text = json.dumps([digest, stage, self.values(stage), also.get(stage, "")], sort_keys=True)
            digests[stage] = digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return digests


def load(name: str) -> Recipe:
    """A recipe by its built-in name, or from a TOML file. Raises RecipeError."""
    path = Path(name)
    try:
        data = tomllib.loads(text_of(name))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path}: not TOML ({error})") from None
    return parse(data, name)


def text_of(name: str) -> str:
    """The text of a recipe. Raises RecipeError."""
    if name in BUILT_IN:
        return files("models.dataset").joinpath("recipes", f"{name}.toml").read_text(encoding="utf-8")
    try:
        return Path(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = _suggest(name, BUILT_IN)
        raise RecipeError(
            f"{name}: no such recipe; expected {', '.join(BUILT_IN)} or a TOML file.{hint}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{name}: cannot be read ({error})") from None


def parse(data: Mapping[str, Any], where: str = "recipe") -> Recipe:
    """A recipe from the tables of a TOML file. Raises RecipeError with all that is wrong."""
    if isinstance(table := data.get("compose"), dict):
        data = {**data, "compose": {"layout": "columns", **table}}
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        raise RecipeError("\n".join(f"{where}: {_sentence(problem)}" for problem in error.errors())) from None
    problems = list(_contradictions(recipe))
    if problems:
        raise RecipeError("\n".join(f"{where}: {problem}" for problem in problems))
    return recipe


def _contradictions(recipe: Recipe) -> list[str]:
    match recipe.compose:
        case Columns() as columns:
            try:
                columns.layout_of_figures()
            except ValueError as error:
                return [f"compose: {error}"]
            if recipe.people.at_least < columns.people:
                return [
                    f"people.at_least is {recipe.people.at_least}, but compose.people needs {columns.people}"
                ]
        case Aligned(by="file", file=""):
            return ['compose.file: by = "file" needs a file of places, as file = "places.jsonl"']
        case Aligned(box=(x0, y0, x1, y1)) if x0 >= x1 or y0 >= y1:
            return ["compose.box: expected left, top, right, bottom, as [0.25, 0.15, 0.75, 0.95]"]
        case Aligned(points=(a, b)) if a == b:
            return ["compose.points: expected two different points"]
        case _:
            pass
    return []


def _sentence(problem: Mapping[str, Any]) -> str:
    layouts = ("columns", "square", "aligned")
    place = [str(part) for part in problem["loc"]]
    tagged = place[0] == "compose" and len(place) > 1 and place[1] in layouts
    layout = place.pop(1) if tagged else "columns"
    key = ".".join(place)
    if problem["type"] == "extra_forbidden":
        return f"{key}: there is no such key.{_suggest(place[-1], _keys(place[:-1], layout))}"
    message = str(problem["msg"]).replace("Input should be", "expected").replace("Input", "what is given")
    return f"{key}: {message} (found {problem['input']!r})"


def _keys(table: list[str], layout: str) -> list[str]:
    if not table:
        return list(Recipe.model_fields)
    layouts: dict[str, type[Part]] = {"square": Square, "aligned": Aligned}
    parts: dict[str, type[Part]] = {
        "read": Read, "dedupe": Dedupe, "people": People, "refilter": Refilter, "split": Split,
        "audit": Audit,
        "compose": layouts.get(layout, Columns),
    }  # fmt: skip
    return list(parts[table[0]].model_fields) if table[0] in parts else []


def _suggest(word: str, choices: list[str] | tuple[str, ...]) -> str:
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f' Did you mean "{close[0]}"?'
    return f" Expected one of {', '.join(choices)}." if choices else ""
