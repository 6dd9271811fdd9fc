"""Clips through the whole machine: a show, its snapshot as JSON, and the pictures of a real network."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models import atlas as atlases
from models import checkpoint
from models.generator import Generator
from show_control.events import Go, Goto
from show_control.look import Look
from show_control.show import Show
from show_control.showfile import parse_show
from show_control.snapshot import Snapshot

SHOW = """
[clips]
drops = { from = "@drops.from", to = "@drops.to", steps = 432 }
apple = { from = "@drops.to", to = "@apple.to", steps = 48 }

[safe]
walk = { still = 4 }
psi = 0.7
noise = 1.0

[[cue]]
number = "1"
name = "Drops"
look = { walk = { clips = ["drops"] } }
fade = 0

[[cue]]
number = "2"
name = "Apple"
look = { walk = { clips = ["apple"] } }
fade = 0
"""
Z_DIM = 16


@pytest.fixture(scope="module")
def network(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(tiny, tmp_path_factory.mktemp("clips") / "net.safetensors"))
    numbers = np.random.default_rng(5)
    names = ("drops.from", "drops.to", "apple.to")
    z = {name: torch.from_numpy(numbers.standard_normal(Z_DIM)) for name in names}
    atlases.save(path, atlases.Atlas(latents=z))
    return path


@pytest.fixture(scope="module")
def generator(network: Path) -> Generator:
    return Generator.load(network, device="cpu", style_from=16, backend="float32")


def night(start: float, speed: float = 1.0) -> tuple[Show, float]:
    """A show that has come to cue 2 right after 18 s of cue 1; and when cue 1 began."""
    show = Show(parse_show(SHOW.replace("psi = 0.7", f"psi = 0.7\nspeed = {speed}"), "show.toml"), start)
    assert show.receive(Goto("1"), start + 3.0).ok
    assert show.receive(Go(), start + 21.0).ok
    return show, start + 3.0


def sent(show: Show) -> Snapshot:
    return Snapshot.from_plain(json.loads(json.dumps(show.snapshot().to_plain())))


def picture(generator: Generator, look: Look) -> NDArray[np.uint8]:
    return generator.synthesize([look])[0]


def test_a_frame_is_the_mapped_mixture_of_the_two_saved_z(network: Path, generator: Generator) -> None:
    show, began = night(100.0)
    z = atlases.load(network).latents
    mapping = checkpoint.build(network)[1].eval().mapping
    for step in (0, 1, 17, 46, 47, 200):
        look = sent(show).at(began + 18.0 + step / 24)
        at = min(step, 47) / 47
        mixed = (z["drops.to"] * (1.0 - at) + z["apple.to"] * at).float()[None]
        with torch.inference_mode():
            w = mapping(mixed)
            expected = mapping.w_avg + (w - mapping.w_avg) * 0.7
        torch.testing.assert_close(generator.ws([look])[0], expected.expand(8, -1))


def test_another_night_shows_the_same_pictures_frame_for_frame(generator: Generator) -> None:
    (first, began), (again, later) = night(100.0), night(86_400.123, speed=3.0)
    frames = [first.snapshot().at(began + 18.0 + step / 24) for step in range(0, 60, 7)]
    for step, look in zip(range(0, 60, 7), frames, strict=True):
        other = sent(again).at(later + 18.0 + step / 24)
        assert other == look
        assert np.array_equal(picture(generator, other), picture(generator, look))


def test_a_generator_that_was_loaded_anew_shows_the_same(network: Path, generator: Generator) -> None:
    show, began = night(100.0)
    reloaded = Generator.load(network, device="cpu", style_from=16, backend="float32")
    look = sent(show).at(began + 18.0 + 30 / 24)
    assert np.array_equal(picture(reloaded, look), picture(generator, look))


def test_where_one_clip_follows_the_other_nothing_is_smeared(generator: Generator) -> None:
    show, began = night(100.0)
    before, after = (sent(show).at(began + 18.0 + step / 24) for step in (0, 1))
    assert before == replace(after, latents=(("@drops.to", 1.0),), style=(("@drops.to", 1.0),))
    assert after.latents == (("@drops.to~@apple.to:1/47", 1.0),)
    assert not np.array_equal(picture(generator, before), picture(generator, after))
