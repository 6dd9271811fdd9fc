"""Saved clips, read without trust: what is no clip is refused by name, and nothing of it is run."""

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import atlas as atlases
from models.clips import ClipError, SavedClip, add, chains, folders, gap, keys, known_points, points, read

Z_DIM = 16


def saved(folder: Path, start: Any, end: Any, **info: Any) -> Path:
    """A clip as the old rig saved it."""
    folder.mkdir(parents=True)
    np.save(folder / "source.npy", np.asarray(start))
    np.save(folder / "dest.npy", np.asarray(end))
    said = {"name": folder.name, "snapshot": "network-007743.pkl", "steps": 432} | info
    (folder / "info.json").write_text(json.dumps(said))
    return folder


def z(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(seed).standard_normal((1, Z_DIM))


def clip(name: str, start: int, end: int) -> SavedClip:
    return SavedClip(name, Path(name), z(start)[0], z(end)[0], 432, "")


def test_a_clip_is_read_to_the_last_bit(tmp_path: Path) -> None:
    found = read(saved(tmp_path / "apple", z(1), z(2)), Z_DIM)
    assert (found.name, found.steps, found.snapshot) == ("apple", 432, "network-007743.pkl")
    assert found.start.tobytes() == z(1).tobytes()
    assert found.end.tobytes() == z(2).tobytes()


def test_flat_and_float32_arrays_are_clips_too(tmp_path: Path) -> None:
    found = read(saved(tmp_path / "apple", z(1)[0], z(2).astype(np.float32)), Z_DIM)
    assert found.start.tobytes() == z(1).tobytes()
    assert (found.end.dtype, found.end.shape) == (np.float64, (Z_DIM,))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("apple", "apple"),
        ("Water drops 2", "Water_drops_2"),
        ("../../etc", "etc"),
        ("7 seas", "clip_7_seas"),
        ("été", "t"),
        ("", "folder"),
        (None, "folder"),
        ("x" * 200, "x" * 64),
    ],
)
def test_a_clip_has_a_name_that_a_show_can_say(tmp_path: Path, said: object, expected: str) -> None:
    assert read(saved(tmp_path / "folder", z(1), z(2), name=said), Z_DIM).name == expected


