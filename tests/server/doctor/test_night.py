"""The last night: what journals that were really written, closed, cut off and damaged say of it."""

from dataclasses import replace
from pathlib import Path

import pytest

import server
from server.config import load_rig
from server.doctor.finding import Level
from server.doctor.night import Tonight, judge, look, tonight
from server.monitor.wiring import unpatched
from server.night.journalfile import Beat, Closed, Header, line_of
from server.night.restore import CRASHES, FORGOTTEN_AFTER, Starts, digest
from show_control.show import Show
from show_control.showfile import parse_show

SHOW = 'safe = { walk = { still = 4 } }\n[[cue]]\nnumber = "1"\nname = "One"\n'
BEGUN = Header("a", False, 0, 10.0, 1_800_000_000.0, digest(SHOW), "the rig")
LAST = 1_800_000_005.0
ALIVE = Beat(0, 15.0, LAST)
ENDED = Closed(0, 20.0, 1_800_000_010.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journal").mkdir()
    return tmp_path / "journal"


def put(folder: Path, *lines: bytes) -> None:
    (folder / "000001.jsonl").write_bytes(b"".join(lines))


def make(text: str, now: float) -> Show:
    return Show(parse_show(text, "toy.toml"), now)


SOON = Tonight(SHOW, "the rig", make, LAST + 60.0)


def told(
    folder: Path, marrow_runs: bool = False, begun: Tonight | None = SOON
) -> list[tuple[Level, str, str]]:
    return [(finding.level, finding.what, finding.do) for finding in judge(look(folder, begun), marrow_runs)]


def test_no_night_yet(tmp_path: Path) -> None:
    [(level, what, _)] = told(tmp_path / "nowhere")
    assert level is Level.OK
    assert "no journal of a night yet" in what
    assert list(tmp_path.iterdir()) == []


def test_a_night_that_ended_as_it_should(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ENDED))
    [(level, what, _)] = told(folder)
    assert level is Level.OK
    assert "January 2027" not in what  # a day and a time are enough
    assert "ended as it should" in what


def test_a_night_that_was_cut_off_is_a_note_with_the_way_to_begin_anew(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ALIVE))
    [(level, what, do)] = told(folder)
    assert level is Level.NOTE
    assert "did not end as it should" in what
    assert "Marrow goes on from there, held." in what
    assert "marrow run --fresh" in do


@pytest.mark.parametrize(
    ("begun", "words"),
    [
        (replace(SOON, wall=LAST + 20 * 3600.0), "The last night was cut off, 20 hours ago."),
        (replace(SOON, wall=LAST + FORGOTTEN_AFTER + 1.0), "The last night was cut off, 12 hours ago."),
        (replace(SOON, config="another"), "cut off, and the config has changed since."),
        (replace(SOON, text=SHOW + "# new"), "cut off, and the show file has changed since."),
    ],
)
def test_a_night_that_is_not_gone_on_with_says_why(folder: Path, begun: Tonight, words: str) -> None:
    put(folder, line_of(BEGUN), line_of(ALIVE))
    [(level, what, do)] = told(folder, begun=begun)
    assert level is Level.NOTE
    assert f"{words} The show starts at its first cue." in what
    assert "goes on from there" not in what
    assert "GO TO" in do


def test_a_show_that_dies_again_and_again_starts_at_its_first_cue(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ALIVE))
    for nth in range(CRASHES):
        Starts(folder / "starts.json").begun(LAST + nth)
    [(_, what, _)] = told(folder)
    assert (
        f"The show process died {CRASHES} times within 2 minutes. The show starts at its first cue." in what
    )


def test_without_a_show_file_that_can_be_played_nothing_is_promised(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ALIVE))
    [(level, what, do)] = told(folder, begun=None)
    assert level is Level.NOTE
    assert "the show file cannot be played" in what
    assert "look again" in do


def test_what_marrow_would_be_started_with_is_what_the_rig_names() -> None:
    config = Path(server.__file__).parent.parent / "config.toml"
    rig = load_rig(config)
    show_file = parse_show(rig.show.read_text(encoding="utf-8"), rig.show.name)
    begun = tonight(config, rig, show_file, LAST)
    assert begun.text == rig.show.read_text(encoding="utf-8")
    assert begun.config == digest(unpatched(config.read_text(encoding="utf-8")))
    assert begun.make(begun.text, 5.0).file.cues.every.keys() == show_file.cues.every.keys()


def test_a_night_that_is_being_played_has_no_end_to_speak_of(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ALIVE))
    [(level, what, _)] = told(folder, marrow_runs=True)
    assert level is Level.OK
    assert "is being written" in what


def test_damage_is_a_note_with_the_place(folder: Path) -> None:
    put(folder, line_of(BEGUN), b"junk\n", line_of(ENDED)[:20])
    *_, (level, what, _) = told(folder)
    assert level is Level.NOTE
    assert "000001.jsonl line 2" in what
    assert "and 1 more" in what
