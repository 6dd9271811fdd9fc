"""Files of every make: an upright sRGB picture, or the reason."""

import contextlib
import io
import os
import socket
import struct
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from pillow_heif import from_bytes, register_heif_opener
from typer import Typer
from typer.testing import CliRunner

from models.dataset.prepare.command import prepare
from models.dataset.prepare.manifest import Lines
from models.dataset.prepare.photograph import Unusable, decode, read_file
from models.dataset.prepare.recipe import Read

LIMITS = Read()


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
    photograph = decode(stored(gradient(), kind), suffix, LIMITS, 256)
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
    photograph = decode(stored(lying, "PNG", exif=exif), ".png", LIMITS, 256)
    assert close(photograph.pixels, gradient())
    assert (photograph.width, photograph.height) == (200, 100)


def test_large_ones_are_reduced_and_know_their_scale() -> None:
    photograph = decode(stored(gradient(1000, 600), "JPEG", quality=95), ".jpg", LIMITS, 256)
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
    photograph = decode(data, ".tif" if mode == "CMYK" else ".png", LIMITS, 256)
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
    photograph = decode(stored(picture, "PNG"), ".png", LIMITS, 256)
    assert not photograph.pixels[:, :100].any()
    assert photograph.pixels[:, 100:].any()
    assert "laid on black where transparent" in photograph.notes


def test_a_profile_is_followed_and_a_broken_one_is_passed_over() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    moved = decode(stored(gradient(), "PNG", icc_profile=swapped), ".png", LIMITS, 256)
    assert "colours brought to sRGB" in moved.notes
    red, green, blue = gradient().split()
    assert close(moved.pixels, Image.merge("RGB", (green, red, blue)), 4)
    broken = decode(stored(gradient(), "PNG", icc_profile=b"not a profile" * 9), ".png", LIMITS, 256)
    assert "its colour profile cannot be used; taken as sRGB" in broken.notes
    assert close(broken.pixels, gradient())
    assert close(decode(stored(gradient(), "PNG", icc_profile=srgb), ".png", LIMITS, 256).pixels, gradient())


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
        decode(data, suffix, LIMITS, 256)


