"""Tier A: the shapes of Inception v3, and files of weights that are read as data."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from models.measures.inception import Inception, MixedA, MixedE, read_inception
from models.measures.tiers import features

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    """As torchvision saves them, with the heads that are not used."""
    torch.manual_seed(0)
    net = Inception()
    return {
        **net.state_dict(),
        "AuxLogits.conv0.conv.weight": torch.zeros(128, 768, 1, 1),
        "fc.weight": torch.zeros(1000, 2048),
        "fc.bias": torch.zeros(1000),
    }


@pytest.fixture(scope="module")
def file(weights: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inception") / "inception.safetensors"
    save_file({name: numbers.contiguous() for name, numbers in weights.items()}, path)
    return path


def test_it_has_the_parameters_of_the_paper_and_the_names_of_torchvision() -> None:
    with torch.device("meta"):
        net = Inception()
    # torchvision's model has 27,161,264: without its heads (3,326,696 and 2,049,000) these are left.
    assert sum(numbers.numel() for numbers in net.parameters()) == 27_161_264 - 3_326_696 - 2_049_000
    names = net.state_dict()
    assert names["Conv2d_1a_3x3.conv.weight"].shape == (32, 3, 3, 3)
    assert names["Mixed_6c.branch7x7dbl_4.conv.weight"].shape == (160, 160, 7, 1)
    assert names["Mixed_7c.branch3x3dbl_3b.bn.running_var"].shape == (384,)


def test_its_grids_are_35_17_and_8() -> None:
    with torch.device("meta"):
        net, x = Inception(), torch.empty(2, 3, 299, 299)
        grids = {}
        for name, module in net.named_children():
            module.register_forward_hook(lambda _m, _i, out, name=name: grids.update({name: out.shape}))
        assert net(x).shape == (2, 2048)
    assert grids["Conv2d_2b_3x3"] == (2, 64, 147, 147)
    assert grids["Mixed_5d"] == (2, 288, 35, 35)
    assert grids["Mixed_6e"] == (2, 768, 17, 17)
    assert grids["Mixed_7c"] == (2, 2048, 8, 8)


def test_weights_are_read_and_named_by_their_digest(file: Path, weights: dict[str, Tensor]) -> None:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    found = features("A", torch.zeros(0).numpy(), inception=file, sha256=digest.upper())
    assert found.tier == f"A: Inception v3, weights sha256 {digest[:16]}"
    pictures = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        described = found.of(pictures)
    assert described.shape == (1, 2048)
    assert described.isfinite().all()
    assert described.std() > 0
    read = read_inception(file, digest, CPU)._net.state_dict()
    assert not any(name.startswith(("fc", "AuxLogits")) for name in read)
    assert all(torch.equal(numbers, weights[name]) for name, numbers in read.items())


def test_a_file_of_torch_save_is_read_as_data(weights: dict[str, Tensor], tmp_path: Path) -> None:
    path = tmp_path / "inception.pth"
    published = {**weights, "fc.weight": torch.zeros(1008, 2048), "fc.bias": torch.zeros(1008)}
    torch.save({name: numbers.half() for name, numbers in published.items()}, path)
    found = read_inception(path, None, CPU)
    net = found._net
    expected = weights["Mixed_7a.branch3x3_1.conv.weight"].half().float()
    assert torch.equal(net.Mixed_7a.branch3x3_1.conv.weight, expected)
    assert net.Mixed_7c.published
    assert not net.training


def test_the_published_network_pools_otherwise_in_two_places() -> None:
    x = torch.rand(1, 4, 6, 6)
    plain, published = MixedA(4, pool=8), MixedA(4, pool=8)
    published.published = True
    assert torch.allclose(plain.pooled(x)[..., 1:-1, 1:-1], published.pooled(x)[..., 1:-1, 1:-1])
    assert published.pooled(x)[0, 0, 0, 0] == pytest.approx(float(x[0, 0, :2, :2].mean()))
    assert plain.pooled(x)[0, 0, 0, 0] == pytest.approx(float(x[0, 0, :2, :2].sum()) / 9)
    last = MixedE(4, pools_by_maximum=True)
    last.published = True
    assert last.pooled(x)[0, 0, 0, 0] == x[0, 0, :2, :2].max()


def test_another_file_than_expected_is_refused(file: Path) -> None:
    with pytest.raises(ValueError, match="it is another file"):
        read_inception(file, "0" * 64, CPU)


def test_what_is_no_inception_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        read_inception(tmp_path / "missing.pth", None, CPU)
    other = tmp_path / "other.safetensors"
    save_file({"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 3, 3, 3)}, other)
    with pytest.raises(ValueError, match="not the weights of an Inception v3"):
        read_inception(other, None, CPU)
    other.write_bytes(b"hello")
    with pytest.raises(ValueError, match=r"neither \.safetensors nor"):
        read_inception(other, None, CPU)


def test_a_file_that_would_run_code_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "ran"),)  # type: ignore[return-value]

    path = tmp_path / "bomb.pth"
    torch.save({"fc.bias": Bomb()}, path)
    with pytest.raises(ValueError, match="cannot be read as weights"):
        read_inception(path, None, CPU)
    assert not (tmp_path / "ran").exists()
