"""A manifest: appended, torn, agreed with, parted from."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.dataset.prepare.manifest import Lines, Manifest, earlier, encode


def line(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "sha256": name * 2, "parameters": {"digest": "d"}, **more}


def write(folder: Path, *lines: dict[str, Any]) -> bytes:
    with Manifest(folder, "read") as manifest:
        for one in lines:
            manifest.put(one)
    return (folder / "read.jsonl").read_bytes()


def test_lines_come_back_in_order(tmp_path: Path) -> None:
    write(tmp_path, line("a"), line("b", reason="x"))
    assert list(Lines(tmp_path / "read.jsonl")) == [line("a"), line("b", reason="x")]
    assert list(Lines(tmp_path / "none.jsonl")) == []


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_line_is_passed_over_and_written_again(tmp_path: Path, cut: int) -> None:
    whole = write(tmp_path, line("a"), line("b"))
    (tmp_path / "read.jsonl").write_bytes(whole[:-cut])
    assert list(Lines(tmp_path / "read.jsonl")) == [line("a")]
    assert write(tmp_path, line("a"), line("b")) == whole
    assert not (tmp_path / "earlier").exists()


def test_what_was_stopped_stays_as_it_is(tmp_path: Path) -> None:
    whole = write(tmp_path, line("a"), line("b"), line("c"))

    def stopped() -> None:
        with Manifest(tmp_path, "read") as manifest:
            manifest.put(line("a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert (tmp_path / "read.jsonl").read_bytes() == whole


def test_from_where_they_part_old_lines_are_set_aside_and_still_known(tmp_path: Path) -> None:
    old = write(tmp_path, line("a"), line("c"), line("d"))
    with Manifest(tmp_path, "read") as manifest:
        assert [manifest.known((name, name * 2, "d")) for name in "abcd"] == [
            line("a"), None, line("c"), line("d"),
        ]  # fmt: skip
        for name in "abcd":
            manifest.put(line(name))
            assert manifest.known(("d", "dd", "d")) == line("d")
    assert [one["name"] for one in Lines(tmp_path / "read.jsonl")] == list("abcd")
    assert (tmp_path / "earlier/read-0000.jsonl").read_bytes() == old
    write(tmp_path, line("a"))
    assert [one["name"] for one in Lines(tmp_path / "read.jsonl")] == ["a"]
    assert [one["name"] for one in earlier(tmp_path, "read")] == list("acdabcda")
    with Manifest(tmp_path, "read") as manifest:
        assert all(manifest.known((name, name * 2, "d")) == line(name) for name in "abcd")
        manifest.put(line("a"))


def test_names_that_are_no_text_go_through(tmp_path: Path) -> None:
    name = "a\n\"b'\udcff\u00e9"
    write(tmp_path, line(name))
    assert next(iter(Lines(tmp_path / "read.jsonl")))["name"] == name
    assert encode(line(name)).isascii()
    assert encode(line(name)).count(b"\n") == 1
    with pytest.raises(ValueError, match="JSON"):
        encode({"x": float("nan")})
    assert json.loads(encode({"x": 1})) == {"x": 1}
