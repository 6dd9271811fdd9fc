"""The stages in their order: what each gets, what it decides, and where that is written."""

import filecmp
import hashlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.checkpoint import write_whole
from models.dataset.prepare import split as splitting
from models.dataset.prepare.crew import Hands, Lost
from models.dataset.prepare.cutting import Cutting, Photo
from models.dataset.prepare.dedupe import Candidate, copies
from models.dataset.prepare.folder import files_in
from models.dataset.prepare.laying import (
    Job,
    LayingAligned,
    LayingColumns,
    LayingSquares,
    Place,
    path_of,
    picture_name,
    read_places,
)
from models.dataset.prepare.manifest import ASIDE, KEPT, Line, Manifest
from models.dataset.prepare.measuring import Measuring
from models.dataset.prepare.reading import Reading, Unread
from models.dataset.prepare.recipe import Aligned, Columns, Recipe, Square
from models.dataset.prepare.refiltering import Composite, Refiltering
from models.dataset.prepare.split import Source
from models.dataset.prepare.work import ByName, Finder, Result

TRAIN, HELD_OUT = "train", "held-out"
VERSION = 1
"""Raised when the same recipe comes to other decisions than before."""

Bar = Callable[[str], AbstractContextManager[Callable[[float], None]]]


Work = Callable[[Any], Result]


class FolderError(ValueError):
    """The folders cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Task:
    """One item of a stage as the manifest knows it, and what its worker gets."""

    file: str
    name: str
    sha256: str
    item: Any
    also: Mapping[str, Any] = field(default_factory=dict)
    """What its line says whatever the worker finds."""


@dataclass(slots=True)
class Prepared:
    """What came of it: the lines of each stage, in order."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    refusal: str = ""
    """Why there is no split; empty where there is one."""

    def kept(self, stage: str) -> list[Line]:
        return [line for line in self.lines[stage] if line["decision"] == KEPT]


