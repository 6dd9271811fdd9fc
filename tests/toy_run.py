"""A run that nobody trained: its KID falls, has a best at 120 kimg, and rises again.

python -m tests.toy_run FOLDER [SHEETS]    to look at, with the pictures of a real run in place of its own
"""

import json
import math
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

BEST, LAST, TICK, KEPT = 120, 240, 4, 5
SECONDS = 40.0
TILE = 16


def line(kimg: float) -> dict[str, Any]:
    """A tick that is well."""
    wave = math.sin(kimg * 1.7)
    return {
        "kimg": kimg, "G": 1.2 + 0.1 * wave, "D": 1.0 - 0.05 * wave, "R1": 0.04 + 0.2 / (1 + kimg / 8),
        "sign": 0.3 + 0.3 * kimg / (kimg + 60) + 0.03 * wave, "sign_fake": -0.4 + 0.05 * wave,
        "p": min(0.4, kimg / 500), "spread": min(0.92, 0.3 + kimg / 120),
        "s_per_kimg": SECONDS + 3 * wave, "batch": 16, "parts": 1, "seconds": kimg * SECONDS, "words": [],
    }  # fmt: skip


def measured(kimg: float) -> dict[str, Any]:
    """What a kept snapshot is judged to be: the first have little variety, the last begin to copy."""
    away = (kimg - BEST) / BEST
    ratio = 1.1 - 0.45 * kimg / LAST
    share = 0.04 + 0.2 * (kimg / LAST) ** 2
    return {
        "kimg": kimg, "tier": "B: three random networks", "fakes": 500, "against": "held-out",
        "kid": 0.02 + 0.09 * away**2, "kid_deviation": 0.006,
        "precision": 0.85 - 0.3 * math.exp(-kimg / 40), "recall": 0.55 * (1 - math.exp(-kimg / 30)),
        "memorisation": {"ratio": ratio, "share": share, "passed": ratio >= 0.6 and share <= 0.3},
    }  # fmt: skip


def sheet(kimg: float) -> Image.Image:
    """32 seeds, a colour each; the pattern is the sharpest at the best."""
    hue = np.arange(32).reshape(4, 8) * 7 + 20
    tiles = np.repeat(np.repeat(hue, TILE, 0), TILE, 1)[..., None] * np.array([1.0, 0.7, 0.4])
    bars = (np.indices(tiles.shape[:2]).sum(0) // 4 % 2)[..., None]
    sharp = max(0.0, 1 - abs(kimg - BEST) / BEST)
    return Image.fromarray((tiles * (1 - 0.6 * sharp * bars)).clip(0, 255).astype(np.uint8))


def write_lines(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))


def ticks(last: int = LAST) -> list[dict[str, Any]]:
    return [line(kimg) for kimg in range(TICK, last + 1, TICK)]


def snapshots(last: int = LAST) -> list[dict[str, Any]]:
    return [measured(kimg) for kimg in range(TICK * KEPT, last + 1, TICK * KEPT)]


def write_run(run: Path, last: int = LAST, target: float = 300, sheets: Path | None = None) -> Path:
    """The files of a run that has come to `last` kimg; `sheets`: a run whose pictures are taken in turn."""
    run.mkdir(parents=True, exist_ok=True)
    about = {
        "config": {"size": TILE},
        "recipe": {"batch": 16, "gamma": 0.5, "lecam": 0.0, "augment": "ada", "p": None, "seed": 0},
        "data": {"folder": "/somewhere/dinners", "train": 900, "held_out": 100},
        "target_kimg": target, "device": "cpu", "torch": "2.13.0",
    }  # fmt: skip
    (run / "run.json").write_text(json.dumps(about))
    write_lines(run / "log.jsonl", ticks(last))
    write_lines(run / "measures.jsonl", snapshots(last))
    theirs = sorted(sheets.glob("sheet-*.png")) if sheets else []
    for kimg in range(TICK, last + 1, TICK):
        path = run / f"sheet-{kimg:06d}.png"
        if theirs:  # through them to the best, and back
            share = min(kimg, 2 * BEST - kimg) / BEST
            shutil.copyfile(theirs[round(max(0.0, share) * (len(theirs) - 1))], path)
        else:
            sheet(kimg).save(path)
    return run


if __name__ == "__main__":
    write_run(Path(sys.argv[1]), sheets=Path(sys.argv[2]) if len(sys.argv) > 2 else None)
