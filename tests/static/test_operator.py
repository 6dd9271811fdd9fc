"""The operator's page: what it shows, what it sends, and what it never sends."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from server.desk import LATE_AFTER
from show_control.actions import Line
from show_control.showfile import parse_show

SIZES = [(1024, 768), (768, 1024), (390, 844), (844, 390), (1920, 1080)]
ROOT = Path(__file__).parent.parent.parent
SHOW = parse_show((ROOT / "show_control/shows/dinner.toml").read_text(), "dinner.toml")
CUES = tuple(SHOW.cues)
SECOND, THIRD, FOURTH = CUES[1:4]
LINES = [cue.action for cue in SECOND.cues if isinstance(cue.action, Line)]


def ready(page: Page) -> Page:
    expect(page.locator("#go b")).to_have_text("GO")
    return page


def press_twice(page: Page) -> None:
    """Two fingers at once: sooner after each other than taps from here can be."""
    page.evaluate(
        """() => {
            const go = document.querySelector("#go");
            const press = () => go.dispatchEvent(new PointerEvent("pointerdown", { button: 0 }));
            press();
            press();
        }"""
    )


def on_stage(page: Page, number: str) -> None:
    expect(page.locator("#now .cue b")).to_have_text(number)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_go_is_a_third_of_the_screen_and_nothing_is_too_small(
    visit: Any, tmp_path: Path, width: int, height: int
) -> None:
    page = ready(visit("/operator", width, height))
    expect(page.locator("#wait .words")).to_have_text(LINES[0].text)
    page.screenshot(path=tmp_path / "operator.png")
    go = page.locator("#go").bounding_box()
    assert go["width"] * go["height"] >= width * height / 3
    for box in page.locator("button:visible, [role=slider]").evaluate_all(
        "all => all.map(e => [e.id || e.innerText, e.offsetWidth, e.offsetHeight])"
    ):
        assert min(box[1:]) >= 44, box
    for name in ("#take", "#skip", "#more"):
        box = page.locator(name).bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert 0 <= box["y"] <= box["y"] + box["height"] <= height
    panic = page.locator("#panic").bounding_box()
    assert go["y"] - (panic["y"] + panic["height"]) > height / 4
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_shows_the_show(visit: Any) -> None:
    page = ready(visit("/operator"))
    on_stage(page, SECOND.number)
    expect(page.locator("#now .cue span")).to_have_text(SECOND.name)
    expect(page.locator("#next .cue")).to_have_text(f"{THIRD.number} {THIRD.name}")
    expect(page.locator("#next .notes")).to_have_text(THIRD.notes)
    expect(page.locator("#cues li")).to_have_count(len(CUES))
    expect(page.locator("#cues [aria-current=step] .name")).to_have_text(SECOND.name)
    expect(page.locator("#cues [data-standby=true] .mark")).to_have_text("STANDBY")
    expect(page.locator("#renderer")).to_have_text("picture running")
    expect(page.locator("#figures")).to_have_text(re.compile(r"frames a second · last frame \d+\.\d s ago"))
    expect(page.locator("#preview")).to_have_attribute("data-fresh", "true")


def test_go_moves_on_and_the_fade_counts_down(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#go")
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    house.command("goto", cue=THIRD.number)
    on_stage(page, THIRD.number)
    expect(page.locator("#now > .bar p")).to_have_text(re.compile(r"fade: \d+(\.\d)? s of \d+(\.\d)? s left"))


def test_go_names_the_cue_that_it_shows_and_its_moment(visit: Any, house: Any) -> None:
    sent: list[dict[str, Any]] = []

    def listen(socket: WebSocket) -> None:
        if socket.url.endswith("/ws/operator"):
            socket.on("framesent", lambda text: sent.append(json.loads(text)))

    page = visit("/operator", before=lambda page: page.on("websocket", listen))
    ready(page)
    before = house.state()["now"]
    page.keyboard.press(" ")
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    (message,) = sent
    at = message.pop("at")
    assert before - LATE_AFTER < at <= house.state()["now"]
    assert {**message, "id": ""} == {"type": "command", "id": "", "name": "go", "standby": THIRD.number}


def test_two_quick_gos_are_one_and_a_sentence(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    press_twice(page)
    expect(page.locator("#refusal")).to_contain_text("GO refused")
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    assert house.state()["standby"]["number"] == FOURTH.number


def test_a_refusal_from_elsewhere_is_seen(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    assert not house.command("go", standby="99")
    expect(page.locator("#refusal")).to_contain_text("99")


def test_a_go_pressed_offline_is_never_sent(visit: Any, house: Any, tmp_path: Path) -> None:
    page = ready(visit("/operator", 390, 844))
    before = house.state()
    house.freeze()
    try:
        expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
        expect(page.locator("#link")).to_contain_text("NOT CONNECTED")
        assert page.locator("#go").evaluate("e => e.scrollWidth <= e.clientWidth")
        grey = page.locator("#go").evaluate("e => getComputedStyle(e).backgroundColor")
        page.tap("#go")
        page.keyboard.press(" ")
        expect(page.locator("#refusal")).to_contain_text("will not be sent later")
        page.screenshot(path=tmp_path / "not-connected.png")
    finally:
        house.thaw()
    ready(page)
    assert page.locator("#go").evaluate("e => getComputedStyle(e).backgroundColor") != grey
    page.locator("#cues li", has_text=FOURTH.name).locator(
        "button"
    ).tap()  # whatever was queued came before this
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    after = house.state()
    assert after["current"] == before["current"]
    assert after["event"] == before["event"] + 1


def test_a_go_that_a_stalled_network_delivers_late_is_refused(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    before = house.state()
    house.freeze()
    try:
        page.tap("#go")  # the page cannot know yet: it goes out
        expect(page.locator("#refusal")).to_contain_text("No answer to GO")
        expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
        page.wait_for_timeout(1000 * LATE_AFTER)
    finally:
        house.thaw()
    expect(page.locator("#refusal")).to_contain_text("GO refused: it was pressed")
    ready(page)
    after = house.state()
    assert after["current"] == before["current"]
    assert after["standby"] == before["standby"]


def test_a_touch_in_the_list_stands_a_cue_by(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.locator("#cues button").nth(3).tap()
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    assert house.state()["current"]["number"] == SECOND.number


def test_back_hold_and_resume(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#back")
    on_stage(page, CUES[0].number)
    page.tap("#hold")
    expect(page.locator("#hold")).to_contain_text("RESUME")
    expect(page.locator("#go b")).to_have_text("HELD")
    assert house.state()["mode"] == "held"
    page.tap("#hold")
    expect(page.locator("#hold")).to_contain_text("HOLD")
    ready(page)


def test_panic_and_its_ways_out(visit: Any, house: Any, tmp_path: Path) -> None:
    page = ready(visit("/operator"))
    page.tap("#panic")
    expect(page.locator("#go b")).to_have_text("PANIC")
    expect(page.locator("#panic")).to_contain_text("AGAIN: CUT")
    page.screenshot(path=tmp_path / "panic.png")
    page.tap("#go")
    expect(page.locator("#refusal")).to_contain_text("refused")
    page.tap("#resume-panic")
    ready(page)
    on_stage(page, SECOND.number)

    page.keyboard.press("Escape")
    expect(page.locator("#go b")).to_have_text("PANIC")
    page.tap("#goto-standby")
    ready(page)
    on_stage(page, THIRD.number)
    assert house.state()["mode"] == "running"


def test_blackout(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#blackout")
    expect(page.locator("#blackout")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#blackout")).to_contain_text("LIGHT UP")
    assert house.state()["blackout"] is True
    page.tap("#blackout")
    expect(page.locator("#blackout")).to_have_attribute("aria-pressed", "false")


def test_the_master_moves_with_the_finger_and_never_jumps(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    master = page.locator("#master")
    expect(master).to_have_attribute("aria-valuenow", "100")
    box = master.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    page.mouse.down()
    page.mouse.up()
    expect(master).to_have_attribute("aria-valuenow", "100")
    page.mouse.down()
    page.mouse.move(box["x"] - box["width"] / 4, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(master).to_have_attribute("aria-valuenow", "50")
    assert house.until(lambda state: abs(state["master"] - 0.5) < 0.02)
    house.command("master", value=0.8)
    expect(master).to_have_attribute("aria-valuenow", "80")


def test_nothing_zooms_scrolls_or_selects(visit: Any) -> None:
    page = ready(visit("/operator", 390, 844))
    style = page.evaluate(
        "(({touchAction, userSelect}) => [touchAction, userSelect])(getComputedStyle(document.body))"
    )
    assert style == ["none", "none"]
    for x, y in ((200, 700), (201, 702)):
        page.touchscreen.tap(x, y)
    assert page.evaluate("visualViewport.scale") == 1
    assert page.evaluate("String(getSelection())") == ""


def test_a_network_that_is_not_ready_is_told_in_words(visit: Any) -> None:
    """The state as it would be while the networks of the cue on stage and of the next one are not there."""

    def doctored(text: str) -> str:
        message = json.loads(text)
        match message["type"]:
            case "cues":
                for cue in message["cues"]:
                    cue["network"] = {SECOND.number: "sea", THIRD.number: "fire"}.get(cue["number"], "main")
            case "state":
                message["renderer"]["networks"]["sea"] = {"state": "loading", "note": "", "fraction": 0.4}
                message["troubles"] = {THIRD.number: "fire.safetensors: no such file"}
        return json.dumps(message)

    def between(socket: Any) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: socket.send(doctored(text)))

    page = visit("/operator")
    page.route_web_socket("**/ws/operator", between)
    page.reload()
    ready(page)
    expect(page.locator("#now > .bar p")).to_contain_text("loading the network sea, 40 %")
    expect(page.locator("#next .network")).to_have_text("no network fire: fire.safetensors: no such file")
    expect(page.locator("#cues [data-standby=true] .mark")).to_have_text("STANDBY · NO NETWORK")
    expect(page.locator("#cues .trouble")).to_have_count(1)


def test_nothing_is_said_of_networks_that_are_there(visit: Any) -> None:
    page = ready(visit("/operator"))
    expect(page.locator("#next .network")).to_be_hidden()
    expect(page.locator("#cues .trouble")).to_have_count(0)


# --- the script ---------------------------------------------------------------------------------------------


def speaks(page: Page, seat: str) -> None:
    expect(page.locator("#wait h2")).to_have_text(f"{seat} says")


def test_the_line_its_progress_and_the_next_one(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    speaks(page, "mom")
    expect(page.locator("#wait .words")).to_have_text(LINES[0].text)
    expect(page.locator("#wait .then")).to_have_text(f"then dad: {LINES[1].text}")
    expect(page.locator("#wait .said")).to_have_count(0)
    assert house.event("/mid-speech", ["mom", "sit everyone"])
    expect(page.locator("#wait .said")).to_have_count(2)


def test_take_and_skip(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    speaks(page, "mom")
    page.tap("#take")
    speaks(page, "dad")
    page.tap("#skip")
    speaks(page, "brother")


def test_take_frees_an_ear_and_nothing_is_left_to_skip(visit: Any, house: Any) -> None:
    house.command("goto", cue="1")
    page = ready(visit("/operator"))
    expect(page.locator("#wait h2")).to_contain_text("in the ear: mom, dad")
    expect(page.locator("#skip")).to_be_hidden()
    page.tap("#take")
    expect(page.locator("#wait")).to_be_hidden()


def test_what_runs_is_drawn_with_its_time(visit: Any, house: Any) -> None:
    house.command("goto", cue="4")
    page = ready(visit("/operator"))
    bars = page.locator("#running li")
    expect(bars.filter(has_text="Pouring")).to_have_text(re.compile(r"\d+ s · Pouring"))
    expect(bars.filter(has_text="Losing count")).to_have_text(re.compile(r"in \d+ s · Losing count"))
    expect(bars).to_have_count(3)


def test_one_cue_is_stopped_and_then_all(visit: Any, house: Any) -> None:
    house.command("goto", cue="4")
    page = ready(visit("/operator"))
    page.tap("#more")
    page.get_by_role("button", name="STOP 4.1.1").tap()
    state = house.until(lambda state: all(run["number"] != "4.1.1" for run in state["running"]))
    assert state["running"]
    page.tap("#stop-all")
    house.until(lambda state: not state["running"])
    expect(page.locator("#stops li")).to_have_count(0)


def test_a_failure_is_told(visit: Any, house: Any) -> None:
    """The state as it is when a player has not answered."""
    told = {"failed": {"serial": 1, "number": "1.3", "reason": "mom's player never answered to hall-mom.wav"}}
    later: list[dict[str, Any]] = []
    page = doctored(visit, lambda: later[-1] if later else {"failed": None})
    ready(page)
    later.append(told)
    expect(page.locator("#refusal")).to_have_text("Cue 1.3: mom's player never answered to hall-mom.wav.")


# --- the drawer ---------------------------------------------------------------------------------------------


def doctored(
    visit: Any, change: Callable[[], dict[str, Any]], sent: list[dict[str, Any]] | None = None
) -> Page:
    """The operator's page, with `change()` in every state; what it sends goes to `sent` alone."""

    def down(text: str) -> str:
        message = json.loads(text)
        return json.dumps({**message, **(change() if message["type"] == "state" else {})})

    def between(socket: Any) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: socket.send(down(text)))

        def up(text: str) -> None:
            if sent is None:
                server.send(text)
            else:
                sent.append(json.loads(text))
                socket.send(json.dumps({"type": "reply", "id": sent[-1]["id"], "ok": True, "reason": ""}))

        socket.on_message(up)

    page = visit("/operator", before=lambda page: page.route_web_socket("**/ws/operator", between))
    assert isinstance(page, Page)
    return page


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_drawer_opens_within_reach_and_leaves_panic_and_go(
    visit: Any, tmp_path: Path, width: int, height: int
) -> None:
    page = ready(visit("/operator", width, height))
    page.tap("#more")
    expect(page.locator("#more")).to_have_attribute("aria-expanded", "true")
    page.screenshot(path=tmp_path / "drawer.png")
    drawer = page.locator("#drawer").bounding_box()
    for name in ("#panic", "#blackout", "#go", "#more", "#hold"):
        box = page.locator(name).bounding_box()
        beside = box["x"] >= drawer["x"] + drawer["width"] or box["x"] + box["width"] <= drawer["x"]
        assert beside or box["y"] >= drawer["y"] + drawer["height"] or box["y"] + box["height"] <= drawer["y"]
    page.locator("#reset").scroll_into_view_if_needed()
    expect(page.locator("#reset")).to_be_in_viewport(ratio=1)
    for box in page.locator("#drawer :is(button, input):visible").evaluate_all(
        "all => all.map(e => [e.id || e.innerText, e.offsetWidth, e.offsetHeight])"
    ):
        assert min(box[1:]) >= 44, box
    page.tap("#more")
    expect(page.locator("#drawer")).to_be_hidden()


