"""The journal's lines: what is whole is read, whatever happened to the rest."""

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.night.journalfile import Beat, Damaged, Entry, Header, Line, line_of, parse_line, read
from show_control.events import Control, Event, Go, Goto, Panic, Take

HEADER = Header("a", False, 0, 10.0, 1000.0, "s" * 64, "c" * 64)
EVENTS: tuple[Event, ...] = (Go("1"), Control("plate.mom", 0.25), Take(), Goto("é\ud800"), Panic())
ENTRIES = tuple(Entry(n, 10.0 + n, 1000.0 + n, "page", event, n) for n, event in enumerate(EVENTS, 1))
LINES: tuple[Line, ...] = (HEADER, *ENTRIES[:3], Beat(3, 14.0, 1004.0), *ENTRIES[3:])
NIGHT = b"".join(line_of(line) for line in LINES)


def put(folder: Path, *segments: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for number, data in enumerate(segments, 1):
        (folder / f"{number:06}.jsonl").write_bytes(data)
    return folder


@pytest.mark.parametrize("line", [*LINES, Entry(6, 1.5, 2.0, "osc", None, 0, "no such cue", "goto")])
def test_a_line_survives(line: Line) -> None:
    assert parse_line(line_of(line).removesuffix(b"\n")) == line


def test_a_night_is_read_as_it_was_written(tmp_path: Path) -> None:
    reading = read(put(tmp_path, NIGHT))
    (session,) = reading.sessions
    assert session.header == HEADER
    assert session.entries == ENTRIES
    assert session.last == 15.0
    assert reading.n == 5
    assert reading.problems == ()


def test_torn_off_at_any_byte_every_whole_line_is_read(tmp_path: Path) -> None:
    for length in range(len(NIGHT) + 1):
        reading = read(put(tmp_path, NIGHT[:length]))
        whole = NIGHT[:length].count(b"\n")
        entries = [entry for session in reading.sessions for entry in session.entries]
        assert entries == [line for line in LINES[:whole] if isinstance(line, Entry)]
        assert bool(reading.problems) == (length > 0 and not NIGHT[:length].endswith(b"\n"))


@given(st.integers(0, len(NIGHT) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed_and_costs_its_line_or_two(at: int, change: int) -> None:
    data = bytearray(NIGHT)
    data[at] ^= change
    lines = bytes(data).split(b"\n")
    whole = []
    for line in lines:
        try:
            whole.append(parse_line(line))
        except Damaged:
            continue
    assert all(line in LINES for line in whole)
    assert len(LINES) - 2 <= len(whole) < len(LINES)


def test_a_damaged_line_in_the_middle_is_named_with_what_is_missing(tmp_path: Path) -> None:
    lines = NIGHT.splitlines(keepends=True)
    lines[2] = lines[2].replace(b"0.25", b"0.35")
    reading = read(put(tmp_path, b"".join(lines)))
    assert [entry.n for entry in reading.sessions[0].entries] == [1, 3, 4, 5]
    assert reading.problems == (
        "000001.jsonl line 3: its checksum does not fit; left out",
        "000001.jsonl line 4: entries 2 to 2 are missing before it",
    )


def test_only_the_last_night_is_read(tmp_path: Path) -> None:
    other = line_of(Header("b", False, 0, 5.0, 2000.0, "", "")) + line_of(Entry(1, 6.0, 2001.0, "page", Go()))
    reading = read(put(tmp_path, NIGHT, other))
    assert [session.header.session for session in reading.sessions] == ["b"]


def test_a_night_goes_on_over_segments_and_restarts(tmp_path: Path) -> None:
    cut = NIGHT.index(line_of(ENTRIES[2]))
    full = line_of(Header("a", True, 2, 12.5, 1002.5, "", ""))
    restart = line_of(Header("b", True, 5, 3.0, 2000.0, "", "")) + line_of(
        Entry(6, 4.0, 2001.0, "page", Go())
    )
    reading = read(put(tmp_path, NIGHT[:cut], full + NIGHT[cut:], restart))
    assert [entry.n for session in reading.sessions for entry in session.entries] == [1, 2, 3, 4, 5, 6]
    assert [session.last for session in reading.sessions] == [15.0, 4.0]
    assert reading.problems == ()


def test_what_was_written_twice_after_a_fault_counts_once(tmp_path: Path) -> None:
    again = line_of(Header("a", True, 3, 16.0, 1002.5, "", "")) + b"".join(map(line_of, ENTRIES[3:]))
    assert read(put(tmp_path, NIGHT, again)).sessions[0].entries == ENTRIES


def test_a_missing_beginning_is_said(tmp_path: Path) -> None:
    reading = read(put(tmp_path, line_of(Header("b", True, 5, 3.0, 2000.0, "", ""))))
    assert reading.problems == ("000001.jsonl line 1: entries 1 to 5 are missing before it",)


def test_an_empty_folder_and_a_missing_one_have_no_night(tmp_path: Path) -> None:
    assert read(tmp_path).sessions == read(tmp_path / "none").sessions == ()


def test_another_format_is_said(tmp_path: Path) -> None:
    line = b'{"format":"marrow journal 9","now":1,"wall":"2026-01-01T00:00:00+00:00"}'
    reading = read(put(tmp_path, line[:-1] + b',"crc":"%08x"}\n' % zlib.crc32(line)))
    assert reading.problems == (
        '000001.jsonl line 1: expected the format "marrow journal 1", found "marrow journal 9"; left out',
    )
