"""Learning: the sensor that somebody touches is offered, whatever else wobbles."""

from server.monitor.learning import Learner, scale
from server.monitor.ledger import Direction, Ledger


def before(**values: list[float]) -> Ledger:
    """A minute of sensors that do this, ten times a second."""
    ledger = Ledger()
    for nth in range(600):
        for name, row in values.items():
            ledger.hear(Direction.IN, "osc 1", f"/{name}", (row[nth % len(row)],), "", nth / 10)
    return ledger


def learned(ledger: Ledger, *messages: tuple[str, float]) -> list[str]:
    learner = Learner(ledger.rows())
    for address, value in messages:
        learner.hear(address, value)
    return [moved.address for moved in learner.offers()]


def test_what_moves_is_offered_and_what_wobbles_as_always_is_not() -> None:
    ledger = before(plate=[0.0], noise=[0.2, 0.9], breath=[500.0, 520.0])
    moves = [
        (f"/{name}", value)
        for _ in range(9)
        for name, value in (("noise", 0.2), ("noise", 0.9), ("breath", 503.0))
    ]
    assert learned(ledger, *moves, ("/plate", 0.3), ("/plate", 0.7)) == ["/plate"]


def test_scales_are_equal_so_that_a_knock_of_a_fine_sensor_does_not_win() -> None:
    ledger = before(plate=[0.0], force=[100.0])
    assert learned(ledger, ("/force", 130.0), ("/plate", 0.8)) == ["/plate", "/force"]
    assert [scale(value) for value in (0.4, 1.0, 64, 127, 900, 100_000)] == [1, 1, 100, 127, 1023, 100_000]


def test_a_switch_that_sends_one_message_has_moved() -> None:
    assert learned(before(chair=[0.0]), ("/chair", 1.0)) == ["/chair"]


def test_who_was_never_heard_before_is_offered_last() -> None:
    assert learned(before(plate=[0.0]), ("/pedal", 1.0), ("/plate", 0.5)) == ["/plate", "/pedal"]


def test_a_pulse_that_was_heard_before_has_moved_when_it_comes_again() -> None:
    ledger = Ledger()
    ledger.hear(Direction.IN, "osc 1", "/bell", (), "", 1.0)
    assert learned(ledger, ("/bell", 1.0)) == ["/bell"]


def test_what_is_built_in_is_no_sensor() -> None:
    assert learned(Ledger(), ("/show/master", 0.1), ("/show/master", 0.9), ("/control/x", 0.9)) == []


def test_what_has_no_slash_is_no_address() -> None:
    assert learned(Ledger(), ("table", 0.1), ("table", 0.9), ("/", 0.9), ("", 0.9)) == []


def test_at_rest_nothing_is_offered() -> None:
    assert learned(before(plate=[0.0]), ("/plate", 0.0), ("/plate", 0.01)) == []
