"""The teller on a manual clock: who is told what, how often, and for how long."""

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.oscquery.space import Args, Method
from server.patch import Refused
from server.telling.facts import LOOP, Fact
from server.telling.teller import KEPT, MOST, REPEAT, Teller, Told
from server.telling.wishes import Wish

START = 1000.0


def fact(name: str, rate: float = 100.0, moves: bool = False) -> Fact:
    return Fact(Method(f"/marrow/{name}", "f", name, lambda now: None, writable=False), rate, moves)


CUE = fact("current")
SPEED = fact("walk/speed", 30.0, moves=True)
MOTION = fact("energy/main/motion", 30.0, moves=True)
PULSE = Fact(Method(LOOP, "i", "loop", None, writable=False))
FACTS = (CUE, SPEED, MOTION, PULSE)


class World:
    """What the facts are, and all that was told. `run` looks whenever the teller wants to."""

    def __init__(self, *facts: Fact) -> None:
        self.teller = Teller(facts or FACTS)
        self.now = START
        self.values: dict[str, float | None] = {fact.address: 0.0 for fact in FACTS}
        self.told: list[tuple[float, Told]] = []
        self.looks = 0
        self.reads: Counter[str] = Counter()

    def read(self, fact: Fact) -> Args | None:
        self.reads[fact.address] += 1
        value = self.values.get(fact.address, 0.0)
        if fact is MOTION:
            value = math.floor(self.now * 1000.0)  # it changes all the time
        return None if value is None else (value,)

    def look(self) -> list[Told]:
        self.looks += 1
        told = self.teller.look(self.now, self.read)
        self.told += [(self.now, each) for each in told]
        return told

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.teller.deadline) is not None and due <= end:
            assert due > self.now
            self.now = due
            self.look()
        self.now = end

    def times(self, to: str, fact: Fact) -> list[float]:
        return [at for at, told in self.told if (told.to, told.address) == (to, fact.address)]


@pytest.fixture
def world() -> World:
    return World()


def wish(pattern: str = "*", rate: float | None = None) -> Wish:
    return Wish(f"/marrow/{pattern}", rate)


def test_nobody_is_told_anything_who_did_not_ask(world: World) -> None:
    assert not world.teller.busy
    assert world.look() == []
    assert world.teller.deadline is None
    assert world.reads == {}


def test_a_target_is_told_all_at_first_and_then_what_changes(world: World) -> None:
    world.teller.enlist("lamp", [wish("current")])
    assert world.look() == [Told("lamp", "/marrow/current", (0.0,))]
    world.now += 0.1
    assert world.look() == []
    world.values[CUE.address] = 1.0
    assert world.look() == [Told("lamp", "/marrow/current", (1.0,))]


def test_what_does_not_change_is_told_again_every_second(world: World) -> None:
    world.teller.enlist("lamp", [wish("current")])
    world.look()
    world.run(10.5)
    times = world.times("lamp", CUE)
    assert len(times) == 11
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([REPEAT] * 10)
    assert world.looks < 30, "what does not move is not looked at for its own sake"


@pytest.mark.parametrize("rate", [0.5, 1.0, 12.5, 30.0, 60.0, 100.0])
def test_what_moves_is_told_at_the_rate_that_was_asked_for(world: World, rate: float) -> None:
    world.teller.subscribe("pd", wish("energy/*", rate), world.now)
    world.look()
    world.run(20.0)
    assert len(world.times("pd", MOTION)) == pytest.approx(20 * rate, abs=1)


def test_without_a_rate_each_address_has_its_own(world: World) -> None:
    world.teller.subscribe("pd", wish(), world.now)
    world.look()
    world.run(10.0)
    assert len(world.times("pd", MOTION)) == pytest.approx(300, abs=1)
    assert len(world.times("pd", SPEED)) == pytest.approx(10, abs=1), "it stands still"
    assert world.times("pd", PULSE) == []


def test_a_change_between_two_slots_is_told_in_the_next_and_never_lost(world: World) -> None:
    world.teller.subscribe("pd", wish("current", 10.0), world.now)
    world.look()
    for value in range(1, 8):
        world.now += 0.01
        world.values[CUE.address] = float(value)
        world.look()
    world.run(0.1)
    assert [told.args for _, told in world.told] == [(0.0,), (7.0,)]


def test_all_addresses_of_a_rate_share_one_look(world: World) -> None:
    teller = Teller([fact(f"control/{n}", 30.0, moves=True) for n in range(50)])
    world.teller = teller
    teller.enlist("a", [wish()])
    world.now += 0.0123
    teller.subscribe("b", wish(), world.now)
    world.look()
    world.run(10.0)
    assert world.looks <= 302


def test_each_fact_is_read_once_a_look_whoever_hears_it(world: World) -> None:
    for number in range(8):
        world.teller.subscribe(f"pd {number}", wish(), world.now)
    assert len(world.look()) == 8 * 3
    assert set(world.reads.values()) == {1}


