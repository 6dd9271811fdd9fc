"""A night from its journal: what happened then happens again, at the same times, in the same pictures."""

from dataclasses import replace
from pathlib import Path

import pytest

from server.night.journalfile import read
from server.night.restore import rebuild
from server.rehearsal.cast import Perfect
from server.rehearsal.film import pictures
from server.rehearsal.log import Entry
from server.rehearsal.performance import Performance
from server.rehearsal.replay import DIFFERS, Replay, ReplayError, shifts
from server.rehearsal.room import Room
from show_control.events import Adopt, Go, Goto, Note, Panic, Preload, Reset, Speech
from show_control.show import Show
from show_control.showfile import parse_show
from tests.server.rehearsal.night import BOOT, Writer, crashed_night, whole_night
from tests.server.rehearsal.small_show import SMALL, lines_of, small


def entries_of(replay: Replay) -> list[Entry]:
    return [entry for moment in replay.moments() for entry in moment.entries]


def without_start(entries: list[Entry]) -> list[str]:
    return [str(entry) for entry in entries if entry.what != "adopt"]


def perfect_log() -> list[str]:
    file = small()
    performance = Performance(file, Room(Perfect(file.guests)))
    return [str(entry) for moment in performance.moments() for entry in moment.entries]


def test_a_night_is_the_log_of_its_performance(tmp_path: Path) -> None:
    whole_night(tmp_path, SMALL)
    again = Replay(read(tmp_path))
    assert without_start(entries_of(again)) == perfect_log()
    assert again.began == BOOT


def test_a_crash_in_between_is_said_and_takes_no_time(tmp_path: Path) -> None:
    crashed_night(tmp_path, SMALL, at=9.0, gone=4.2)
    entries = entries_of(Replay(read(tmp_path)))
    restarted = [entry for entry in entries if entry.what == "restarted"]
    assert [(entry.at, entry.words) for entry in restarted] == [(9.0, "the show process was gone for 4.2 s")]
    entries.remove(restarted[0])
    assert without_start(entries) == perfect_log()


def test_the_end_of_a_replay_is_what_a_restart_would_rebuild(tmp_path: Path) -> None:
    crashed_night(tmp_path, SMALL, at=13.3, gone=2.0)
    reading = read(tmp_path)
    again = Replay(reading)
    entries_of(again)
    file = small()
    rebuilt = rebuild(lambda begun: Show(file, begun, again.file.networks), reading.sessions, again.ends)
    assert again.show.snapshot() == rebuilt.snapshot()
    assert again.show.status(again.ends) == rebuilt.status(again.ends)


def test_the_same_pictures_are_due_at_the_same_ticks(tmp_path: Path) -> None:
    whole_night(tmp_path, SMALL)
    reading = read(tmp_path)
    first = Replay(reading)
    frames = list(pictures(first, 24, first.ends))
    second = Replay(reading)
    assert frames == list(pictures(second, 24, second.ends))
    # On the night the renderer painted at the ticks of the clock, not at those of the show's beginning.
    assert frames[0][0] == BOOT
    assert all(pts == round(pts * 24) / 24 for pts, _ in frames)


def test_commands_that_were_refused_are_refused_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path, SMALL)
    writer.start()
    writer.told([(1.0, Go(), ""), (1.1, Go(), "GO refused: only 0.1 s after the last one. Press again.")])
    writer.refused(2.0, "go", "it was pressed 3 s ago", "tablet")
    writer.close(5.0)
    entries = entries_of(Replay(read(tmp_path)))
    assert lines_of(entries, "refused", "differs") == [
        "1.10  refused GO refused: only 0.1 s after the last one. Press again.",
        "2.00  refused go: it was pressed 3 s ago",
    ]
    assert [entry.kind for entry in entries if entry.what == "refused"] == ["show", "tablet"]


