"""The cue editor under fingers, in a Chromium, on a copy of the project's show."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.static.conftest import ROOT, House, Visit

SIZES = [(1024, 768), (390, 844)]
SIDEWAYS = [(844, 390), (740, 360), (667, 375)]  # phones


class Workshop(House):
    """A house whose show file is its own, to be written to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.show = folder / "dinner.toml"
        shipped = ROOT / "show_control/shows/dinner.toml"
        shutil.copy(shipped, self.show)
        config = folder / "config.toml"
        config.write_text(config.read_text().replace(str(shipped), str(self.show)))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    house = Workshop(tmp_path_factory.mktemp("workshop"))
    house.start()
    yield house
    house.stop()


@pytest.fixture
def workshop(house: Workshop) -> Iterator[Workshop]:
    """Nothing runs, the desk is in edit mode, and there is no draft, before a test and after it."""

    def tidy() -> None:
        house.command("desk", mode="edit")
        house.command("stop")
        house.command("revert")

    tidy()
    yield house
    tidy()


def cue(page: Page, number: str) -> Locator:
    return page.locator(f'#list li[data-number="{number}"]')


def numbers(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "#list li", "items => items.map(item => item.dataset.number)"
    )
    return found


def choose(page: Page, number: str) -> None:
    """Touch a cue, its group being open."""
    if page.locator("body").get_attribute("data-pane") == "cue" and page.locator("#to-list").is_visible():
        page.tap("#to-list")
    group = number.rpartition(".")[0]
    if group and not cue(page, number).count():
        cue(page, group).locator(".fold").tap()
    cue(page, number).locator(".name").tap()
    expect(page.locator("#form .title")).to_contain_text(number)


def field(page: Page, key: str) -> Locator:
    return page.locator(f'.field[data-key="{key}"]')


def write(page: Page, key: str, words: str) -> None:
    control = field(page, key).locator("input, textarea").first
    control.tap()
    control.fill(words)
    control.press("Tab")


def drafted(page: Page, count: int) -> None:
    expect(page.locator("#changes")).to_have_text(f"SAVE… {count}")


def hold(page: Page) -> Callable[[], None]:
    """The page does not learn what the show file has become, until the result is called."""
    held: list[Route] = []
    free = False

    def answer(route: Route) -> None:
        if free:
            route.continue_()
        else:
            held.append(route)

    def let_go() -> None:
        nonlocal free
        free = True
        for route in held:
            route.continue_()

    page.route("**/api/show", answer)
    return let_go


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_cue_is_edited_shown_as_a_difference_and_saved(
    workshop: Workshop, visit: Visit, width: int, height: int
) -> None:
    before = workshop.show.read_text()
    page = visit("/editor", width, height)
    choose(page, "11")
    write(page, "name", f"The very end {width}")
    drafted(page, 1)
    assert workshop.show.read_text() == before
    page.tap("#changes")
    expect(page.locator("#diff .sentences li")).to_contain_text("Cue 11: name was")
    expect(page.locator('#diff [data-mark="+"]')).to_contain_text(f'+ name = "The very end {width}"')
    expect(page.locator('#diff [data-mark="+"] b')).to_have_text("new")
    page.tap("#save")
    expect(page.locator("#changes")).to_have_text("SAVED")
    after = workshop.show.read_text()
    assert [line for line in after.splitlines() if line not in before] == [f'name = "The very end {width}"']
    assert workshop.command("edit", cue="11", key="name", value="The end")
    assert workshop.show.read_text() == before