def test_what_has_no_value_is_not_told_and_is_when_it_has(world: World) -> None:
    world.values[SPEED.address] = None
    world.teller.enlist("lamp", [wish("walk/speed")])
    assert world.look() == []
    world.run(1.0)
    assert world.told == []
    world.values[SPEED.address] = 0.5
    world.run(0.1)
    assert [told.args for _, told in world.told] == [(0.5,)]


def test_of_two_wishes_for_an_address_the_higher_rate_counts(world: World) -> None:
    world.teller.subscribe("pd", wish("*", 10.0), world.now)
    world.teller.subscribe("pd", wish("energy/*", 50.0), world.now)
    world.look()
    world.run(10.0)
    assert len(world.times("pd", MOTION)) == pytest.approx(500, abs=1)


def test_a_subscription_is_forgotten_unless_it_is_renewed(world: World) -> None:
    world.teller.subscribe("pd", wish(), world.now)
    world.teller.subscribe("sc", wish(), world.now)
    world.now += KEPT / 2
    told = len(world.look())
    assert world.teller.subscribe("pd", wish(), world.now) == 4
    assert world.look() == [], "to renew is not to begin anew"
    assert told == 6
    world.now += KEPT / 2
    assert world.teller.forget(world.now) == ("sc",)
    assert world.teller.hearers == ("pd",)
    world.now += KEPT / 2
    assert world.teller.forget(world.now) == ("pd",)
    assert not world.teller.busy


def test_a_target_of_the_config_is_never_forgotten(world: World) -> None:
    world.teller.enlist("lamp", [wish()])
    assert world.teller.forget(START + 1e6) == ()
    with pytest.raises(Refused):
        world.teller.unsubscribe("lamp", None)


def test_who_unsubscribes_hears_no_more_of_it(world: World) -> None:
    world.teller.subscribe("pd", wish("current"), world.now)
    world.teller.subscribe("pd", wish("walk/*"), world.now)
    world.teller.unsubscribe("pd", "/marrow/walk/*")
    assert {told.address for told in world.look()} == {"/marrow/current"}
    world.teller.unsubscribe("pd", "/marrow/current")
    assert not world.teller.busy
    with pytest.raises(Refused, match="no such subscription"):
        world.teller.unsubscribe("pd", None)


def test_who_was_silent_for_longest_makes_room(world: World) -> None:
    """A program that is started again and again comes from another port each time."""
    world.teller.enlist("lamp", [wish()])
    for number in range(MOST):
        world.teller.subscribe(f"pd {number}", wish(), world.now + number)
    world.teller.subscribe("pd 0", wish(), world.now + MOST)
    world.teller.subscribe("one more", wish(), world.now + MOST)
    assert "pd 1" not in world.teller.hearers
    assert {"lamp", "pd 0", "pd 2", "one more"} <= set(world.teller.hearers)


def test_there_is_room_for_so_many_patterns_and_no_more(world: World) -> None:
    world.teller.subscribe("pd 0", wish(), world.now)
    for number in range(MOST - 1):
        world.teller.subscribe("pd 0", wish(f"control/{number}"), world.now)
    with pytest.raises(Refused, match="16 patterns"):
        world.teller.subscribe("pd 0", wish("control/more"), world.now)
    world.teller.subscribe("pd 0", wish("control/3"), world.now)  # which it has


def test_a_fact_that_comes_later_is_told_and_the_others_are_not_told_again(world: World) -> None:
    world.teller.subscribe("pd", wish(), world.now)
    world.look()
    world.now += 0.001
    world.teller.know((*FACTS, fact("control/plate.mom", 30.0, moves=True)))
    assert [told.address for told in world.look()] == ["/marrow/control/plate.mom"]


def test_a_pass_is_told_to_who_wants_the_loop_and_waits_for_no_slot(world: World) -> None:
    world.teller.enlist("lamp", [wish("current")])
    world.teller.subscribe("pd", wish("loop", 1.0), world.now)
    assert world.teller.passing(3) == [Told("pd", LOOP, (3,))]
    assert world.teller.passing(4) == [Told("pd", LOOP, (4,))]


@given(
    st.lists(st.tuples(st.floats(0.0, 0.2), st.integers(0, 2)), max_size=60),
    st.sampled_from([0.1, 3.0, 29.97, 30.0, 100.0]),
)
def test_whatever_happens_when_the_last_value_is_told_and_no_slot_has_two(
    changes: list[tuple[float, int]], rate: float
) -> None:
    world = World()
    world.teller.subscribe("pd", wish("current", rate), world.now)
    world.look()
    for pause, value in changes:
        world.run(pause)
        world.values[CUE.address] = float(value)
        world.look()
    world.run(1.0 + 1.0 / rate)
    times = [at for at, _ in world.told]
    slots = [math.floor(at * rate + 1e-6) for at in times]
    assert len(slots) == len(set(slots))
    assert world.told[-1][1].args == (world.values[CUE.address],)
