"""The stages in their order: what each gets, and what it is made with."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.dataset.prepare import leaks, placing
from models.dataset.prepare import split as splitting
from models.dataset.prepare.crew import Hands
from models.dataset.prepare.cutting import Cutting, Photo
from models.dataset.prepare.dedupe import candidate, copies
from models.dataset.prepare.folder import FolderError, check_folders, files_in
from models.dataset.prepare.laying import Job, LayingColumns, LayingPhotograph, path_of, picture_name
from models.dataset.prepare.manifest import KEPT, Line, Lines, earlier
from models.dataset.prepare.measuring import Measuring
from models.dataset.prepare.places import Place, read_places
from models.dataset.prepare.prepared import HELD_OUT, TRAIN, Prepared
from models.dataset.prepare.reading import Reading, Unread, thumb_path
from models.dataset.prepare.recipe import Aligned, Columns, Recipe, Square
from models.dataset.prepare.refiltering import Composite, Refiltering
from models.dataset.prepare.split import Source
from models.dataset.prepare.stage import Bar, Stage, Task, Work
from models.dataset.prepare.work import ByName, Finder, Result

VERSION = 3
"""Raised when the same recipe comes to other decisions than before."""


class Preparation:
    """One run over a folder. Stages hand on to each other by their manifests alone."""

    def __init__(self, photos: Path, out: Path, recipe: Recipe, seed: int, hands: Hands, bar: Bar,
                 finder: Finder | None = None) -> None:  # fmt: skip
        """Raises FolderError, RecipeError, or SegmenterError when the recipe's segmenter cannot be made."""
        check_folders(photos, out)
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

    def _stage(self, name: str) -> Stage:
        values, digest = self.recipe.values(name), self._digests[name]
        return Stage(name, self.out, values, digest, self.seed, self._hands, self._bar)

    def _kept(self, stage: str) -> Iterator[Line]:
        return self.prepared.lines[stage].kept()

    def _read(self) -> Lines:
        files = files_in(self.photos, self.out, self.recipe.read.skip)
        if not files:
            raise FolderError(f"{self.photos}: there is nothing in it; name the folder of the photographs")
        stage = self._stage("read")
        known: dict[str, set[str]] = {}
        for line in earlier(self.out / "manifest", "read"):
            if stage.is_whole(line):
                known.setdefault(line["file"], set()).add(line["sha256"])

        def tasks() -> Iterator[Task]:
            return (Task(f, f, "", Unread(f, frozenset(known.get(f, ())))) for f in files)

        return stage.each(tasks, Reading(self.photos, self.recipe.read))

    def _dedupe(self) -> Lines:
        options = self.recipe.dedupe
        found = copies(list(map(candidate, self._kept("read"))), options.distance, options.mirrored)
        return self._stage("dedupe").decided(
            (Task.on(line), found[line["file"]].result if line["file"] in found else Result())
            for line in self._kept("read")
        )

    def _people(self) -> Lines:
        recipe = self.recipe
        needed = recipe.compose.people if isinstance(recipe.compose, Columns) else None
        work = Cutting(self.photos, recipe.read, recipe.people, needed, self.finder)

        def tasks() -> Iterator[Task]:
            return (Task.on(line, Photo(line["file"], line["sha256"])) for line in self._kept("dedupe"))

        return self._stage("people").each(tasks, work)

    def _compose(self) -> Lines:
        work: Work
        match self.recipe.compose:
            case Columns() as columns:
                work = LayingColumns(self.out, columns, self.seed)
            case Square() | Aligned() as layout:
                work = LayingPhotograph(self.photos, self.recipe.read, layout)

        def tasks() -> Iterator[Task]:
            return (Task(job.file, job.name, job.sha256, job, {"number": job.number}) for job in self._jobs())

        return self._stage("compose").each(tasks, work)

    def _jobs(self) -> Iterator[Job]:
        for line in self._kept("people" if self.recipe.finds_people else "dedupe"):
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

    def _refilter(self) -> Lines:
        assert isinstance(self.recipe.compose, Columns)
        work = Refiltering(self.out, self.recipe.refilter, self.recipe.compose.people, self._second_look)

        def tasks() -> Iterator[Task]:
            return (Task.on(line, Composite(path_of(line["name"]))) for line in self._kept("compose"))

        return self._stage("refilter").each(tasks, work)

    def _split(self) -> Lines:
        options = self.recipe.split
        sources = self._sources()
        groups = splitting.scenes(sources, options.distance)
        out = splitting.held_out(groups, options.held_out, self.seed)
        sides = {source.file: HELD_OUT if source.file in out else TRAIN for source in sources}
        splitting.check(sources, sides, self._pictures(), options.distance)
        thumbs = {source.file: self.out / thumb_path(source.sha256) for source in sources}
        leaks.check(thumbs, sides, options.alike)
        scene = {source.file: number for number, group in enumerate(groups) for source in group}
        paths: set[str] = set()

        def found() -> Iterator[tuple[Task, Result]]:
            for line in self._pictures():
                name, side = line["name"], sides[line["file"]]
                path = name if side == TRAIN else f"{HELD_OUT}/{name}"
                placing.place(self.out / path_of(name), self.out / path)
                paths.add(path)
                boxes = [figure["box"] for figure in line.get("figures", ())]
                fields = {
                    "split": side, "scene": scene[line["file"]], "path": path, "boxes": boxes,
                    "picture_sha256": line["picture_sha256"],
                }  # fmt: skip
                yield Task.on(line), Result(fields=fields)

        lines = self._stage("split").decided(found())
        placing.set_strangers_aside(self.out, paths)
        return lines

    def _pictures(self) -> Iterator[Line]:
        """The lines of `compose` on those pictures that are in the set."""
        composed = self._kept("compose")
        if not self.recipe.refilters:
            yield from composed
            return
        for line, seen in zip(composed, self.prepared.lines["refilter"], strict=True):
            if seen["decision"] == KEPT:
                yield line

    def _sources(self) -> list[Source]:
        counts = Counter(line["file"] for line in self._pictures())
        people = self._kept("people") if self.recipe.finds_people else ()
        figures = {
            line["file"]: tuple(int(person["hash"], 16) for person in line["people"] if person["taken"])
            for line in people if line["file"] in counts
        }  # fmt: skip
        return [
            Source(
                line["file"], line["sha256"], int(line["hash"], 16), int(line["mirror"], 16),
                counts[line["file"]], figures.get(line["file"], ()),
            )
            for line in self._kept("read") if line["file"] in counts
        ]  # fmt: skip

    def _measure(self) -> Lines:
        def tasks() -> Iterator[Task]:
            return (Task.on(line, line["path"]) for line in self.prepared.lines["split"])

        return self._stage("audit").each(tasks, Measuring(self.out))


__all__ = ["FolderError", "Preparation", "Prepared"]
