"""The report of a night: times beside a plan, and everything that a crew wants to know the day after."""

import csv
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.__main__ import app
from server.night.journalfile import read
from server.rehearsal.account import Account, Incident, Played, account, compared, planned
from server.rehearsal.replay import ReplayError
from server.rehearsal.report import write
from server.rehearsal.report_page import page
from show_control.events import Go, Hold, Note, Panic, Resume, Skip, Speech
from tests.server.rehearsal.night import WALL, Writer, crashed_night, performed, whole_night
from tests.server.rehearsal.small_show import SMALL, small


def eventful(folder: Path) -> None:
    """A night in which mom is silent, a GO comes twice, and a page is lost."""
    writer = Writer(folder, SMALL)
    writer.start()
    writer.told([(5.0, Go(), ""), (5.2, Go(), "GO refused: only 0.2 s after the last one. Press again.")])
    writer.told([(9.0, Go(), "")])  # the file plays; its player never answers, for 30 s
    writer.remark(20.0, "page lost", "projector main")
    writer.remark(22.5, "page back", "projector main")
    writer.told([(30.0, Note('The <lamp> is "red"'), "")])
    # From 39.5 s on mom is to speak: easier words at 49.5 s, passed over at 59.5 s.
    writer.told([(61.0, Speech("dad", "fish", True), ""), (63.0, Skip(), ""), (70.0, Hold(), "")])
    writer.told([(72.0, Resume(), ""), (73.0, Panic(), "")])
    writer.beat(75.0)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_night_as_planned_is_not_late(tmp_path: Path) -> None:
    whole_night(tmp_path, SMALL)
    told = account(read(tmp_path))
    assert told.title == "Small"
    assert told.closed
    assert told.began == WALL
    assert told.first_go == 2.0
    assert told.incidents == ()
    assert [cue.number for cue in told.cues] == list("1234567")
    for cue in told.cues:
        assert cue.late == pytest.approx(0.0, abs=1e-6)
        assert cue.lasts == pytest.approx(cue.planned_lasts, abs=1e-6)
    assert told.cues[0].at == 0.0
    assert told.cues[2].outcome == "said"
    assert told.cues[3].outcome == "answer: tomato soup"


def test_all_that_did_not_go_as_it_should_is_told_with_its_time(tmp_path: Path) -> None:
    eventful(tmp_path)
    told = account(read(tmp_path))
    assert not told.closed
    assert [(round(one.at, 1), one.kind, one.words) for one in told.incidents] == [
        (0.2, "refused", "GO refused: only 0.2 s after the last one. Press again."),
        (15.0, "page lost", "projector main"),
        (17.5, "page back", "projector main"),
        (25.0, "note", 'The <lamp> is "red"'),
        (34.5, "failed", "cue 2: mom's player never answered to hello.wav"),
        (44.5, "silence", 'cue 3: mom easier "What is it?"'),
        (54.5, "silence", "cue 3: not said"),
        (58.0, "skip", ""),
        (58.0, "silence", "cue 5: not said"),
        (65.0, "hold", ""),
        (68.0, "panic", ""),
    ]
    cues = {cue.number: cue for cue in told.cues}
    assert cues["2"].outcome == "failed: mom's player never answered to hello.wav"
    assert cues["2"].lasts == pytest.approx(30.5)
    assert cues["3"].late == pytest.approx(34.5 - 5.5)
    assert cues["6"].outcome == "stopped"
    assert cues["7"].outcome == "not played"
    assert cues["7"].at is None
    assert cues["7"].planned is not None


def test_a_crash_is_told_and_does_not_make_the_cues_late(tmp_path: Path) -> None:
    crashed_night(tmp_path, SMALL, at=9.0, gone=4.2)
    told = account(read(tmp_path))
    assert told.incidents == (Incident(7.0, "restarted", "the show process was gone for 4.2 s"),)
    assert all(cue.late == pytest.approx(0.0, abs=1e-6) for cue in told.cues)