def test_an_answer_that_differs_from_the_nights_is_said(tmp_path: Path) -> None:
    writer = Writer(tmp_path, SMALL)
    writer.start()
    writer.told([(1.0, Goto("99"), "")])  # the night says that this was accepted
    writer.close(2.0)
    entries = entries_of(Replay(read(tmp_path)))
    assert [entry.words for entry in entries if entry.what == "differs"] == [DIFFERS]


def test_another_show_file_is_taken_up_where_it_was(tmp_path: Path) -> None:
    writer = Writer(tmp_path, SMALL)
    writer.start()
    writer.told([(1.0, Adopt(SMALL.replace('name = "Hall"', 'name = "Foyer"')), ""), (2.0, Go(), "")])
    writer.close(4.0)
    entries = entries_of(Replay(read(tmp_path)))
    assert "2.00 1 act Foyer" in lines_of(entries, "act")


def test_a_network_of_the_rig_can_be_asked_for_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path, SMALL)
    writer.start()
    writer.told([(1.0, Preload("sea"), "")])
    writer.close(2.0)
    assert "differs" not in {entry.what for entry in entries_of(Replay(read(tmp_path)))}


def test_panic_notes_and_talk_are_in_the_log(tmp_path: Path) -> None:
    writer = Writer(tmp_path, SMALL)
    writer.start()
    writer.told([(1.0, Note("the lamp\nflickers"), ""), (2.0, Speech("dad", "hm", False), "")])
    writer.told([(3.0, Panic(), "")])
    writer.close(4.0)
    assert lines_of(entries_of(Replay(read(tmp_path))), "note", "heard", "panic") == [
        "1.00  note the lamp flickers",
        '2.00  heard dad "hm"',
        "3.00  panic",
    ]


def test_a_reset_is_played_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path, SMALL)
    writer.start()
    writer.told([(1.0, Go(), ""), (3.0, Reset(), ""), (4.0, Go(), "")])
    writer.close(5.0)
    again = Replay(read(tmp_path))
    entries = entries_of(again)
    assert [line.split()[0] for line in lines_of(entries, "act")] == ["1.00", "4.00"]
    assert lines_of(entries, "reset") == ["3.00  reset"]
    assert "differs" not in {entry.what for entry in entries}


def test_an_earlier_night_can_be_had(tmp_path: Path) -> None:
    for name in ("First", "Second", "Third"):
        writer = Writer(tmp_path, SMALL.replace('title = "Small"', f'title = "{name}"'))
        writer.start()
        writer.close(1.0)
    titles = [Replay(read(tmp_path, back)).file.title for back in range(3)]
    assert titles == ["Third", "Second", "First"]
    assert read(tmp_path, 3).sessions == ()


def test_a_journal_that_cannot_be_played_says_why(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="empty"):
        Replay(read(tmp_path))
    writer = Writer(tmp_path, SMALL)
    writer.start(continues=True)
    writer.told([(1.0, Go(), "")])
    with pytest.raises(ReplayError, match="does not hold the show file"):
        Replay(read(tmp_path))
    other = Writer(tmp_path / "other", "this = is = no show")
    other.start()
    with pytest.raises(ReplayError, match="not TOML"):
        Replay(read(tmp_path / "other"))


def test_sessions_follow_each_other_without_the_time_between(tmp_path: Path) -> None:
    crashed_night(tmp_path, SMALL, at=9.0, gone=1000.0, boot=100.0)
    sessions = read(tmp_path).sessions
    assert shifts(sessions) == [0.0, BOOT + 9.0 - 100.0]
    assert shifts([replace(sessions[0])]) == [0.0]
    assert shifts([]) == []


def test_a_night_is_a_recording_of_its_speech(tmp_path: Path) -> None:
    from server.rehearsal.recording import load

    whole_night(tmp_path, SMALL)
    plan = load(tmp_path)
    assert {type(event).__name__ for _, event in plan} == {"Speech", "Control"}
    file = parse_show(SMALL, "small.toml")
    assert plan[0][0] > 2.0
    assert file.guests
