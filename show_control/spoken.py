"""Text as words that can be compared, whoever wrote it: an author with commas, or a recogniser without.

Diacritics are folded, since recognisers drop them; in German, ä is ae. What stands for the same words (don't,
8:30, &) becomes those words, and hesitations go.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

from show_control.numerals import GREATEST, number_words

LANGUAGES = ("en", "fr", "de", "nl")

HESITATIONS = {
    "en": frozenset(["um", "umm", "uhm", "uh", "uhh", "er", "erm", "hm", "hmm", "mm", "mmm", "ah", "eh"]),
    "fr": frozenset(["euh", "heu", "hum", "hm", "hmm", "ben", "bah", "hein"]),
    "de": frozenset(["äh", "ähm", "aeh", "aehm", "ehm", "öh", "oeh", "hä", "haeh", "hm", "hmm", "tja"]),
    "nl": frozenset(["eh", "ehm", "uh", "uhm", "euh", "hm", "hmm", "tja"]),
}
"""Sounds that are no words, by language."""

_CONTRACTIONS = {
    "en": {
        r"^won't$": "will not",
        r"^can't$|^cannot$": "can not",
        r"^shan't$": "shall not",
        r"^ain't$": "is not",
        r"n't$": " not",
        r"^let's$": "let us",
        r"'m$": " am",
        r"'re$": " are",
        r"'ve$": " have",
        r"'ll$": " will",
        r"'d$": " would",
        r"^(it|that|what|who|where|there|here|he|she|how|when|why)'s$": r"\1 is",
        r"^gonna$": "going to",
        r"^wanna$": "want to",
        r"^gotta$": "got to",
        r"^gimme$": "give me",
        r"^dunno$": "do not know",
        r"^'?cause$|^cuz$": "because",
        r"^ok$": "okay",
        r"(\d)(am|pm)$": r"\1 \2",
        r"^&$": "and",
        r"^%$": "percent",
        r"'": "",
    },
    "fr": {
        r"^t'(?=es$|as$)": "tu ",
        r"^j'sais$|^chais$": "je sais",
        r"^ouais$": "oui",
        r"^aujourd'hui$": "aujourdhui",
        r"^(\d+)h(\d*)$": r"\1 heures \2",
        r"^h$": "heures",
        r"^&$": "et",
        r"^%$": "pour cent",
    },
    "de": {
        r"'s$": " es",
        r"^'?ne$": "eine",
        r"^'?nen$": "einen",
        r"^nich$": "nicht",
        r"^nix$": "nichts",
        r"^is$": "ist",
        r"^&$": "und",
        r"^%$": "prozent",
    },
    "nl": {
        r"^'t$": "het",
        r"^'k$": "ik",
        r"^'n$": "een",
        r"^zo'n$": "zo een",
        r"^m'n$": "mijn",
        r"^z'n$": "zijn",
        r"^d'r$": "haar",
        r"^da's$": "dat is",
        r"^&$": "en",
        r"^%$": "procent",
    },
}

_PATTERNS = {
    language: tuple((re.compile(pattern), words) for pattern, words in table.items())
    for language, table in _CONTRACTIONS.items()
}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´′", "'"))
_GROUPED = re.compile(r"(?<=\d)[.,  ](?=\d{3}(?!\d))")
_TOKEN = re.compile(r"'?[^\W_]+(?:'[^\W_]+)*|[&%]")
_NUMBER = re.compile(r"(\d+)(?:st|nd|rd|th|er|ère|e|ème)?")
_WORD = re.compile(r"[^\W_]+")


def normalised(text: str, language: str = "en") -> tuple[str, ...]:
    """The words of `text`: lower case, without accents and punctuation, numbers up to 9999 written out.

    `language` is one of LANGUAGES; another raises ValueError.
    """
    if language not in LANGUAGES:
        raise ValueError(f"expected a language of {', '.join(LANGUAGES)}, not {language!r}")
    # Accents that come apart from their letters are joined first, so that ä is one letter.
    text = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    tokens = _TOKEN.findall(_GROUPED.sub("", text))
    return tuple(chain.from_iterable(_words(token, language) for token in tokens))


@lru_cache(maxsize=20_000)
def _words(token: str, language: str) -> tuple[str, ...]:
    """What is said where `token` is written: no word or several."""
    for pattern, words in _PATTERNS[language]:
        token = pattern.sub(words, token)
    text = " ".join(_said(word, language) for word in token.split())
    if language == "de":
        text = text.translate(_UMLAUTS)
    noises = HESITATIONS[language]
    return tuple(word for word in _WORD.findall(folded(text)) if word not in noises)


def _said(word: str, language: str) -> str:
    """A number in words; any other word as it is."""
    found = _NUMBER.fullmatch(word)
    # int() takes time for thousands of digits; those that have words are short.
    if found is None or len(found[1]) > len(str(GREATEST)):
        return word
    return number_words(int(found[1]), language)


def folded(text: str) -> str:
    """Lower case without accents: what is left of "Éteins-là" is "eteins-la"."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(character for character in apart if not unicodedata.combining(character))
