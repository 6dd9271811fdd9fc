"""Words and numbers, before they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.matching import LANGUAGES, normalised
from show_control.numerals import GREATEST, number_words
from show_control.phonetics import sound


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Don’t, I'm — GONNA go!", "en", "do not i am going to go"),
        ("It's mother's; they're here.", "en", "it is mothers they are here"),
        ("Um, at 8:30pm & 50%", "en", "at eight thirty pm and fifty percent"),
        (
            "the 3rd of 1,984 in 1984 or 12345",
            "en",
            "the three of nineteen eighty four in nineteen eighty four or 12345",
        ),
        ("Qu'est-ce que c'est ? L'œuf, à 20h30.", "fr", "qu est ce que c est l oeuf a vingt heures trente"),
        ("T'es où, Éloïse ?", "fr", "tu es ou eloise"),
        ("Geht's dir übel, Größe 21?", "de", "geht es dir uebel groesse einundzwanzig"),
        ("'t Is 's avonds zo'n ruïne", "nl", "het is s avonds zo een ruine"),
        ("a\u0308ther", "de", "aether"),
    ],
)
def test_text_becomes_the_words_that_are_said(text: str, language: str, words: str) -> None:
    assert normalised(text, language) == tuple(words.split())


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ("zero", "zéro", "null", "nul")),
        (16, ("sixteen", "seize", "sechzehn", "zestien")),
        (21, ("twenty-one", "vingt et un", "einundzwanzig", "eenentwintig")),
        (22, ("twenty-two", "vingt-deux", "zweiundzwanzig", "tweeëntwintig")),
        (71, ("seventy-one", "soixante et onze", "einundsiebzig", "eenenzeventig")),
        (80, ("eighty", "quatre-vingts", "achtzig", "tachtig")),
        (81, ("eighty-one", "quatre-vingt-un", "einundachtzig", "eenentachtig")),
        (99, ("ninety-nine", "quatre-vingt-dix-neuf", "neunundneunzig", "negenennegentig")),
        (100, ("one hundred", "cent", "hundert", "honderd")),
        (201, ("two hundred and one", "deux cent un", "zweihunderteins", "tweehonderdeen")),
        (300, ("three hundred", "trois cents", "dreihundert", "driehonderd")),
        (1000, ("one thousand", "mille", "tausend", "duizend")),
        (
            1984,
            (
                "nineteen eighty-four",
                "mille neuf cent quatre-vingt-quatre",
                "neunzehnhundertvierundachtzig",
                "negentienhonderdvierentachtig",
            ),
        ),
        (1905, ("nineteen oh five", "mille neuf cent cinq", "neunzehnhundertfünf", "negentienhonderdvijf")),
        (
            2024,
            (
                "twenty twenty-four",
                "deux mille vingt-quatre",
                "zweitausendvierundzwanzig",
                "tweeduizend vierentwintig",
            ),
        ),
        (
            9999,
            (
                "nine thousand nine hundred and ninety-nine",
                "neuf mille neuf cent quatre-vingt-dix-neuf",
                "neuntausendneunhundertneunundneunzig",
                "negenduizend negenhonderdnegenennegentig",
            ),
        ),
    ],
)
def test_numbers_as_they_are_said(number: int, words: tuple[str, ...]) -> None:
    assert tuple(number_words(number, language) for language in LANGUAGES) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_numbers_are_said_alike(language: str) -> None:
    assert len({number_words(number, language) for number in range(GREATEST + 1)}) == GREATEST + 1


@pytest.mark.parametrize("number", [-1, GREATEST + 1])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="0 to 9999"):
        number_words(number, "en")


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("their there", "en"),
        ("sea see", "en"),
        ("two too to", "en"),
        ("eight ate", "en"),
        ("know no", "en"),
        ("write right", "en"),
        ("knight night", "en"),
        ("manger mange manges mangent", "fr"),
        ("eau haut", "fr"),
        ("parlait parlaient parlais", "fr"),
        ("meer mehr", "de"),
        ("seid seit", "de"),
        ("wahl wal", "de"),
        ("hart hard", "nl"),
        ("ei ij", "nl"),
        ("kou kauw", "nl"),
    ],
)
def test_homophones_have_one_key(words: str, language: str) -> None:
    assert len({sound(word, language) for word in words.split()}) == 1


@given(st.text(min_size=1), st.sampled_from(LANGUAGES))
def test_every_word_has_a_key(text: str, language: str) -> None:
    assert all(sound(word, language) for word in normalised(text, language))


@given(st.text(), st.sampled_from(LANGUAGES))
def test_words_are_plain(text: str, language: str) -> None:
    for word in normalised(text, language):
        assert word
        assert word.isalnum()
        assert word == word.casefold()
