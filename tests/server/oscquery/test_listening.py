"""What one connection is told, and what not."""

from server.oscquery.listening import MAX_REPLIES, OWN, Listener


def values(listener: Listener) -> dict[str, tuple[object, ...]]:
    return dict(listener.take().values)


def test_only_what_is_listened_to_and_only_what_is_new() -> None:
    listener = Listener("me")
    listener.tell("/a", (1,), 0.0)
    assert not listener.waiting.is_set()
    listener.listen("/a")
    listener.tell("/a", (1,), 0.0)
    assert listener.waiting.is_set()
    assert values(listener) == {"/a": (1,)}
    assert not listener.waiting.is_set()
    listener.tell("/a", (1,), 0.1)
    assert values(listener) == {}
    listener.tell("/a", (2,), 0.2)
    listener.tell("/a", (3,), 0.3)
    assert values(listener) == {"/a": (3,)}  # newest wins


def test_to_listen_again_is_to_be_told_again() -> None:
    listener = Listener("me")
    listener.listen("/a")
    listener.tell("/a", (1,), 0.0)
    listener.take()
    listener.listen("/a")
    listener.tell("/a", (1,), 0.1)
    assert values(listener) == {"/a": (1,)}


def test_ignore_takes_back_what_waits() -> None:
    listener = Listener("me")
    listener.listen("/a")
    listener.tell("/a", (1,), 0.0)
    listener.ignore("/a")
    listener.tell("/a", (2,), 0.1)
    assert values(listener) == {}


def test_who_moves_a_value_is_not_told_of_it_until_it_has_come_to_rest() -> None:
    listener = Listener("me")
    listener.listen("/fader")
    listener.tell("/fader", (0.1,), 0.0)
    listener.moved("/fader", (0.5,), 0.0)
    listener.tell("/fader", (0.3,), 0.2)  # on its way there
    assert values(listener) == {}
    listener.tell("/fader", (0.5,), OWN + 0.1)
    assert values(listener) == {}  # it knows
    listener.tell("/fader", (0.7,), OWN + 0.2)  # somebody else
    assert values(listener) == {"/fader": (0.7,)}


def test_a_message_for_an_address_without_a_value_is_passed_on_to_all_but_its_sender() -> None:
    listener = Listener("me")
    listener.listen("/show/go")
    listener.happened("/show/go", (), "me")
    assert values(listener) == {}
    listener.happened("/show/go", (), "osc 10.0.0.7:5000")
    assert values(listener) == {"/show/go": ()}
    listener.happened("/show/go", (), "osc 10.0.0.7:5000")
    assert values(listener) == {"/show/go": ()}


def test_replies_are_all_sent_and_never_too_many() -> None:
    listener = Listener("me")
    for number in range(MAX_REPLIES + 5):
        listener.send(bytes([number % 256]))
    assert listener.waiting.is_set()
    assert len(listener.take().replies) == MAX_REPLIES


def test_changes_of_the_space_in_two_places_are_a_change_of_all() -> None:
    listener = Listener("me")
    listener.space_changed("/cue")
    listener.space_changed("/cue")
    assert listener.take().moved == "/cue"
    listener.space_changed("/cue")
    listener.space_changed("/table")
    mail = listener.take()
    assert mail.moved == "/"
    assert listener.take().moved is None
