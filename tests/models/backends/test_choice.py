"""The choice of a backend: by measurement, remembered, overridden, and explained."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.backends import cache, choice
from models.backends.attempts import trying
from models.backends.backend import Backend, BackendError
from models.backends.choice import Candidate, Choice, Name, Trial, choose, explain
from models.backends.eager import Reference
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config

CPU = torch.device("cpu")
torch.manual_seed(0)
NET = StyleGAN2(StyleGAN2Config(16, 8, 8, 1, 64, 8)).eval().requires_grad_(False)


class Other(Reference):
    """The reference under another name, with a fault if one is asked for."""

    def __init__(self, name: str, fault: int = 0) -> None:
        super().__init__(NET, CPU)
        self.name = name  # type: ignore[misc]
        self.fault = fault

    def paint(self, ws: Tensor, noise: Tensor, master: Tensor, bends: object = None) -> Tensor:
        return super().paint(ws, noise, master) + self.fault


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARROW_CACHE", str(tmp_path))


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> dict[str, Backend | BackendError]:
    """What "can run here", in order; a BackendError cannot."""
    backends: dict[str, Backend | BackendError] = {}

    def make(name: str) -> Backend:
        if isinstance(backend := backends[name], BackendError):
            raise backend
        return backend

    def offered(*_: object) -> list[Candidate]:
        return [Candidate(name, "test", lambda name=name: make(name)) for name in backends]  # type: ignore[misc]

    monkeypatch.setattr(choice, "candidates", offered)
    return backends


def chosen(wanted: Name = "auto", identity: str = "net", hurry: bool = False) -> Choice:
    return choose(NET, CPU, wanted, identity, 1, lambda: torch.randn(4, NET.num_ws, 8), hurry=hurry)


def test_what_is_off_by_too_much_is_not_chosen(able: dict[str, Backend | BackendError]) -> None:
    able |= {"openvino": Other("openvino", fault=9), "half": Other("half"), "float32": Other("float32", 9)}
    found = chosen()
    assert found.backend is able["half"]
    assert "exact against float32" in found.why
    assert "openvino test is off by too much" in found.why


def test_what_cannot_run_is_passed_over_and_named(able: dict[str, Backend | BackendError]) -> None:
    able |= {"openvino": BackendError("it is not installed"), "half": Other("half")}
    found = chosen()
    assert found.backend is able["half"]
    assert "openvino test cannot run: it is not installed" in found.why


def test_a_choice_is_remembered_for_the_network_and_the_machine(
    able: dict[str, Backend | BackendError],
) -> None:
    able |= {"half": Other("half", fault=9), "float32": Other("float32")}
    assert chosen().backend is able["float32"]
    able["half"] = Other("half")
    able |= {"openvino": Other("openvino")}
    again = chosen()
    assert again.backend is able["float32"]
    assert "found on" in again.why
    assert chosen(identity="another").backend in able.values()
    (entry, _) = json.loads((cache.folder() / "backends.json").read_text()).values()
    assert entry["name"] == "float32"


def test_a_torn_memory_is_as_good_as_none(able: dict[str, Backend | BackendError]) -> None:
    able |= {"half": Other("half")}
    (cache.folder() / "backends.json").write_text("{ torn")
    assert chosen().backend is able["half"]
    assert json.loads((cache.folder() / "backends.json").read_text())


def test_insisting_gives_what_was_asked_for_and_says_when_it_looks_wrong(
    able: dict[str, Backend | BackendError],
) -> None:
    able |= {"openvino": Other("openvino", fault=9), "half": Other("half")}
    found = chosen("openvino")
    assert found.backend is able["openvino"]
    assert "under 40 dB" in found.why
    assert chosen().backend is able["half"]


def test_insisting_on_what_cannot_run_is_refused(able: dict[str, Backend | BackendError]) -> None:
    able |= {"openvino": BackendError("openvino is not installed"), "half": Other("half")}
    with pytest.raises(ValueError, match="but openvino is not installed; set it to"):
        chosen("openvino")
    with pytest.raises(ValueError, match="cannot run on this cpu"):
        chosen("cudagraph")


def test_beside_a_show_the_first_good_one_is_taken_and_remembered_until_it_can_be_timed(
    able: dict[str, Backend | BackendError],
) -> None:
    able |= {"openvino": Other("openvino", fault=9), "half": Other("half"), "float32": Other("float32")}
    assert chosen(hurry=True).backend is able["half"]
    assert "found on" in chosen(hurry=True).why
    assert "x as fast as" in chosen().why
    assert "x as fast as" in chosen(hurry=True).why


def test_the_fastest_is_explained_by_ratios() -> None:
    fast, slow = Trial("openvino", "bfloat16", 51.2, 0.01), Trial("float32", "reference", float("inf"), 0.06)
    assert explain(fast, [fast, slow]) == ("51.2 dB against float32; 6.0 x as fast as float32 reference")


def killed_while_trying(what: str) -> None:
    """A process that begins the attempt and is gone before its end."""
    named = f"{what} {choice._key('net', CPU, 1)}"
    code = f"""
import os
from models.backends.attempts import trying
attempt = trying({named!r})
attempt.__enter__()
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9


def test_what_never_came_back_is_left_out_once_and_twice_for_good(
    able: dict[str, Backend | BackendError],
) -> None:
    able |= {"openvino": Other("openvino"), "half": Other("half", fault=9), "float32": Other("float32")}
    killed_while_trying("openvino test")
    found = chosen()
    assert found.backend is able["float32"]
    assert "openvino test cannot run: the last attempt did not come back" in found.why
    assert not (cache.folder() / "backends.json").exists()
    killed_while_trying("openvino test")
    assert chosen().backend is able["float32"]
    assert "found on" in chosen().why


def test_an_attempt_that_ends_is_forgotten(able: dict[str, Backend | BackendError]) -> None:
    able |= {"openvino": Other("openvino"), "float32": Other("float32", fault=9)}
    killed_while_trying("openvino test")
    assert chosen().backend is able["float32"]
    assert chosen().backend is able["openvino"]
    assert not list((cache.folder() / "attempts").iterdir())


def test_an_error_is_an_end_too() -> None:
    with pytest.raises(RuntimeError), trying("a thing"):
        raise RuntimeError
    with trying("a thing") as lost:
        assert not lost
