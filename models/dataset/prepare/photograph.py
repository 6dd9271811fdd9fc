"""A file of unknown make into an upright sRGB picture, or the reason why not. Nothing here follows a link."""

import io
import os
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from models.dataset.prepare.recipe import Read

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF", "JPEG2000", "PPM", "QOI", "HEIF")
"""Those that are decoded without another program, and that say what they are in their first bytes."""

SUFFIXES = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".jfif": "JPEG", ".png": "PNG", ".webp": "WEBP",
    ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".gif": "GIF", ".avif": "AVIF", ".jp2": "JPEG2000",
    ".ppm": "PPM", ".pgm": "PPM", ".qoi": "QOI", ".heic": "HEIF", ".heif": "HEIF",
}  # fmt: skip
MOVING = ("GIF", "PNG", "WEBP", "AVIF", "HEIF")
"""Where more than one frame is an animation; in the others it is a page, and the first is the photograph."""

ORIENTATION = 0x0112
UPRIGHT = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,), 3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,), 5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,), 7: (Image.Transpose.TRANSVERSE,), 8: (Image.Transpose.ROTATE_90,),
}  # fmt: skip
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
REDUCIBLE = ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr", "LAB")


class Unusable(Exception):
    """The file is not taken; the message says why, in a few words."""


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A photograph as every stage sees it."""

    pixels: NDArray[np.uint8]
    """sRGB, shape (h, w, 3), upright, its long side as it was asked for."""
    width: int
    height: int
    """Of the upright original, in pixels."""
    format: str
    notes: tuple[str, ...]
    """What had to be done to it."""

    @property
    def scale(self) -> float:
        """Pixels of the original for one of `pixels`."""
        return self.width / int(self.pixels.shape[1])


def read_file(path: Path, limits: Read) -> bytes:
    """The bytes of a regular file. Raises Unusable."""
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            raise Unusable("a link; links are not followed")
        if not stat.S_ISREG(about.st_mode):
            raise Unusable("not a regular file")
        if about.st_size == 0:
            raise Unusable("empty (0 bytes)")
        if about.st_size > limits.max_megabytes * 1e6:
            raise Unusable(f"too many bytes: {about.st_size / 1e6:.0f} MB, at most {limits.max_megabytes:g}")
        # The file could have become a link or a pipe since.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            return file.read(int(limits.max_megabytes * 1e6))
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None


def decode(data: bytes, suffix: str, limits: Read, longest: int) -> Photograph:
    """A photograph from the bytes of a file, its long side reduced to `longest` pixels. Raises Unusable.

    `suffix` is what its name says it is. The smaller the sooner: a JPEG is decoded at a fraction of its size.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # after a warning a decoder fails, or reads all the same
        try:
            return _decode(data, suffix.lower(), limits, longest)
        except UnidentifiedImageError:
            raise Unusable(_not_a_picture(suffix.lower())) from None
        except Image.DecompressionBombError:
            raise Unusable("too many pixels to be a photograph") from None
        except MemoryError:
            raise Unusable("asks for more memory than there is") from None
        # What a decoder raises on damaged bytes is not one of a few.
        except (OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, AttributeError,
                EOFError, RuntimeError) as error:  # fmt: skip
            raise Unusable(f"damaged or cut short ({_one_line(error)})") from None


def _decode(data: bytes, suffix: str, limits: Read, longest: int) -> Photograph:
    _add_heif()
    notes = []
    with Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in Image.OPEN]) as picture:
        kind = "JPEG" if picture.format == "MPO" else str(picture.format)
        width, height = picture.size
        if width * height > limits.max_megapixels * 1e6:
            raise Unusable(f"too many pixels: {width} x {height}, at most {limits.max_megapixels:g} million")
        if min(width, height) < limits.min_side:
            raise Unusable(f"too small: {width} x {height}, at least {limits.min_side} a side")
        if kind in MOVING and getattr(picture, "is_animated", False):
            raise Unusable(f"animated {kind}; export one frame of it as a picture")
        named = SUFFIXES.get(suffix)
        if named not in (None, kind):
            notes.append(f"named {suffix}, but it is {kind}")
        turn = UPRIGHT.get(_orientation(picture), ())
        small = _reduced(picture, longest, notes)
        small = _to_srgb(small, notes)
    for step in turn:
        small = small.transpose(step)
        notes.append("turned upright")
    if _lies_on_its_side(turn):
        width, height = height, width
    return Photograph(np.array(small), width, height, kind, tuple(notes))


def _lies_on_its_side(turn: tuple[Image.Transpose, ...]) -> bool:
    return bool(turn) and turn[0] in (
        Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    )  # fmt: skip


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except (OSError, ValueError, SyntaxError, TypeError, LookupError):
        return 1  # a damaged EXIF block says nothing


def _reduced(picture: Image.Image, longest: int, notes: list[str]) -> Image.Image:
    """Decoded and reduced, in a mode of 8 bits a channel. JPEG is decoded at a fraction where it can be."""
    profile = picture.info.get("icc_profile")
    if picture.mode not in REDUCIBLE:
        deep = picture.mode.startswith(("I", "F"))
        picture = _eight_bits(picture) if deep else picture.convert("RGBA" if _has_alpha(picture) else "RGB")
        if deep:
            notes.append("reduced to 8 bits a channel")
    # A gap of 1 lets the decoder come as close to the size as it can; the resize behind it is antialiased.
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=1.0)
    picture.load()
    picture.info["icc_profile"] = profile
    return picture


def _has_alpha(picture: Image.Image) -> bool:
    return "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa", "RGBX")


def _eight_bits(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture)
    if picture.mode == "F":
        if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
            raise Unusable("floating point pixels outside 0 to 1")
        return Image.fromarray((values * 255).round().astype(np.uint8))
    # 16 bits, whatever the integer they are kept in.
    return Image.fromarray((values.clip(0, 65535) / 257).round().astype(np.uint8))


def _to_srgb(picture: Image.Image, notes: list[str]) -> Image.Image:
    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    profile = picture.info.get("icc_profile")
    flat = picture.convert({"RGBA": "RGB", "LA": "L"}[picture.mode]) if alpha else picture
    color = _through_profile(flat, profile, notes) if profile else None
    if color is None:
        if flat.mode == "CMYK":
            notes.append("CMYK without a profile; its colours are a guess")
        color = flat.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        notes.append("laid on black where transparent")
        color = Image.composite(color, Image.new("RGB", color.size), alpha)
    return color


def _through_profile(picture: Image.Image, profile: bytes, notes: list[str]) -> Image.Image | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source) and picture.mode == "RGB":
            return None
        converted = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notes.append("its colour profile cannot be used; taken as sRGB")
        return None
    notes.append("colours brought to sRGB")
    return converted


def _not_a_picture(suffix: str) -> str:
    if suffix in (".heic", ".heif") and "HEIF" not in Image.OPEN:
        return "HEIF; install pillow-heif to read it"
    if suffix in SUFFIXES:
        return f"not a picture, though named {suffix}"
    return "not a picture in a format that is read"


def _add_heif() -> None:
    """HEIF, where its decoder is installed."""
    Image.init()
    if "HEIF" in Image.OPEN:
        return
    try:
        from pillow_heif import register_heif_opener  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return
    register_heif_opener()


def _one_line(error: BaseException) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 120 else words[:119] + "…"
