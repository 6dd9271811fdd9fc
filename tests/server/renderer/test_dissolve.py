"""Frames of several networks into one: rounding, sizes, and painting in turn on a manual clock."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.pacer import Pacer
from server.renderer.dissolve import WHOLE, Dissolve, blended, counted, fitted
from server.renderer.understudy import Part
from show_control.look import Look

LOOK = Look("main", (), (), (), 0.7, 0.0, 0.0, 0.0, (), 1.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Fake:
    """Paints its level, and takes `cost` seconds for it."""

    device = "cpu"
    backend = "fake"
    why = ""

    def __init__(self, clock: Clock, level: int, cost: float, size: int = 4) -> None:
        self.size = size
        self.painted = 0
        self._clock, self._level, self._cost = clock, level, cost

    def warm_up(self, batch: int, bent_at: Sequence[str]) -> None: ...

    def synthesize(self, looks: Sequence[Look]) -> npt.NDArray[np.uint8]:
        self._clock.now += self._cost
        self.painted += 1
        return np.full((len(looks), self.size, self.size, 3), self._level, np.uint8)


def parts(**shares: float) -> dict[str, Part]:
    return {name: (share, (LOOK, LOOK)) for name, share in shares.items()}


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=5))
def test_counted_shares_are_whole(raw: list[float]) -> None:
    shares = {str(number): share / sum(raw) for number, share in enumerate(raw)}
    weights = counted(shares)
    assert sum(weights.values()) == WHOLE
    assert all(abs(weights.get(name, 0) - share * WHOLE) <= len(raw) for name, share in shares.items())


def test_a_blend_is_rounded_and_the_whole_of_one_is_exact() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, axis=3)
    white = np.full_like(levels, 255)
    assert (blended([(WHOLE, levels)]) == levels).all()
    for weight in (1, 77, 128, 255):
        expected = (levels * (weight / WHOLE) + 255 * (1 - weight / WHOLE) + 0.5).astype(np.uint8)
        assert (blended([(weight, levels), (WHOLE - weight, white)]) == expected).all()


def test_frames_are_brought_to_the_larger_size() -> None:
    clock = Clock()
    generators = {"main": Fake(clock, 100, 0.001, 4), "sea": Fake(clock, 200, 0.001, 8)}
    dissolve = Dissolve(clock)
    dissolve.paint(parts(main=1.0), generators, 0.03)
    frames = dissolve.paint(parts(main=0.5, sea=0.5), generators, 0.03)
    assert frames.shape == (2, 8, 8, 3)
    assert (frames == 150).all()
    assert fitted(frames, 8) is frames


def test_one_network_is_painted_and_passed_on_as_it_is() -> None:
    clock = Clock()
    generators = {"main": Fake(clock, 100, 1.0), "sea": Fake(clock, 200, 1.0)}
    frames = Dissolve(clock).paint(parts(main=0.9999, sea=0.0001), generators, 0.03)
    assert (frames == 100).all()
    assert generators["sea"].painted == 0


def test_networks_that_are_fast_enough_are_all_painted_once_they_are_known() -> None:
    clock = Clock()
    generators = {"main": Fake(clock, 100, 0.01), "sea": Fake(clock, 200, 0.01)}
    dissolve = Dissolve(clock)
    dissolve.paint(parts(main=1.0), generators, 0.03)
    for _ in range(10):
        dissolve.paint(parts(main=0.5, sea=0.5), generators, 0.03)
    assert (generators["main"].painted, generators["sea"].painted) == (10, 10)


def test_a_network_that_went_and_came_back_shows_no_frame_of_the_first_time() -> None:
    clock = Clock()
    generators = {"main": Fake(clock, 100, 0.025), "sea": Fake(clock, 200, 0.025)}
    dissolve = Dissolve(clock)
    for mix in (parts(main=0.5, sea=0.5), parts(main=1.0)):
        dissolve.paint(mix, generators, 0.03)
    generators["sea"] = Fake(clock, 0, 0.025)
    assert (dissolve.paint(parts(main=0.5, sea=0.5), generators, 0.03) == 50).all()


@pytest.mark.parametrize("cost", [0.008, 0.02, 0.03])
def test_a_cross_fade_skips_no_tick(cost: float) -> None:
    """Two networks, each of which fits into a frame's time while both may not."""
    clock, pacer = Clock(), Pacer(30)
    generators = {"main": Fake(clock, 0, cost), "sea": Fake(clock, 240, cost)}
    dissolve = Dissolve(clock)
    levels: list[int] = []
    for number in range(300):
        tick = pacer.next(clock.now)
        clock.now = max(clock.now, tick.pts)
        share = min(max((number - 100) / 100, 0.0), 1.0)
        mix = parts(**{name: part for name, part in (("main", 1.0 - share), ("sea", share)) if part > 0})
        frames = dissolve.paint(mix, generators, 0.9 / 30)
        clock.now += 0.001  # for the rest of the tick
        levels.append(int(frames[0, 0, 0, 0]))
    assert pacer.skipped == 0
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, 240)
    assert max(b - a for a, b in pairwise(levels)) <= 4
    faded = [generator.painted - 100 for generator in generators.values()]
    assert min(faded) >= (98 if cost < 0.01 else 48)
