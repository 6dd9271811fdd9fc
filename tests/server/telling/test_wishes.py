"""Wishes: what a pattern reaches, and what a subscription may say."""

import pytest

from server.patch import Refused
from server.telling.facts import FAMILIES, facts
from server.telling.wishes import Wish, farewell, subscription, told_to, whole

ADDRESSES = tuple(fact.address for fact in facts(("main", "side"), ("mom", "dad")))


def reached(pattern: str) -> set[str]:
    wish = Wish(whole(pattern))
    return {address.removeprefix("/marrow/") for address in ADDRESSES if wish.reaches(address)}


def test_an_address_reaches_itself_alone() -> None:
    assert reached("current") == {"current"}
    assert reached("/marrow/name/current") == {"name/current"}


def test_a_last_star_reaches_all_that_is_below() -> None:
    assert reached("energy/main/*") == {
        f"energy/main/{part}" for part in ("motion", "brightness", "left", "middle", "right")
    }
    assert len(reached("energy/*")) == 10
    assert reached("*") == {address.removeprefix("/marrow/") for address in ADDRESSES}
    assert reached("current/*") == set()


def test_other_wildcards_stay_within_their_segment() -> None:
    assert reached("energy/*/motion") == {"energy/main/motion", "energy/side/motion"}
    assert reached("ear/{mom,dad}") == {"ear/mom", "ear/dad"}
    assert reached("energy/ma?n/[lr]*") == {"energy/main/left", "energy/main/right"}


def test_every_address_that_is_told_belongs_to_a_family() -> None:
    assert {address.split("/")[2] for address in ADDRESSES} | {"control"} == set(FAMILIES)


def test_a_subscription_may_leave_out_what_is_behind() -> None:
    assert subscription(()) == (Wish("/marrow/*"), None)
    assert subscription(("walk/*",)) == (Wish("/marrow/walk/*"), None)
    assert subscription(("walk/*", 20)) == (Wish("/marrow/walk/*", 20.0), None)
    assert subscription(("walk/*", 0)) == (Wish("/marrow/walk/*"), None)
    assert subscription(("walk/*", 12.5, 7000)) == (Wish("/marrow/walk/*", 12.5), 7000)
    assert subscription(("walk/*", 12.5, 7000.0)) == (Wish("/marrow/walk/*", 12.5), 7000)
    assert farewell(()) == (None, None)
    assert farewell(("walk/*",)) == ("/marrow/walk/*", None)
    assert farewell(("walk/*", 7000)) == ("/marrow/walk/*", 7000)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("curent",), 'Did you mean "current"?'),
        (("lamp/*",), "There are current, standby"),
        (("",), "expected a pattern"),
        ((3,), "expected a pattern"),
        (("/show/go",), "below /marrow"),
        (("energy/[",), 'no "]"'),
        (("x" * 300,), "at most 255"),
        (("*", 1000), "expected a rate from 0.1 to 100 a second, or 0, got 1000"),
        (("*", -1), "expected a rate"),
        (("*", "fast"), "expected a finite number"),
        (("*", float("nan")), "expected a finite number"),
        (("*", 10, 0), "expected a port from 1 to 65535"),
        (("*", 10, 7000.5), "expected a port"),
        (("*", 10, 7000, 1), "at most, got 4 arguments"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason(args: tuple[object, ...], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        subscription(args)
    assert said in str(refusal.value)


def test_a_farewell_is_read_as_strictly() -> None:
    with pytest.raises(Refused, match="expected a port"):
        farewell(("*", 70_000))
    with pytest.raises(Refused, match="got 3 arguments"):
        farewell(("*", 7000, 1))


def test_state_means_four_addresses_at_their_own_rates() -> None:
    wishes = told_to(True, ("energy/*",), 60.0)
    assert [wish.pattern.removeprefix("/marrow/") for wish in wishes] == [
        "current",
        "standby",
        "mode",
        "progress",
        "energy/*",
    ]
    assert [wish.rate for wish in wishes] == [None, None, None, None, 60.0]
    assert told_to(False, (), None) == ()
