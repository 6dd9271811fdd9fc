"""Atlases: what is written comes back, and another network's or a damaged one is refused in one sentence."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models import atlas as atlases
from models import checkpoint
from models.atlas import Atlas, AtlasNames, Direction, atlas_path, read_names
from models.checkpoint import CheckpointError


@pytest.fixture
def network(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny, tmp_path / "tiny.safetensors"))


def made(num_ws: int = 8, w_dim: int = 16) -> Atlas:
    torch.manual_seed(3)
    about = {"kind": "pca", "index": 0, "explained": 0.25}
    return Atlas(
        {
            "older": Direction(torch.randn(w_dim), (0, 3), about),
            "a-b_2": Direction(torch.randn(w_dim), (2, 7)),
        },
        {"zoe": torch.randn(num_ws, w_dim), "grandma": torch.randn(num_ws, w_dim)},
        torch.randn(5, w_dim),
        {"apple.from": torch.randn(7).double(), "apple.to": torch.randn(7).double()},
    )


def test_what_is_saved_is_what_is_loaded(network: Path) -> None:
    atlas = made()
    assert atlases.save(network, atlas) == network.with_name("tiny.atlas.safetensors")
    back = atlases.load(network)
    assert list(back.directions) == list(atlas.directions)
    for name, direction in atlas.directions.items():
        assert torch.equal(back.directions[name].vector, direction.vector)
        assert (back.directions[name].layers, back.directions[name].about) == (
            direction.layers,
            direction.about,
        )
    assert list(back.points) == list(atlas.points)
    assert all(torch.equal(back.points[name], point) for name, point in atlas.points.items())
    assert back.centres is not None
    assert atlas.centres is not None
    assert torch.equal(back.centres, atlas.centres)
    assert list(back.latents) == list(atlas.latents)
    assert all(torch.equal(back.latents[name], z) for name, z in atlas.latents.items())
    assert {z.dtype for z in back.latents.values()} == {torch.float64}


def test_the_names_are_read_in_order(network: Path) -> None:
    atlases.save(network, made())
    names = read_names(network)
    assert (names.directions, names.points, names.centres) == (("older", "a-b_2"), ("zoe", "grandma"), 5)
    assert list(names.latents) == ["apple.from", "apple.to"]


def test_equal_points_of_z_have_equal_digests(network: Path) -> None:
    z = made().latents
    atlases.save(network, Atlas(latents={**z, "clock.from": z["apple.to"]}))
    digests = read_names(network).latents
    assert digests["clock.from"] == digests["apple.to"] != digests["apple.from"]


def test_an_atlas_without_points_of_z_is_read_as_ever(network: Path) -> None:
    path = atlases.save(network, replace(made(), latents={}))
    assert b"latent" not in path.read_bytes()
    assert read_names(network).latents == {}


def test_a_name_is_in_w_or_in_z(network: Path) -> None:
    with pytest.raises(ValueError, match="@zoe cannot be a point of W and of Z"):
        atlases.save(network, replace(made(), latents={"zoe": torch.ones(7)}))


def test_the_names_are_read_without_torch(network: Path) -> None:
    atlases.save(network, made())
    code = (
        "import sys; from pathlib import Path; from models.atlas import read_names; "
        f"print(len(read_names(Path({str(network)!r})).points), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "False"]


def test_no_file_is_an_empty_atlas(network: Path) -> None:
    assert read_names(network) == AtlasNames()
    empty = atlases.load(network)
    assert (dict(empty.directions), dict(empty.points), empty.centres) == ({}, {}, None)


def test_an_empty_atlas_can_be_saved(network: Path) -> None:
    atlases.save(network, Atlas())
    assert read_names(network) == AtlasNames()


def test_another_networks_atlas_is_refused(network: Path) -> None:
    atlases.save(network, made())
    header, tensors = checkpoint.load(network)
    tensors["mapping.w_avg"] += 1
    checkpoint.save(network, header.family, header.config, tensors, {})
    for read in (read_names, atlases.load):
        with pytest.raises(CheckpointError, match=r"another network than tiny\.safetensors"):
            read(network)


def test_a_network_that_was_only_renamed_keeps_its_atlas(network: Path) -> None:
    atlases.save(network, made())
    moved = network.rename(network.with_name("moved.safetensors"))
    atlas_path(moved.with_name("tiny.safetensors")).rename(atlas_path(moved))
    assert read_names(moved).points == ("zoe", "grandma")


@pytest.mark.parametrize("keep", [0, 3, 8, 200, 600, -1])
def test_a_file_cut_short_is_damaged(network: Path, keep: int) -> None:
    path = atlases.save(network, made())
    path.write_bytes(path.read_bytes()[:keep])
    for read in (read_names, atlases.load):
        with pytest.raises(CheckpointError, match="damaged or cut short"):
            read(network)


def test_one_flipped_bit_is_damage(network: Path) -> None:
    path = atlases.save(network, made())
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged"):
        read_names(network)


@pytest.mark.parametrize("header", [b"[]", b"{", b'{"a": 1}', b'{"__metadata__": []}', b"[" * 5000])
def test_a_hostile_header_is_refused(network: Path, header: bytes) -> None:
    atlas_path(network).write_bytes(len(header).to_bytes(8, "little") + header)
    for read in (read_names, atlases.load):
        with pytest.raises(CheckpointError):
            read(network)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("directions", "{}"),
        (
            "directions",
            '{"older": {"layers": [3, 0], "about": {}}, "a-b_2": {"layers": [0, 1], "about": {}}}',
        ),
        ("directions", '{"older": {"layers": [0, 3]}, "a-b_2": {"layers": [0, 1], "about": {}}}'),
        ("points", '["zoe"]'),
        ("points", "7"),
        ("latents", '["apple.from"]'),
        ("latents", "7"),
    ],
)
def test_a_header_that_does_not_fit_its_tensors_is_damage(network: Path, key: str, value: str) -> None:
    path = atlases.save(network, made())
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"][key] = value
    changed = json.dumps(header).encode()
    path.write_bytes(len(changed).to_bytes(8, "little") + changed + data[8 + length :])
    with pytest.raises(CheckpointError, match="damaged"):
        read_names(network)


def test_a_network_is_no_atlas(network: Path) -> None:
    shutil.copy(network, atlas_path(network))
    with pytest.raises(CheckpointError, match="not an atlas"):
        read_names(network)


def test_tensors_of_different_widths_are_damage(network: Path) -> None:
    wide = [{"points": {"wide": torch.zeros(8, 17)}}, {"latents": {"a": torch.ones(7), "b": torch.ones(8)}}]
    for tensors in wide:
        atlases.save(network, replace(made(), **tensors))
        with pytest.raises(CheckpointError, match="damaged"):
            read_names(network)


@pytest.mark.parametrize("name", ["a.b.c", ".from", "a.", "7.to", "a b.to"])
def test_a_point_of_z_has_a_name_that_a_look_can_say(network: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        atlases.save(network, Atlas(latents={name: torch.zeros(7)}))


@pytest.mark.parametrize("name", ["", "7", "a b", "+older", "é", "a" * 65, "a/b"])
def test_a_name_that_no_look_can_say_is_refused(network: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        atlases.save(network, Atlas(points={name: torch.zeros(8, 16)}))
    assert not atlas_path(network).exists()


def test_an_update_changes_what_the_file_holds_now(network: Path) -> None:
    atlases.save(network, made())
    point = torch.ones(8, 16)
    atlases.update(network, lambda now: replace(now, points={**now.points, "new": point}))
    assert read_names(network).points == ("zoe", "grandma", "new")
    assert read_names(network).directions == ("older", "a-b_2")


def test_the_shipped_network_comes_with_its_atlas() -> None:
    network = Path(checkpoint.__file__).parent / "weights" / "dinner.safetensors"
    names = read_names(network)
    assert {"lighter", "paler"} <= set(names.directions)
    assert (names.points, names.centres) == ((), 16)
    header = checkpoint.read_header(network)
    atlas = atlases.load(network)
    assert all(direction.layers[1] < header.num_ws for direction in atlas.directions.values())
    assert {tuple(direction.vector.shape) for direction in atlas.directions.values()} == {(256,)}
