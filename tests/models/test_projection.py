"""Projection on a small random network: the picture of a known point leads back to that point."""

import shutil
from pathlib import Path

import pytest
import torch
import typer
from PIL import Image
from torch import Tensor
from typer.testing import CliRunner

from models import atlas as atlases
from models import checkpoint
from models import project_command as commands
from models.directions.cloud import Cloud, sample
from models.network import Network
from models.picture import PictureError, read_square, to_pixels
from models.projection import Projection
from models.stylegan2 import StyleGAN2, StyleGAN2Config

STEPS = 300


@pytest.fixture(scope="module")
def network(tiny: Path) -> Network:
    """With the w_avg that training would have left: the mean of W."""
    network = checkpoint.build(tiny)[1].eval().requires_grad_(False)
    network.mapping.w_avg.copy_(sample(network, 500, 0).mean)
    return network


@pytest.fixture(scope="module")
def cloud(network: Network) -> Cloud:
    return sample(network, 500, 0)


@pytest.fixture(scope="module")
def hidden(network: Network, cloud: Cloud) -> Tensor:
    """ws of one w that the search does not know."""
    return cloud.w[11].float().expand(network.num_ws, -1)


def picture_of(network: Network, ws: Tensor) -> Tensor:
    return network.synthesis(ws[None], noise=torch.ones(1))


def searched(network: Network, target: Tensor, cloud: Cloud, steps: int = STEPS, seed: int = 0) -> Projection:
    projection = Projection(network, target, cloud, steps, seed)
    while not projection.done:
        projection.step()
    return projection


@pytest.mark.slow
def test_the_picture_of_a_known_point_is_found_again(network: Network, cloud: Cloud, hidden: Tensor) -> None:
    target = picture_of(network, hidden)
    found = searched(network, target, cloud)
    assert found.best.distance < found.start.distance / 100
    assert (found.best.ws - hidden).norm() < (found.start.ws - hidden).norm() / 2
    assert torch.allclose(picture_of(network, found.best.ws), found.best.picture, atol=1e-4)


def test_two_runs_are_the_same_run(network: Network, cloud: Cloud, hidden: Tensor) -> None:
    target = picture_of(network, hidden)
    one, two = searched(network, target, cloud, 30), searched(network, target, cloud, 30)
    assert torch.equal(one.best.ws, two.best.ws)
    assert not torch.equal(one.best.ws, searched(network, target, cloud, 30, seed=1).best.ws)


def test_the_first_half_moves_one_w_and_the_second_frees_the_layers(
    network: Network, cloud: Cloud, hidden: Tensor
) -> None:
    projection = Projection(network, picture_of(network, hidden), cloud, 60)
    for _ in range(30):
        projection.step()
    assert torch.equal(projection.best.ws, projection.best.ws[:1].expand_as(projection.best.ws))
    while not projection.done:
        projection.step()
    assert projection.best.ws.std(dim=0).max() > 0


def test_a_search_goes_on_from_a_point(network: Network, cloud: Cloud, hidden: Tensor) -> None:
    target = picture_of(network, hidden)
    first = searched(network, target, cloud, 40).best
    again = Projection(network, target, cloud, 40, start=first.ws)
    assert again.start.distance == pytest.approx(first.distance, rel=1e-3)
    while not again.done:
        again.step()
    assert again.best.distance < first.distance


