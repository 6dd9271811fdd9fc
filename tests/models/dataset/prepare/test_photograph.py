"""Files of every make: an upright sRGB picture, or the reason."""

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from models.dataset.prepare.photograph import Unusable, decode, read_file
from models.dataset.prepare.recipe import Read

LIMITS = Read(longest=256)


def gradient(width: int = 200, height: int = 100) -> Image.Image:
    """Red grows to the right, green downwards: its turns can be told apart."""
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(
        np.dstack([x * 255 // width, y * 255 // height, np.full_like(x, 60)]).astype(np.uint8)
    )


def stored(picture: Image.Image, kind: str, **options: Any) -> bytes:
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


def close(pixels: np.ndarray, picture: Image.Image, bound: float = 3) -> bool:
    expected = np.asarray(picture.convert("RGB"), float)
    return pixels.shape == expected.shape and float(np.abs(pixels - expected).mean()) < bound


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("JPEG", ".jpg"), ("PNG", ".PNG"), ("WEBP", ".webp"), ("TIFF", ".tif"), ("BMP", ".bmp"),
     ("AVIF", ".avif"), ("JPEG2000", ".jp2"), ("PPM", ".ppm"), ("GIF", ".gif")],
)  # fmt: skip
def test_common_formats(kind: str, suffix: str) -> None:
    photograph = decode(stored(gradient(), kind), suffix, LIMITS)
    assert close(photograph.pixels, gradient(), 8 if kind == "GIF" else 4)
    assert (photograph.format, photograph.width, photograph.height) == (kind, 200, 100)
    assert not [note for note in photograph.notes if "named" in note]


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_comes_out_upright(turn: int) -> None:
    inverse = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}.get(turn, [])
    lying = gradient()
    for step in inverse:
        lying = lying.transpose(Image.Transpose(step))
    exif = Image.Exif()
    exif[0x0112] = turn
    photograph = decode(stored(lying, "PNG", exif=exif), ".png", LIMITS)
    assert close(photograph.pixels, gradient())
    assert (photograph.width, photograph.height) == (200, 100)


def test_large_ones_are_reduced_and_know_their_scale() -> None:
    photograph = decode(stored(gradient(1000, 600), "JPEG", quality=95), ".jpg", LIMITS)
    assert photograph.pixels.shape == (154, 256, 3)
    assert (photograph.width, photograph.height) == (1000, 600)
    assert photograph.scale == pytest.approx(1000 / 256)
    assert close(photograph.pixels, gradient(256, 154), 4)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    ramp = gradient().getchannel("R")
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(ramp, np.uint16) * 257)
    else:
        picture = (ramp if mode in ("L", "1", "LA") else gradient()).convert(mode)
    data = stored(picture, "TIFF" if mode == "CMYK" else "PNG")
    photograph = decode(data, ".tif" if mode == "CMYK" else ".png", LIMITS)
    assert photograph.pixels.dtype == np.uint8
    expected = ramp.convert("RGB") if mode in ("L", "LA", "I;16") else picture
    if mode == "1":
        assert set(np.unique(photograph.pixels)) <= {0, 255}
    else:
        assert close(photograph.pixels, expected, 4)
    assert any("8 bits" in note for note in photograph.notes) == (mode == "I;16")


def test_what_is_clear_is_laid_on_black() -> None:
    picture = gradient().convert("RGBA")
    picture.paste((255, 255, 255, 0), (0, 0, 100, 100))
    photograph = decode(stored(picture, "PNG"), ".png", LIMITS)
    assert not photograph.pixels[:, :100].any()
    assert photograph.pixels[:, 100:].any()
    assert "laid on black where transparent" in photograph.notes


