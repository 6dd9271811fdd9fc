"""Newest wins: mailboxes, streams that projectors share, and the end of the show."""

import asyncio

import pytest

from server.frames import EncodedFrame
from server.health import Health
from server.hub import Closed, Hub, assign_streams


def frame(seq: int, stream: int = 0) -> EncodedFrame:
    return EncodedFrame(seq, seq / 30, 0, 0, 8, 8, stream, "", b"jpeg")


def test_projectors_that_see_the_same_share_a_stream() -> None:
    aheads, streams = assign_streams([("left", 0.0), ("right", 3.0), ("foyer", 0.0)])
    assert aheads == [0.0, 3.0]
    assert streams == {"left": 0, "right": 1, "foyer": 0}


async def test_a_slow_client_gets_the_newest_and_the_rest_is_counted() -> None:
    health = Health()
    hub = Hub({"main": 0}, health)
    with hub.open("main") as mailbox:
        for seq in range(5):
            hub.publish(frame(seq))
        assert (await mailbox.get()).seq == 4
        assert health.counted("frames.dropped") == 4
        hub.publish(frame(5))
        assert (await mailbox.get()).seq == 5
        assert health.counted("frames.dropped") == 4


async def test_each_projector_gets_its_own_stream() -> None:
    hub = Hub({"left": 0, "right": 1}, Health())
    with hub.open("left") as left, hub.open("right") as right:
        hub.publish(frame(1, stream=1))
        hub.publish(frame(2, stream=0))
        assert (await right.get()).seq == 1
        assert (await left.get()).seq == 2


async def test_who_comes_late_sees_the_last_frame_at_once() -> None:
    hub = Hub({"main": 0}, Health())
    assert hub.newest("main") is None
    hub.publish(frame(9))
    assert hub.newest("main") == frame(9)
    with hub.open("main") as mailbox:
        assert (await mailbox.get()).seq == 9


async def test_the_end_of_the_show_ends_every_wait() -> None:
    hub = Hub({"main": 0}, Health())
    with hub.open("main") as mailbox:
        waiting = asyncio.create_task(mailbox.get())
        await asyncio.sleep(0)
        hub.close()
        with pytest.raises(Closed):
            await waiting
    with hub.open("main") as late, pytest.raises(Closed):
        await late.get()


def test_an_unknown_projector_is_an_error() -> None:
    hub = Hub({"main": 0}, Health())
    with pytest.raises(KeyError):
        hub.newest("wall")
