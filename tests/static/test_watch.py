"""The page of a run, under fingers: time is moved through, the best is seen, and what is wrong is read."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from models.training.choice import choose
from models.training.watch import Server, serve
from tests import toy_run as toy
from tests.static.conftest import fingers

SIZES = [(1024, 768), (390, 844), (1920, 1080)]
POLL_MS = 3100
STEPS = 2000  # of a film that is played, pictures that come late among them
Open = Callable[..., Page]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return toy.write_run(tmp_path / "dinners")


@pytest.fixture
def server(run: Path) -> Iterator[Server]:
    server = serve(run, 0)
    yield server
    server.close()


@pytest.fixture
def open_page(chromium: Browser, server: Server) -> Iterator[Open]:
    """open_page(width, height) -> the page, its first look done, its clock in the test's hand."""
    contexts, complaints = [], []

    def open_page(width: int = 1024, height: int = 768, *, forgives: str = "\0") -> Page:
        context = fingers(chromium, width, height)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type in ("error", "warning") and forgives not in message.text
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.clock.install()
        page.goto(server.url)
        expect(page.locator("#state b")).not_to_have_text("looking")
        page.clock.pause_at(
            page.evaluate("Date.now()") / 1000 + 60
        )  # a busy machine does not get there first
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def ready(page: Page) -> Page:
    page.wait_for_function("document.body.dataset.late === 'false'")
    return page


def looks_again(page: Page) -> None:
    """The page asks for its run anew and draws what it hears: it asks once more only when that is done."""
    asked: list[Request] = []

    def ask(request: Request) -> None:
        if request.url.endswith("/run/sheets.json"):
            asked.append(request)

    page.on("request", ask)
    while len(asked) < 2:  # a timer that it has not set yet does not run
        page.clock.run_for(POLL_MS)
    page.remove_listener("request", ask)


def kimg(page: Page) -> float:
    return float(page.locator("#time").get_attribute("aria-valuenow") or "nan")


def drag(page: Page, on: Locator, start: float, end: float, y: float = 0.5) -> None:
    """One finger along an element, from and to shares of its width."""
    on.scroll_into_view_if_needed()
    box = on.bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, share: float | None) -> None:
        points = []
        if share is not None:
            points = [{"x": box["x"] + share * box["width"], "y": box["y"] + y * box["height"]}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for step in range(1, 9):
        touch("touchMove", start + (end - start) * step / 8)
    touch("touchEnd", None)


def tap(page: Page, on: Locator, x: float = 0.5, y: float = 0.5) -> None:
    on.scroll_into_view_if_needed()
    box = on.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])


def seen(page: Page, canvas: str) -> str:
    """What is on a canvas, to be compared."""
    data: str = page.evaluate("selector => document.querySelector(selector).toDataURL()", canvas)
    return data


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_is_in_sight_and_within_reach(
    open_page: Open, tmp_path: Path, width: int, height: int
) -> None:
    page = ready(open_page(width, height))
    for view in ("all", "one"):
        page.screenshot(path=tmp_path / f"watch-{view}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        boxes = page.locator("button:visible, #time, .chart > div:visible").evaluate_all(
            "all => all.map(e => [e.offsetWidth, e.offsetHeight])"
        )
        assert len(boxes) >= 4 + 1 + 9
        assert min(min(box) for box in boxes) >= 44
        slider = page.locator("#time").bounding_box()
        assert slider is not None
        assert slider["y"] + slider["height"] <= height, "time is under the thumb without scrolling"
        if view == "all":
            sheet = page.locator("#sheet").bounding_box()
            assert sheet is not None
            assert sheet["width"] / 8 >= 44
            tap(page, page.locator("#sheet"))
    small = page.evaluate(
        """[...document.querySelectorAll("body *")].filter((e) => e.textContent.trim() && !e.children.length
            && parseFloat(getComputedStyle(e).fontSize) < 14).length"""
    )
    assert small == 0