def test_the_desk_mode_is_switched(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#more")
    try:
        page.get_by_role("radio", name="SHOW").tap()
        expect(page.get_by_role("radio", name="SHOW")).to_be_checked()
        expect(page.locator("#mode")).to_have_text("show")
        assert house.state()["desk"] == "show"
    finally:
        house.command("desk", mode="edit")
    expect(page.get_by_role("radio", name="EDIT")).to_be_checked()


def test_a_note_is_kept_and_its_keys_are_no_commands(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, dict, sent))
    page.tap("#more")
    page.tap("#note input")
    page.keyboard.type("the sister laughed, and it fits")
    page.keyboard.press("Enter")
    expect(page.locator("#refusal")).to_have_text("Noted.")
    expect(page.locator("#note input")).to_have_value("")
    assert [(one["name"], one["text"]) for one in sent] == [("note", "the sister laughed, and it fits")]


def test_reset_has_to_be_held_down(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, dict, sent))
    page.tap("#more")
    page.locator("#reset").scroll_into_view_if_needed()
    page.tap("#reset")
    box = page.locator("#reset").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.wait_for_function("Number(document.querySelector('#reset').style.getPropertyValue('--held')) > 0.3")
    page.mouse.up()
    page.wait_for_function("document.querySelector('#reset').style.getPropertyValue('--held') === '0'")
    assert sent == []
    page.mouse.down()
    expect(page.locator("#refusal")).to_contain_text("Reset")
    page.mouse.up()
    assert [one["name"] for one in sent] == ["reset"]


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844), (844, 390)])
def test_a_show_that_came_back_says_so_until_it_goes_on(
    visit: Any, house: Any, tmp_path: Path, width: int, height: int
) -> None:
    back = {"at": "2026-11-21T21:04:11+00:00", "seconds_lost": 0.4, "why": "Its process had ended."}
    page = doctored(visit, lambda: {"restored": back})
    page.set_viewport_size({"width": width, "height": height})
    ready(page)
    expect(page.locator("#restored")).to_be_hidden()
    house.command("hold")
    expect(page.locator("#restored")).to_contain_text("0.4 s lost. Its process had ended.")
    page.screenshot(path=tmp_path / "restored.png")
    banner, panic = page.locator("#restored").bounding_box(), page.locator("#panic").bounding_box()
    assert banner is not None
    assert panic is not None
    assert banner["y"] >= panic["y"] + panic["height"] or banner["x"] >= panic["x"] + panic["width"]
    page.tap("#resume-restored")
    ready(page)
    expect(page.locator("#restored")).to_be_hidden()