@pytest.mark.parametrize(("kind", "suffix"), [("GIF", ".gif"), ("WEBP", ".webp"), ("PNG", ".png")])
def test_animations_are_set_aside(kind: str, suffix: str) -> None:
    frames = [gradient(), gradient().transpose(Image.Transpose.ROTATE_180)]
    data = stored(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(Unusable, match=f"animated {kind}"):
        decode(data, suffix, LIMITS, 256)


def test_of_pages_the_first_is_the_photograph() -> None:
    data = stored(
        gradient(), "TIFF", save_all=True, append_images=[gradient().transpose(Image.Transpose.ROTATE_180)]
    )
    assert close(decode(data, ".tif", LIMITS, 256).pixels, gradient())


def test_a_wrong_name_is_noted_and_read() -> None:
    photograph = decode(stored(gradient(), "JPEG"), ".png", LIMITS, 256)
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
        assert decode(bytes(data), ".jpg", LIMITS, 256).pixels.shape[2] == 3


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


def test_a_hostile_folder_ends_in_reasons_and_not_in_a_traceback(toys: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    toys.fill(folder, 6)
    whole = (folder / "000.jpg").read_bytes()
    about = {
        "cut.jpg": (whole[: len(whole) // 2], "damaged or cut short"),
        "cut.png": ((folder / "004.png").read_bytes()[:3000], "damaged or cut short"),
        "zero bytes.jpg": (b"", "empty (0 bytes)"),
        "text.png": (b"no picture", "not a picture, though named .png"),
        "notes.txt": (b"no picture", "not a picture in a format that is read"),
        "a picture.pdf": (b"%PDF-1.7", "not a picture in a format that is read"),
        "vast.png": (bomb(40_000), "too many pixels"),
        "moving.gif": (stored(gradient(), "GIF", save_all=True, append_images=[gradient().rotate(90)]),
                       "animated GIF; export one frame of it as a picture"),
    }  # fmt: skip
    for name, (data, _) in about.items():
        (folder / name).write_bytes(data)
    reasons = {name: reason for name, (_, reason) in about.items()}
    (folder / "link.jpg").symlink_to(folder / "000.jpg")
    (folder / "link to a folder").symlink_to("/")
    (folder / "dangling.jpg").symlink_to(folder / "nowhere")
    reasons |= dict.fromkeys(
        ("link.jpg", "link to a folder", "dangling.jpg"), "a link; links are not followed"
    )
    os.mkfifo(folder / "pipe.jpg")
    reasons["pipe.jpg"] = "not a regular file"
    with socket.socket(socket.AF_UNIX) as door, contextlib.chdir(folder):
        door.bind("door.jpg")
    reasons["door.jpg"] = "not a regular file"
    (folder / "a folder.jpg").mkdir()
    good = [' "quo\'ted"\n<b>new line.jpg', "sp ace.jpg", os.fsdecode(b"not utf8 \xff\xfe.jpg"), "-dash.jpg",
            "a folder.jpg/inside.jpg"]  # fmt: skip
    for number, name in enumerate(good):
        toys.photograph(70 + number).save(folder / name, "JPEG", quality=95)
    toys.photograph(80).convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    ramp = np.asarray(toys.photograph(81).convert("L"), np.uint16) * 257
    Image.fromarray(ramp).save(folder / "deep.png")
    toys.photograph(82).save(folder / "really a png.jpg", "PNG")
    locked = folder / "locked.jpg"
    toys.photograph(83).save(locked)
    locked.chmod(0)
    if os.geteuid():
        reasons["locked.jpg"] = "cannot be read (Permission denied)"
    (tmp_path / "squares.toml").write_text('[compose]\nlayout = "square"\nsize = 64\n')

    app = Typer()
    app.command()(prepare)
    out = tmp_path / "out"
    words = [str(folder), str(out), "--recipe", str(tmp_path / "squares.toml"), "--workers", "1"]
    for _ in range(2):  # what was decided is decided
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        assert "Traceback" not in result.output
    lines = {line["name"]: line for line in Lines(out / "manifest/read.jsonl")}
    aside = {name: line["reason"] for name, line in lines.items() if line["decision"] == "aside"}
    assert set(aside) == set(reasons)
    assert [name for name, reason in aside.items() if not reason.startswith(reasons[name])] == []
    assert set(lines) >= {*good, "cmyk.jpg", "deep.png", "really a png.jpg"}
    assert lines["really a png.jpg"]["notes"] == ["named .jpg, but it is PNG"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<b>new line" not in page
    for name in [*good, *reasons]:
        told = CliRunner().invoke(app, [*words, f"--explain={name}"])
        assert told.exit_code == 0, told.output
        assert "\n<b>" not in told.output
        assert ("aside" if name in reasons else "kept") in told.output


@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_heif_is_turned_once(turn: int) -> None:
    register_heif_opener()
    lying = gradient()
    for step in {3: [3], 6: [2], 8: [4]}.get(turn, []):
        lying = lying.transpose(Image.Transpose(step))
    exif = Image.Exif()
    exif[0x0112] = turn
    photograph = decode(stored(lying, "HEIF", exif=exif.tobytes(), quality=95), ".heic", LIMITS, 256)
    assert (photograph.format, photograph.width, photograph.height) == ("HEIF", 200, 100)
    assert close(photograph.pixels, gradient(), 4)


def test_heif_of_more_than_eight_bits_is_reduced() -> None:
    register_heif_opener()
    deep = np.dstack([np.asarray(channel, np.uint16) * 257 for channel in gradient().split()])
    data = io.BytesIO()
    heif = from_bytes("RGB;16", (200, 100), deep.tobytes())
    heif.save(data, format="HEIF", quality=95)
    assert close(decode(data.getvalue(), ".heic", LIMITS, 256).pixels, gradient(), 4)
