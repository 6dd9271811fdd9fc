"""Cues are found, stood by, gone to and fired from the operator's sheets, and notes are written."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from show_control.actions import Line
from show_control.showfile import parse_show
from tests.static.doctored import asked, doctored, hold, ready, sheet
from tests.static.wire import Wire

ROOT = Path(__file__).parent.parent.parent
SHOW = parse_show((ROOT / "show_control/shows/dinner.toml").read_text(), "dinner.toml")
LINE = next(cue for cue in SHOW.cues.every.values() if isinstance(cue.action, Line))


def listed(number: str, name: str, **more: object) -> dict[str, Any]:
    """A cue as the list tells of it."""
    plain = {"number": number, "name": name, "notes": "", "kind": "look", "network": "main", "fade": 2.0}
    return {**plain, "follow": "manual", "cues": [], "who": [], "words": "", **more}


LONG = [
    *(listed(str(n), f"Scene {n}") for n in range(1, 1999)),
    listed("1999", "Crème brûlée", notes="the quiet one"),
    listed(
        "2000",
        "The last dinner",
        kind="group",
        cues=[listed("2000.1", "Mom asks", kind="line", who=["mom"], words="Pass me the salt, please.")],
    ),
]


def test_a_list_of_two_thousand_cues_has_rows_only_where_one_looks(visit: Any) -> None:
    page = sheet(ready(doctored(visit, dict, cues=LONG)), "CUES")
    expect(page.locator("#found")).to_have_text("2001 cues")
    rows = page.locator("#results [role=listitem]")
    expect(rows.first).to_have_attribute("aria-setsize", "2001")
    assert rows.count() < 60
    page.locator("#results").evaluate("list => (list.scrollTop = list.scrollHeight)")
    expect(rows.last).to_contain_text("Mom asks")
    assert rows.count() < 60
    assert page.locator("#cues [role=listitem]").count() < 60


@pytest.mark.parametrize(
    ("text", "first", "count"),
    [
        ("1234", "1234", 1),
        ("199", "199", 12),
        ("2000.1", "2000.1", 1),
        ("creme", "1999", 1),
        ("mom", "2000.1", 1),
        ("salt please", "2000.1", 1),
        ("quiet", "1999", 1),
        ("scene 77", "77", 38),
        ("dinner", "2000", 1),
    ],
)
def test_cues_are_found_by_number_name_guest_and_words(visit: Any, text: str, first: str, count: int) -> None:
    page = sheet(ready(doctored(visit, dict, cues=LONG)), "CUES")
    page.locator("#seek input").fill(text)
    expect(page.locator("#found")).to_have_text(f"{count} fit")
    expect(page.locator("#results button b").first).to_have_text(first)


def longer(count: int, more: int = 0) -> dict[str, Any]:
    """The show's list, with so many cues before it, and before those some more."""
    first = [listed(f"0.{n}", f"New {n}") for n in range(more)]
    before = [listed(f"{1000 + n}", f"Scene {n}") for n in range(count)]
    own = [listed(cue.number, cue.name) for cue in SHOW.cues]
    return {"type": "cues", "title": "Long", "cues": [*first, *before, *own]}


def test_what_stands_by_stays_in_sight_when_the_list_grows(visit: Any) -> None:
    wire = Wire()
    page = ready(visit("/operator", before=wire))
    standby = page.locator("#cues [data-state=standby]")
    expect(standby).to_be_in_viewport()
    for count in (100, 101, 90):
        wire.tell(longer(count))
        expect(page.locator("#cues [role=listitem]").first).to_have_attribute(
            "aria-setsize", str(count + len(SHOW.cues))
        )
        expect(standby).to_be_in_viewport()


def test_a_list_that_grows_does_not_move_under_a_finger(visit: Any) -> None:
    wire = Wire()
    page = ready(visit("/operator", before=wire))
    wire.tell(longer(100))
    cues = page.locator("#cues")
    row = page.locator("#cues button[data-number='1050']")
    cues.dispatch_event("pointerdown")
    cues.evaluate("list => (list.scrollTop = 50 * 54 + 10)")
    expect(row).to_be_in_viewport()
    before = row.bounding_box()
    wire.tell(longer(100, more=7))
    expect(row.locator("..")).to_have_attribute("aria-posinset", "58")
    assert row.bounding_box() == before


def test_another_search_begins_at_the_top(visit: Any) -> None:
    page = sheet(ready(doctored(visit, dict, cues=LONG)), "CUES")
    page.locator("#results").evaluate("list => (list.scrollTop = 1500 * 54)")
    expect(page.locator("#results button[data-number='1502']")).to_be_in_viewport()
    page.locator("#seek input").fill("15")
    expect(page.locator("#results button b").first).to_have_text("15")
    assert page.locator("#results").evaluate("list => list.scrollTop") == 0


def test_a_search_that_fits_nothing_says_so(visit: Any) -> None:
    page = sheet(ready(visit("/operator")), "CUES")
    page.locator("#seek input").fill("zebra")
    expect(page.locator("#found")).to_have_text("nothing fits")
    expect(page.locator("#results [role=listitem]")).to_have_count(0)


