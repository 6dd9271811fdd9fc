"""Converted networks against the arrays that the reference implementations made from the same files."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models import checkpoint
from models.convert.command import convert_file
from models.convert.reading import read
from models.stylegan2 import truncate
from models.stylegan3 import StyleGAN3, lowpass
from models.stylegan3_config import StyleGAN3Config

FILES = (
    "rosinality-32.pt",
    "sg2-tf-32.pkl",
    "sg2ada-32-cond-clamp.pkl",
    "sg2ada-64.pkl",
    "sg3r-32.pkl",
    "sg3t-32.pkl",
)


def apart(ours: torch.Tensor, theirs: np.ndarray) -> float:
    return float(np.linalg.norm(ours.numpy() - theirs) / np.linalg.norm(theirs))


@pytest.mark.parametrize("name", FILES)
def test_w_and_pictures_agree(name: str, fixtures: Path, tmp_path: Path) -> None:
    convert_file(fixtures / name, tmp_path / "network.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["network.safetensors"]
    header, network = checkpoint.build(tmp_path / "network.safetensors")
    known = np.load((fixtures / name).with_suffix(".npz"))
    if "w_avg" in known:
        assert apart(network.mapping.w_avg, known["w_avg"]) < 1e-6
    z = torch.from_numpy(known["z"])
    c = torch.from_numpy(known["c"]) if "c" in known else None
    assert header.layers == network.layers
    with torch.inference_mode():
        ws = network.mapping(z, c)[:, None].repeat(1, header.num_ws, 1)
        for psi in (1.0, 0.7):
            pulled = truncate(ws, network.mapping.w_avg, torch.full((len(z),), psi))
            assert apart(pulled, known[f"ws_psi{psi}"]) < 1e-5
            assert apart(network.synthesis(pulled, torch.ones(len(z))), known[f"img_psi{psi}"]) < 1e-5
        if "ws_mix" in known:
            mixed = torch.from_numpy(known["ws_mix"])
            assert apart(network.synthesis(mixed, torch.ones(len(mixed))), known["img_mix"]) < 1e-5


@pytest.mark.parametrize("name", FILES)
def test_the_same_file_gives_the_same_bytes(name: str, fixtures: Path, tmp_path: Path) -> None:
    for target in ("first", "second"):
        found = read(fixtures / name)
        checkpoint.save_arrays(tmp_path / target, found.family, found.config, found.tensors, found.about)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.parametrize("name", ["sg3r-32.pkl", "sg3t-32.pkl"])
def test_the_filters_of_a_file_are_those_of_its_config(name: str, fixtures: Path) -> None:
    found = read(fixtures / name)
    fresh = StyleGAN3(StyleGAN3Config(**found.config)).state_dict()
    filters = [key for key in fresh if key.endswith("_filter")]
    assert len(filters) == 14
    for key in filters:
        np.testing.assert_allclose(fresh[key].numpy(), found.tensors[key], atol=2e-6)


def test_a_single_tap_lets_everything_through() -> None:
    assert lowpass(1, 2.0, 1.0, 16, radial=False).tolist() == [1.0]


def test_class_weights_between_two_classes_are_played(fixtures: Path, tmp_path: Path) -> None:
    found = read(fixtures / "sg2ada-32-cond-clamp.pkl")
    checkpoint.save_arrays(tmp_path / "n.safetensors", found.family, found.config, found.tensors, found.about)
    _, network = checkpoint.build(tmp_path / "n.safetensors")
    z = torch.randn(1, network.z_dim)
    ws = [network.mapping(z, torch.tensor([c])) for c in ([1.0, 0, 0], [0, 1.0, 0], [0.5, 0.5, 0])]
    assert all(w.isfinite().all() for w in ws)
    assert (ws[0] - ws[1]).abs().max() > 1e-3
    assert (ws[2] - ws[0]).abs().max() > 1e-3
    with pytest.raises(ValueError, match=r"c must be \(n, 3\)"):
        network.mapping(z)