def test_a_photograph_is_turned_cropped_and_laid_on_black(tmp_path: Path) -> None:
    wide = Image.new("RGB", (40, 20), "blue")
    wide.paste("red", (10, 0, 30, 20))
    wide.save(tmp_path / "wide.png")
    square = to_pixels(read_square(tmp_path / "wide.png", 16, 3))[0]
    assert (square[:, 3:13] == [255, 0, 0]).all()

    tall = Image.new("RGB", (16, 16), "red")
    tall.paste("blue", (0, 0, 16, 8))  # above; EXIF 3 says: turned by half
    exif = tall.getexif()
    exif[0x0112] = 3
    tall.save(tmp_path / "turned.png", exif=exif)
    turned = to_pixels(read_square(tmp_path / "turned.png", 16, 3))[0]
    assert (turned[12, 8] == [0, 0, 255]).all()

    Image.new("RGBA", (16, 16), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (to_pixels(read_square(tmp_path / "clear.png", 16, 3)) == 0).all()
    assert read_square(tmp_path / "wide.png", 16, 1).shape == (1, 1, 16, 16)


@pytest.mark.parametrize("data", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match="not a picture that can be read"):
        read_square(path, 16, 3)


def test_a_missing_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no such file"):
        read_square(tmp_path / "photo.png", 16, 3)


# the command

app = typer.Typer()
app.command()(commands.project)


@pytest.fixture
def venue(tiny: Path, tmp_path: Path, network: Network, hidden: Tensor) -> Path:
    """A folder with a network and a photograph."""
    shutil.copy(tiny, tmp_path / "net.safetensors")
    Image.fromarray(to_pixels(picture_of(network, hidden))[0]).save(tmp_path / "photo.png")
    return tmp_path


def call(venue: Path, *args: str) -> tuple[int, str]:
    base = [str(venue / "photo.png"), "--network", str(venue / "net.safetensors"), "--name", "grandma"]
    result = CliRunner().invoke(app, [*base, *args])
    return result.exit_code, result.output


def test_the_command_saves_the_point_and_shows_the_way(venue: Path) -> None:
    status, output = call(venue, "--steps", "20")
    assert status == 0
    assert "@grandma is saved" in output
    point = atlases.load(venue / "net.safetensors").points["grandma"]
    assert point.shape == (8, 16)
    with Image.open(venue / "net.grandma.png") as sheet:
        assert sheet.size == (7 * 32, 32)
    assert not list(venue.glob("*.part"))


def test_a_saved_point_is_not_overwritten_but_gone_on_from(venue: Path) -> None:
    call(venue, "--steps", "20")
    before = atlases.load(venue / "net.safetensors").points["grandma"]
    status, output = call(venue, "--steps", "20")
    assert status == 2
    assert "--resume" in output
    assert torch.equal(atlases.load(venue / "net.safetensors").points["grandma"], before)
    status, output = call(venue, "--steps", "20", "--resume")
    assert status == 0
    assert not torch.equal(atlases.load(venue / "net.safetensors").points["grandma"], before)


def test_ctrl_c_keeps_what_is_reached(venue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = Projection.step

    def interrupted(self: Projection) -> float:
        if self.step_count == 12:
            raise KeyboardInterrupt
        return step(self)

    monkeypatch.setattr(Projection, "step", interrupted)
    status, output = call(venue, "--steps", "20")
    assert status == 0
    assert "stopped after 12 of 20 steps" in output
    assert "grandma" in atlases.read_names(venue / "net.safetensors").points
    with Image.open(venue / "net.grandma.png") as sheet:
        assert sheet.height == 32


@pytest.mark.parametrize(
    ("args", "words"),
    [(("--resume",), "no @grandma to go on from"), (("--name", "a b"), "cannot be a name")],
)
def test_what_cannot_be_done_is_one_sentence(venue: Path, args: tuple[str, ...], words: str) -> None:
    status, output = call(venue, *args)
    assert status == 2
    assert words in output
    assert not atlases.atlas_path(venue / "net.safetensors").exists()


def test_a_grey_conditioned_network_is_projected_into_as_well(venue: Path) -> None:
    torch.manual_seed(1)
    config = StyleGAN2Config(
        16, z_dim=8, w_dim=12, c_dim=3, img_channels=1, mapping_layers=2, channel_base=128, channel_max=8
    )
    checkpoint.save(
        venue / "net.safetensors", "stylegan2", config.to_plain(), StyleGAN2(config).state_dict(), {}
    )
    status, output = call(venue, "--steps", "20")
    assert status == 0, output
    assert atlases.load(venue / "net.safetensors").points["grandma"].shape == (config.num_ws, 12)
