"""What an address means says the same as what is done when a message comes to it."""

import pytest

from server.patch import Refused
from server.qlab.asking import WORDS, asked
from server.qlab.asks import Do, Edit, Tell, Unspoken, Write
from server.qlab.dialect import ALL_WORDS
from server.qlab.meaning import meant
from server.qlab.names import Workspace
from server.qlab.sheet import VALUES, Sheet
from show_control.events import Event, Fire, Go, Goto, Hold, Panic, Reset, Resume, StandBy, Stop
from show_control.show import Show
from show_control.showfile import parse_show
from tests.server.qlab.controllers import TEXT

WORDS_OF: dict[type[Event], str] = {
    Fire: "FIRE",
    Go: "GO",
    Goto: "GOTO",
    Hold: "HOLD",
    Panic: "PANIC",
    Reset: "RESET",
    Resume: "RESUME",
    StandBy: "STANDBY",
    Stop: "STOP",
}
FILE = parse_show(TEXT, "show.toml")
SHEET = Sheet(Workspace("dinner", FILE), Show(FILE, 0.0).status(0.0), 0.0)
LIST = ("cue_id", SHEET.workspace.list_id)
WORDS_ALONE = sorted(WORDS)
VERBS = sorted({*WORDS, *VALUES, "start", "load", "children", "valuesForKeys", "togglePause"})
ADDRESSES = [
    *((word,) for word in WORDS_ALONE),
    *((word, "12.1") for word in WORDS_ALONE),
    *((word, "shallow") for word in WORDS_ALONE),
    *(("cue", "1", verb) for verb in VERBS),
    *(("cue", "selected", verb) for verb in VERBS),
    *(("cue", "active", verb) for verb in VERBS),
    *((*LIST, word) for word in WORDS_ALONE),
    ("settings", "general", "minGoTime"),
    ("cue", "1", "children", "uniqueIDs", "shallow"),
    ("cue", "1", "dance"),
    ("cue", "*", "stop"),
    ("cue", "1"),
    ("cue",),
]


@pytest.mark.parametrize("segments", ADDRESSES, ids="/".join)
def test_it_means_what_it_does(segments: tuple[str, ...]) -> None:
    found = meant(segments)
    try:
        does = asked(segments, (), SHEET)
    except Unspoken:
        does = None
    except Refused as reason:  # for good, or for want of an argument or of such a cue
        if not str(reason).startswith(("wildcards", "no cue is paused alone")):
            return
        does = None
    if does is None:
        assert found is None
        return
    assert found is not None
    kind, words = found
    match does:
        case Do((event, *_)):
            assert kind == "command"
            assert WORDS_OF[type(event)] in words
        case Do(()):
            assert words == "PRELOAD"
        case Edit(command):
            assert (kind, words) == ("command", command.upper())
        case Tell():
            assert kind == "asked" or segments[-1] == "showMode"
        case Write():
            assert kind == "asked"


def test_every_word_that_is_taken_is_known() -> None:
    own = {word for word in ALL_WORDS - WORDS if (meant((word,)) or ("", ""))[0] == "asked"}
    assert own == ALL_WORDS - WORDS
    assert meant(("workspace", "dinner", "cue", "1", "stop")) == ("command", "STOP")
    assert meant(("workspace", "dinner")) is None
