"""The parts of a running show: one glance tells that all is well, or the one thing that is not."""

from dataclasses import replace
from typing import Any

import pytest

from server.doctor.finding import Level, note
from server.monitor.facts import Facts
from server.monitor.parts import judge, verdict
from server.monitor.recent import EVERY, WINDOW, Recent
from server.monitor.vitals import Vitals

RUNNING = {
    "state": "running", "note": "", "fps": 29.9, "skipped": 0, "backend": "cudagraph", "device": "cuda",
    "networks": {"main": {"state": "ready"}},
}  # fmt: skip
WALL = {
    "wall": "main",
    "role": "projector",
    "address": "10.0.0.9",
    "name": "main 10.0.0.9",
    "fps": 29.8,
    "delay_ms": 40,
}
TABLET = {"wall": None, "role": "operator", "address": "10.0.0.8", "name": "FOH", "fps": None, "delay_ms": 60}
SOUND = {"name": "sound", "host": "10.0.0.20", "port": 57120, "sent": 12, "failed": 0, "last_error": ""}
UNREACHED = {**SOUND, "last_error": "no route"}
HEALTH: dict[str, Any] = {
    "renderer": RUNNING, "counters": {}, "details": {}, "pages": [WALL, TABLET], "targets": [SOUND],
    "loop": {"worst_stall_ms": 9.0}, "due": {"worst_ms": 3.0},
    "processes": {"show_rss": 90_000_000, "renderer_rss": 2_000_000_000},
}  # fmt: skip
VITALS = Vitals(0.4, 8, 32_000_000_000, 20_000_000_000, 90_000_000_000, 61.0, None, True)
WELL = Facts(HEALTH, VITALS, {}, 30, ["main"], True, {"ok": True, "words": ""}, 1_790_000_000.0, "Saturday")


def worst(facts: Facts) -> list[tuple[str, str]]:
    return [(finding.topic, finding.level) for finding in judge(facts) if finding.level is not Level.OK]


def test_all_is_well() -> None:
    findings = judge(WELL)
    assert verdict(findings) == {"state": "ok", "words": "All is well.", "do": ""}
    topics = {finding.topic for finding in findings}
    assert topics >= {
        "pictures",
        "networks",
        "wall main",
        "tablets",
        "OSC out",
        "OSC in",
        "show process",
        "journal",
        "machine",
        "clock",
    }


def health(**changes: Any) -> Facts:
    return replace(WELL, health={**HEALTH, **changes})


def pictures(**changes: Any) -> Facts:
    return health(renderer={**RUNNING, **changes})


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (pictures(state="failed", note="no device"), ("pictures", "problem")),
        (pictures(state="restarting", note="it died"), ("pictures", "problem")),
        (pictures(state="starting", note="warming up", progress=0.4), ("pictures", "note")),
        (pictures(fps=11.0), ("pictures", "problem")),
        (pictures(fps=24.0), ("pictures", "note")),
        (pictures(networks={"sea": {"state": "failed", "note": "no such file"}}), ("networks", "problem")),
        (health(pages=[TABLET]), ("wall main", "problem")),
        (health(pages=[{**WALL, "role": "preview"}, TABLET]), ("wall main", "problem")),
        (replace(health(pages=[TABLET]), open=False), ("wall main", "note")),
        (health(pages=[{**WALL, "fps": 9.0}, TABLET]), ("wall main", "problem")),
        (health(pages=[{**WALL, "delay_ms": 900}, TABLET]), ("wall main", "note")),
        (health(pages=[WALL]), ("tablets", "note")),
        (health(pages=[WALL, {**TABLET, "delay_ms": 4000}]), ("tablets", "problem")),
        (health(pages=[WALL, {**TABLET, "delay_ms": 700}]), ("tablets", "note")),
        (health(targets=[UNREACHED]), ("OSC out", "note")),
        (replace(WELL, recent={"osc_out.failed": 3}), None),
        (replace(WELL, recent={"osc_out.failed": 1, "osc_out.unfit": 1}), ("OSC out", "note")),
        (replace(WELL, recent={"osc.unknown": 5}), ("OSC in", "note")),
        (replace(WELL, recent={"loop.stalls": 3}), ("show process", "note")),
        (replace(WELL, journal={"ok": False, "words": "The disk is full."}), ("journal", "problem")),
        (replace(WELL, vitals=replace(VITALS, disk=None)), ("journal", "note")),
        (replace(WELL, vitals=replace(VITALS, disk=5_000_000)), ("journal", "problem")),
        (replace(WELL, vitals=replace(VITALS, busy=0.99)), ("machine", "note")),
        (replace(WELL, vitals=replace(VITALS, memory_free=100_000_000)), ("machine", "note")),
        (replace(WELL, vitals=replace(VITALS, hottest=99.0)), ("machine", "problem")),
        (replace(WELL, vitals=replace(VITALS, hottest=None)), None),
        (replace(WELL, vitals=replace(VITALS, charge=20.0, plugged=False)), ("machine", "problem")),
        (replace(WELL, vitals=None), None),
        (replace(WELL, vitals=None, journal={"ok": False, "words": "It is full."}), ("journal", "problem")),
        (replace(WELL, wall=1000.0), ("clock", "note")),
        (replace(WELL, others=[note("midi", "No device.", "Plug it in.")]), ("midi", "note")),
        (replace(WELL, recent={"renderer.restarts": 1}), ("pictures", "note")),
    ],
)  # fmt: skip
def test_one_thing_that_is_not_well_is_the_one_that_is_told(
    facts: Facts, found: tuple[str, str] | None
) -> None:
    assert worst(facts) == ([found] if found else [])
    for finding in judge(facts):
        assert finding.what
        assert (finding.level is Level.OK) == (not finding.do)