def test_it_says_how_the_run_is_and_what_is_left(open_page: Open, run: Path) -> None:
    page = ready(open_page(forgives="Failed to load resource"))
    state, shape = page.locator("#state"), page.locator("#state .shape")
    expect(page.locator("h1")).to_have_text("dinners")
    expect(state).to_contain_text("Training")
    expect(page.locator("#left")).to_have_text("240 of 300 kimg · about 38 min of training left")
    expect(page.locator("#words")).to_be_hidden()
    assert page.locator(".plot:visible b").all_text_contents() == [
        "KID", "Recall and precision", "Memorisation", "Spread", "Losses", "Sign r_t", "Augmentation p",
        "Penalties", "Seconds per kimg",
    ]  # fmt: skip

    long_ago = time.time() - 2000
    os.utime(run / "log.jsonl", (long_ago, long_ago))
    looks_again(page)
    expect(state).to_contain_text("Stopped sending nothing for 33 min; a tick took 3 min")
    expect(shape).to_have_attribute("data-shape", "triangle")

    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**about, "target_kimg": 240}))
    looks_again(page)
    expect(state).to_contain_text("Finished at 240 kimg")
    expect(shape).to_have_attribute("data-shape", "disc")
    expect(page.locator("#left")).to_have_text("240 of 240 kimg")

    page.route("**/run/**", lambda route: route.abort())
    looks_again(page)
    expect(state).to_contain_text("Not connected")
    expect(shape).to_have_attribute("data-shape", "cross")
    assert kimg(page) == 240
    page.unroute("**/run/**")
    looks_again(page)
    expect(state).to_contain_text("Finished")


def test_the_best_is_marked_by_the_rule_of_choose(open_page: Open, run: Path) -> None:
    lines = toy.snapshots()
    lines[4]["kid"], lines[4]["memorisation"]["passed"] = 0.001, False  # copies
    lines[0]["kid"] = 0.019  # too little variety
    lines.insert(0, {**lines[0], "kimg": 10, "kid": 0.0001, "tier": "A", "recall": 0.9})
    toy.write_lines(run / "measures.jsonl", lines)
    choice = choose(lines, [int(line["kimg"]) for line in lines])
    page = ready(open_page())
    expect(page.locator("#marks .best")).to_have_text(f"best, {choice.chosen.kimg:g}")
    tap(page, page.locator("#best"))
    assert kimg(page) == choice.chosen.kimg
    expect(page.locator("#said")).to_contain_text("The best so far.")
    page.locator("#time").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#said")).to_contain_text("It copies training pictures.")


def test_a_finger_on_the_slider_moves_time(open_page: Open) -> None:
    page = ready(open_page())
    newest = seen(page, "#sheet")
    drag(page, page.locator("#time"), 1.0, 0.5)
    assert kimg(page) == 120
    ready(page)
    assert seen(page, "#sheet") != newest
    expect(page.locator("#at")).to_have_text("120 kimg")
    expect(page.locator(".plot").first.locator(".values")).to_contain_text("0.02 ± 0.006")
    drag(page, page.locator("#time"), 0.5, 0.0)
    assert kimg(page) == 4
    drag(page, page.locator("#time"), 0.2, 1.0)
    expect(page.locator("#newest")).to_have_attribute("aria-pressed", "true")


def test_a_finger_along_the_picture_moves_time_too(open_page: Open) -> None:
    page = ready(open_page())
    drag(page, page.locator("#sheet"), 0.9, 0.4)
    assert kimg(page) == 120
    drag(page, page.locator("#sheet"), 0.4, 0.65)
    assert kimg(page) == 180
    assert page.locator("body").get_attribute("data-view") == "all", "a move picks nothing"
    drag(page, page.locator(".plot:visible .chart > div").first, 0.9, 0.25)
    assert kimg(page) == 60


