"""Pages and fonts."""

from pathlib import Path

import pytest

from server.doctor.finding import Level
from server.doctor.fonts import Fonts, judge, look

NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>'


SHEET = """
body { font: 17px/1.35 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: red; }
h1 { font: italic 400 clamp(48px, 9vw, 96px)/1.05 Georgia, "Liberation Serif", serif }
code { font-family: ui-monospace, Menlo, monospace; } p { font-size: 13px; font-weight: 600; font: inherit; }
"""


def test_the_style_sheets_say_which_fonts_they_ask_for(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(SHEET)
    assert look(tmp_path).stacks == (("Segoe UI", "Noto Sans"), ("Georgia", "Liberation Serif"), ("Menlo",))


def test_our_own_pages_ask_for_some() -> None:
    assert any("Liberation Sans" in stack for stack in look().stacks)


def test_all_pages_are_there() -> None:
    assert look().missing == ()


def test_an_installation_without_pages_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    finding, *_ = judge(look(tmp_path))
    assert finding.level is Level.PROBLEM
    assert "operator, projector, table" in finding.what


def test_a_machine_without_fonts_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fonts.conf").write_text(NO_FONTS)
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    found = look()
    assert found.installed == frozenset()
    _, finding = judge(found)
    assert finding.level is Level.NOTE
    assert "no fonts" in finding.what


def test_a_machine_that_does_not_tell_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [finding.level for finding in judge(look())] == [Level.OK]


def test_one_font_of_each_row_is_enough() -> None:
    stacks = (("Georgia", "Liberation Serif"), ("Menlo", "Consolas"))
    *_, finding = judge(Fonts((), stacks, frozenset({"liberation serif", "consolas"})))
    assert finding.level is Level.OK
    *_, finding = judge(Fonts((), stacks, frozenset({"georgia"})))
    assert finding.level is Level.NOTE
    assert "Menlo, Consolas" in finding.what