def test_a_cue_that_is_played_twice_has_two_rows() -> None:
    plan = planned(small())
    once = Played("2", "In the ear", "in-ear", True, at=4.0, lasts=1.5)
    again = Played("2", "In the ear", "in-ear", True, at=60.0, lasts=2.0)
    found = [row for row in compared(plan, (once, again)) if row.number == "2"]
    assert [(row.at, row.planned) for row in found] == [(4.0, 4.0), (60.0, None)]
    assert sum(1 for row in compared(plan, ()) if row.outcome == "not played") == len(plan)


def test_the_tables_say_the_same(tmp_path: Path) -> None:
    eventful(tmp_path / "journal")
    target = write(tmp_path / "journal", tmp_path / "out")
    assert target == tmp_path / "out" / "report.html"
    cues = rows(tmp_path / "out" / "cues.csv")
    assert cues[2] == {
        "number": "3",
        "name": "Mom asks",
        "kind": "line",
        "planned_s": "5.500",
        "true_s": "34.500",
        "late_s": "29.000",
        "planned_lasts_s": "4.100",
        "lasts_s": "20.000",
        "outcome": "not said",
    }
    assert cues[-1]["true_s"] == ""
    incidents = rows(tmp_path / "out" / "incidents.csv")
    assert incidents[3] == {"at_s": "25.000", "kind": "note", "words": 'The <lamp> is "red"'}


class Tags(HTMLParser):
    """Every tag has to be closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.linked: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.linked += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    eventful(tmp_path / "journal")
    text = write(tmp_path / "journal", tmp_path / "out").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []
    assert tags.linked == []
    assert "script" not in tags.seen
    assert "It was cut off." in tags.text
    assert 'The <lamp> is "red"' in tags.text  # written as it was said, and no tag
    assert "<lamp>" not in text
    assert "http" not in text
    # planned and true, and a mark for each thing that happened
    assert tags.seen.count("rect") == 7 + 6
    assert tags.seen.count("circle") == 11
    assert tags.seen.count("tr") == 1 + 11 + 1 + 7


def test_an_empty_night_has_a_page() -> None:
    nothing = Account("Nothing", WALL, 0.0, 0.0, True, (), (), ("line 4: torn off",))
    text = page(nothing)
    assert "Nothing was refused" in text
    assert "The journal: line 4: torn off" in text


@pytest.mark.parametrize("seconds", [0.5, 40.0, 600.0, 20_000.0, 400_000.0])
def test_the_axis_has_a_few_marks_however_long_the_night(seconds: float) -> None:
    row = Played("1", "Hall", "look", True, 0.0, seconds, 0.0, seconds)
    text = page(Account("Long", WALL, seconds, 0.0, True, (row,), (Incident(-3.0, "note", "a"),), ()))
    assert 1 <= text.count("<text") <= 120
    assert "nan" not in text


def test_a_report_is_found_in_the_journals_own_folder(tmp_path: Path) -> None:
    for _ in range(2):
        whole_night(tmp_path, SMALL)
    done = CliRunner().invoke(app, ["report", str(tmp_path), "--night", "1"], catch_exceptions=False)
    assert done.exit_code == 0
    found = list(tmp_path.glob("reports/*/report.html"))
    assert len(found) == 1
    assert done.output.replace("\n", "").endswith(str(found[0]))
    assert read(tmp_path).sessions, "the reports are no part of the journal"


def test_what_cannot_be_reported_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="empty"):
        write(tmp_path)
    done = CliRunner().invoke(app, ["report", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 2
    assert "the journal is empty" in done.output
    assert list(tmp_path.iterdir()) == []


def test_the_plan_is_the_rehearsal() -> None:
    plan = planned(small())
    assert [row.number for row in plan] == list("1234567")
    assert plan[0].at == 0.0
    assert len(performed(SMALL)) > 10
