"""Address patterns: examples, a slow matcher of another kind to agree with, and what makes others hang."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.osc.pattern import MAX_PATTERN, BadPattern, Pattern, is_pattern

ALPHABET = "abc-!"


@pytest.mark.parametrize(
    ("pattern", "address", "fits"),
    [
        ("/table/plate/*", "/table/plate/mom", True),
        ("/table/plate/*", "/table/plate", False),
        ("/table/*", "/table/plate/mom", False),  # a star stays within its segment
        ("/*/*/*", "/table/plate/mom", True),
        ("/table/{plate,glass}/mom", "/table/glass/mom", True),
        ("/table/{plate,glass}/mom", "/table/chair/mom", False),
        ("/table/{plate,plates}s/mom", "/table/plates/mom", True),
        ("/table/{,wine}glass/mom", "/table/glass/mom", True),
        ("/fader/[1-4]", "/fader/3", True),
        ("/fader/[4-1]", "/fader/3", True),
        ("/fader/[!1-4]", "/fader/3", False),
        ("/fader/[!1-4]", "/fader/9", True),
        ("/fader/[1-]", "/fader/-", True),
        ("/fader/[1!]", "/fader/!", True),
        ("/fader/[]", "/fader/1", False),
        ("/fader/[!]", "/fader/1", True),
        ("/fader/?", "/fader/10", False),
        ("/fader/??", "/fader/10", True),
        ("/f*er/*", "/fader/10", True),
        ("/*f*a*r*/1", "/fader/1", True),
        ("/fader/1", "/fader/1", True),
    ],
)
def test_examples(pattern: str, address: str, fits: bool) -> None:
    assert Pattern(pattern).matches(address) is fits


@pytest.mark.parametrize("pattern", ["/a/[b", "/a/{b,c", "/[a/]", "/{a/b}", "/" + "*" * MAX_PATTERN])
def test_a_pattern_that_never_ends_is_bad(pattern: str) -> None:
    with pytest.raises(BadPattern):
        Pattern(pattern)


def test_what_is_a_pattern() -> None:
    assert all(is_pattern(f"/a{character}") for character in "*?[]{}")
    assert not is_pattern("/show/go!.-_~1")


Token = str | tuple[str, ...]


def _slowly(tokens: tuple[Token, ...], text: str) -> bool:
    """The definition, word for word: tries everything."""

    @cache
    def fits(token: int, at: int) -> bool:
        if token == len(tokens):
            return at == len(text)
        match tokens[token]:
            case "*":
                return any(fits(token + 1, end) for end in range(at, len(text) + 1))
            case "?":
                return at < len(text) and fits(token + 1, at + 1)
            case ("in", *characters):
                return at < len(text) and text[at] in characters and fits(token + 1, at + 1)
            case ("not in", *characters):
                return at < len(text) and text[at] not in characters and fits(token + 1, at + 1)
            case ("one of", *words):
                return any(text.startswith(word, at) and fits(token + 1, at + len(word)) for word in words)
            case str(word):
                return text.startswith(word, at) and fits(token + 1, at + len(word))
            case _:
                raise AssertionError(tokens[token])

    return fits(0, 0)


def _written(token: Token) -> str:
    match token:
        case ("in", *characters):
            return f"[{''.join(characters)}]"
        case ("not in", *characters):
            return f"[!{''.join(characters)}]"
        case ("one of", *words):
            return "{" + ",".join(words) + "}"
        case str(word):
            return word
        case _:
            raise AssertionError(token)


words = st.text(ALPHABET, max_size=3)
# In brackets a minus means itself only at the end, and "!" only where it is not the first.
inside = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple)
tokens = st.lists(
    st.one_of(
        st.sampled_from(["*", "?"]),
        st.text(ALPHABET, min_size=1, max_size=2),
        inside.map(lambda characters: ("in", *characters)),
        inside.map(lambda characters: ("not in", *characters)),
        st.lists(words, min_size=1, max_size=3).map(lambda each: ("one of", *each)),
    ),
    max_size=6,
).map(tuple)


@given(tokens, st.text(ALPHABET, max_size=10))
@example(("*", "a", "*", "a", "*"), "aba")
@example((("one of", "a", "ab"), "bc"), "abc")
def test_it_agrees_with_the_definition(tokens: tuple[Token, ...], text: str) -> None:
    written = "".join(map(_written, tokens))
    assert Pattern("/" + written).matches("/" + text) is _slowly(tokens, text)


@pytest.mark.parametrize(
    "pattern",
    [
        "/" + "*" * 254,
        "/" + "*a" * 127,
        "/" + "?*" * 120 + "b",
        "/" + "{a,aa}" * 40 + "b",
        "/" + "[a-z]*" * 40 + "!",
    ],
)
def test_what_makes_others_search_for_ever(pattern: str) -> None:
    assert Pattern(pattern).matches("/" + "a" * 20_000) is (
        pattern == "/" + "*" * 254 or pattern.endswith("*a")
    )


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_a_pattern_or_bad(pattern: str, address: str) -> None:
    try:
        fits = Pattern(pattern).matches(address)
    except BadPattern:
        fits = False
    assert not fits or pattern.count("/") == address.count("/")
