"""The window of frames on their way, by a clock of its own."""

from server.window import COUNTED_FOR, Window


def test_frames_a_second_are_those_that_were_acknowledged() -> None:
    window = Window()
    for seq in range(100):
        window.sent(seq, seq / 25)
        assert window.acknowledge(seq, seq / 25 + 0.01)
    assert window.fps(99 / 25 + 0.02) == 25.0
    assert window.fps(99 / 25 + 0.02 + COUNTED_FOR) == 0.0


def test_a_frame_that_is_acknowledged_settles_those_before_it() -> None:
    window = Window()
    window.sent(1, 0.0)
    window.sent(2, 0.1)
    assert window.acknowledge(2, 0.2)
    assert not window.acknowledge(1, 0.3)
    assert window.delay(5.0) == 0.1


def test_how_far_behind_is_the_last_answer_or_what_is_owed_if_that_is_more() -> None:
    window = Window()
    assert window.delay(0.0) is None
    window.sent(1, 1.0)
    assert window.delay(1.5) == 0.5
    window.acknowledge(1, 2.0)
    window.sent(2, 3.0)
    assert window.delay(3.25) == 1.0
    assert window.delay(9.0) == 6.0
