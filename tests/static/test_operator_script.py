"""What the operator's page tells of the script, of what runs, and of the machine itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from show_control.actions import Line
from show_control.showfile import parse_show
from tests.static.doctored import asked, doctored, ready
from tests.static.wire import Wire, came

ROOT = Path(__file__).parent.parent.parent
SHOW = parse_show((ROOT / "show_control/shows/dinner.toml").read_text(), "dinner.toml")
SECOND, THIRD = tuple(SHOW.cues)[1:3]
LINES = [cue.action for cue in SECOND.cues if isinstance(cue.action, Line)]


def speaks(page: Page, seat: str) -> None:
    expect(page.locator("#wait h2")).to_have_text(re.compile(rf"{seat} says · \d+ of \d+"))


def seen(page: Page) -> Page:
    """What is waited for has been shown for long enough to be taken."""
    expect(page.locator("#wait")).to_be_visible()
    expect(page.locator("#wait")).to_have_attribute("data-seen", "true")
    return page


def test_the_line_its_progress_and_the_next_one(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    speaks(page, "mom")
    expect(page.locator("#wait .words")).to_have_text(LINES[0].text)
    expect(page.locator("#wait .then")).to_have_text(f"then dad: {LINES[1].text}")
    expect(page.locator("#wait .said")).to_have_count(0)
    assert house.event("/mid-speech", ["mom", "sit everyone"])
    expect(page.locator("#wait .said")).to_have_count(2)
    expect(page.locator("#wait h2")).to_have_text(re.compile(r"mom says · 2 of \d+"))


def test_take_and_skip(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    speaks(page, "mom")
    seen(page).tap("#take")
    speaks(page, "dad")
    seen(page).tap("#skip")
    speaks(page, "brother")


@pytest.mark.parametrize("command", ["take", "skip"])
def test_two_tablets_that_take_the_same_line_take_one(visit: Any, house: Any, command: str) -> None:
    page = ready(visit("/operator"))
    speaks(page, "mom")
    number = house.state()["line"]["number"]
    assert house.command(command, cue=number)
    speaks(page, "dad")
    assert not house.command(command, cue=number)
    refusal = f"{command.upper()} refused: it was meant for cue {number}, but"
    expect(page.locator("#refusal")).to_contain_text(refusal)
    speaks(page, "dad")


def test_the_second_of_two_taps_is_not_for_the_line_after(visit: Any, house: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = seen(ready(doctored(visit, dict, sent)))
    number = house.state()["line"]["number"]
    page.locator("#take").dispatch_event("click")
    page.evaluate(
        """() => new MutationObserver((changes, observer) => {
            if (!document.querySelector("#wait h2").textContent.startsWith("dad")) return;
            observer.disconnect();
            document.querySelector("#take").click(); // sooner after it has come than a tap from here can be
        }).observe(document.querySelector("#wait h2"), { childList: true })"""
    )
    assert house.command("take")
    speaks(page, "dad")
    expect(page.locator("#refusal")).to_contain_text("TAKE was not sent")
    assert asked(sent) == [{"name": "take", "cue": number}]
    seen(page).tap("#take")
    second = house.state()["line"]["number"]
    assert asked(came(page, sent, 2))[1:] == [{"name": "take", "cue": second}]


def test_where_nothing_is_waited_for_no_key_takes_what_comes_next(visit: Any, house: Any) -> None:
    sent: list[dict[str, Any]] = []
    house.command("goto", cue="1")
    house.command("take")
    page = ready(doctored(visit, dict, sent))
    expect(page.locator("#wait")).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("#refusal")).to_have_text("Nothing to TAKE: nothing is waited for.")
    page.keyboard.press("s")
    expect(page.locator("#refusal")).to_have_text("Nothing to SKIP: no line is waited for.")
    assert sent == []


def test_take_frees_an_ear_and_nothing_is_left_to_skip(visit: Any, house: Any) -> None:
    house.command("goto", cue="1")
    page = ready(visit("/operator"))
    expect(page.locator("#wait h2")).to_contain_text("in the ear: mom, dad")
    expect(page.locator("#skip")).to_be_hidden()
    expect(page.locator("#ears")).to_have_text(re.compile("in the ears of mom, dad, brother, sister"))
    seen(page).tap("#take")
    expect(page.locator("#wait")).to_be_hidden()
    expect(page.locator("#ears")).to_be_hidden()


def test_what_plays_in_an_ear_is_told_in_its_words(visit: Any) -> None:
    ear = {"role": "mom", "file": "ask-mom.wav", "text": "Whatever you can smell."}
    page = ready(doctored(visit, lambda: {"ears": [ear]}))
    expect(page.locator("#ears")).to_have_text("in mom's ear: Whatever you can smell.")


def test_what_runs_is_drawn_with_its_time(visit: Any, house: Any) -> None:
    house.command("goto", cue="4")
    page = ready(visit("/operator"))
    bars = page.locator("#running li")
    expect(bars.filter(has_text="Pouring")).to_have_text(re.compile(r"\d+ s · Pouring"))
    expect(bars.filter(has_text="Losing count")).to_have_text(re.compile(r"in \d+ s · Losing count"))
    expect(bars).to_have_count(3)


def test_a_failure_is_told(visit: Any, house: Any) -> None:
    """The state as it is when a player has not answered."""
    told = {"failed": {"serial": 1, "number": "1.3", "reason": "mom's player never answered to hall-mom.wav"}}
    later: list[dict[str, Any]] = []
    page = doctored(visit, lambda: later[-1] if later else {"failed": None})
    ready(page)
    later.append(told)
    expect(page.locator("#refusal")).to_have_text("Cue 1.3: mom's player never answered to hall-mom.wav.")


def test_a_page_that_comes_back_tells_no_old_refusal(visit: Any, house: Any) -> None:
    wire = Wire()
    page = ready(visit("/operator", before=wire))
    wire.down = lambda message: False
    expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
    assert not house.command("go", standby="99")
    wire.down = lambda message: True
    wire.cut()
    ready(page)
    assert wire.opened == 2
    expect(page.locator("#refusal")).to_be_hidden()
    assert not house.command("go", standby="98")
    expect(page.locator("#refusal")).to_contain_text("GO refused: it was meant for cue 98")


# --- what the machine says of itself ------------------------------------------------------------------------


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


def test_a_journal_in_trouble_is_told_above_all(visit: Any) -> None:
    words = "the disk is full: this night is not kept"
    page = ready(doctored(visit, lambda: {"journal": {"ok": False, "words": words}}))
    expect(page.locator("#journal")).to_have_text(words)


def test_a_server_that_tells_less_is_drawn(visit: Any) -> None:
    """Fields that not every server has may be missing."""

    def down(text: str) -> str:
        message = json.loads(text)
        for field in ("restored", "draft", "journal", "crew", "baton", "look", "armed_at"):
            message.get("set", message).pop(field, None)
        return json.dumps(message)

    def between(socket: Any) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: socket.send(down(text)))

    page = visit("/operator", before=lambda page: page.route_web_socket("**/ws/operator", between))
    ready(page)
    expect(page.locator("#journal")).to_be_hidden()
    expect(page.locator("#restored")).to_be_hidden()


def test_a_network_that_is_not_ready_is_told_in_words(visit: Any) -> None:
    """The state as it would be while the networks of the cue on stage and of the next one are not there."""

    def changed(text: str) -> str:
        message = json.loads(text)
        state = message.get("set", message)
        if message["type"] == "cues":
            for cue in message["cues"]:
                cue["network"] = {SECOND.number: "sea", THIRD.number: "fire"}.get(cue["number"], "main")
        if "renderer" in state:
            state["renderer"]["networks"]["sea"] = {"state": "loading", "note": "", "fraction": 0.4}
        if "troubles" in state:
            state["troubles"] = {THIRD.number: "fire.safetensors: no such file"}
        return json.dumps(message)

    def between(socket: Any) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: socket.send(changed(text)))

    page = visit("/operator")
    page.route_web_socket("**/ws/operator", between)
    page.reload()
    ready(page)
    expect(page.locator("#now > .bar p")).to_contain_text("loading the network sea, 40 %")
    expect(page.locator("#next .network")).to_have_text("no network fire: fire.safetensors: no such file")
    expect(page.locator("#cues [data-state=standby] .mark")).to_have_text("STANDBY · NO NETWORK")
    expect(page.locator("#cues .trouble")).to_have_count(1)


def test_nothing_is_said_of_networks_that_are_there(visit: Any) -> None:
    page = ready(visit("/operator"))
    expect(page.locator("#next .network")).to_be_hidden()
    expect(page.locator("#cues .trouble")).to_have_count(0)