class Evil:
    """A pickle that would leave a file behind if anybody opened it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self.mark,))


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    place, mark = saved(tmp_path / "apple", z(1), z(2)), tmp_path / "mark"
    np.save(place / "source.npy", np.array([Evil(mark)], dtype=object), allow_pickle=True)
    with pytest.raises(ClipError, match=r"source\.npy: expected numbers \(float64\), not object"):
        read(place, Z_DIM)
    (place / "source.npy").write_bytes(pickle.dumps(Evil(mark)))
    with pytest.raises(ClipError, match="not an array of NumPy"):
        read(place, Z_DIM)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.zeros((1, 512)), "expected 1 x 16 numbers, the z of this network, not 1 x 512"),
        (np.zeros((2, Z_DIM)), "not 2 x 16"),
        (np.zeros(()), "not a single number"),
        (np.zeros((1, Z_DIM), dtype=np.int64), "expected numbers \\(float64\\), not int64"),
        (np.zeros((1, Z_DIM), dtype=np.complex128), "not complex128"),
        (np.zeros((1, Z_DIM), dtype=[("a", "f8")]), "expected numbers"),
        (np.full((1, Z_DIM), np.nan), "numbers that are none"),
        (np.full((1, Z_DIM), np.inf), "numbers that are none"),
    ],
)
def test_an_array_that_is_no_z_is_refused(tmp_path: Path, array: Any, expected: str) -> None:
    with pytest.raises(ClipError, match=expected):
        read(saved(tmp_path / "apple", array, z(2)), Z_DIM)


def test_a_header_that_promises_more_than_there_is_costs_nothing(tmp_path: Path) -> None:
    place = saved(tmp_path / "apple", z(1), z(2))
    data = (place / "dest.npy").read_bytes()
    promise = data.replace(b"(1, 16), }           ", b"(1, 999999999999), } ", 1)
    assert promise != data
    for content, expected in [
        (promise, "not 1 x 999999999999"),
        (data[:-1], "cut short"),
        (data + b"\0", "longer than it says"),
        (data[:30], "not an array of NumPy"),
        (b"", "not an array of NumPy"),
        (data + bytes(2**20), "over 1 MiB"),
    ]:
        (place / "dest.npy").write_bytes(content)
        with pytest.raises(ClipError, match=expected):
            read(place, Z_DIM)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_a_clip_or_refused(
    tmp_path_factory: pytest.TempPathFactory, a: bytes, b: bytes
) -> None:
    place = saved(tmp_path_factory.mktemp("any") / "apple", z(1), z(2))
    (place / "source.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(a).to_bytes(2, "little") + a + b)
    with pytest.raises(ClipError):
        read(place, Z_DIM)
    (place / "info.json").write_bytes(a)
    with pytest.raises(ClipError):
        read(place, Z_DIM)


@pytest.mark.parametrize(
    "info",
    [{"steps": 1}, {"steps": 10**9}, {"steps": "432"}, {"steps": 2.5}, {"steps": True}, {"steps": None}],
)
def test_steps_are_a_whole_number(tmp_path: Path, info: dict[str, Any]) -> None:
    with pytest.raises(ClipError, match=r"info\.json: steps: expected a whole number from 2 to 100000"):
        read(saved(tmp_path / "apple", z(1), z(2), **info), Z_DIM)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "7", "[" * 100_000, '"\ud800"'.encode("utf-8", "surrogatepass")]
)
def test_an_info_that_is_none_is_refused(tmp_path: Path, text: str | bytes) -> None:
    place = saved(tmp_path / "apple", z(1), z(2))
    (place / "info.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ClipError, match=r"info\.json: "):
        read(place, Z_DIM)


@pytest.mark.parametrize("missing", ["source.npy", "dest.npy", "info.json"])
def test_what_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    place = saved(tmp_path / "apple", z(1), z(2))
    (place / missing).unlink()
    assert folders(tmp_path) == [place]
    with pytest.raises(ClipError, match=f"{missing}: missing; a clip has"):
        read(place, Z_DIM)


def test_folders_come_in_the_order_that_people_count_in(tmp_path: Path) -> None:
    names = ["take1", "take2", "take10", "zoo/a"]
    for name in reversed(names):
        saved(tmp_path / name, z(1), z(2))
    (tmp_path / "empty").mkdir()
    assert folders(tmp_path) == [tmp_path / name for name in names]
    assert folders(tmp_path / "take1") == [tmp_path / "take1"]


def test_a_folder_without_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="no clips in it; a clip is a folder with"):
        folders(tmp_path)
    with pytest.raises(ClipError, match="no such folder"):
        folders(tmp_path / "nowhere")


# how they hang together


def test_clips_that_meet_are_a_chain() -> None:
    drops, apple, clock, sea = (
        clip("drops", 1, 2),
        clip("apple", 2, 3),
        clip("clock", 3, 4),
        clip("sea", 8, 9),
    )
    assert chains([apple, clock, sea, drops]) == [[sea], [drops, apple, clock]]
    assert (gap(drops, apple), gap(clock, sea) > 1.0) == (0.0, True)


def test_a_ring_and_a_fork_have_every_clip_once() -> None:
    ring = [clip("a", 1, 2), clip("b", 2, 3), clip("c", 3, 1)]
    assert chains(ring) == [ring]
    fork = [clip("a", 1, 2), clip("b", 2, 3), clip("c", 2, 4), clip("still", 7, 7)]
    assert chains(fork) == [fork[:2], fork[2:3], fork[3:]]


def test_equal_points_have_one_key() -> None:
    known = {"old.to": z(1)[0], "apple.to": z(9)[0]}
    assert keys(known, [clip("apple", 2, 3), clip("drops", 1, 2), clip("back", 3, 1)]) == {
        "apple": ("@apple.from", "@apple.to"),
        "drops": ("@old.to", "@apple.from"),
        "back": ("@apple.to", "@old.to"),
    }


def test_their_points_are_added_to_the_atlas_as_they_are(tiny: Path, tmp_path: Path) -> None:
    network = Path(shutil.copy(tiny, tmp_path / "net.safetensors"))
    assert known_points(network) == {}
    clips = [clip("drops", 1, 2), clip("apple", 2, 3)]
    assert add(network, clips) == atlases.atlas_path(network)
    again = clip("apple", 2, 5)
    add(network, [again])
    kept = known_points(network)
    assert list(kept) == ["drops.from", "drops.to", "apple.from", "apple.to"]
    for name, numbers in points([clips[0], again]).items():
        assert kept[name].tobytes() == numbers.tobytes()