def test_what_is_not_saved_is_saved_or_undone(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, lambda: {"draft": True, "desk": "rehearsal"}, sent))
    expect(page.locator("#mode")).to_have_text("rehearsal, not saved")
    page.tap("#more")
    page.tap("#commit")
    page.tap("#revert")
    assert [one["name"] for one in sent] == ["commit", "revert"]


def test_nothing_is_said_of_a_draft_or_a_journal_that_are_well(visit: Any) -> None:
    page = ready(doctored(visit, lambda: {"draft": False, "journal": {"ok": True, "words": ""}}))
    page.tap("#more")
    expect(page.locator("#draft")).to_be_hidden()
    expect(page.locator("#journal")).to_be_hidden()


def test_a_journal_in_trouble_is_told_above_all(visit: Any) -> None:
    words = "the disk is full: this night is not kept"
    page = ready(doctored(visit, lambda: {"journal": {"ok": False, "words": words}}))
    expect(page.locator("#journal")).to_have_text(words)


def test_a_server_that_tells_less_is_drawn(visit: Any) -> None:
    """Fields that not every server has may be missing."""

    def down(text: str) -> str:
        message = json.loads(text)
        for field in ("restored", "draft", "journal"):
            message.pop(field, None)
        return json.dumps(message)

    def between(socket: Any) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: socket.send(down(text)))

    page = visit("/operator", before=lambda page: page.route_web_socket("**/ws/operator", between))
    ready(page)
    expect(page.locator("#journal")).to_be_hidden()
    expect(page.locator("#restored")).to_be_hidden()