@pytest.mark.parametrize(("width", "height"), [*SIZES, *SIDEWAYS])
def test_everything_that_is_touched_is_a_fingertip_wide_and_in_sight(
    workshop: Workshop, visit: Visit, width: int, height: int
) -> None:
    page = visit("/editor", width, height)
    choose(page, "2.1")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea")]
            .filter((one) => one.offsetParent)
            .map((one) => [one.id || one.className || one.tagName, one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44 || box.left < 0 || box.right > innerWidth)
            .map(([name, box]) => `${name} ${box.width} x ${box.height} at ${box.left}`)"""
    )
    assert small == []
    tiny = page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((one) => one.offsetParent && one.innerText)
            .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 14)
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert tiny == []


@pytest.mark.parametrize(("width", "height"), SIDEWAYS)
@pytest.mark.parametrize("number", ["2", "2.1"])
def test_on_a_phone_held_sideways_the_form_has_most_of_the_cue(
    workshop: Workshop, visit: Visit, width: int, height: int, number: str
) -> None:
    page = visit("/editor", width, height)
    choose(page, number)
    box, form, picture = (page.locator(one).bounding_box() for one in ("#cue", "#form", "#stage canvas"))
    assert box is not None
    assert form is not None
    assert picture is not None
    assert form["height"] > 0.4 * box["height"]
    assert picture["y"] >= box["y"]
    assert picture["y"] + picture["height"] <= form["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_the_server_says_against_it_stands_at_the_field(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "11")
    write(page, "pre_wait", "long")
    expect(field(page, "pre_wait").locator(".wrong")).to_contain_text("expected a number from 0 to 3600")
    expect(field(page, "pre_wait").locator("input")).to_have_value("long")
    write(page, "pre_wait", "1,5")
    expect(field(page, "pre_wait").locator(".wrong")).to_be_hidden()
    drafted(page, 1)
    write(page, "number", "3")
    expect(field(page, "number").locator(".wrong")).to_contain_text("there is a cue 3 already")


def test_undo_and_redo_by_hand_and_by_keyboard(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "12")
    write(page, "notes", "Open the doors.")
    drafted(page, 1)
    page.tap("#undo")
    expect(page.locator("#changes")).to_have_text("SAVED")
    page.tap("#redo")
    drafted(page, 1)
    page.locator("#list .name").first.focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#changes")).to_have_text("SAVED")
    page.keyboard.press("Control+Shift+z")
    drafted(page, 1)


def test_a_cue_is_dragged_behind_another_and_moved_by_buttons(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    expect(cue(page, "12")).to_be_visible()
    grip, target = cue(page, "12").locator(".grip"), cue(page, "11")
    start, end = grip.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 20, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, end["y"] + 8, steps=5)
    expect(cue(page, "11")).to_have_attribute("data-drop", "before")
    page.mouse.up()
    expect(cue(page, "10.9")).to_be_visible()
    assert numbers(page)[-2:] == ["10.9", "11"]
    page.tap("#down")
    expect(cue(page, "12")).to_be_visible()
    assert numbers(page)[-2:] == ["11", "12"]
    expect(cue(page, "12").locator(".name")).to_have_attribute("aria-current", "true")
    page.tap("#up")
    expect(cue(page, "12")).to_have_count(0)


def test_a_cue_is_dragged_by_touch_into_a_group(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor", 390, 844)
    expect(cue(page, "12")).to_be_visible()
    touch = page.context.new_cdp_session(page)
    start, end = cue(page, "12").locator(".grip").bounding_box(), cue(page, "10").bounding_box()
    assert start is not None
    assert end is not None
    x, y, goal = start["x"] + 20, start["y"] + 20, end["y"] + end["height"] / 2
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for share in (0.3, 0.6, 1.0):
        point = {"x": x, "y": y + share * (goal - y)}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    expect(cue(page, "10")).to_have_attribute("data-drop", "into")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(cue(page, "10.9")).to_be_visible()
    expect(cue(page, "10.9")).to_contain_text("House light")


def test_cues_are_selected_grouped_and_ungrouped(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    page.tap("#select")
    cue(page, "11").locator(".grip").tap()
    cue(page, "12").locator(".grip").tap()
    page.locator("#group", has_text="GROUP 2").tap()
    expect(cue(page, "11")).to_have_class("group")
    cue(page, "11").locator(".fold").tap()
    expect(cue(page, "11.2")).to_contain_text("House light")
    choose(page, "11")
    page.tap("#ungroup")
    expect(cue(page, "11.2")).to_be_visible()
    expect(cue(page, "11")).to_have_count(0)
    page.tap("#undo")
    page.tap("#undo")
    expect(page.locator("#changes")).to_have_text("SAVED")


def test_a_cue_of_every_kind_is_made_and_a_kind_becomes_another(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "12")
    kinds = page.locator("#kinds .choices b").all_inner_texts()
    assert len(kinds) == 13
    for count, kind in enumerate(kinds, 1):
        page.tap("#new")
        page.locator("#kinds .choices button", has=page.get_by_text(kind, exact=True)).tap()
        expect(page.locator("#form .title")).to_contain_text(f"New {kind}")
        drafted(page, count)
    field(page, "kind").locator("select").select_option("wait")
    expect(field(page, "seconds").locator("input")).to_have_value("5")
    field(page, "kind").locator("select").select_option("look")
    expect(page.locator(".slide").first).to_be_visible()
    expect(page.locator(".wrong:visible")).to_have_count(0)


def test_a_cue_is_duplicated_counted_through_and_deleted(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "11")
    page.tap("#duplicate")
    expect(page.locator("#form .title")).to_contain_text("11.5 The end")
    page.tap("#count")
    expect(cue(page, "13")).to_contain_text("House light")
    choose(page, "12")
    page.tap("#delete")
    expect(cue(page, "12")).to_have_count(0)
    assert numbers(page)[-2:] == ["11", "13"]


def test_the_slider_of_a_look_that_is_on_stage_moves_the_picture_at_once(
    workshop: Workshop, visit: Visit
) -> None:
    page = visit("/editor")
    choose(page, "12")
    page.tap("#fire")
    expect(page.locator("#onstage")).to_contain_text("sliders are seen at once")
    psi = page.locator('.slide[data-part="psi"] input')
    psi.scroll_into_view_if_needed()
    expect(page.locator('.slide[data-part="psi"]')).to_have_class("slide kept")
    box = psi.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2, steps=4)
    workshop.until(lambda state: state["look"]["parts"]["psi"] < 0.4)
    expect(page.locator("#changes")).to_have_text("SAVED")
    page.mouse.up()
    drafted(page, 1)
    expect(page.locator('.slide[data-part="psi"]')).to_have_class("slide")
    workshop.until(lambda state: not state["look"]["changed"])
    page.locator('.slide[data-part="psi"] .keep').tap()
    expect(page.locator("#changes")).to_have_text("SAVED")


def test_walks_drives_sends_and_fades_are_fields_as_well(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "11")
    walk = field(page, "look").locator(".walk").first
    walk.locator("select").select_option("loop")
    walk.get_by_label("points").fill("home, 12, sand")
    walk.get_by_label("points").press("Tab")
    drafted(page, 1)
    field(page, "drive").locator(".more").tap()
    drafted(page, 2)
    send = field(page, "send").locator(".line").nth(1)
    send.get_by_label("Values").fill('72, 100, "on"')
    send.get_by_label("Values").press("Tab")
    drafted(page, 3)
    field(page, "fade").locator(".line").first.get_by_label("Fade").fill("4")
    field(page, "fade").locator(".line").first.get_by_label("Fade").press("Tab")
    drafted(page, 4)
    assert workshop.command("commit")
    text = workshop.show.read_text()
    assert 'walk = { loop = ["home", 12, "sand"], seconds = 60 }' in text
    assert 'args = [72, 100, "on"]' in text
    assert "fade = { master = 4, default = 6 }" in text
    for _ in range(4):
        assert workshop.command("undo")


def test_what_is_typed_stays_where_it_is_typed_while_the_form_grows(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "11")
    let_go = hold(page)
    with page.expect_request("**/api/show"):
        field(page, "drive").locator(".more").tap()
    values = field(page, "send").locator(".line").nth(1).get_by_label("Values")
    values.focus()
    values.select_text()
    let_go()
    drafted(page, 1)
    expect(field(page, "drive").locator(".line")).to_have_count(1)  # the form is another
    page.keyboard.insert_text('72, 100, "on"')
    expect(values).to_have_value('72, 100, "on"')
    values.press("Tab")
    drafted(page, 2)


def test_a_look_that_another_page_changes_is_seen(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "12")
    for psi in (0.4, 0.6):  # the second changes neither the cue list nor whether there is a draft
        assert workshop.command("edit", cue="12", key="look.psi", value=psi, draft=True)
        expect(page.locator('.slide[data-part="psi"] input')).to_have_value(str(psi))
    drafted(page, 1)


def test_what_is_saved_is_what_the_difference_shows(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "11")
    write(page, "notes", "Slowly.")
    drafted(page, 1)
    field(page, "name").locator("input").fill("The last word")
    page.tap("#changes")  # with words that were not handed over yet
    sentences = page.locator("#diff .sentences")
    expect(sentences).to_contain_text('name was "The end", and is "The last word"')
    assert workshop.command("edit", cue="12", key="look.psi", value=0.4, draft=True)
    expect(sentences).to_contain_text("Cue 12: look.psi")

    let_go = hold(page)  # the page does not learn of what comes now
    before = workshop.show.read_text()
    assert workshop.command("edit", cue="12", key="look.psi", value=0.7, draft=True)
    page.tap("#save")
    expect(page.locator("#refusal")).to_contain_text("changed since the difference was shown")
    assert workshop.show.read_text() == before
    let_go()
    expect(page.locator('.field[data-key="name"] input')).to_have_value("The last word")
    page.tap("#changes")
    page.tap("#save")
    expect(page.locator("#changes")).to_have_text("SAVED")
    after = workshop.show.read_text()
    assert "The last word" in after
    assert "psi = 0.7" in after
    for _ in range(4):
        assert workshop.command("undo")
    assert workshop.show.read_text() == before


def test_what_is_refused_is_seen_before_any_difference(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "11")
    write(page, "notes", "Slowly.")
    drafted(page, 1)
    field(page, "number").locator("input").fill("3")
    page.evaluate("document.querySelector('#changes').click()")
    expect(field(page, "number").locator(".wrong")).to_contain_text("there is a cue 3 already")
    expect(page.locator("#diff")).to_be_hidden()
    page.tap("#changes")
    expect(page.locator("#diff")).to_be_visible()


def test_in_show_mode_it_says_so_and_changes_nothing(workshop: Workshop, visit: Visit) -> None:
    page = visit("/editor")
    choose(page, "11")
    workshop.command("desk", mode="show")
    expect(page.locator("#shut")).to_contain_text("SHOW mode: the cues can be read, not changed")
    expect(page.locator("#shut")).to_contain_text("not put on stage from here")
    for selector in (
        "#new",
        "#delete",
        "#up",
        "#duplicate",
        "#select",
        "#goto",
        "#fire",
        '.field[data-key="name"] input',
        ".slide input >> nth=0",
    ):
        expect(page.locator(selector)).to_be_disabled()
    choose(page, "12")
    expect(field(page, "name").locator("input")).to_have_value("House light")
    workshop.command("desk", mode="rehearsal")
    expect(page.locator("#shut")).to_be_hidden()
    expect(field(page, "name").locator("input")).to_be_enabled()
    expect(page.locator("#goto")).to_be_enabled()
    expect(page.locator("#fire")).to_be_enabled()


def test_what_another_page_changes_is_seen_and_what_is_being_typed_stays(
    workshop: Workshop, visit: Visit
) -> None:
    page = visit("/editor")
    choose(page, "11")
    notes = field(page, "notes").locator("textarea")
    notes.tap()
    notes.fill("I am still ty")
    workshop.command("edit", cue="12", key="name", value="All the light", draft=True)
    expect(cue(page, "12")).to_contain_text("All the light")
    expect(notes).to_have_value("I am still ty")
    expect(notes).to_be_focused()
    notes.press("Tab")  # and what was typed before the other change is handed over
    drafted(page, 2)
    expect(notes).to_have_value("I am still ty")
    number = field(page, "number").locator("input")
    number.fill("3")
    workshop.command("edit", cue="12", key="name", value="No light", draft=True)
    expect(cue(page, "12")).to_contain_text("No light")
    number.press("Tab")
    expect(field(page, "number").locator(".wrong")).to_contain_text("there is a cue 3 already")
