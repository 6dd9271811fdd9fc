"""The generator's door: looks in, frames out."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.bends import BendLike
from models.generator import Generator
from models.latent import Point


@dataclass(frozen=True)
class Look:
    latents: Point = (("1", 1.0),)
    style: Point = (("1", 1.0),)
    psi: float = 0.7
    noise: float = 1.0
    modes: float = 0.0
    shadows: float = 0.0
    bends: tuple[BendLike, ...] = ()
    classes: tuple[tuple[int, float], ...] = ()
    master: float = 1.0


@dataclass(frozen=True)
class Bend:
    kind: str
    at: str
    amount: float
    channels: str = ""
    by: tuple[float, ...] = ()


@pytest.fixture(scope="module")
def generator(tiny: Path) -> Generator:
    return Generator.load(tiny, device="cpu", style_from=16)


def test_frames_are_bytes_of_the_right_shape(generator: Generator) -> None:
    generator.warm_up(2)
    frames = generator.synthesize([Look(), Look(latents=(("2", 1.0),))])
    assert frames.shape == (2, 32, 32, 3)
    assert frames.dtype == np.uint8
    assert not np.array_equal(frames[0], frames[1])


def test_the_same_look_is_the_same_frame_to_the_bit(generator: Generator) -> None:
    assert np.array_equal(generator.synthesize([Look()]), generator.synthesize([Look()]))


def test_a_picture_does_not_depend_on_its_neighbours(generator: Generator) -> None:
    alone = generator.synthesize([Look()])[0].astype(int)
    beside = generator.synthesize([Look(latents=(("9", 1.0),)), Look()])[1].astype(int)
    assert np.abs(alone - beside).max() <= 1


def test_weights_blend_in_w(generator: Generator) -> None:
    blend = Look(latents=(("1", 0.25), ("mean", 0.75)), style=(("1", 0.25), ("mean", 0.75)), psi=1.0)
    truncated = Look(psi=0.25)
    difference = generator.synthesize([blend]).astype(int) - generator.synthesize([truncated]).astype(int)
    assert np.abs(difference).max() <= 1


def test_master_fades_to_black(generator: Generator) -> None:
    full, half, black = (generator.synthesize([replace(Look(), master=m)])[0] for m in (1.0, 0.5, 0.0))
    assert full.max() > 50
    assert np.abs(full / 2 - half).max() <= 0.51
    assert black.max() == 0


def test_a_look_that_names_no_latent_is_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match='"mum" is not a latent'):
        generator.synthesize([Look(latents=(("mum", 1.0),))])


def test_shadows_are_cut_in_full_light_and_faded_after(generator: Generator) -> None:
    full, half = (
        generator.synthesize([replace(Look(), shadows=1.0, master=m)])[0].astype(int) for m in (1, 0.5)
    )
    assert (full[..., 0] == full[..., 1]).all()
    assert np.abs(full / 2 - half).max() <= 0.51


def test_a_bend_changes_the_picture_and_none_does_not(generator: Generator) -> None:
    plain = generator.synthesize([Look()])
    silent = generator.synthesize([Look(bends=(Bend("invert", "16", 0.0),))])
    bent = generator.synthesize([Look(bends=(Bend("invert", "16", 1.0),))])
    assert np.array_equal(plain, silent)
    assert not np.array_equal(plain, bent)


def test_a_bend_at_a_layer_that_is_not_there_is_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match='no layer "64": expected one of the resolutions 4, 8, 16, 32'):
        generator.synthesize([Look(bends=(Bend("invert", "64", 1.0),))])


def test_what_was_given_out_stays_as_it_is(generator: Generator) -> None:
    first = generator.synthesize([Look()])
    kept = first.copy()
    generator.synthesize([Look(latents=(("5", 1.0),))])
    assert np.array_equal(first, kept)


def test_a_backend_that_is_not_there_is_refused(tiny: Path) -> None:
    with pytest.raises(ValueError, match='backend is "cudagraph", which cannot run on this cpu'):
        Generator.load(tiny, device="cpu", backend="cudagraph")


def test_a_missing_device_is_refused(tiny: Path) -> None:
    if torch.cuda.is_available():
        assert Generator.load(tiny, device="cuda").device.startswith("cuda")
    else:
        with pytest.raises(ValueError, match="no CUDA device answers"):
            Generator.load(tiny, device="cuda")


def test_a_damaged_atlas_costs_its_names_and_not_the_picture(tiny: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(tiny.read_bytes())
    (tmp_path / "copy.atlas.safetensors").write_bytes(b"cut")
    generator = Generator.load(copy, device="cpu", backend="float32")
    assert "its atlas is left out" in generator.why
    assert generator.synthesize([Look()]).shape == (1, 32, 32, 3)
