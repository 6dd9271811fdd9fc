"""What is worth a remark: losses and returns, each once, and slow frames summed up."""

from dataclasses import replace

from server.watchman import SUM_UP_AFTER, Sight, Watchman

WELL = Sight(True, "", {"projector": 2, "operator": 1}, 0)


def test_a_show_that_is_well_is_worth_none() -> None:
    watchman = Watchman(0.0)
    assert watchman.look(replace(WELL, pictures=False, note="loading"), 0.0) == []
    assert [watchman.look(WELL, at / 4) for at in range(100)] == [[]] * 100


def test_a_renderer_is_lost_once_and_back_once() -> None:
    watchman = Watchman(0.0)
    watchman.look(WELL, 0.0)
    dead = replace(WELL, pictures=False, note="restarting: no frame for 2.1 s")
    assert watchman.look(dead, 5.0) == [("renderer lost", "restarting: no frame for 2.1 s")]
    assert watchman.look(dead, 5.25) == []
    assert watchman.look(WELL, 8.5) == [("renderer back", "after 3.5 s")]
    assert watchman.look(WELL, 9.0) == []


def test_pages_that_go_and_come_back_are_told_from_new_ones() -> None:
    watchman = Watchman(0.0)
    watchman.look(WELL, 0.0)
    gone = replace(WELL, pages={"projector": 1, "operator": 1})
    assert watchman.look(gone, 1.0) == [("page lost", "projector: 1 of 2 open")]
    assert watchman.look(WELL, 2.0) == [("page back", "projector: 2 of 2 open")]
    assert watchman.look(replace(WELL, pages={"projector": 3, "operator": 1}), 3.0) == []


def test_slow_frames_are_one_remark_for_a_while() -> None:
    watchman = Watchman(0.0)
    remarks = []
    for at in range(int(SUM_UP_AFTER * 4) + 1):
        remarks += watchman.look(replace(WELL, skipped=3), at / 4)
    assert remarks == [("slow frames", "30 ticks without a frame in 10 s")]