def test_the_words_of_a_line_are_the_shows_own(visit: Any) -> None:
    assert isinstance(LINE.action, Line)
    page = sheet(ready(visit("/operator")), "CUES")
    page.locator("#seek input").fill(LINE.action.text[:30])
    expect(page.locator("#results button b").first).to_have_text(LINE.number)


def test_a_cue_that_was_found_stands_by_with_enter_and_a_touch(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = sheet(ready(doctored(visit, dict, sent, cues=LONG)), "CUES")
    page.locator("#seek input").tap()
    page.keyboard.type("1500")
    page.keyboard.press("Enter")
    expect(page.locator("#chosen p")).to_have_text("1500 Scene 1500")
    page.tap("#chosen-standby")
    expect(page.locator("#sheets")).to_be_hidden()
    assert asked(sent) == [{"name": "standby", "cue": "1500"}]


def test_goto_has_to_be_held_down(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = sheet(ready(doctored(visit, dict, sent, cues=LONG)), "CUES")
    page.locator("#seek input").fill("1500")
    page.locator("#results button").first.tap()
    page.tap("#chosen-goto")
    page.wait_for_function("document.querySelector('#chosen-goto').style.getPropertyValue('--held') === '0'")
    assert sent == []
    hold(page, "#chosen-goto", lambda: expect(page.locator("#sheets")).to_be_hidden())
    assert asked(sent) == [{"name": "goto", "cue": "1500"}]


def test_anything_is_fired_in_rehearsal_a_part_of_a_group_too(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = sheet(ready(doctored(visit, lambda: {"desk": "rehearsal"}, sent, cues=LONG)), "CUES")
    page.locator("#seek input").fill("salt")
    page.locator("#results button").first.tap()
    expect(page.locator("#chosen p")).to_have_text("2000.1 Mom asks, part of a group")
    expect(page.locator("#chosen-standby")).to_be_disabled()
    expect(page.locator("#chosen-goto")).to_be_disabled()
    hold(page, "#chosen-fire", lambda: expect(page.locator("#sheets")).to_be_hidden())
    assert asked(sent) == [{"name": "fire", "cue": "2000.1"}]


def test_nothing_is_fired_before_an_audience(visit: Any) -> None:
    page = sheet(ready(doctored(visit, lambda: {"desk": "show"}, [], cues=LONG)), "CUES")
    page.locator("#results button").first.tap()
    expect(page.locator("#chosen-standby")).to_be_enabled()
    expect(page.locator("#chosen-fire")).to_be_disabled()


def test_a_cue_is_really_fired(visit: Any, house: Any) -> None:
    page = sheet(ready(visit("/operator")), "CUES")
    before = house.state()
    page.locator("#seek input").fill("8.7")
    page.locator("#results button").first.tap()
    hold(page, "#chosen-fire", lambda: expect(page.locator("#sheets")).to_be_hidden())
    after = house.until(lambda state: any(run["number"] == "8.7" for run in state["running"]))
    assert (after["current"], after["standby"]) == (before["current"], before["standby"])


def test_the_list_stays_where_a_hand_has_left_it(visit: Any) -> None:
    standing = {"number": "5", "name": "Scene 5", "notes": ""}
    told = {"standby": standing}
    page = ready(doctored(visit, lambda: dict(told), [], cues=LONG))
    cues = page.locator("#cues")
    expect(cues.locator("[data-state=standby] b")).to_have_text("5")
    page.mouse.move(100, 600)
    page.mouse.wheel(0, 3000)
    page.wait_for_function("document.querySelector('#cues').scrollTop > 2000")
    there = cues.evaluate("list => list.scrollTop")
    told["standby"] = {**standing, "number": "900", "name": "Scene 900"}
    expect(page.locator("#next .cue b")).to_have_text("900")
    assert cues.evaluate("list => list.scrollTop") == there


# --- notes --------------------------------------------------------------------------------------------------


def test_a_note_is_kept_and_its_keys_are_no_commands(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = sheet(ready(doctored(visit, lambda: {"notes": 3}, sent)), "NOTE")
    page.tap("#note textarea")
    page.keyboard.type("the sister laughed, and it fits")
    page.keyboard.press("Enter")
    expect(page.locator("#refusal")).to_have_text("Noted.")
    expect(page.locator("#note textarea")).to_have_value("")
    expect(page.locator("#notes li")).to_contain_text("the sister laughed, and it fits")
    expect(page.locator("#notes small")).to_contain_text("2 Dinner is served")
    expect(page.locator("#noted")).to_contain_text("3 notes in this run")
    assert asked(sent) == [{"name": "note", "text": "the sister laughed, and it fits"}]


def test_a_note_that_is_refused_is_not_lost(visit: Any) -> None:
    page = sheet(ready(doctored(visit, dict, [], answer=lambda one: "NOTE refused: no disk.")), "NOTE")
    page.locator("#note textarea").fill("half a thought")
    page.get_by_role("button", name="KEEP").tap()
    expect(page.locator("#refusal")).to_have_text("NOTE refused: no disk.")
    expect(page.locator("#note textarea")).to_have_value("half a thought")
    expect(page.locator("#notes li")).to_have_count(0)
