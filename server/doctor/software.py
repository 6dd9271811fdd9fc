"""Python, and the packages that the project asks for, in the versions that are there."""

import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from server.doctor.finding import Finding, note, ok, problem

TOPIC = "software"
ROOT = Path(__file__).parents[2]
FOR_DEVELOPERS = "dev"


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is asked for. `wanted` is ">=6", "" for any; `found` is None where it is not installed;
    `extra` is the option that it belongs to, "" for what every show needs."""

    name: str
    wanted: str
    found: str | None
    fits: bool
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Software:
    """`python` as in "3.11.2". `packages` is None where nothing says what is needed."""

    python: str
    packages: tuple[Package, ...] | None


def look(root: Path = ROOT) -> Software:
    """What is installed, against the pyproject.toml of a checkout or else what pip has noted down."""
    python = ".".join(map(str, sys.version_info[:3]))
    needs = _needs(root)
    return Software(python, None if needs is None else tuple(_packages(needs)))


def _needs(root: Path) -> dict[str, Sequence[str]] | None:
    """The requirements of each extra; "" for those of every show."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        if project["name"] == "marrow":
            return {"": project["dependencies"], **project.get("optional-dependencies", {})}
    except (OSError, ValueError, KeyError):
        pass  # installed without its checkout: pip knows
    try:
        lines = metadata.requires("marrow") or []
        extras = metadata.metadata("marrow").get_all("Provides-Extra") or []
    except metadata.PackageNotFoundError:
        return None
    always = [line for line in lines if "extra ==" not in line]
    return {"": always} | {
        extra: [line.partition(";")[0] for line in lines if f'extra == "{extra}"' in line] for extra in extras
    }


def _packages(needs: dict[str, Sequence[str]]) -> Iterator[Package]:
    for extra, lines in needs.items():
        if extra == FOR_DEVELOPERS:
            continue
        for need in map(Requirement, lines):
            if need.marker is not None and not need.marker.evaluate():
                continue
            try:
                found = metadata.version(need.name)
            except metadata.PackageNotFoundError:
                found = None
            fits = found is not None and need.specifier.contains(found, prereleases=True)
            yield Package(need.name, str(need.specifier), found, fits, extra)


def judge(software: Software) -> Iterator[Finding]:
    if software.packages is None:
        yield note(
            TOPIC,
            f"Python {software.python}; nothing here says which packages Marrow needs.",
            "Install it once: in Marrow's folder, pip install -e .",
        )
        return
    needed = [package for package in software.packages if not package.extra]
    for package in needed:
        if package.found is None:
            yield problem(
                TOPIC,
                f"The Python package {package.name} is missing.",
                "In Marrow's folder, with its own Python: pip install -e .",
            )
        elif not package.fits:
            yield note(
                TOPIC,
                f"{package.name} is version {package.found}, and Marrow is made for {package.wanted}.",
                "In Marrow's folder, with its own Python: pip install -e .",
            )
    if all(package.fits for package in needed):
        yield ok(TOPIC, f"Python {software.python}, and all {len(needed)} packages.")
    extras = [package for package in software.packages if package.extra and package.found is None]
    if extras:
        names = ", ".join(f"{package.name} ({package.extra})" for package in extras)
        yield ok(TOPIC, f"Not installed, and only needed for the extra in brackets: {names}.")
