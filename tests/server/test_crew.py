"""The crew: who is there, how far behind, and the rules of the baton."""

from typing import Any

import pytest

from server.crew import AWAY, SILENT, Crew, Wall


@pytest.fixture
def crew() -> Crew:
    """FOH and a prompter's tablet."""
    crew = Crew()
    crew.join("foh", "operator", "10.0.0.5", 0.0, "FOH tablet")
    crew.join("prompt", "operator", "10.0.0.6", 0.0)
    return crew


def names(crew: Crew, now: float) -> list[str]:
    return [member["name"] for member in crew.to_plain(now)["crew"]]


def baton(crew: Crew, now: float) -> Any:
    return crew.to_plain(now)["baton"]


def test_who_is_there_in_the_order_of_coming(crew: Crew) -> None:
    assert crew.to_plain(1.0) == {
        "crew": [
            {
                "client": "foh",
                "name": "FOH tablet",
                "role": "operator",
                "address": "10.0.0.5",
                "delay_ms": None,
            },
            {
                "client": "prompt",
                "name": "operator 10.0.0.6",
                "role": "operator",
                "address": "10.0.0.6",
                "delay_ms": None,
            },
        ],
        "baton": None,
    }


def test_a_reload_keeps_its_place_and_one_that_stays_away_loses_it(crew: Crew) -> None:
    crew.leave("foh", 10.0)
    assert names(crew, 10.0) == ["operator 10.0.0.6"]
    crew.join("foh", "operator", "10.0.0.5", 10.0 + AWAY - 0.1, "FOH tablet")
    assert names(crew, 15.0) == ["FOH tablet", "operator 10.0.0.6"]
    crew.leave("foh", 20.0)
    crew.join("foh", "operator", "10.0.0.5", 20.0 + AWAY, "FOH tablet")
    assert names(crew, 30.0) == ["operator 10.0.0.6", "FOH tablet"]


def test_a_page_that_is_open_twice_is_one_and_stays_until_both_are_gone(crew: Crew) -> None:
    crew.join("foh", "operator", "10.0.0.5", 1.0, "FOH tablet")
    crew.leave("foh", 2.0)
    assert names(crew, 100.0) == ["FOH tablet", "operator 10.0.0.6"]


def test_two_pages_of_one_name_can_be_told_apart(crew: Crew) -> None:
    for client in ("b", "c"):
        crew.join(client, "operator", "10.0.0.9", 1.0, "FOH tablet")
    assert names(crew, 1.0) == ["FOH tablet", "operator 10.0.0.6", "FOH tablet (2)", "FOH tablet (3)"]


def test_a_name_is_one_short_line() -> None:
    crew = Crew()
    crew.join("a", "table", "::1", 0.0, "  the \n table\tby the door " + "x" * 100)
    (name,) = names(crew, 0.0)
    assert name.startswith("the table by the door xxx")
    assert len(name) == 40


def test_how_far_behind_each_is_as_it_says_itself(crew: Crew) -> None:
    crew.seen("foh", 0.0421, 10.0)
    delays = [member["delay_ms"] for member in crew.to_plain(10.0 + SILENT)["crew"]]
    assert delays == [42, None]


def test_a_page_that_falls_silent_is_at_least_so_far_behind(crew: Crew) -> None:
    crew.seen("foh", 0.04, 10.0)
    assert crew.to_plain(17.4)["crew"][0]["delay_ms"] == 7000


# --- the baton --------------------------------------------------------------------------------------------


def test_while_nobody_has_it_everybody_may_command(crew: Crew) -> None:
    assert crew.refusal("foh", "go", 1.0) is None
    assert crew.refusal("prompt", "go", 1.0) is None


def test_the_others_are_told_who_has_it_and_how_to_take_it(crew: Crew) -> None:
    assert crew.baton("foh", True, 1.0) is None
    assert baton(crew, 1.0) == {"client": "foh", "name": "FOH tablet"}
    assert crew.refusal("foh", "go", 1.0) is None
    assert crew.refusal("prompt", "go", 1.0) == (
        "GO refused: FOH tablet has the baton. Take the baton and press again."
    )


@pytest.mark.parametrize("command", ["panic", "note", "baton"])
def test_panic_notes_and_the_baton_itself_are_free(crew: Crew, command: str) -> None:
    crew.baton("foh", True, 1.0)
    assert crew.refusal("prompt", command, 1.0) is None


def test_what_is_no_page_needs_no_baton(crew: Crew) -> None:
    crew.baton("foh", True, 1.0)
    assert crew.refusal(None, "go", 1.0) is None


def test_it_is_taken_from_whoever_has_it(crew: Crew) -> None:
    crew.baton("foh", True, 1.0)
    assert crew.baton("prompt", True, 2.0) is None
    assert crew.refusal("foh", "go", 2.0) is not None
    assert crew.refusal("prompt", "go", 2.0) is None


def test_only_who_has_it_gives_it_back(crew: Crew) -> None:
    crew.baton("foh", True, 1.0)
    reason = crew.baton("prompt", False, 2.0)
    assert reason == "BATON refused: FOH tablet has it. Take it first if you need it."
    assert crew.baton("foh", False, 3.0) is None
    assert baton(crew, 3.0) is None


def test_giving_back_what_nobody_has_changes_nothing(crew: Crew) -> None:
    assert crew.baton("foh", False, 1.0) is None
    assert baton(crew, 1.0) is None


@pytest.mark.parametrize("client", [None, "nobody"])
def test_only_a_page_that_is_there_can_have_it(crew: Crew, client: str | None) -> None:
    assert "only a page that is open here can have it" in str(crew.baton(client, True, 1.0))
    assert baton(crew, 1.0) is None


def test_a_reload_keeps_it_and_one_that_stays_away_loses_it(crew: Crew) -> None:
    crew.baton("foh", True, 1.0)
    crew.leave("foh", 10.0)
    assert crew.refusal("prompt", "go", 14.9) is not None
    crew.join("foh", "operator", "10.0.0.5", 14.9, "FOH tablet")
    assert crew.refusal("prompt", "go", 100.0) is not None
    crew.leave("foh", 100.0)
    assert crew.refusal("prompt", "go", 100.0 + AWAY) is None
    assert baton(crew, 100.0 + AWAY) is None


# --- pictures ---------------------------------------------------------------------------------------------


def test_walls_are_pages_but_not_of_the_crew(crew: Crew) -> None:
    wall = Wall("main", "projector", "10.0.0.7", lambda now: 23.96, lambda now: now / 1000)
    with crew.watching(wall), crew.watching(Wall("side", "mjpeg", "10.0.0.8")):
        pages = crew.pages(41.2)
        assert len(crew.to_plain(41.2)["crew"]) == 2
    assert [(page["role"], page["wall"], page["fps"], page["delay_ms"]) for page in pages] == [
        ("operator", None, None, None),
        ("operator", None, None, None),
        ("projector", "main", 24.0, 41),
        ("mjpeg", "side", None, None),
    ]
    assert len({page["client"] for page in pages}) == 4
    assert len(crew.pages(42.0)) == 2
