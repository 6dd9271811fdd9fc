"""Frames into a film file, by the ffmpeg program: raw pictures in on its stdin."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

PROGRAM = "ffmpeg"

# What players play: every second pixel's colour is the mean of four.
_H264 = ("-c:v", "libx264", "-preset", "medium", "-crf", "16", "-pix_fmt", "yuv420p")
# Every pixel as it was painted, for those who go on working on it.
_FFV1 = ("-c:v", "ffv1", "-level", "3", "-pix_fmt", "bgr0")
CODECS: Mapping[str, tuple[str, ...]] = {".mp4": _H264, ".mov": _H264, ".mkv": _FFV1}
"""How a file is encoded, by how its name ends."""

Frame = npt.NDArray[np.uint8]
"""(size, size, 3)"""


class FilmError(ValueError):
    """The film cannot be made; the text says why, and what to do."""


def program() -> str:
    """Where ffmpeg is. Raises FilmError."""
    found = shutil.which(PROGRAM)
    if found is None:
        raise FilmError(f"a film needs the program {PROGRAM}, which is not on the PATH; install it")
    return found


def join(parts: Sequence[Path], path: Path) -> None:
    """Films in a row as one, without encoding them again. Raises FilmError."""
    draft = path.with_name(f"{path.stem}.part{path.suffix}")
    lines = "".join("file 'file:{}'\n".format(str(part.absolute()).replace("'", "'\\''")) for part in parts)
    command = (program(), "-hide_banner", "-loglevel", "error", "-y", "-f", "concat", "-safe", "0")
    options = ("-protocol_whitelist", "file,pipe", "-i", "-", "-c", "copy", "-movflags", "+faststart")
    done = subprocess.run(
        (*command, *options, str(draft.absolute())),
        input=lines,
        text=True,
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        raise FilmError(f"{path}: {PROGRAM} says: {(done.stderr.strip().splitlines() or ['nothing'])[-1]}")
    draft.replace(path)


class Encoder:
    """One film of square frames, `painted` pixels wide, shown at `size` (even) and `fps` frames a second.

    The file stands at `path` once it is closed, as long as it has got until then; before, and for good where
    the program fails, it is NAME.part. Raises FilmError.
    """

    def __init__(self, path: Path, painted: int, size: int, fps: int) -> None:
        ffmpeg = program()
        self._path, self._painted = path, painted
        self._draft = path.with_name(f"{path.stem}.part{path.suffix}")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the film
        scale = () if size == painted else ("-vf", f"scale={size}:{size}:flags=lanczos")
        self._process = subprocess.Popen(
            (
                *(ffmpeg, "-hide_banner", "-loglevel", "error", "-y"),
                *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{painted}x{painted}", "-r", str(fps)),
                *("-i", "-", "-an", *scale, *CODECS[path.suffix], str(self._draft.absolute())),
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,  # a Ctrl-C is ours: what has been painted until then is kept
        )

    def write(self, frame: Frame) -> None:
        if frame.shape != (self._painted, self._painted, 3):
            raise ValueError(f"expected a frame {self._painted} px wide, got {frame.shape}")
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(np.ascontiguousarray(frame).data)
        except OSError:
            raise FilmError(f"{self._path}: {self._reason()}") from None

    def close(self) -> None:
        """Finish the file."""
        if self._end() != 0:
            raise FilmError(f"{self._path}: {self._reason()}")
        self._draft.replace(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, FilmError):
                self.close()
        finally:
            self._said.close()

    def _end(self) -> int:
        if self._process.stdin is not None:
            with suppress(OSError):  # it has ended before us, and says why
                self._process.stdin.close()
        return self._process.wait()

    def _reason(self) -> str:
        self._end()
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return f"{PROGRAM} says: {lines[-1]}" if lines else f"{PROGRAM} has ended"
