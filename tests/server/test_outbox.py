"""Effects as OSC: the address of each, and the target of each guest."""

from collections.abc import Sequence

import pytest

from server.outbox import EVERYBODY, Outbox, Outputs, ScriptTargets
from show_control.effects import Effect, Play, Prompt, Record, Send, Spotlight


class Caught:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[object, ...]] = []

    def send(self, target: str, address: str, args: Sequence[object] = ()) -> None:
        self.sent.append((target, address, *args))


TARGETS = ScriptTargets(
    play={"mom": "ear-mom", EVERYBODY: "ears"}, record={"mom": "mouths"}, prompt={EVERYBODY: "table"}
)


@pytest.mark.parametrize(
    ("effect", "sent"),
    [
        (Send("sound", "/noteOn", (62, 127), delay=3.0), [("sound", "/noteOn", 62, 127)]),
        (Play("mom", "a.wav"), [("ear-mom", "/play", "mom", "a.wav")]),
        (Play("dad", "a.wav"), [("ears", "/play", "dad", "a.wav")]),
        (Record("mom", True), [("mouths", "/record-start", "mom")]),
        (Record("mom", False), [("mouths", "/record-stop", "mom")]),
        (Record("dad", True), []),
        (Spotlight("mom"), [("table", "/spotlight", "mom")]),
        (Prompt("mom", "Eat", "line"), [("table", "/script", "mom", "Eat")]),
        (Prompt("mom", "Eat", "easier"), [("table", "/script", "mom", "Eat")]),
        (Prompt("mom", "Eat", "open"), [("table", "/script", "mom", "Eat"), ("table", "/openline", "mom")]),
        (Prompt("mom", "soup", "said"), [("table", "/speech", "soup")]),
        (Prompt("mom", "Eat", "done"), [("table", "/script", "mom", "")]),
    ],
)
def test_each_effect_has_its_address_and_each_guest_a_target(
    effect: Effect, sent: list[tuple[object, ...]]
) -> None:
    caught = Caught()
    Outbox(TARGETS, caught).send(effect)
    assert caught.sent == sent


def test_what_is_sent_goes_to_the_output_of_that_name_or_else_by_osc() -> None:
    osc, midi = Caught(), Caught()
    outbox = Outbox(TARGETS, Outputs(osc, {"synth": midi}))
    outbox.send(Send("synth", "/cc", (7, 1)))
    outbox.send(Send("sound", "/cc", (7, 1)))
    outbox.send(Send("nobody", "/cc", (7, 1)))  # counted there as no target
    assert midi.sent == [("synth", "/cc", 7, 1)]
    assert [target for target, *_ in osc.sent] == ["sound", "nobody"]
