"""Who may import whom. Each import is tried in a process of its own, and every import statement is read."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What in the server may lead to torch: the renderer process, measuring it, trying it before doors, and films.
TORCH_BEHIND = (
    "server/renderer/worker.py",
    "server/bench",
    "server/doctor/painting.py",
    "server/rehearsal/studio.py",
)


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages in sys.modules after importing these."""
    code = (
        f"import sys, {', '.join(modules)}\nprint(' '.join(name.partition('.')[0] for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def modules_of(package: str) -> list[str]:
    files = sorted((ROOT / package).rglob("*.py"))
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in files
        if file.name != "__main__.py"
    ]


def imports_of(file: Path) -> Iterator[str]:
    """Every module that a file names in an import statement, wherever it stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


def files_of(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize(
    "module",
    [
        "server.app",
        "server.__main__",
        "server.run",
        "server.check",
        "server.conductor",
        "models.checkpoint",
        "server.rehearsal.command",
        "server.rehearsal.report",
        "models.terminal",
        "server.doctor.command",
        "server.importing.clips",
        "server.importing.script",
    ],
)
def test_the_show_process_never_loads_torch(module: str) -> None:
    assert "torch" not in loaded_by(module)


@pytest.mark.parametrize(
    "module",
    [
        f"models.{name}"
        for name in ("training.__main__", "training.choice_command", "measures.command", "bench.training")
    ],
)
def test_training_needs_no_more_than_a_gpu_machine_has(module: str) -> None:
    others = {"cv2", "skia", "imagehash", "openvino", "fastapi", "uvicorn", "pydantic", "psutil"}
    assert not loaded_by(module) & others


def test_the_renderer_speaks_before_it_loads_torch() -> None:
    loaded = loaded_by("server.renderer.worker")
    assert "torch" not in loaded
    assert not loaded & {"fastapi", "uvicorn", "pydantic"}


def test_show_control_needs_little_but_the_standard_library() -> None:
    loaded = loaded_by(*modules_of("show_control"))
    plain = loaded_by("sys")
    strangers = {
        name
        for name in loaded - plain - {"show_control", *MATCHING}
        if name.lstrip("_") not in STANDARD and name not in STANDARD
    }
    assert not {name for name in strangers if not name.startswith(("_cython", "cython"))}
    assert "asyncio" not in loaded


STANDARD = sys.stdlib_module_names
MATCHING = {"rapidfuzz"}
"""What `show_control/matching.py` alone may import beyond it: how like two words are, computed quickly."""


@pytest.mark.parametrize("file", files_of("show_control"), ids=lambda file: file.name)
def test_show_control_imports_itself_and_the_standard_library(file: Path) -> None:
    for name in imports_of(file):
        top = name.partition(".")[0]
        known = top == "show_control" or top in STANDARD
        assert known or (file.name == "matching.py" and top in MATCHING), name
        assert top not in {"asyncio", "time", "socket", "threading", "subprocess", "random"}, name


@pytest.mark.parametrize("file", files_of("models"), ids=lambda file: str(file.relative_to(ROOT)))
def test_models_know_neither_the_show_nor_the_server(file: Path) -> None:
    assert not {name.partition(".")[0] for name in imports_of(file)} & {"show_control", "server"}


@pytest.mark.parametrize("file", files_of("server"), ids=lambda file: str(file.relative_to(ROOT)))
def test_only_the_renderer_leads_to_torch(file: Path) -> None:
    torch_free = {"models", "models.atlas", "models.checkpoint", "models.clips", "models.terminal"}
    leads = {
        name
        for name in imports_of(file)
        if name.partition(".")[0] in {"torch", "models"} and name not in torch_free
    }
    assert not leads or file.relative_to(ROOT).as_posix().startswith(TORCH_BEHIND)
