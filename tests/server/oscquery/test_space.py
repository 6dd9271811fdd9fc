"""The tree and the answers to a GET, without any wire."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.oscquery.answers import Answer, Host, answer, is_ours
from server.oscquery.space import ATTRIBUTES, Method, Now, Space, Span
from show_control.show import Show
from show_control.showfile import parse_show

SHOW = """
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
"""
STATUS = Show(parse_show(SHOW, "show.toml"), 0.0).status(0.0)
NOW = Now(STATUS, {"/table/plate/mom": (0.25,)})
HOST = Host("Marrow on desk", 9000)
SPACE = Space(
    [
        Method("/show/go", "I", "GO", critical=True, overloads=("s",)),
        Method(
            "/show/master", "f", "grand master", lambda now: (now.status.master,), spans=(Span(0.0, 1.0),)
        ),
        Method("/table/plate/mom", "f", "sensor", lambda now: now.heard.get("/table/plate/mom")),
        Method("/table/plate/dad", "f", "sensor", lambda now: now.heard.get("/table/plate/dad")),
        Method(
            "/marrow/mode", "s", "mode", lambda now: ("running",), False, (Span(values=("running", "held")),)
        ),
        Method("/speech", "ss", "said", spans=(Span(values=("mom",)), Span())),
    ],
    {"/": "Marrow", "/show": "transport"},
)
CURL, BROWSER = "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def got(path: str, query: str = "") -> Answer:
    return answer(SPACE, NOW, HOST, path, query)


def test_the_root_holds_everything() -> None:
    body = got("/").body
    assert body is not None
    assert body["FULL_PATH"] == "/"
    assert body["ACCESS"] == 0
    assert body["DESCRIPTION"] == "Marrow"
    assert set(body["CONTENTS"]) == {"show", "table", "marrow", "speech"}
    assert (
        body["CONTENTS"]["table"]["CONTENTS"]["plate"]["CONTENTS"]["mom"]["FULL_PATH"] == "/table/plate/mom"
    )


@pytest.mark.parametrize(
    ("path", "node"),
    [
        (
            "/show/go",
            {"TYPE": "I", "ACCESS": 2, "DESCRIPTION": "GO", "CRITICAL": True, "OVERLOADS": [{"TYPE": "s"}]},
        ),
        (
            "/show/master",
            {
                "TYPE": "f",
                "ACCESS": 3,
                "VALUE": [1.0],
                "RANGE": [{"MIN": 0.0, "MAX": 1.0}],
                "DESCRIPTION": "grand master",
            },
        ),
        ("/table/plate/dad", {"TYPE": "f", "ACCESS": 3, "DESCRIPTION": "sensor"}),
        (
            "/marrow/mode",
            {
                "TYPE": "s",
                "ACCESS": 1,
                "VALUE": ["running"],
                "RANGE": [{"VALS": ["running", "held"]}],
                "DESCRIPTION": "mode",
            },
        ),
        ("/speech", {"TYPE": "ss", "ACCESS": 2, "RANGE": [{"VALS": ["mom"]}, {}], "DESCRIPTION": "said"}),
    ],
)
def test_methods_as_json(path: str, node: dict[str, object]) -> None:
    assert got(path) == Answer(200, {"FULL_PATH": path, **node})
    assert got(path + "/") == got(path)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/table/plate/mom", "VALUE", Answer(200, {"VALUE": [0.25]})),
        ("/table/plate/dad", "VALUE", Answer(200, {})),  # nothing was heard yet
        ("/show/go", "VALUE", Answer(204)),  # there is none to be had
        ("/show", "VALUE", Answer(204)),
        ("/show", "TYPE", Answer(200, {})),  # a container has none
        ("/show/go", "TYPE", Answer(200, {"TYPE": "I"})),
        ("/show/go", "TYPE=1&x=2", Answer(200, {"TYPE": "I"})),
        ("/show/go", "RANGE", Answer(200, {})),
        ("/show/go", "UNIT", Answer(204)),  # OSCQuery knows it, we have none
    ],
)
def test_single_attributes(path: str, query: str, expected: Answer) -> None:
    assert got(path, query) == expected


def test_what_cannot_be_answered_says_why() -> None:
    unknown = got("/show/master", "LOUDNESS")
    assert unknown.status == 400
    assert unknown.body is not None
    assert "got LOUDNESS" in unknown.body["error"]
    missing = got("/shwo", "VALUE")
    assert missing.status == 404
    assert missing.body == {"error": "there is no address /shwo"}


@pytest.mark.parametrize("path", ["/", "/show/go", "/nowhere", "/api/state"])
def test_host_info_is_at_every_path(path: str) -> None:
    assert is_ours(SPACE, path, "HOST_INFO", BROWSER)
    body = got(path, "HOST_INFO").body
    assert body is not None
    assert (body["NAME"], body["OSC_PORT"], body["OSC_TRANSPORT"]) == ("Marrow on desk", 9000, "UDP")
    assert "OSC_IP" not in body
    assert body["EXTENSIONS"]["LISTEN"] is True
    assert Host("m", 9000, "10.0.0.2").to_plain()["OSC_IP"] == "10.0.0.2"


@pytest.mark.parametrize(
    ("path", "query", "accept", "ours"),
    [
        ("/", "", CURL, True),  # libossia, JUCE (Chataigne), curl
        ("/", "", "", True),
        ("/", "", "application/json", True),
        ("/", "", BROWSER, False),
        ("/", "HTML", CURL, False),
        ("/", "VALUE", BROWSER, True),  # somebody looks, in a browser
        ("/table", "", CURL, True),
        ("/table", "", BROWSER, False),
        ("/operator", "", CURL, False),
        ("/operator", "v=3", CURL, False),
        ("/static/operator.js", "", CURL, False),
        ("/api/state", "", CURL, False),
        ("/show/go", "", CURL, True),
        ("/show/go", "v=3", CURL, True),
        ("/nowhere", "", CURL, False),
        ("/nowhere", "TYPE", CURL, True),
    ],
)
def test_who_asks_for_a_page_gets_the_page(path: str, query: str, accept: str, ours: bool) -> None:
    assert is_ours(SPACE, path, query, accept) is ours


def test_no_sensor_hides_a_page_or_the_state() -> None:
    space = Space([Method("/api/state", "f", "a sensor"), Method("/static/x", "f", "another")], {})
    assert not is_ours(space, "/api/state", "", CURL)
    assert not is_ours(space, "/static/x", "", CURL)
    assert is_ours(space, "/api/state", "TYPE", CURL)


def test_an_address_may_be_a_method_and_hold_others() -> None:
    space = Space([Method("/pedal", "f", "one"), Method("/pedal/left", "f", "two")], {})
    node = space.to_plain("/pedal", NOW)
    assert node["TYPE"] == "f"
    assert set(node["CONTENTS"]) == {"left"}


def spaced(*addresses: str) -> Space:
    return Space([Method(address, "f", "") for address in addresses], {})


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        (("/a/b", "/a/c"), ("/a/b", "/a/c"), None),
        (("/a/b/c",), ("/a/b/c", "/a/b/d"), "/a/b"),
        (("/a/b/c", "/a/x"), ("/a/b/d",), "/a"),
        (("/a/b",), ("/c/d",), "/"),
        (("/a",), ("/b",), "/"),
    ],
)
def test_where_two_spaces_differ(before: tuple[str, ...], after: tuple[str, ...], path: str | None) -> None:
    assert spaced(*before).changed(spaced(*after)) == path


@given(
    st.sampled_from(["", "/", "//", "/show", "/show/go", "/table/plate/mom", "/x/", "/../etc"]),
    st.one_of(st.sampled_from([*ATTRIBUTES, "HOST_INFO", "UNIT", "HTML"]), st.text(max_size=10)),
)
def test_every_answer_is_json_of_what_was_asked(path: str, query: str) -> None:
    found = got(path, query)
    assert found.status in (200, 204, 400, 404)
    assert (found.body is None) is (found.status == 204)
    assert json.loads(json.dumps(found.body, allow_nan=False)) == found.body
