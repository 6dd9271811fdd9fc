"""What others than the picture follow: the overlays and the controls, at this moment."""

import pytest

from show_control.events import Blackout, Control, Go, Master
from show_control.show import Show
from show_control.showfile import parse_show

TEXT = 'safe = { walk = { still = 0 } }\n[[cue]]\nnumber = "1"\nname = "One"\nlook = { master = 0.5 }\n'


@pytest.fixture
def show() -> Show:
    return Show(parse_show(TEXT, "test.toml"), 0.0)


def test_the_overlay_is_the_grand_master_times_the_blackout_and_no_look(show: Show) -> None:
    show.receive(Go(), 0.0)
    assert show.overlay(5.0) == 1.0
    show.receive(Master(0.5), 5.0)
    assert show.overlay(5.05) == pytest.approx(0.75)  # on its way, as the picture is
    assert show.overlay(6.0) == 0.5
    show.receive(Blackout(True), 6.0)
    assert show.overlay(6.15) == pytest.approx(0.25)
    assert show.overlay(7.0) == 0.0


def test_a_control_is_on_its_way_to_what_was_heard(show: Show) -> None:
    assert show.control("fog", 1.0) is None
    show.receive(Control("fog", 1.0, 0.5), 1.0)
    assert 0.0 < (show.control("fog", 1.2) or 0.0) < 1.0
    assert show.control("fog", 20.0) == pytest.approx(1.0)
    assert show.control("fog", 1.2) == show.status(1.2).controls["fog"]
