"""Network files: what is written comes back, and what is wrong is said in one sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.checkpoint import CheckpointError


def test_what_is_saved_is_what_is_loaded(tiny: Path) -> None:
    header, network = checkpoint.build(tiny)
    assert (header.family, header.size, header.about) == ("stylegan2", 32, {"kimg": 0})
    _, tensors = checkpoint.load(tiny)
    assert all(torch.equal(tensors[name], value) for name, value in network.state_dict().items())


def test_the_header_is_read_without_torch(tiny: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from models.checkpoint import read_header; "
        f"header = read_header(Path({str(tiny)!r})); "
        "print(header.size, header.num_ws, header.c_dim, len(header.layers), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["32", "8", "0", "7", "False"]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no such file.*generator\.weights"):
        checkpoint.read_header(tmp_path / "nothing.safetensors")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.pkl"
    path.write_bytes(b"anything")
    with pytest.raises(CheckpointError, match="convert"):
        checkpoint.read_header(path)


@pytest.mark.parametrize("keep", [0, 3, 8, 100, -1])
def test_a_file_cut_short_is_damaged(tiny: Path, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(tiny.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match="damaged or cut short"):
        checkpoint.read_header(path)


def test_one_flipped_bit_is_damage(tiny: Path, tmp_path: Path) -> None:
    data = bytearray(tiny.read_bytes())
    data[-100] ^= 1
    path = tmp_path / "flipped.safetensors"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.read_header(path)


@pytest.mark.parametrize("header", [b"[]", b"{", b'{"a": 1}', b'{"__metadata__": []}', b"[" * 5000])
def test_a_hostile_header_is_refused(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CheckpointError):
        checkpoint.read_header(path)


def test_foreign_safetensors_are_not_a_network(tmp_path: Path) -> None:
    header = json.dumps({"__metadata__": {"format": "pt"}}).encode()
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CheckpointError, match="not a Marrow network"):
        checkpoint.read_header(path)


def test_tensors_that_do_not_fit_are_named(tiny: Path, tmp_path: Path) -> None:
    header, tensors = checkpoint.load(tiny)
    tensors.pop("mapping.w_avg")
    path = tmp_path / "short.safetensors"
    checkpoint.save(path, header.family, header.config, tensors, {})
    with pytest.raises(CheckpointError, match=r"mapping\.w_avg"):
        checkpoint.build(path)


@pytest.mark.parametrize(
    ("family", "change", "why"),
    [
        ("stylegan9", {}, 'family "stylegan9"'),
        ("stylegan2", {"size": "big"}, "damaged"),
        ("stylegan2", {"size": 48}, "config cannot be used"),
        ("stylegan2", {"wings": 2}, "wings"),
        ("stylegan2", {"channel_max": 10**9, "channel_base": 10**12}, "do not fit"),
        ("stylegan3", {}, "config cannot be used"),
    ],
)  # fmt: skip
def test_a_config_that_cannot_be_played_is_named(
    family: str, change: dict[str, object], why: str, tiny: Path, tmp_path: Path
) -> None:
    header, tensors = checkpoint.load(tiny)
    path = tmp_path / "odd.safetensors"
    checkpoint.save(path, family, {**header.config, **change}, tensors, {})
    with pytest.raises(CheckpointError, match=why):
        checkpoint.build(path)


def test_the_same_network_is_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    header, tensors = checkpoint.load(tiny)
    again = tmp_path / "again.safetensors"
    checkpoint.save(again, header.family, header.config, dict(reversed(tensors.items())), header.about)
    assert again.read_bytes() == tiny.read_bytes()


def test_the_network_that_comes_with_marrow_is_built() -> None:
    header, network = checkpoint.build(Path(checkpoint.__file__).parent / "weights" / "dinner.safetensors")
    assert header.layers == network.layers
    assert header.shape.to_plain() == network.config.to_plain()