@pytest.mark.parametrize(
    ("renderer", "wall"),
    [
        ({"state": "restarting", "note": "it died", "fps": 0.0}, {"fps": 0.0}),
        ({"state": "failed", "note": "no device", "fps": 30.0}, {"fps": 0.0}),
        ({"fps": 11.0}, {"fps": 10.8}),
        ({"fps": 24.0}, {"fps": 23.1}),
    ],
)
def test_a_wall_is_not_blamed_for_what_is_not_painted(renderer: dict[str, Any], wall: dict[str, Any]) -> None:
    found = judge(health(renderer={**RUNNING, **renderer}, pages=[{**WALL, **wall}, TABLET]))
    assert [finding.topic for finding in found if finding.level is not Level.OK] == ["pictures"]
    [shown] = [finding for finding in found if finding.topic == "wall main"]
    assert shown.what.startswith(("Open on 10.0.0.9", "Shown on 10.0.0.9"))


def test_a_wall_that_shows_less_than_is_painted_still_is() -> None:
    assert ("wall main", "problem") in worst(
        health(renderer={**RUNNING, "fps": 24.0}, pages=[{**WALL, "fps": 9.0}, TABLET])
    )


def test_a_message_that_cannot_be_written_sends_nobody_to_a_cable() -> None:
    details = {"osc_out.unfit": '/level to "sound": 1e+300 does not fit'}
    [found] = [
        finding
        for finding in judge(replace(health(details=details), recent={"osc_out.unfit": 2}))
        if finding.level is Level.NOTE
    ]
    assert details["osc_out.unfit"] in found.what
    assert "cable" not in found.do


def test_the_worst_comes_first_and_is_the_sentence_to_read() -> None:
    facts = replace(pictures(fps=24.0), journal={"ok": False, "words": "The disk is full."})
    findings = judge(facts)
    assert [finding.topic for finding in findings[:2]] == ["journal", "pictures"]
    assert verdict(findings)["words"] == "The disk is full."


def test_several_notes_are_counted_and_stop_nothing() -> None:
    found = verdict(judge(replace(pictures(fps=24.0), recent={"osc.unknown": 1})))
    assert (found["state"], found["words"]) == ("note", "The show can go on. 2 things are worth a look.")


def test_a_server_that_tells_less_is_judged_by_what_it_tells() -> None:
    less = {key: value for key, value in HEALTH.items() if key not in ("pages", "targets", "due", "loop")}
    assert worst(replace(WELL, health=less)) == []


def test_only_the_last_minute_is_recent() -> None:
    recent = Recent()
    assert recent.see({"a": 5}, 0.0) == {}
    assert recent.see({"a": 7, "b": 1}, 1.0) == {"a": 2, "b": 1}
    now = 1.0
    while now < WINDOW + 2 * EVERY:
        now += 1.0
        last = recent.see({"a": 7, "b": 1}, now)
    assert last == {}
    assert recent.see({"a": 8, "b": 1}, now + 1) == {"a": 1}


def test_what_nobody_saw_in_the_last_minute_is_not_said_to_be_of_it() -> None:
    recent = Recent()
    recent.see({"a": 5}, 0.0)
    assert recent.see({"a": 900}, 3600.0) == {}
    assert recent.see({"a": 901}, 3601.0) == {"a": 1}
