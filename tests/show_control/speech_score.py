"""`python -m tests.show_control.speech_score [THRESHOLD]`: what `heard` makes of the corpus in speech/.

A line is to match what recognisers made of it, and neither what is listed as something else nor any other
line of its file, well recognised or garbled.
"""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from show_control.matching import THRESHOLD, heard

CORPUS = Path(__file__).parent / "speech"


@dataclass(frozen=True, slots=True)
class Trial:
    """`number` counts the lines of a language; the constants were searched on the odd ones."""

    language: str
    number: int
    line: str
    said: str
    same: bool


def trials() -> Iterator[Trial]:
    for file in sorted(CORPUS.glob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        lines = table["line"]
        for number, line in enumerate(lines, 1):
            others = [
                said for other in lines if other is not line for said in (other["text"], *other["match"])
            ]
            for said in line["match"]:
                yield Trial(table["language"], number, line["text"], said, True)
            for said in (*line.get("never", ()), *others):
                yield Trial(table["language"], number, line["text"], said, False)


def score(trial: Trial) -> float:
    return heard(trial.said, trial.line, language=trial.language).score


def precision_and_recall(some: list[Trial], threshold: float) -> tuple[float, float]:
    """Of what matched, the share that was the line; of what was the line, the share that matched."""
    matched = [trial.same for trial in some if score(trial) >= threshold]
    return sum(matched) / max(len(matched), 1), sum(matched) / sum(trial.same for trial in some)


def main(threshold: float) -> None:
    every = list(trials())
    print(f"{len({trial.line for trial in every})} lines, {len(every)} trials")
    parts = {language: [t for t in every if t.language == language] for language in ("en", "fr", "de", "nl")}
    parts |= {"odd": [t for t in every if t.number % 2], "even": [t for t in every if not t.number % 2]}
    for name, some in {**parts, "all": every}.items():
        precision, recall = precision_and_recall(some, threshold)
        same = sum(trial.same for trial in some)
        counts = f"{same:3} same {len(some) - same:4} other"
        print(f"{name:4}  {counts}  precision {precision:.3f}  recall {recall:.3f}")
    for at in (0.5, 0.6, 0.7, 0.75, 0.78, 0.79, 0.8, 0.81, 0.82, 0.85, 0.92):
        precision, recall = precision_and_recall(every, at)
        print(f"threshold {at:.2f}  precision {precision:.3f}  recall {recall:.3f}")
    for trial in every:
        if (score(trial) >= threshold) != trial.same:
            found = "missed" if trial.same else "false "
            print(f"{found} {score(trial):.2f} {trial.language}  {trial.line!r} <- {trial.said!r}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else THRESHOLD)