class Preparation:
    """One run over a folder. Only this process writes; workers compute."""

    def __init__(self, photos: Path, out: Path, recipe: Recipe, seed: int, hands: Hands, bar: Bar,
                 finder: Finder | None = None) -> None:  # fmt: skip
        """Raises FolderError, RecipeError, or SegmenterError when the recipe's segmenter cannot be made."""
        _check_folders(photos, out)
        self.photos, self.out, self.recipe, self.seed = photos, out, recipe, seed
        self._hands, self._bar = hands, bar
        self.finder = finder or ByName(recipe.people.segmenter, tuple(sorted(recipe.people.options.items())))
        self._second_look = self.finder
        if name := recipe.refilter_segmenter:
            self._second_look = ByName(name, tuple(sorted(recipe.refilter.options.items())))
        self._places: dict[str, list[Place]] = {}
        also = dict.fromkeys(recipe.stages[:1], str(VERSION))
        if recipe.finds_people:
            # Made here once as well: what is wrong with it is said before anything is read.
            also["people"] = self.finder.make().fingerprint
        if recipe.refilters:
            also["refilter"] = self._second_look.make().fingerprint
        if isinstance(recipe.compose, Aligned) and recipe.compose.by == "file":
            self._places = read_places(Path(recipe.compose.file))
            also["compose"] = hashlib.sha256(repr(sorted(self._places.items())).encode()).hexdigest()
        self._digests = recipe.digests(also)
        self.prepared = Prepared()

    def run(self) -> Prepared:
        """All stages; the report is made of what it returns. What was done before is not done again."""
        lines = self.prepared.lines
        lines["read"] = self._read()
        lines["dedupe"] = self._dedupe()
        if self.recipe.finds_people:
            lines["people"] = self._people()
        lines["compose"] = self._compose()
        if self.recipe.refilters:
            lines["refilter"] = self._refilter()
        try:
            lines["split"] = self._split()
        except splitting.Leak as leak:
            self.prepared.refusal = str(leak)
        else:
            lines["audit"] = self._measure()
        return self.prepared

    # The stages

    def _read(self) -> list[Line]:
        files = files_in(self.photos, self.out, self.recipe.read.skip)
        if not files:
            raise FolderError(f"{self.photos}: there is nothing in it; name the folder of the photographs")
        with self._manifest("read") as manifest:
            known: dict[str, set[str]] = {}
            for line in manifest.known.values():
                if self._is_whole(line, "read"):
                    known.setdefault(line["file"], set()).add(line["sha256"])
            tasks = (Task(f, f, "", Unread(f, frozenset(known.get(f, ())))) for f in files)
            return self._each("read", manifest, tasks, Reading(self.photos, self.recipe.read), len(files))

    def _dedupe(self) -> list[Line]:
        read = self.prepared.kept("read")
        options = self.recipe.dedupe
        found = copies([_candidate(line) for line in read], options.distance, options.mirrored)
        with self._manifest("dedupe") as manifest, self._bar("dedupe"):
            lines = []
            for line in read:
                copy = found.get(line["file"])
                result = Result()
                if copy:
                    result = Result.aside(
                        copy.reason,
                        of=copy.of,
                        distance=copy.distance,
                        mirrored=copy.mirrored,
                        exact=copy.exact,
                    )
                task = Task(line["file"], line["name"], line["sha256"], None)
                lines.append(self._put("dedupe", manifest, task, result))
            return lines

    def _people(self) -> list[Line]:
        recipe = self.recipe
        needed = recipe.compose.people if isinstance(recipe.compose, Columns) else None
        work = Cutting(self.photos, recipe.read, recipe.people, needed, self.finder)
        tasks = [
            Task(line["file"], line["name"], line["sha256"], Photo(line["file"], line["sha256"]))
            for line in self.prepared.kept("dedupe")
        ]
        with self._manifest("people") as manifest:
            return self._each("people", manifest, tasks, work, len(tasks))

    def _compose(self) -> list[Line]:
        read = self.recipe.read
        work: Work
        match self.recipe.compose:
            case Columns() as columns:
                work = LayingColumns(self.out, columns, self.seed)
            case Square() as square:
                work = LayingSquares(self.photos, read, square)
            case Aligned() as aligned:
                work = LayingAligned(self.photos, read, aligned)
        tasks = [Task(job.file, job.name, job.sha256, job, {"number": job.number}) for job in self._jobs()]
        with self._manifest("compose") as manifest:
            return self._each("compose", manifest, tasks, work, len(tasks))

    def _jobs(self) -> Iterator[Job]:
        for line in self.prepared.kept("people" if self.recipe.finds_people else "dedupe"):
            file, sha256 = line["file"], line["sha256"]
            people = [(n, person) for n, person in enumerate(line.get("people", ())) if person["taken"]]

            def job(number: int, file: str = file, sha256: str = sha256, **what: Any) -> Job:
                return Job(file, sha256, picture_name(sha256, number), number, **what)

            match self.recipe.compose:
                case Columns(orders=orders):
                    figures = tuple(person["cut_out"] for _, person in people)
                    for number in range(orders):
                        yield job(number, figures=figures, who=tuple(n for n, _ in people))
                case Square(crops=crops):
                    for number in range(crops):
                        yield job(number)
                case Aligned(by="people"):
                    for number, person in people:
                        yield job(number, place=Place.of(person["box"]))
                case Aligned():
                    for number, place in enumerate(self._places.get(file, ())):
                        yield job(number, place=place)

    def _refilter(self) -> list[Line]:
        assert isinstance(self.recipe.compose, Columns)
        work = Refiltering(self.out, self.recipe.refilter, self.recipe.compose.people, self._second_look)
        tasks = [
            Task(line["file"], line["name"], line["sha256"], Composite(path_of(line["name"])))
            for line in self.prepared.kept("compose")
        ]
        with self._manifest("refilter") as manifest:
            return self._each("refilter", manifest, tasks, work, len(tasks))

    def _split(self) -> list[Line]:
        pictures = self.prepared.kept("refilter" if self.recipe.refilters else "compose")
        sources = self._sources(pictures)
        radius = self.recipe.split.distance
        groups = splitting.scenes(sources, radius)
        out = splitting.held_out(groups, self.recipe.split.held_out, self.seed)
        sides = {source.file: HELD_OUT if source.file in out else TRAIN for source in sources}
        digests = {line["name"]: _digest(self.out / path_of(line["name"])) for line in pictures}
        splitting.check(
            sources, sides, [(line["name"], line["file"], digests[line["name"]]) for line in pictures], radius
        )
        where = {source.file: number for number, group in enumerate(groups) for source in group}
        composed = {line["name"]: line for line in self.prepared.lines["compose"]}
        with self._manifest("split") as manifest, self._bar("split") as progress:
            lines = []
            for number, line in enumerate(pictures):
                name, side = line["name"], sides[line["file"]]
                path = name if side == TRAIN else f"{HELD_OUT}/{name}"
                boxes = [figure["box"] for figure in composed[name].get("figures", ())]
                fields = {
                    "split": side, "scene": where[line["file"]], "path": path, "boxes": boxes,
                    "picture_sha256": digests[name],
                }  # fmt: skip
                _place(self.out / path_of(name), self.out / path)
                task = Task(line["file"], name, line["sha256"], None)
                lines.append(self._put("split", manifest, task, Result(fields=fields)))
                progress((number + 1) / len(pictures))
        self._set_strangers_aside({line["path"] for line in lines})
        return lines

    def _measure(self) -> list[Line]:
        tasks = [
            Task(line["file"], line["name"], line["sha256"], line["path"])
            for line in self.prepared.lines["split"]
        ]
        with self._manifest("audit") as manifest:
            return self._each("audit", manifest, tasks, Measuring(self.out), len(tasks))

    def _sources(self, pictures: Iterable[Line]) -> list[Source]:
        read = {line["file"]: line for line in self.prepared.lines["read"]}
        people = {line["file"]: line for line in self.prepared.lines.get("people", ())}
        counts: dict[str, int] = {}
        for line in pictures:
            counts[line["file"]] = counts.get(line["file"], 0) + 1
        return [
            Source(
                file, read[file]["sha256"], int(read[file]["hash"], 16), int(read[file]["mirror"], 16), count,
                tuple(int(p["hash"], 16) for p in people.get(file, {}).get("people", ()) if p["taken"]),
            )
            for file, count in counts.items()
        ]  # fmt: skip

    def _set_strangers_aside(self, paths: set[str]) -> None:
        """Pictures that an earlier run put beside those of this one would be trained on; they move away."""
        for folder in (self.out, self.out / HELD_OUT):
            for path in sorted(folder.glob("*.png")) if folder.is_dir() else ():
                if str(path.relative_to(self.out)) not in paths:
                    (self.out / "prepared/earlier").mkdir(parents=True, exist_ok=True)
                    path.replace(self.out / "prepared/earlier" / path.name)

    # What every stage does

    def _manifest(self, stage: str) -> Manifest:
        return Manifest(self.out / "manifest", stage)

    def _each(
        self, stage: str, manifest: Manifest, tasks: Iterable[Task], work: Work, count: int
    ) -> list[Line]:
        """Decide on each task in order: from an earlier run where it has decided, else by a worker."""
        lines: list[Line] = []
        ready: dict[str, Line] = {}
        waiting: deque[Task] = deque()
        tasks = iter(tasks)

        def open_items() -> Iterator[_Sent]:
            for task in tasks:
                key = task.name, task.sha256, self._digests[stage]
                known = manifest.known.get(key) if task.sha256 else None
                if known is not None and self._is_whole(known, stage):
                    ready[task.name] = known
                    waiting.append(task)
                else:
                    waiting.append(task)
                    yield _Sent(work, task.item)

        results = self._hands.map(_call, open_items())
        with self._bar(stage) as progress:

            def settle() -> None:
                """Put the lines that need nobody, as far as they come next."""
                while waiting and waiting[0].name in ready:
                    task = waiting.popleft()
                    line = ready.pop(task.name)
                    manifest.put(line)
                    lines.append(line)
                    progress(len(lines) / count)

            for _, result in results:
                settle()
                task = waiting.popleft()
                if isinstance(result, Lost):
                    result = Result.aside(result.reason)
                if result.known:
                    line = manifest.known[task.name, result.sha256, self._digests[stage]]
                    manifest.put(line)
                else:
                    line = self._put(stage, manifest, task, result)
                lines.append(line)
                progress(len(lines) / count)
            settle()
        return lines

    def _put(self, stage: str, manifest: Manifest, task: Task, result: Result) -> Line:
        """Write what an item made, then its line: a line says that its files are there."""
        for name, data in result.files.items():
            write_whole(self.out / name, data)
        line: Line = {
            "file": task.file, "name": task.name, "sha256": task.sha256 or result.sha256,
            "decision": result.decision, "reason": result.reason,
            "parameters": {"digest": self._digests[stage], **self.recipe.values(stage)}, "seed": self.seed,
            **task.also, **result.fields,
        }  # fmt: skip
        manifest.put(line)
        return line

    def _is_whole(self, line: Line, stage: str) -> bool:
        return (
            line["parameters"]["digest"] == self._digests[stage]
            and line["seed"] == self.seed
            and all((self.out / name).exists() for name in line.get("files", ()))
        )


