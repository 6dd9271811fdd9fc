"""A page's line to the show: whole states whatever is lost, commands at most once and never late."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from show_control.showfile import parse_show
from tests.static.wire import Wire

ROOT = Path(__file__).parent.parent.parent
CUES = tuple(parse_show((ROOT / "show_control/shows/dinner.toml").read_text(), "dinner.toml").cues)
SECOND, THIRD, FOURTH = CUES[1:4]
HOUR = "01:00:00"

CONTROL = """async () => {
    const { Control } = await import("/static/control.js");
    const { command } = await import("/static/protocol.js");
    window.states = 0;
    window.replies = [];
    window.control = new Control("operator", (message) => {
        if (message.type === "state") [window.state, window.states] = [message, window.states + 1];
        if (message.type === "reply") window.replies.push(message);
    });
    window.send = (name, fields) => control.send(command(name, fields));
}"""


@pytest.fixture
def wire() -> Wire:
    return Wire()


def controlled(visit: Any, wire: Wire | None = None, forgives: str = "\0") -> Page:
    """A page with a Control, which has its first state."""
    page: Page = visit("/", before=wire or (lambda page: None), forgives=forgives)
    page.evaluate(CONTROL)
    page.wait_for_function("window.state")
    return page


def at(number: str) -> str:
    return f"window.state.current?.number === {json.dumps(number)}"


# --- states -----------------------------------------------------------------------------------------------


def test_a_page_has_whole_states_of_what_came_as_patches(visit: Any, house: Any, wire: Wire) -> None:
    kinds: list[str] = []

    def note(message: dict[str, Any]) -> bool:
        kinds.append(message["type"])
        return True

    wire.down = note
    page = controlled(visit, wire)
    assert house.command("goto", cue=FOURTH.number)
    page.wait_for_function(at(FOURTH.number))
    assert kinds.count("state") == 1
    assert kinds.count("patch") >= 1
    seen, known = page.evaluate("window.state"), house.state()
    assert seen.keys() - {"serial"} == known.keys()
    assert [seen[key] for key in ("current", "standby", "mode")] == [
        known[key] for key in ("current", "standby", "mode")
    ]


def test_a_lost_patch_heals(visit: Any, house: Any, wire: Wire) -> None:
    page = controlled(visit, wire)
    lost: list[int] = []

    def lose_one(message: dict[str, Any]) -> bool:
        if not lost and message["type"] == "patch" and "current" in message["set"]:
            lost.append(message["serial"])
            return False
        return True

    wire.down = lose_one
    assert house.command("goto", cue=FOURTH.number)
    page.wait_for_function(at(FOURTH.number))
    assert len(lost) == 1
    assert [message["type"] for message in wire.sent].count("resync") == 1
    assert wire.opened == 1


def test_a_page_says_now_and_then_what_it_has_seen(visit: Any, house: Any, wire: Wire) -> None:
    page = controlled(visit, wire)
    client = page.evaluate("control.client")
    assert wire.sent[0] == {"type": "hello", "client": client, "name": ""}
    state = house.until(lambda state: any(member["delay_ms"] is not None for member in state["crew"]))
    (me,) = [member for member in state["crew"] if member["client"] == client]
    assert (me["role"], me["address"], me["name"]) == ("operator", "127.0.0.1", "operator 127.0.0.1")
    page.wait_for_function("window.states > 8")
    seen = [message["serial"] for message in wire.sent if message["type"] == "seen"]
    assert 1 <= len(seen) < page.evaluate("window.states")
    assert seen == sorted(set(seen))


def test_a_device_keeps_its_name_and_a_page_its_id(visit: Any, house: Any) -> None:
    page = controlled(visit)
    client = page.evaluate("control.client")
    page.evaluate('control.rename("FOH tablet")')
    house.until(lambda state: [member["name"] for member in state["crew"]] == ["FOH tablet"])
    assert page.evaluate('send("baton", { on: true })')
    house.until(lambda state: state["baton"] == {"client": client, "name": "FOH tablet"})
    page.reload()
    page.evaluate(CONTROL)
    page.wait_for_function("window.state?.baton?.client === control.client")
    assert page.evaluate("control.client") == client
    assert [member["name"] for member in house.state()["crew"]] == ["FOH tablet"]
    assert page.evaluate('send("baton", { on: false })')
    house.until(lambda state: state["baton"] is None)


# --- pages agree ------------------------------------------------------------------------------------------


def test_two_tablets_agree(visit: Any, house: Any) -> None:
    one, other = controlled(visit), controlled(visit)
    assert one.evaluate(f'send("go", {{ standby: "{THIRD.number}" }})')
    for page in (one, other):
        page.wait_for_function(at(THIRD.number))
    assert other.evaluate('send("blackout", { on: true })')
    for page in (one, other):
        page.wait_for_function("window.state.blackout")


def test_two_gos_at_once_advance_once(visit: Any, house: Any) -> None:
    pages = [controlled(visit), controlled(visit)]
    for page in pages:
        assert page.evaluate(f'send("go", {{ standby: "{THIRD.number}" }})')
    for page in pages:
        page.wait_for_function("window.replies.length === 1")
    answers = [page.evaluate("window.replies[0]") for page in pages]
    assert sorted(answer["ok"] for answer in answers) == [False, True]
    assert house.state()["standby"]["number"] == FOURTH.number


def test_a_page_without_the_baton_is_told_who_has_it(visit: Any, house: Any) -> None:
    one, other = controlled(visit), controlled(visit)
    one.evaluate('send("baton", { on: true })')
    other.wait_for_function("window.state.baton")
    holder = other.evaluate("window.state.baton.name")
    other.evaluate(f'send("go", {{ standby: "{THIRD.number}" }})')
    other.wait_for_function("window.replies.length === 1")
    refused = other.evaluate("window.replies[0]")
    assert refused["ok"] is False
    assert refused["reason"] == f"GO refused: {holder} has the baton. Take the baton and press again."
    other.evaluate('send("baton", { on: true })')
    other.wait_for_function("window.state.baton.client === control.client")
    other.evaluate(f'send("go", {{ standby: "{THIRD.number}" }})')
    one.wait_for_function(at(THIRD.number))
    other.evaluate('send("baton", { on: false })')
    one.wait_for_function("window.state.baton === null")


# --- links break ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_command_that_was_lost_with_its_link_is_sent_again(visit: Any, house: Any, wire: Wire) -> None:
    page = controlled(visit, wire)

    def break_off(message: dict[str, Any]) -> bool:
        if message["type"] == "command" and wire.opened == 1:
            wire.cut()
            return False
        return True

    wire.up = break_off
    assert page.evaluate(f'send("go", {{ standby: "{THIRD.number}" }})')
    page.wait_for_function("window.replies.length === 1")
    assert page.evaluate("window.replies[0].ok")
    first, again = wire.commands()
    assert first == again
    assert house.state()["current"]["number"] == THIRD.number


@pytest.mark.slow
def test_a_command_whose_answer_was_lost_is_done_once(visit: Any, house: Any, wire: Wire) -> None:
    page = controlled(visit, wire)

    def lose_answer(message: dict[str, Any]) -> bool:
        if message["type"] == "reply" and wire.opened == 1:
            wire.cut()
            return False
        return True

    wire.down = lose_answer
    before = house.state()["event"]
    assert page.evaluate(f'send("go", {{ standby: "{THIRD.number}" }})')
    page.wait_for_function("window.replies.length === 1")
    answer = page.evaluate("window.replies[0]")
    assert (answer["ok"], answer["event"]) == (True, before + 1)
    assert len(wire.commands()) == 2
    assert house.state()["standby"]["number"] == FOURTH.number


def test_a_command_is_not_sent_again_after_a_second(visit: Any, house: Any, wire: Wire) -> None:
    page = controlled(visit, wire, forgives="Failed to load resource")
    away = True

    def nobody(route: Route) -> None:
        if away:
            route.abort()
        else:
            route.continue_()

    page.route("**/static/link.js", nobody)

    def break_off(message: dict[str, Any]) -> bool:
        if message["type"] == "command":
            wire.cut()
        return bool(message["type"] != "command")

    wire.up = break_off
    assert page.evaluate(f'send("go", {{ standby: "{THIRD.number}" }})')
    page.evaluate("window.pressed = performance.now()")
    page.wait_for_function("performance.now() > window.pressed + 1100")
    assert wire.opened == 1  # it has asked for the server, and not tried in vain to connect
    away = False
    states = page.evaluate("window.states")
    page.wait_for_function(f"window.states > {states + 2}")
    assert len(wire.commands()) == 1
    assert house.state()["current"]["number"] == SECOND.number


@pytest.fixture
def lost(visit: Any, house: Any, wire: Wire) -> Page:
    """A page whose wire is dead and says nothing of it, while the show has gone on to the fourth cue. Its
    clock stands still, but for what it is told."""

    def with_clock(page: Page) -> None:
        wire(page)
        page.clock.install(time=0)

    page: Page = visit("/table", before=with_clock)
    expect(page.locator("#cue")).to_contain_text(SECOND.name)
    page.clock.pause_at(60_000)
    away = wire.opened
    wire.down = lambda message: wire.opened > away
    assert house.command("goto", cue=FOURTH.number)
    house.until(lambda state: state["current"]["number"] == FOURTH.number)
    expect(page.locator("#cue")).to_contain_text(SECOND.name)
    return page


def test_a_page_that_was_away_for_an_hour_needs_less_than_a_second(lost: Page) -> None:
    lost.clock.fast_forward(HOUR)
    lost.clock.run_for(900)
    expect(lost.locator("#cue")).to_contain_text(FOURTH.name)
    expect(lost.locator("#go span")).to_contain_text(CUES[4].name)


def test_a_page_that_is_looked_at_again_does_not_wait_for_its_timers(lost: Page) -> None:
    lost.clock.pause_at(62_000)  # too short a silence to be given up for
    expect(lost.locator("#cue")).to_contain_text(SECOND.name)
    lost.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    expect(lost.locator("#cue")).to_contain_text(FOURTH.name)