@pytest.mark.parametrize(("width", "height"), SIZES[:2])
def test_one_seed_is_seen_large_through_time(
    open_page: Open, tmp_path: Path, width: int, height: int
) -> None:
    page = ready(open_page(width, height))
    tap(page, page.locator("#sheet"), 2.5 / 8, 1.5 / 4)
    expect(page.locator("#seed b")).to_have_text("seed 10")
    ready(page)
    film = page.locator("#film button")
    assert 24 <= film.count() <= 25
    expect(page.locator("#film b")).to_have_text("best")
    page.wait_for_function(
        "[...document.querySelectorAll('#film button')].every((button) => button.dataset.drawn)"
    )
    tap(page, film.nth(3))
    expect(film.nth(3)).to_have_attribute("aria-current", "true")
    at = kimg(page)
    assert at == float(film.nth(3).locator("span").inner_text())
    ready(page)
    one = seen(page, "#now canvas")
    assert one == seen(page, "#film li:nth-child(4) canvas")
    page.screenshot(path=tmp_path / "seed.png")
    tap(page, page.locator("#seed button").last)
    expect(page.locator("#seed b")).to_have_text("seed 11")
    assert seen(page, "#now canvas") != one
    drag(page, page.locator("#now"), 0.2, 0.7)
    assert kimg(page) > at
    tap(page, page.locator("#now"))
    expect(page.locator("#sheet")).to_be_visible()


def test_keys_move_time_and_beside_one_seed_stands_the_best(open_page: Open) -> None:
    page = ready(open_page())
    steps = {"ArrowLeft": 236, "Home": 4, "ArrowRight": 8, "b": 120, "End": 240}
    for key, at in steps.items():
        page.keyboard.press(key)
        assert kimg(page) == at, key
    page.locator("#time").focus()
    page.keyboard.press("PageDown")
    assert kimg(page) == 216
    tap(page, page.locator("#one"))
    expect(page.locator("#now figcaption")).to_have_text("216 kimg")
    expect(page.locator("#then figcaption")).to_have_text("best, 120 kimg")
    page.wait_for_function("document.querySelector('#then canvas').width === 16")
    tap(page, page.locator("#then"))
    assert kimg(page) == 120
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_visible()


def test_it_plays_from_the_first_to_the_newest(open_page: Open) -> None:
    page = ready(open_page())
    tap(page, page.locator("#play"))
    assert kimg(page) == 4
    expect(page.locator("#play span")).to_have_text("Pause")
    for _ in range(STEPS):
        page.clock.run_for(400)
        if page.locator("#play span").inner_text() == "Play":
            break
    assert kimg(page) == 240


def test_a_new_tick_is_shown_to_who_looks_at_the_newest(open_page: Open, run: Path) -> None:
    page = ready(open_page())
    page.evaluate("document.querySelectorAll('.plot, #sheet').forEach((e) => (e.kept = true))")
    toy.sheet(244).save(run / "sheet-000244.png")
    toy.write_lines(run / "log.jsonl", toy.ticks(244))
    looks_again(page)
    expect(page.locator("#at")).to_have_text("244 kimg")
    expect(page.locator("#left")).to_contain_text("244 of 300 kimg")
    page.keyboard.press("Home")
    toy.sheet(248).save(run / "sheet-000248.png")
    toy.write_lines(run / "log.jsonl", toy.ticks(248))
    looks_again(page)
    expect(page.locator("#left")).to_contain_text("248 of 300 kimg")
    assert kimg(page) == 4, "who looks at another moment is left there"
    assert page.evaluate("[...document.querySelectorAll('.plot, #sheet')].every((e) => e.kept)")


def test_nothing_new_redraws_nothing(open_page: Open) -> None:
    page = ready(open_page())
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """window.changes = 0;
        new MutationObserver((all) => (window.changes += all.length)).observe(document.querySelector("main"),
            { subtree: true, childList: true, attributes: true, characterData: true });"""
    )
    looks_again(page)
    assert page.evaluate("window.changes") == 0


def test_what_is_wrong_is_said_large_and_marked_in_time(open_page: Open, run: Path, tmp_path: Path) -> None:
    lines = toy.ticks()
    for line in lines[-5:]:
        line["words"] = ["The best is behind: <b>KID</b> has risen.", "The training oscillates."]
    toy.write_lines(run / "log.jsonl", lines)
    page = ready(open_page())
    said = page.locator("#words li")
    expect(said).to_have_count(2)
    expect(said.first).to_have_text("The best is behind: <b>KID</b> has risen.")
    assert said.first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 18
    expect(said.first.locator(".shape")).to_have_attribute("data-shape", "triangle")
    expect(page.locator("#marks .trouble")).to_have_count(5)
    page.screenshot(path=tmp_path / "words.png")
    lines.append(toy.line(244))
    toy.write_lines(run / "log.jsonl", lines)
    looks_again(page)
    expect(page.locator("#words")).to_be_hidden()