@dataclass(frozen=True, slots=True)
class _Sent:
    work: Any
    item: Any


def _call(sent: _Sent) -> Result:
    result: Result = sent.work(sent.item)
    return result


def _candidate(line: Line) -> Candidate:
    pixels = line["width"] * line["height"]
    return Candidate(line["file"], line["sha256"], pixels, int(line["hash"], 16), int(line["mirror"], 16))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _place(source: Path, target: Path) -> None:
    """The picture where it is used: a second name of the same file where the disk can do that."""
    if target.exists() and filecmp.cmp(source, target, shallow=False):
        return
    target.parent.mkdir(exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        shutil.copyfile(source, part)
    part.replace(target)


def _check_folders(photos: Path, out: Path) -> None:
    if not photos.is_dir():
        raise FolderError(f"{photos}: no such folder; name the folder of the photographs")
    if out.resolve() == photos.resolve() or out.resolve() in photos.resolve().parents:
        raise FolderError(f"{out}: holds the photographs; name another folder to write to")
    if out.exists() and not out.is_dir():
        raise FolderError(f"{out}: not a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / "manifest").is_dir():
        raise FolderError(f"{out}: not empty, and not made by this command; name a new folder")


__all__ = ["ASIDE", "HELD_OUT", "KEPT", "TRAIN", "FolderError", "Preparation", "Prepared"]
