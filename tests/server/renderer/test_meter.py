"""The energy of known pictures: black, white, three colours, still, a moving bar, a flicker, a cut."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.renderer.energy import Energy
from server.renderer.meter import FULL, SETTLES, Meter

FPS = 30


def plain(red: int, green: int, blue: int, size: int = 64) -> npt.NDArray[np.uint8]:
    return np.full((size, size, 3), (red, green, blue), np.uint8)


def bar(column: int, size: int = 256, width: int = 64) -> npt.NDArray[np.uint8]:
    """White on black, as high as the picture."""
    picture = plain(0, 0, 0, size)
    picture[:, column : column + width] = 255
    return picture


def played(*pictures: npt.NDArray[np.uint8], fps: float = FPS) -> list[Energy]:
    meter = Meter()
    return [meter.measure(picture, 100.0 + tick / fps) for tick, picture in enumerate(pictures)]


def test_black_has_nothing() -> None:
    nothing = (0.0, 0.0, 0.0)
    assert played(plain(0, 0, 0))[0] == Energy(0.0, 0.0, (nothing, nothing, nothing))


def test_white_is_all_bright_and_still() -> None:
    energy = played(plain(255, 255, 255), plain(255, 255, 255))[-1]
    assert energy.motion == 0.0
    assert energy.brightness == pytest.approx(1.0)
    assert np.array(energy.thirds) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("colour", "luma"), [((255, 0, 0), 0.2126), ((0, 255, 0), 0.7152), ((0, 0, 255), 0.0722)]
)
def test_green_is_brighter_than_red_and_red_than_blue(colour: tuple[int, int, int], luma: float) -> None:
    assert played(plain(*colour))[0].brightness == pytest.approx(luma, abs=1e-4)


@pytest.mark.parametrize("size", [32, 33, 64, 100, 128, 256, 300, 512, 1024])
def test_each_third_has_its_own_colour_whatever_the_size(size: int) -> None:
    picture = plain(0, 0, 255, size)
    picture[:, : size // 3] = (255, 0, 0)
    picture[:, size // 3 : size - size // 3] = (0, 255, 0)
    left, middle, right = played(picture)[0].thirds
    assert left == pytest.approx((1.0, 0.0, 0.0), abs=0.07)
    assert middle == pytest.approx((0.0, 1.0, 0.0), abs=0.07)
    assert right == pytest.approx((0.0, 0.0, 1.0), abs=0.07)


def test_a_picture_need_not_be_square() -> None:
    picture = np.zeros((64, 128, 3), np.uint8)
    picture[:, 64:] = 255
    energy = played(picture)[0]
    assert energy.brightness == pytest.approx(0.5, abs=1e-3)
    assert [third[0] for third in energy.thirds] == pytest.approx([0.0, 0.5, 1.0], abs=1e-2)


def test_a_picture_that_stands_still_does_not_move() -> None:
    assert {energy.motion for energy in played(*[bar(40)] * 10)} == {0.0}


def test_a_bar_that_moves_has_the_motion_of_its_edges() -> None:
    # 4 columns of 256 turn white in a frame and 4 black, 4 times a second: 1/8 of full brightness a second.
    energy = played(*(bar(column) for column in range(0, 192, 4)), fps=4)[-1]
    assert energy.motion == pytest.approx(8 / 256 * 4 / FULL, rel=0.02)
    assert energy.brightness == pytest.approx(0.25, abs=1e-3)


def test_the_same_movement_has_the_same_motion_at_any_frame_rate() -> None:
    slow = played(*(bar(8 * tick) for tick in range(24)), fps=2)
    fast = played(*(bar(4 * tick) for tick in range(48)), fps=4)
    assert slow[-1].motion == pytest.approx(fast[-1].motion, rel=0.05)


def test_a_cut_is_all_the_motion_there_is_and_is_over_soon() -> None:
    black, white = plain(0, 0, 0), plain(255, 255, 255)
    motions = [energy.motion for energy in played(black, *[white] * 60)]
    assert motions[1] == 1.0
    assert motions[-1] < 0.01
    assert all(later <= earlier for earlier, later in pairwise(motions[1:]))


def test_motion_fades_with_its_time_constant() -> None:
    first, second = bar(0), bar(1)
    motions = [energy.motion for energy in played(first, second, *[second] * 30, fps=60)]
    fallen = motions[1 + round(SETTLES * 60)]
    assert fallen == pytest.approx(motions[1] / np.e, rel=0.05)


def test_after_a_pause_nobody_knows_what_has_moved() -> None:
    meter = Meter()
    meter.measure(plain(0, 0, 0), 1.0)
    assert meter.measure(plain(255, 255, 255), 3.0).motion == 0.0


def test_another_size_is_a_new_beginning() -> None:
    meter = Meter()
    meter.measure(plain(0, 0, 0, 16), 1.0)
    assert meter.measure(plain(255, 255, 255, 256), 1.1).motion == 0.0
    assert meter.measure(plain(0, 0, 0, 256), 1.2).motion == 1.0


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 255), st.floats(0.0, 2.0))
def test_whatever_is_painted_all_numbers_are_between_0_and_1_and_travel(
    height: int, width: int, level: int, pause: float
) -> None:
    meter = Meter()
    meter.measure(np.zeros((height, width, 3), np.uint8), 0.0)
    plain = meter.measure(np.full((height, width, 3), level, np.uint8), pause).to_plain()
    assert all(0.0 <= number <= 1.0 for number in plain)
    assert Energy.from_plain(plain).to_plain() == plain


@pytest.mark.parametrize(
    "plain", [[], [0.5] * 10, [0.5] * 10 + [1.1], [0.5] * 10 + [float("nan")], ["a"] * 11]
)
def test_what_is_no_energy_is_refused(plain: list[float]) -> None:
    with pytest.raises(ValueError, match="expected 11 numbers from 0 to 1"):
        Energy.from_plain(plain)
