"""What is kept on disk: bounded, whole, and done without where the disk will not have it."""

from pathlib import Path

import pytest
import torch

from models.backends import cache
from models.backends.openvino import OpenVino
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARROW_CACHE", str(tmp_path))


def frame() -> torch.Tensor:
    torch.manual_seed(0)
    net = StyleGAN2(StyleGAN2Config(16, 8, 8, 1, 64, 8)).eval().requires_grad_(False)
    with torch.inference_mode():
        return OpenVino(net, "float32", "identity").paint(
            torch.ones(1, net.num_ws, 8), torch.ones(1), torch.ones(1)
        )


def test_a_graph_is_kept_and_used_again(tmp_path: Path) -> None:
    first = frame()
    kept = sorted(path.suffix for path in (tmp_path / "openvino").iterdir())
    assert kept == [".bin", ".xml"]
    assert torch.equal(frame(), first)
    assert len(list((tmp_path / "openvino").iterdir())) == 2


def test_a_torn_graph_is_made_anew(tmp_path: Path) -> None:
    first = frame()
    for path in (tmp_path / "openvino").iterdir():
        path.write_bytes(path.read_bytes()[:40])
    assert torch.equal(frame(), first)


def test_a_disk_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "openvino").write_text("a file where a folder should be")
    assert frame().shape == (1, 16, 16, 3)


def test_the_longest_unused_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT", 250)
    for number in range(4):
        path = tmp_path / "kept" / f"{number}.bin"
        cache.keep(path, (".bin",), lambda part: part.write_bytes(bytes(100)) and None)
        import os

        os.utime(path, (number, number))
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["2.bin", "3.bin"]
