"""The film of a performance: which picture is due when, what is painted, and what the file then holds."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from models.checkpoint import CheckpointError
from server.rehearsal.cast import Perfect
from server.rehearsal.encoder import Encoder, FilmError, Frame
from server.rehearsal.film import Painter, length, pictures
from server.rehearsal.performance import Performance
from server.rehearsal.room import Room
from show_control.look import MAIN, Look
from show_control.showfile import ShowFile
from tests.server.rehearsal.small_show import cue, show_of, small


def performance(file: ShowFile) -> Performance:
    return Performance(file, Room(Perfect(file.guests)), networks=(MAIN, *file.networks))


# which picture, when


def test_every_tick_has_its_picture_and_what_happens_at_a_tick_is_in_it() -> None:
    frames = list(pictures(performance(small()), 4, 5.0))
    assert [pts for pts, _ in frames] == [tick / 4 for tick in range(21)]
    assert length(performance(small()), 4, 5.0) == 21
    cues = [snapshot.cue for _, snapshot in frames]
    assert cues == [""] * 8 + ["1"] * 13  # GO is at 2.0 s


def test_what_happens_between_two_ticks_is_in_the_second() -> None:
    file = show_of(cue("1", "memo", "follow = 0.1"), cue("2", "memo"))
    cues = [(pts, snapshot.cue) for pts, snapshot in pictures(performance(file), 4, 2.5)]
    assert cues[7:] == [(1.75, ""), (2.0, "1"), (2.25, "2"), (2.5, "2")]


def test_a_film_may_end_before_or_after_all_that_happens() -> None:
    everything = performance(small())
    for _ in everything.moments():
        pass
    assert everything.outcome is not None
    end = everything.outcome.at
    frames = list(pictures(performance(small()), 10, end))
    assert len(frames) == length(performance(small()), 10, end)
    assert frames[-1][0] <= end < frames[-1][0] + 0.1
    assert frames[-1][1].cue == "7"


# what is painted


@dataclass
class Plain:
    """A generator of one grey, which refuses looks that are too bright."""

    grey: int
    size: int = 8
    most: float = 2.0
    device: str = "cpu"
    backend: str = "plain"
    why: str = ""

    def warm_up(self, batch: int, bent_at: Sequence[str]) -> None:
        raise AssertionError("nothing has to be warm for a film")

    def synthesize(self, looks: Sequence[Look]) -> npt.NDArray[np.uint8]:
        if looks[0].psi > self.most:
            raise ValueError(f"psi {looks[0].psi:g} is too much")
        return np.full((len(looks), self.size, self.size, 3), self.grey, np.uint8)


TWO = """
[show]
title = "Two"
[safe]
walk = { still = 1 }
"""
TO_SEA = cue("1", "look", "fade = 1.0", 'curve = "linear"', 'look = { network = "sea" }')


def painter(
    rig: dict[str, Plain | Exception], said: list[str] | None = None, size: int = 8
) -> tuple[Painter, list[str]]:
    loaded: list[str] = []

    def load(name: str) -> Plain:
        loaded.append(name)
        found = rig[name]
        if isinstance(found, Exception):
            raise found
        return found

    return Painter(load, size, 0.0, (said if said is not None else []).append), loaded


def test_two_networks_are_blended_by_their_shares_and_loaded_once() -> None:
    paint, loaded = painter({MAIN: Plain(0), "sea": Plain(200)})
    greys = [
        int(paint.paint(snapshot, pts)[0, 0, 0])
        for pts, snapshot in pictures(performance(show_of(TO_SEA, head=TWO)), 4, 3.0)
    ]
    assert greys[:9] == [0] * 9
    assert 0 < greys[9] < greys[10] < greys[11] < 200
    assert greys[10] == 100
    assert greys[12] == 200
    assert loaded == [MAIN, "sea"]


def test_networks_of_two_sizes_are_shown_at_one() -> None:
    paint, _ = painter({MAIN: Plain(0, 8), "sea": Plain(200, 16)}, size=16)
    frames = [
        paint.paint(snapshot, pts)
        for pts, snapshot in pictures(performance(show_of(TO_SEA, head=TWO)), 4, 3.0)
    ]
    assert {frame.shape for frame in frames} == {(16, 16, 3)}


@pytest.mark.parametrize("fault", [CheckpointError("torn"), OSError("gone"), MemoryError("full")])
def test_a_network_that_is_lost_is_said_once_and_the_picture_goes_on(fault: Exception) -> None:
    said: list[str] = []
    paint, loaded = painter({MAIN: Plain(90), "sea": fault}, said)
    for pts, snapshot in pictures(performance(show_of(TO_SEA, head=TWO)), 4, 4.0):
        assert paint.paint(snapshot, pts)[0, 0, 0] == 90
    assert loaded == [MAIN, "sea"]
    assert said == [f"The network sea is left out: {fault}"]


def test_a_look_that_is_refused_leaves_the_one_before() -> None:
    said: list[str] = []
    bright = cue("1", "look", "fade = 0.5", "look = { psi = 1.4 }")
    paint, _ = painter({MAIN: Plain(90, most=1.0)}, said)
    for pts, snapshot in pictures(performance(show_of(bright, head=TWO)), 4, 4.0):
        assert paint.paint(snapshot, pts)[0, 0, 0] == 90
    assert said[0].startswith("From 2.")
    assert said[0].endswith("a look is refused: psi 1.4 is too much") or "psi 1." in said[0]


def test_a_first_look_that_is_refused_is_no_film() -> None:
    paint, _ = painter({MAIN: Plain(90, most=0.0)})
    pts, snapshot = next(pictures(performance(show_of(TO_SEA, head=TWO)), 4, 4.0))
    with pytest.raises(ValueError, match="too much"):
        paint.paint(snapshot, pts)


# what the file holds


def probe(film: Path) -> dict[str, str]:
    """What ffprobe counts in a film."""
    shown = "stream=codec_name,width,height,r_frame_rate,nb_read_frames"
    words = ("ffprobe", "-v", "error", "-count_frames", "-show_entries", shown, "-of", "json", str(film))
    stream = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)["streams"]
    assert len(stream) == 1
    return {key: str(value) for key, value in stream[0].items()}


def frames_of(film: Path, size: int) -> npt.NDArray[np.uint8]:
    """Every frame of a film, (n, size, size, 3)."""
    words = ("ffmpeg", "-v", "error", "-i", str(film), "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    raw = subprocess.run(words, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, size, size, 3)


def noisy(count: int, size: int = 32) -> list[Frame]:
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (size, size, 3), dtype=np.uint8) for _ in range(count)]


def test_a_film_for_work_has_every_pixel(tmp_path: Path) -> None:
    film, frames = tmp_path / "film.mkv", noisy(7)
    with Encoder(film, 32, 32, 24) as encoder:
        for frame in frames:
            encoder.write(frame)
    assert np.array_equal(frames_of(film, 32), np.stack(frames))
    assert probe(film)["codec_name"] == "ffv1"
    assert [path.name for path in tmp_path.iterdir()] == ["film.mkv"]


@pytest.mark.parametrize("name", ["film.mp4", "film.mov"])
def test_a_film_for_players_has_its_size_and_its_frames(tmp_path: Path, name: str) -> None:
    film = tmp_path / name
    with Encoder(film, 32, 96, 30) as encoder:
        for grey in (0, 60, 120, 180, 240):
            encoder.write(np.full((32, 32, 3), grey, np.uint8))
    facts = probe(film)
    assert facts == {
        "codec_name": "h264",
        "width": "96",
        "height": "96",
        "r_frame_rate": "30/1",
        "nb_read_frames": "5",
    }
    greys = frames_of(film, 96).mean(axis=(1, 2, 3))
    assert np.abs(greys - [0, 60, 120, 180, 240]).max() < 4


def test_what_was_painted_before_a_fault_of_ours_is_kept(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"

    def fail_in_the_middle() -> None:
        with Encoder(film, 32, 32, 24) as encoder:
            for frame in noisy(3):
                encoder.write(frame)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_in_the_middle()
    assert probe(film)["nb_read_frames"] == "3"


def test_a_frame_of_another_size_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 px wide"), Encoder(tmp_path / "a.mkv", 32, 32, 24) as encoder:
        encoder.write(np.zeros((16, 16, 3), np.uint8))


def test_without_ffmpeg_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FilmError, match="needs the program ffmpeg, which is not on the PATH; install it"):
        Encoder(tmp_path / "film.mp4", 32, 32, 24)


def test_what_ffmpeg_cannot_write_is_said_in_its_words(tmp_path: Path) -> None:
    folder = tmp_path / "film.part.mp4"
    folder.mkdir()  # in the place of the file

    def write_for_ever() -> None:
        with Encoder(tmp_path / "film.mp4", 32, 32, 24) as encoder:
            for _ in range(10_000):
                encoder.write(np.zeros((32, 32, 3), np.uint8))

    with pytest.raises(FilmError, match=r"film\.mp4: ffmpeg says: .*[Dd]irectory"):
        write_for_ever()
    assert not (tmp_path / "film.mp4").exists()
