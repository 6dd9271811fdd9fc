"""The stream of a universe, with a clock that is moved by hand."""

from itertools import pairwise

import pytest

from server.light.config import Channel
from server.light.stream import Stream
from tests.server.light.toy_stage import ToyStage, picture


class Spelled:
    """A wire whose packets are the levels."""

    def packet(self, levels: bytes) -> bytes:
        return levels

    def farewell(self, levels: bytes) -> list[bytes]:
        return [b"bye" + levels]


def stream(*channels: dict[str, object]) -> Stream:
    return Stream(tuple(Channel.model_validate(channel) for channel in channels), Spelled())


def sent(of: Stream, stage: ToyStage, start: float, end: float, rate: float = 30.0) -> list[float]:
    """When packets go out."""
    ticks = (start + tick / rate for tick in range(round((end - start) * rate)))
    return [now for now in ticks if of.step(stage.readings, now) is not None]


def test_a_colour_takes_three_channels_and_the_rest_is_dark() -> None:
    stage = ToyStage({"main": picture(brightness=0.5)})
    packet = stream(
        {"channel": 2, "follow": "energy.main.left"},
        {"channel": 7, "follow": "energy.main.brightness", "range": [100, 200]},
        {"channel": 512, "value": 255},
    ).step(stage.readings, 0.0)
    assert packet is not None
    assert packet[:8] == bytes([0, 255, 0, 0, 0, 0, 150, 0])
    assert (len(packet), packet[511]) == (512, 255)


def test_what_changes_goes_out_at_every_step() -> None:
    stage = ToyStage(controls={"c": 0.0})
    one = stream({"channel": 1, "follow": "c", "smoothing": 0})
    for tick in range(40):
        stage.controls["c"] = tick / 255
        packet = one.step(stage.readings, tick / 30)
        assert packet is not None
        assert packet[0] == tick


def test_what_does_not_change_goes_out_three_times_and_is_then_kept_alive() -> None:
    times = sent(stream({"channel": 1, "value": 9}), ToyStage(), 0.0, 10.0)
    assert times[:3] == pytest.approx([0.0, 1 / 30, 2 / 30])
    gaps = [later - sooner for sooner, later in pairwise(times[2:])]
    assert len(gaps) >= 9
    assert all(0.8 - 1e-9 <= gap <= 1.0 for gap in gaps), gaps


def test_even_at_the_lowest_rate_no_gap_is_over_a_second() -> None:
    times = sent(stream({"channel": 1, "value": 9}), ToyStage(), 0.0, 20.0, rate=5.0)
    assert max(later - sooner for sooner, later in pairwise(times)) <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ({"value": 200}, 50),
        ({"follow": "c"}, 64),
        ({"follow": "c", "range": [255, 0]}, 0),
        ({"follow": "c", "master": False}, 255),
        ({"value": 200, "master": False}, 200),
        ({"follow": "energy.main.brightness"}, 255),  # it is as dark as the picture already
        ({"follow": "master"}, 16),
    ],
)
def test_the_master_scales_what_does_not_follow_the_picture(
    channel: dict[str, object], expected: int
) -> None:
    stage = ToyStage({"main": picture(brightness=1.0)}, {"c": 1.0}, master=0.25)
    packet = stream({"channel": 1, **channel}).step(stage.readings, 0.0)
    assert packet is not None
    assert packet[0] == expected


def test_a_blackout_darkens_even_a_low_end_above_zero() -> None:
    stage = ToyStage(controls={"c": 0.0}, master=0.0)
    packet = stream({"channel": 1, "follow": "c", "range": [40, 255]}).step(stage.readings, 0.0)
    assert packet == bytes(512)


def test_a_renderer_that_is_gone_leaves_the_lights_as_they_are() -> None:
    stage = ToyStage({"main": picture(brightness=1.0)})
    one = stream({"channel": 1, "follow": "energy.main.brightness"})
    one.step(stage.readings, 0.0)
    stage.energies.clear()
    one.step(stage.readings, 5.0)
    assert one.levels[0] == 255


def levels(of: Stream, stage: ToyStage, now: float) -> int:
    of.step(stage.readings, now)
    return of.levels[0]


def test_a_renderer_that_is_gone_leaves_the_master_in_charge() -> None:
    stage = ToyStage({"main": picture(brightness=1.0)})
    one = stream({"channel": 1, "follow": "energy.main.brightness"})
    assert levels(one, stage, 0.0) == 255
    stage.energies.clear()
    found = []
    for now, stage.master in enumerate((0.5, 0.0, 0.2, 1.0), 1):
        found.append(levels(one, stage, float(now)))
    assert found == [128, 0, 51, 255]


def test_a_renderer_that_goes_in_a_dimmed_picture_dims_no_lamp_twice() -> None:
    stage = ToyStage({"main": picture(brightness=0.4)}, master=0.5)
    one = stream({"channel": 1, "follow": "energy.main.brightness"})
    assert levels(one, stage, 0.0) == 102
    stage.energies.clear()
    assert levels(one, stage, 1.0) == 102
    stage.master = 0.25
    assert levels(one, stage, 2.0) == 51
    stage.energies["main"] = picture(brightness=0.2)
    assert levels(one, stage, 2.01) == 51  # and no flash of what was before


def test_before_the_first_picture_the_master_scales_the_low_end() -> None:
    stage = ToyStage(master=0.5)
    one = stream({"channel": 1, "follow": "energy.main.brightness", "range": [40, 255]})
    assert levels(one, stage, 0.0) == 20


def test_a_blackout_darkens_what_follows_a_picture_below_its_range() -> None:
    stage = ToyStage({"main": picture(brightness=0.0)}, master=0.0)
    channels = {"channel": 1, "follow": "energy.main.brightness", "range": [40, 255]}
    assert levels(stream(channels), stage, 0.0) == 0
    assert levels(stream({**channels, "range": [255, 40]}), stage, 0.0) == 0
    stage.master = 1.0
    assert levels(stream(channels), stage, 0.0) == 40


def test_at_the_end_the_lights_stay_as_they_are() -> None:
    one = stream({"channel": 1, "value": 9})
    one.step(ToyStage().readings, 0.0)
    assert one.end() == [b"bye\x09" + bytes(511)]
