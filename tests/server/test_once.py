"""What was asked once is done once, whoever asks again and however often."""

import pytest

from server.once import ANSWERS, CLIENTS, Once


class Work:
    """Something to do: how often it was done, and an answer of its own each time."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return f"answer {self.times}"


def test_a_repeat_gets_the_first_answer() -> None:
    once, work = Once[str](), Work()
    assert [once.do("tablet", "1", work) for _ in range(5)] == ["answer 1"] * 5
    assert work.times == 1


def test_another_id_and_another_client_are_other_commands() -> None:
    once, work = Once[str](), Work()
    asked = [("tablet", "1"), ("tablet", "2"), ("desk", "1"), ("tablet", "1"), ("desk", "1")]
    answers = [once.do(client, id, work) for client, id in asked]
    assert answers == ["answer 1", "answer 2", "answer 3", "answer 1", "answer 3"]


def test_what_raises_was_not_done_and_may_be_asked_again() -> None:
    once, work = Once[str](), Work()

    def refuse() -> str:
        raise ValueError("no such command")

    with pytest.raises(ValueError, match="no such command"):
        once.do("tablet", "1", refuse)
    assert once.do("tablet", "1", work) == "answer 1"


def test_a_client_is_remembered_by_its_newest_answers() -> None:
    once, work = Once[str](), Work()
    for number in range(ANSWERS + 1):
        once.do("tablet", str(number), work)
    assert once.do("tablet", "1", work) == "answer 2"
    assert once.do("tablet", "0", work) == f"answer {ANSWERS + 2}"


def test_a_client_that_asks_much_pushes_out_nobody_else() -> None:
    once, work = Once[str](), Work()
    once.do("quiet", "1", work)
    for number in range(3 * ANSWERS):
        once.do("loud", str(number), work)
    assert once.do("quiet", "1", work) == "answer 1"


def test_the_clients_that_were_heard_last_are_remembered() -> None:
    once, work = Once[str](), Work()
    once.do("first", "1", work)
    once.do("second", "1", work)
    for number in range(CLIENTS - 2):
        once.do(f"page {number}", "1", work)
    once.do("first", "1", work)  # a repeat counts as being heard
    once.do("newest", "1", work)
    assert once.do("first", "1", work) == "answer 1"
    assert once.do("second", "1", work) == f"answer {CLIENTS + 2}"
