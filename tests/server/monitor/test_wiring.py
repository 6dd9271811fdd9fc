"""Lines of the patch in config.toml: all else stays as it is, to the byte."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import server
from server.monitor.wiring import EditError, diff, lines, places, rewired, unpatched, unwired

SHIPPED = (Path(server.__file__).parent.parent / "config.toml").read_text(encoding="utf-8")
SEATS = ("mom", "dad", "brother", "sister")
PLATES = "/table/plate/{seat}"


def changes(old: str, new: str) -> list[str]:
    """The lines that were taken away and added, without the heads."""
    return [line for line in diff(old, new, "config.toml").splitlines()[2:] if line[0] in "+-"]


def test_one_key_changes_one_line_and_every_comment_stays() -> None:
    new = rewired(
        SHIPPED, PLATES, {"smoothing": 0.08, "range": [0.0, 1.0], "curve": "linear", "silence": 0.8}
    )
    assert changes(SHIPPED, new) == ["-smoothing = 0.04", "+smoothing = 0.08"]
    before, after = SHIPPED.splitlines(keepends=True), new.splitlines(keepends=True)
    assert [nth for nth, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [
        before.index("smoothing = 0.04\n")
    ]


def test_a_comment_behind_the_value_stays() -> None:
    old = '[[patch]]\naddress = "/a"   # the plate\ncontrol = "a"\nsmoothing = 0.1      # slow\n# end\n'
    new = rewired(old, "/a", {"smoothing": 0.25})
    assert new == old.replace("0.1 ", "0.25 ")


def test_what_is_as_it_was_changes_nothing() -> None:
    assert (
        rewired(SHIPPED, PLATES, {"control": "plate.{seat}", "smoothing": 0.04, "threshold": None}) == SHIPPED
    )


def test_a_key_that_is_no_longer_wanted_goes() -> None:
    new = rewired(SHIPPED, "/table/chair/{seat}", {"threshold": None, "hysteresis": None, "hold": None})
    assert changes(SHIPPED, new) == ["-threshold = 0.5", "-hysteresis = 0.2", "-hold = 2.0"]


def test_a_line_of_its_own_comes_behind_the_last_and_says_only_what_is_not_usual() -> None:
    keys = {"control": "plate.mom", "range": (12, 870), "curve": "linear", "smoothing": 0.1, "silence": None}
    new = rewired(SHIPPED, "/table/plate/mom", keys)
    added = ["[[patch]]", 'address = "/table/plate/mom"', 'control = "plate.mom"', "range = [12, 870]"]
    assert [line[1:] for line in changes(SHIPPED, new) if line != "+"] == added
    assert lines(new)[-1] == {"address": "/table/plate/mom", "control": "plate.mom", "range": [12, 870]}
    assert new.startswith(SHIPPED[: SHIPPED.index("# A foot switch")])
    assert new.endswith(SHIPPED[SHIPPED.index("# A foot switch") :])


def test_a_file_without_a_patch_gets_one() -> None:
    new = rewired('[show]\nfile = "a.toml"', "/a", {"event": "go"})
    assert tomllib.loads(new)["patch"] == [{"address": "/a", "event": "go"}]


def test_a_line_can_be_taken_away_again() -> None:
    new = rewired(SHIPPED, "/table/plate/mom", {"control": "plate.mom"})
    assert unwired(new, "/table/plate/mom") == SHIPPED
    with pytest.raises(EditError, match="no line"):
        unwired(SHIPPED, "/nobody")


def test_strange_keys_and_files_are_refused() -> None:
    with pytest.raises(EditError, match="no key of a line"):
        rewired(SHIPPED, "/a", {"adress": "/b"})
    with pytest.raises(EditError, match="not TOML"):
        rewired("[show", "/a", {"control": "a"})


def test_tables_without_an_address_are_no_lines() -> None:
    text = '[[patch]]\ncontrol = "a"\n[[patch]]\naddress = 3\n[[patch]]\naddress = "/a"\ncontrol = "a"\n'
    assert lines(text) == [{"address": "/a", "control": "a"}]
    assert places(lines(text), "/a", SEATS) == ["/a"]
    with pytest.raises(EditError, match="no line"):
        unwired(text, "3")


def test_the_line_that_takes_an_address_is_offered_first() -> None:
    known = lines(SHIPPED)
    assert places(known, "/table/plate/mom", SEATS) == [PLATES, "/table/plate/mom"]
    assert (
        places([*known, {"address": "/table/plate/mom"}], "/table/plate/mom", SEATS)[0] == "/table/plate/mom"
    )
    assert places(known, "/new/mom/knob", SEATS) == ["/new/mom/knob", "/new/{seat}/knob"]
    assert places(known, "/table/plate/uncle", SEATS) == ["/table/plate/uncle"]
    assert places(known, "/fader/1", SEATS) == ["/fader/1"]


def test_a_night_goes_on_whatever_the_patch_and_the_comments_are() -> None:
    assert unpatched(rewired(SHIPPED, PLATES, {"smoothing": 3.0})) == unpatched(SHIPPED)
    assert unpatched(SHIPPED.replace("# The rig", "# My rig")) == unpatched(SHIPPED)
    assert unpatched(SHIPPED.replace("fps = 30", "fps = 25")) != unpatched(SHIPPED)
    inside = SHIPPED.replace("fps = 30", "# as the projectors have it\nfps   =  30  # or 25")
    assert inside.count("# as the projectors") == 1
    assert unpatched(inside) == unpatched(inside.replace("\n", "\r\n")) == unpatched(SHIPPED)
    assert unpatched("a = 2026-11-21\nb = nan") == unpatched("b = nan # never\na = 2026-11-21")
    assert unpatched('patch = [{ address = "/a", event = "go" }]') == unpatched("")
    assert unpatched("not [ TOML") == "not [ TOML"


KEYS = {
    "control": st.sampled_from(["plate.{seat}", "x", 'q"uote', "ü"]),
    "range": st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
    "curve": st.sampled_from(["linear", "square", "root"]),
    "smoothing": st.none() | st.floats(0, 100),
    "threshold": st.none() | st.floats(0.01, 1),
    "hold": st.none() | st.integers(0, 10),
}


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({}, optional=KEYS), st.sampled_from([PLATES, "/table/chair/{seat}", "/new/{seat}"])
)
def test_only_the_line_that_is_meant_is_another(keys: dict[str, object], address: str) -> None:
    new = rewired(SHIPPED, address, keys)
    before, after = tomllib.loads(SHIPPED), tomllib.loads(new)
    mine = [line for line in after.pop("patch") if line["address"] == address]
    others = [line for line in lines(new) if line["address"] != address]
    assert others == [line for line in before.pop("patch") if line["address"] != address]
    assert after == before
    assert len(mine) == 1
    for key, value in keys.items():
        if value is None:
            assert key not in mine[0]
        elif key in mine[0]:
            assert mine[0][key] == (list(value) if isinstance(value, tuple) else value)
    assert [line for line in new.splitlines() if line.startswith("#")] == [
        line for line in SHIPPED.splitlines() if line.startswith("#")
    ]