def test_a_profile_is_followed_and_a_broken_one_is_passed_over() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    moved = decode(stored(gradient(), "PNG", icc_profile=swapped), ".png", LIMITS)
    assert "colours brought to sRGB" in moved.notes
    red, green, blue = gradient().split()
    assert close(moved.pixels, Image.merge("RGB", (green, red, blue)), 4)
    broken = decode(stored(gradient(), "PNG", icc_profile=b"not a profile" * 9), ".png", LIMITS)
    assert "its colour profile cannot be used; taken as sRGB" in broken.notes
    assert close(broken.pixels, gradient())
    assert close(decode(stored(gradient(), "PNG", icc_profile=srgb), ".png", LIMITS).pixels, gradient())


def bomb(side: int) -> bytes:
    """A PNG whose header promises `side` x `side` pixels and holds none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(99)))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "text": (b"hello, I am a picture", ".jpg", "not a picture, though named .jpg"),
    "text of no kind": (b"hello", ".txt", "not a picture in a format"),
    "bomb": (bomb(9000), ".png", "too many pixels: 9000 x 9000"),
    "large bomb": (bomb(40_000), ".png", "too many pixels"),
    "huge bomb": (bomb(2**31 - 1), ".png", "too many pixels|damaged"),
    "tiny": (stored(gradient(20, 300), "PNG"), ".png", "too small: 20 x 300"),
    "cut JPEG": (stored(gradient(), "JPEG")[:1500], ".jpg", "damaged or cut short"),
    "cut PNG": (stored(gradient(), "PNG")[:300], ".png", "damaged or cut short"),
    "cut TIFF": (stored(gradient(), "TIFF")[:5000], ".tif", "damaged or cut short"),
    "cut WEBP": (stored(gradient(), "WEBP")[:200], ".webp", "damaged or cut short|not a picture"),
    "header alone": (b"\x89PNG\r\n\x1a\n", ".png", "damaged or cut short|not a picture"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n", ".eps", "not a picture in a format"),
    "HEIF": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", ".heic", "HEIF|damaged|not a picture"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_end_in_a_reason(name: str) -> None:
    data, suffix, reason = HOSTILE[name]
    with pytest.raises(Unusable, match=reason):
        decode(data, suffix, LIMITS)


@pytest.mark.parametrize(("kind", "suffix"), [("GIF", ".gif"), ("WEBP", ".webp"), ("PNG", ".png")])
def test_animations_are_set_aside(kind: str, suffix: str) -> None:
    frames = [gradient(), gradient().transpose(Image.Transpose.ROTATE_180)]
    data = stored(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(Unusable, match=f"animated {kind}"):
        decode(data, suffix, LIMITS)


def test_of_pages_the_first_is_the_photograph() -> None:
    data = stored(
        gradient(), "TIFF", save_all=True, append_images=[gradient().transpose(Image.Transpose.ROTATE_180)]
    )
    assert close(decode(data, ".tif", LIMITS).pixels, gradient())


def test_a_wrong_name_is_noted_and_read() -> None:
    photograph = decode(stored(gradient(), "JPEG"), ".png", LIMITS)
    assert photograph.notes == ("named .png, but it is JPEG",)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_bytes_never_end_in_anything_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kind = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")[seed % 6]
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif} if kind in ("JPEG", "PNG", "WEBP") else {}
    data = bytearray(stored(gradient(), kind, **options))
    for place in rng.integers(0, min(len(data), 400 if seed % 2 else len(data)), 12):
        data[place] = int(rng.integers(256))
    with contextlib.suppress(Unusable):
        assert decode(bytes(data), ".jpg", LIMITS).pixels.shape[2] == 3


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    gradient().save(tmp_path / "real.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    os.mkfifo(tmp_path / "pipe.png")
    for name, reason in (
        ("empty.jpg", "empty"), ("link.png", "links are not followed"), ("pipe.png", "not a regular file"),
        ("none.png", "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(Unusable, match=reason):
            read_file(tmp_path / name, LIMITS)
    with pytest.raises(Unusable, match="too many bytes"):
        read_file(tmp_path / "real.png", Read(max_megabytes=1e-5))
    assert read_file(tmp_path / "real.png", LIMITS)[:4] == b"\x89PNG"