def test_before_the_first_tick_it_waits(open_page: Open, run: Path, tmp_path: Path) -> None:
    for path in run.iterdir():
        path.unlink()
    page = open_page()
    expect(page.locator("#state")).to_have_text("Waiting for the first tick")
    expect(page.locator("#empty")).to_be_visible()
    looks_again(page)
    page.screenshot(path=tmp_path / "empty.png")
    toy.write_run(run, last=4)
    looks_again(page)
    ready(page)
    expect(page.locator("#at")).to_have_text("4 kimg")
    expect(page.locator("#marks .none")).to_have_text("no KID yet")
    expect(page.locator("#best")).to_be_disabled()
    expect(page.locator("#empty")).to_be_hidden()


def test_damaged_lines_and_pictures_are_passed_over(open_page: Open, run: Path) -> None:
    lines = (run / "log.jsonl").read_text()
    odd = '{torn\nnull\n[]\n{"kimg": "much"}\n{"kimg": 244, "G": NaN, "D": -Infinity, "sign": null}\n'
    (run / "log.jsonl").write_text(lines + odd)
    (run / "measures.jsonl").write_text('{"kimg": 120}\n')
    (run / "sheet-000240.png").write_bytes(b"half a pictu")
    page = open_page()
    expect(page.locator("#left")).to_contain_text("244 of 300 kimg")
    page.keyboard.press("Home")
    ready(page)
    assert kimg(page) == 4
    expect(page.locator("#marks .none")).to_be_visible()


def pure(page: Page, expression: str) -> Any:
    return page.evaluate(
        f"""async () => {{
            const run = await import("/static/watch-run.js");
            const sheets = await import("/static/watch-sheets.js");
            return {expression};
        }}"""
    )


def test_what_is_pure_says_what_it_should(open_page: Open) -> None:
    page = open_page()
    assert pure(page, "[50, 700, 12000, 180000].map(run.duration)") == [
        "50 s", "12 min", "3 h 20 min", "2 days 2 h",
    ]  # fmt: skip
    assert pure(page, "[0, 0.003, 0.02, 1.2345, 240.4, NaN].map(run.figure)") == [
        "0", "0.003", "0.02", "1.23", "240", "–",
    ]  # fmt: skip
    for count in (0, 1, 2, 5, 64, 100):
        order = pure(page, f"sheets.finer({count})")
        assert sorted(order) == list(range(count))
    assert pure(page, "sheets.finer(9)")[:4] == [8, 0, 4, 2]
    dice = random.Random(0)
    for _ in range(60):
        lines = [
            toy.measured(kimg) | {"kid": dice.choice([0.0, 0.02, 0.03, 0.5]) + dice.uniform(-0.01, 0.01),
                                  "recall": dice.choice([0.0, 0.04, 0.4, dice.random()]),
                                  "memorisation": {"ratio": 0.9, "share": 0.1, "passed": dice.random() < 0.8}}
            for kimg in range(20, 20 * dice.randint(2, 8), 20)
        ]  # fmt: skip
        best = pure(page, f"run.bestOf(JSON.parse('{json.dumps(lines)}'))?.kimg ?? null")
        honest = [line for line in lines if line["memorisation"]["passed"]]
        assert best == (choose(lines, range(400)).chosen.kimg if honest else None)
    kids = [(9, 1), (0.2, 0), (0.1, 0.05), (0.9, 0.1), (0.3, 0)]
    lines = [
        toy.measured(20 * n) | {"kid": kid, "kid_deviation": off} for n, (kid, off) in enumerate(kids, 1)
    ]
    tops = [pure(page, f"run.topOf(JSON.parse('{json.dumps(lines[:count])}'))") for count in (3, 4, 5)]
    assert tops == [pytest.approx(0.6), pytest.approx(1.0), pytest.approx(1.0)]
    resumed = '{"kimg":4,"G":1}\\n{"kimg":8,"G":2}\\n{"kimg":8,"G":3}\\n{"kimg":12,"G":4}\\n{"kimg":8,"G":5}'
    assert pure(page, f"run.parseLines('{resumed}').map((line) => line.G)") == [1, 5]
