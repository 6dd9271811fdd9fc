"""The generator's door: looks in, frames out."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.effects import BendLike
from models.generator import Generator
from models.latent import Point


@dataclass(frozen=True)
class Look:
    latents: Point = (("1", 1.0),)
    style: Point = (("1", 1.0),)
    psi: float = 0.7
    noise: float = 1.0
    shadows: float = 0.0
    bends: tuple[BendLike, ...] = ()
    master: float = 1.0


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


def test_style_moves_only_the_fine_layers(generator: Generator) -> None:
    ws = generator.ws([Look(style=(("2", 1.0),), psi=1.0)])[0]
    torch.testing.assert_close(ws[:3], generator.w("1").expand(3, -1))
    torch.testing.assert_close(ws[3:], generator.w("2").expand(5, -1))


def test_psi_can_be_kept_to_the_coarse_layers(tiny: Path) -> None:
    limited = Generator.load(tiny, device="cpu", style_from=16, psi_below=16)
    ws = limited.ws([Look(psi=0.0)])[0]
    torch.testing.assert_close(ws[:3], limited.w("mean").expand(3, -1))
    torch.testing.assert_close(ws[3:], limited.w("1").expand(5, -1))


def test_master_fades_to_black(generator: Generator) -> None:
    full, half, black = (generator.synthesize([replace(Look(), master=m)])[0] for m in (1.0, 0.5, 0.0))
    assert full.max() > 50
    assert np.abs(full / 2 - half).max() <= 0.51
    assert black.max() == 0


def test_a_look_that_names_no_latent_is_refused(generator: Generator) -> None:
    with pytest.raises(ValueError, match='"mum" is not a latent'):
        generator.synthesize([Look(latents=(("mum", 1.0),))])
