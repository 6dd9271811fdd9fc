"""What every stage does: it decides on its items in order, and takes over what an earlier run has decided."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from models.checkpoint import write_whole
from models.dataset.prepare.crew import Hands, Lost
from models.dataset.prepare.manifest import Line, Lines, Manifest
from models.dataset.prepare.work import Result

Bar = Callable[[str], AbstractContextManager[Callable[[float], None]]]
Work = Callable[[Any], Result]


@dataclass(frozen=True, slots=True)
class Task:
    """One item of a stage as the manifest knows it, and what its worker gets."""

    file: str
    name: str
    sha256: str
    item: Any = None
    also: Mapping[str, Any] = field(default_factory=dict)
    """What its line says whatever the worker finds."""

    @classmethod
    def on(cls, line: Line, item: Any = None) -> "Task":
        """What a line of an earlier stage is about."""
        return cls(line["file"], line["name"], line["sha256"], item)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of one run. Only this process writes; workers compute."""

    name: str
    out: Path
    values: Mapping[str, Any]
    """Its table of the recipe."""
    digest: str
    """Of all that its decisions follow from."""
    seed: int
    hands: Hands
    bar: Bar

    def manifest(self) -> Manifest:
        return Manifest(self.out / "manifest", self.name)

    def each(self, tasks: Callable[[], Iterable[Task]], work: Work) -> Lines:
        """Decide on each task: by an earlier run where it has decided, else by a worker."""
        count = sum(1 for _ in tasks())
        with self.manifest() as manifest, self.bar(self.name) as progress:
            done = 0
            for line in self._lines(manifest, tasks(), work):
                manifest.put(line)
                progress((done := done + 1) / count)
        return Lines(manifest.path)

    def decided(self, found: Iterable[tuple[Task, Result]]) -> Lines:
        """Write down what needed no worker."""
        with self.manifest() as manifest, self.bar(self.name):
            for task, result in found:
                manifest.put(self._line(task, result))
        return Lines(manifest.path)

    def is_whole(self, line: Line) -> bool:
        """Whether a line of an earlier run still holds."""
        return (
            line["parameters"]["digest"] == self.digest
            and line["seed"] == self.seed
            and all((self.out / name).exists() for name in line.get("files", ()))
        )

    def _lines(self, manifest: Manifest, tasks: Iterable[Task], work: Work) -> Iterator[Line]:
        # Run by run, so that neither what is known nor what is open piles up while the other is waited for.
        for known, run in groupby(self._looked_up(manifest, tasks), key=lambda pair: pair[1] is not None):
            if known:
                yield from (line for _, line in run if line is not None)
                continue
            for task, result in self.hands.map(partial(_on, work), (task for task, _ in run)):
                if isinstance(result, Lost):
                    result = Result.aside(result.reason)
                old = manifest.known((task.name, result.sha256, self.digest)) if result.known else None
                yield old or self._line(task, result)

    def _looked_up(self, manifest: Manifest, tasks: Iterable[Task]) -> Iterator[tuple[Task, Line | None]]:
        for task in tasks:
            line = manifest.known((task.name, task.sha256, self.digest)) if task.sha256 else None
            yield task, line if line is not None and self.is_whole(line) else None

    def _line(self, task: Task, result: Result) -> Line:
        """The line of an item, and before it what the item made: a line says that its files are there."""
        for name, data in result.files.items():
            write_whole(self.out / name, data)
        return {
            "file": task.file, "name": task.name, "sha256": task.sha256 or result.sha256,
            "decision": result.decision, "reason": result.reason,
            "parameters": {"digest": self.digest, **self.values}, "seed": self.seed,
            **task.also, **result.fields,
        }  # fmt: skip


def _on(work: Work, task: Task) -> Result:
    return work(task.item)
