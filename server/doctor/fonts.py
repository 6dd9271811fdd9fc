"""The fonts that the pages ask for, on this machine. Tablets bring their own."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.app import STATIC
from server.doctor.finding import Finding, note, ok, problem

TOPIC = "pages"
WITHIN = 10.0
PAGES = ("editor", "health", "index", "monitor", "operator", "projector", "table")

_GENERIC = {"sans-serif", "serif", "monospace", "system-ui", "ui-monospace", "-apple-system", "inherit"}
_STACK = re.compile(
    r"font(?:-family)?:[^;}]*?((?:[\w-]+|\"[^\"]+\")(?:\s*,\s*(?:[\w-]+|\"[^\"]+\"))+)\s*[;}]"
)
"""The families of a `font` or `font-family`, where there are at least two."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """`missing` are pages that are not there. `stacks`: the families that a style sheet asks for, each the
    best first. `installed`: all that the system has; None where it does not tell (macOS and Windows bring
    enough)."""

    missing: tuple[str, ...]
    stacks: tuple[tuple[str, ...], ...]
    installed: frozenset[str] | None


def look(static: Path = STATIC) -> Fonts:
    missing = tuple(page for page in PAGES if not (static / f"{page}.html").is_file())
    sheets = (path.read_text(encoding="utf-8") for path in sorted(static.glob("*.css")))
    stacks = dict.fromkeys(stack for sheet in sheets for stack in _stacks(sheet))
    return Fonts(missing, tuple(stacks), _installed())


def _stacks(sheet: str) -> Iterator[tuple[str, ...]]:
    for found in _STACK.finditer(sheet):
        families = (family.strip().strip('"') for family in found[1].split(","))
        named = tuple(family for family in families if family not in _GENERIC)
        if named:
            yield named


def _installed() -> frozenset[str] | None:
    path = shutil.which("fc-list")
    if path is None:
        return None
    try:
        listed = subprocess.run([path, ":", "family"], capture_output=True, timeout=WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if listed.returncode:
        return None
    lines = listed.stdout.decode(errors="replace").splitlines()
    return frozenset(name.strip().lower() for line in lines for name in line.split(","))


def judge(fonts: Fonts) -> Iterator[Finding]:
    if fonts.missing:
        yield problem(
            TOPIC,
            f"Pages are missing from the installation: {', '.join(fonts.missing)}.",
            "Copy Marrow's folder again, whole, and in it: pip install -e .",
        )
    else:
        yield ok(TOPIC, f"All pages are here: {', '.join(fonts.missing or PAGES)}.")
    if fonts.installed is None:
        return
    if not fonts.installed:
        yield note(
            TOPIC,
            "This machine has no fonts: a page that is opened here shows boxes in the place of words.",
            "sudo apt install fonts-liberation fonts-dejavu-core. Tablets are not touched by this.",
        )
        return
    wanting = [stack for stack in fonts.stacks if not any(name.lower() in fonts.installed for name in stack)]
    for stack in wanting:
        yield note(
            TOPIC,
            f"None of these fonts is on this machine: {', '.join(stack)}. Pages that are opened here look "
            "different.",
            "sudo apt install fonts-liberation fonts-dejavu-core. Tablets are not touched by this.",
        )
    if not wanting:
        yield ok(TOPIC, "The fonts that they ask for are on this machine.")
