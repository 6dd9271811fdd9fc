"""The pages' pure modules, in the browser that runs them: the wire, and what sensors feel."""

import base64
import math
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from server.frames import EncodedFrame

FRAME = EncodedFrame(
    seq=4_000_000_000,
    pts=12345.678,
    event=17,
    epoch=3,
    width=512,
    height=256,
    stream=1,
    cue="12.5",
    jpeg=b"\xff\xd8jpeg",
)

READ = """async (text) => {
    const { parseFrame } = await import("/static/protocol.js");
    const frame = parseFrame(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    return { ...frame, jpeg: [...frame.jpeg] };
}"""
UNDERSTAND = 'async (text) => (await import("/static/protocol.js")).parseMessage(text)'


@pytest.fixture(scope="module")
def page(chromium: Browser, running: Any) -> Iterator[Page]:
    page = chromium.new_page()
    page.goto(running.url)
    yield page
    page.close()


def test_both_sides_mean_the_same_header(page: Any) -> None:
    read = page.evaluate(READ, base64.b64encode(FRAME.pack()).decode())
    names = ("seq", "pts", "event", "epoch", "width", "height", "stream", "cue")
    assert {name: read[name] for name in names} == {name: getattr(FRAME, name) for name in names}
    assert bytes(read["jpeg"]) == FRAME.jpeg


@pytest.mark.parametrize("data", [b"", b"MRW1", b"X" + FRAME.pack()[1:], FRAME.pack()[: -len(FRAME.jpeg)]])
def test_what_is_no_frame_throws(page: Any, data: bytes) -> None:
    with pytest.raises(Exception, match="frame"):
        page.evaluate(READ, base64.b64encode(data).decode())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "unknown message type"),
        ('{"type": "hello"}', 'unknown message type "hello"'),
        ('{"type": "toString"}', "unknown message type"),
        ("null", "unknown message type"),
        ('{"type": "reply", "id": "x1", "ok": 1, "reason": ""}', "ok is 1"),
        ('{"type": "cues", "title": "Dinner", "cues": [{"number": 3}]}', r"cues\[\].number is 3"),
        ('{"type": "state", "now": 1.5, "mode": "asleep"}', 'mode is "asleep"'),
        ('{"type": "patch", "now": 1.5, "set": {}}', "serial is undefined"),
        ('{"type": "patch", "serial": 2, "now": 1.5}', "set is undefined"),
    ],
)
def test_what_is_not_understood_throws(page: Any, text: str, told: str) -> None:
    with pytest.raises(Exception, match=told):
        page.evaluate(UNDERSTAND, text)


def feel(page: Any, options: dict[str, float], aims: dict[int, float], steps: int) -> list[float | None]:
    """What a sensor sends, step by step, 10 ms apart; `aims` say at which step it is aimed."""
    sent: list[float | None] = page.evaluate(
        """async ([options, aims, steps]) => {
            const { Sensor } = await import("/static/sensor.js");
            const sensor = new Sensor(options);
            const sent = [];
            for (let i = 0; i < steps; i++) {
                if (i in aims) sensor.aim(aims[i]);
                sent.push(sensor.step(100 + i / 100));
            }
            return sent;
        }""",
        [options, {str(step): aim for step, aim in aims.items()}, steps],
    )
    return sent


def test_a_sensor_at_rest_is_silent(page: Any) -> None:
    assert feel(page, {}, {}, 300) == [None] * 300


def test_a_sensor_sends_at_most_thirty_times_a_second(page: Any) -> None:
    wobble = {i: 0.5 + 0.5 * math.sin(i) for i in range(100)}
    sent = feel(page, {}, wobble, 100)
    assert 24 <= sum(value is not None for value in sent) <= 31


def test_a_sensor_goes_on_speaking_while_it_feels_something(page: Any) -> None:
    sent = feel(page, {}, {0: 0.7}, 300)
    assert sent[0] == 0.7
    assert 8 <= sum(value is not None for value in sent) <= 12
    assert {value for value in sent if value is not None} == {0.7}


def test_a_sensor_rises_in_its_time_and_ends_at_zero(page: Any) -> None:
    sent = [value for value in feel(page, {"rise": 0.1}, {1: 1.0, 100: 0.0}, 140) if value is not None]
    peak = sent.index(1.0)
    assert sent[:peak] == sorted(sent[:peak])
    assert peak > 5
    assert sent[-1] == 0.0
    assert sent.count(0.0) == 1


def test_a_text_is_said_word_by_word_and_once_as_a_whole(page: Any) -> None:
    heard = page.evaluate(
        """async () => {
            const { Saying, RATE } = await import("/static/saying.js");
            const saying = new Saying("  pass me the salt ");
            const heard = [];
            for (let i = 0; i <= 300; i++) {
                const news = saying.step(100 + i / 100);
                if (news) heard.push([i / 100, news.text, news.final]);
            }
            return { heard, over: saying.over, rate: RATE };
        }"""
    )
    assert [entry[1:] for entry in heard["heard"]] == [
        ["pass", False],
        ["pass me", False],
        ["pass me the", False],
        ["pass me the salt", False],
        ["pass me the salt", True],
    ]
    times = [entry[0] for entry in heard["heard"]]
    assert times[3] - times[0] == pytest.approx(3 / heard["rate"], abs=0.03)
    assert heard["over"] is True
