"""Packages: what is installed here, and what is missing from places that are made for the test."""

import json
import subprocess
import sys
from pathlib import Path

from server.doctor import software
from server.doctor.finding import Level
from server.doctor.software import Package, Software, judge, look

ROOT = Path(software.__file__).parents[2]


def project(folder: Path, *needs: str, extra: str = "") -> Path:
    lines = "".join(f'"{need}",' for need in needs)
    text = f'[project]\nname = "marrow"\ndependencies = [{lines}]\n'
    if extra:
        text += f'[project.optional-dependencies]\nmidi = ["{extra}"]\ndev = ["nobody-has-this-either"]\n'
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_what_is_installed_here_fits_what_this_checkout_asks_for() -> None:
    found = look()
    assert found.packages is not None
    wrong = [package for package in found.packages if not package.extra and not package.fits]
    assert wrong == []
    assert "torch" in {package.name for package in found.packages}


def test_a_missing_package_is_a_problem_and_an_old_one_a_note(tmp_path: Path) -> None:
    found = look(project(tmp_path, "no-such-package>=1", "psutil>=4000", "typer"))
    missing, old = judge(found)
    assert missing.level is Level.PROBLEM
    assert "no-such-package is missing" in missing.what
    assert old.level is Level.NOTE
    assert "made for >=4000" in old.what
    assert all("pip install -e ." in finding.do for finding in (missing, old))


def test_what_another_system_needs_is_not_asked_for(tmp_path: Path) -> None:
    assert look(project(tmp_path, "no-such-package; platform_system == 'Nowhere'")).packages == ()


def test_extras_that_are_missing_are_told_and_no_fault(tmp_path: Path) -> None:
    _, finding = judge(look(project(tmp_path, "typer", extra="no-such-package")))
    assert finding.level is Level.OK
    assert "no-such-package (midi)" in finding.what
    assert "nobody-has-this-either" not in finding.what


def test_without_a_checkout_pip_knows(tmp_path: Path) -> None:
    """A copy of the code elsewhere, and beside it what pip notes down when it installs."""
    noted = tmp_path / "marrow-9.dist-info"
    noted.mkdir()
    (noted / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: marrow\nVersion: 9\nProvides-Extra: midi\n"
        'Requires-Dist: no-such-package>=3\nRequires-Dist: nor-this; extra == "midi"\n'
    )
    code = f"""
import json, sys
sys.path.insert(0, {str(tmp_path)!r})
from pathlib import Path
from server.doctor.software import look
print(json.dumps([[p.name, p.wanted, p.found, p.extra] for p in look(Path({str(tmp_path)!r})).packages]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [["no-such-package", ">=3", None, ""], ["nor-this", "", None, "midi"]]


def test_nothing_is_known_of_what_was_never_installed() -> None:
    [finding] = judge(Software("3.11.2", None))
    assert finding.level is Level.NOTE
    assert "pip install -e ." in finding.do


def test_all_is_well() -> None:
    [finding] = judge(Software("3.11.2", (Package("torch", "==2.13.0", "2.13.0+cpu", True),)))
    assert finding.level is Level.OK
