"""The second search for leaks: by pixels, where the hashes say that there is nothing."""

import hashlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageOps

from models.dataset.prepare.command import run
from models.dataset.prepare.crew import Alone
from models.dataset.prepare.leaks import BLOCK, SIDE, check, details, halves
from models.dataset.prepare.near import distance, hashes_of
from models.dataset.prepare.photograph import decode
from models.dataset.prepare.recipe import Read, parse
from models.dataset.prepare.split import Leak


def captioned(picture: Image.Image, number: int) -> Image.Image:
    """With another light, and letters of noise over its lower edge."""
    width, height = picture.size
    rng = np.random.default_rng(number)
    shade = np.linspace(rng.uniform(0.6, 0.8), 1.2, width)[None, :, None]
    pixels = (np.asarray(picture.convert("RGB")) * shade).clip(0, 255).astype(np.uint8)
    letters = Image.fromarray(rng.integers(0, 2, (2, 12), dtype=np.uint8) * 130 + 60)
    band = letters.resize((width, height // 16), Image.Resampling.NEAREST)
    pixels[-band.height :] = np.asarray(band)[..., None]
    return Image.fromarray(pixels)


def hash_of(path: Path) -> tuple[int, int]:
    return hashes_of(Image.fromarray(decode(path.read_bytes(), path.suffix, Read(), 320).pixels))


def test_different_photographs_are_no_leak_and_altered_ones_are(toys: ModuleType, tmp_path: Path) -> None:
    for number in range(40):
        toys.photograph(number).save(tmp_path / f"{number}.jpg")
    thumbs = {path.name: path for path in sorted(tmp_path.iterdir())}
    sides = {name: "held-out" if n < 8 else "train" for n, name in enumerate(thumbs)}
    check(thumbs, sides, 0.7)
    held = next(iter(thumbs))
    for mirror in (False, True):
        with Image.open(thumbs[held]) as picture:
            copy = captioned(ImageOps.mirror(picture) if mirror else picture, 1)
        copy.resize((150, 110)).save(tmp_path / "planted.png")
        both = thumbs | {"planted.png": tmp_path / "planted.png"}
        with pytest.raises(Leak, match=rf"{held} \(held out\) shows what planted.png shows.*set one of each"):
            check(both, sides | {"planted.png": "train"}, 0.7)
        check(both, sides | {"planted.png": "held-out"}, 0.7)


def test_a_picture_of_nothing_is_like_nothing(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (160, 120), "white").save(tmp_path / name)
    assert not details(tmp_path / "a.png").any()
    check({"a": tmp_path / "a.png", "b": tmp_path / "b.png"}, {"a": "train", "b": "held-out"}, 0.7)


def test_details_are_of_length_one_and_know_no_light(toys: ModuleType, tmp_path: Path) -> None:
    picture = toys.photograph(3)
    picture.save(tmp_path / "a.png")
    picture.point(lambda value: value // 2 + 20).save(tmp_path / "b.png")
    one, other = details(tmp_path / "a.png"), details(tmp_path / "b.png")
    assert one.shape == (SIDE * SIDE,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ other > 0.99


def test_halves_know_a_picture_and_its_mirror_image() -> None:
    rng = np.random.default_rng(0)
    some, others = (rng.standard_normal((n, SIDE * SIDE)).astype(np.float32) for n in (5, 7))
    mirrored = some.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(5, -1)
    (even, odd), (other_even, other_odd) = halves(some), halves(others)
    np.testing.assert_allclose(even @ other_even.T + odd @ other_odd.T, some @ others.T, atol=1e-4)
    np.testing.assert_allclose(even @ other_even.T - odd @ other_odd.T, mirrored @ others.T, atol=1e-4)


def test_the_last_of_many_blocks_is_compared_too(tmp_path: Path) -> None:
    count = 2 * BLOCK + 3
    rng = np.random.default_rng(0)
    thumbs = {}
    for number in range(count + 1):
        pixels = rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
        thumbs[f"{number:04d}"] = tmp_path / f"{number:04d}.png"
        Image.fromarray(pixels).save(thumbs[f"{number:04d}"])
    last = f"{count - 1:04d}"
    with Image.open(thumbs[last]) as picture:
        ImageOps.mirror(picture).save(thumbs[f"{count:04d}"])
    sides = dict.fromkeys(thumbs, "held-out") | {f"{count:04d}": "train"}
    with pytest.raises(Leak, match=rf"leaks: {last} \(held out\) shows what {count:04d} shows; nothing"):
        check(thumbs, sides, 0.7)


def test_a_leak_that_the_hashes_miss_is_refused(toys: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    toys.fill(folder, 14)
    recipe = parse({"compose": {"layout": "square", "size": 64}})
    first = run(folder, tmp_path / "first", recipe, 0, Alone())
    held = next(line["file"] for line in first.lines["split"] if line["split"] == "held-out")
    planted = folder / "planted.png"
    for number in range(500):
        with Image.open(folder / held) as picture:
            captioned(picture, number).save(planted)
        # Unseen by the hashes, and late in the draw, so on the side that is trained on.
        unseen = min(distance(hash_of(planted)[0], word) for word in hash_of(folder / held)) > 12
        if unseen and hashlib.sha256(f"0 {_sha(planted)}".encode()).hexdigest() > "d":
            break
    else:
        pytest.fail("no such copy was made")
    second = run(folder, tmp_path / "second", recipe, 0, Alone())
    assert len(list(second.lines["dedupe"].kept())) == 15
    assert f"{held} (held out) shows what planted.png shows" in second.refusal
    assert "split" not in second.lines
    assert not list((tmp_path / "second").glob("*.png"))
    assert "planted.png" in (tmp_path / "second/report.html").read_text(encoding="utf-8")


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
