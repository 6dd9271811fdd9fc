"""A trial does what the show would do with a line of the patch."""

import pytest

from server.monitor.trial import MOST_POINTS, Trial
from server.patch import PatchEntry

PLATE = "/table/plate/mom"


def test_raw_goes_in_and_what_the_line_makes_of_it_comes_out() -> None:
    trial = Trial(
        PatchEntry("/table/plate/{seat}", "plate.{seat}", range=(0, 1000), curve="square", smoothing=0.0),
        PLATE,
    )
    trial.hear((500,), 1.0)
    trial.look(2.0)
    raw, later = trial.points(0)
    assert (raw.raw, raw.level) == (500, 0.25)
    assert later.raw is None
    assert later.out == pytest.approx(0.25, abs=1e-3)


def test_smoothing_lets_it_follow_slowly() -> None:
    trial = Trial(PatchEntry("/a", "a", smoothing=1.0), "/a")
    trial.hear((1.0,), 1.0)
    trial.look(2.0)
    assert trial.points(1)[0].out == pytest.approx(1 - 1 / 2.71828, abs=1e-3)


def test_a_gate_opens_at_its_threshold_and_closes_below_the_band() -> None:
    trial = Trial(PatchEntry("/a", "a", threshold=0.5, hysteresis=0.2, smoothing=0.0), "/a")
    out = []
    for nth, value in enumerate((0.45, 0.55, 0.4, 0.2)):
        trial.hear((value,), 1.0 + nth)
        trial.look(1.9 + nth)
        out.append(round(trial.points(trial.count - 1)[0].out))
    assert out == [0, 1, 1, 0]


def test_silence_sends_it_to_rest_without_a_message() -> None:
    trial = Trial(PatchEntry("/a", "a", smoothing=0.0, silence=1.0, decay=0.1), "/a")
    trial.hear((1.0,), 1.0)
    trial.look(1.5)
    trial.look(9.0)
    assert [round(point.out, 2) for point in trial.points(1)] == [1.0, 0.0]


def test_an_event_fires_once_for_a_press() -> None:
    trial = Trial(PatchEntry("/pedal", event="go", threshold=0.5), "/pedal")
    for nth, value in enumerate((0.0, 1.0, 1.0, 0.0, 1.0)):
        trial.hear((value,), float(nth))
    assert [point.fired for point in trial.points(0)] == [False, True, False, False, True]


def test_what_the_line_cannot_take_changes_nothing() -> None:
    trial = Trial(PatchEntry("/a", "a"), "/a")
    trial.hear(("text",), 1.0)
    trial.hear((1.0, 2.0), 1.0)
    assert trial.count == 0


def test_it_keeps_a_few_thousand_points_and_counts_them_all() -> None:
    trial = Trial(PatchEntry("/a", "a"), "/a")
    for nth in range(MOST_POINTS + 100):
        trial.hear((0.5,), nth / 100)
    assert trial.count == MOST_POINTS + 100
    assert len(trial.points(0)) == MOST_POINTS
    assert len(trial.points(trial.count - 3)) == 3
    assert trial.points(trial.count) == []
