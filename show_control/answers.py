"""What a guest answered to an open line, as it is kept for later lines; and what may stand on a wall."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from show_control.spoken import HESITATIONS, folded

LONGEST = 60
"""Characters of an answer that are kept, cut between two words."""

_OPENINGS = {
    "en": (
        "well|so|oh|okay|ok|yeah|yes|like|you know|let me see|let me think|i think|i guess|i believe|"
        "i mean|i would say|i'd say|i suppose|maybe|probably|it's|its|it is|that's|that is|"
        "that would be|it would be|it might be|we are eating|we're eating|we are having|we're having|"
        "we have|we eat|there is|there's"
    ),
    "fr": (
        "alors|donc|bon|oui|ouais|ah|oh|eh bien|et bien|enfin|genre|je crois que|je pense que|je crois|"
        "je pense|je dirais|peut-être|peut etre|c'est|cest|ce serait|on mange|nous mangeons|il y a"
    ),
    "de": (
        "also|ja|naja|na ja|oh|nun|ich glaube|ich glaub|ich denke|ich denk|ich würde sagen|"
        "ich würd sagen|vielleicht|das ist|es ist|das sind|es gibt|wir essen|wir haben"
    ),
    "nl": (
        "nou|nou ja|ja|oh|dus|eens kijken|ik denk dat het|ik denk|ik geloof|ik zou zeggen|misschien|"
        "het is|dat is|er is|we eten|wij eten|we hebben"
    ),
}

_LIKE_LETTERS = str.maketrans("013457$@", "oieastsa")
_LAST = " \t.,;:!?…-–—\"'«»“”„‘’"
_WORD = re.compile(r"[^\W_]+")


def cleaned(answer: str, language: str = "en") -> str:
    """The answer without fillers at its front, punctuation around it, and what is over LONGEST characters.

    Its spelling stays, and so does an answer that is nothing but fillers ("Well."); hesitations alone are "",
    which is no answer yet.
    """
    visible = "".join(
        " " if unicodedata.category(character)[0] in "CZ" else character
        for character in unicodedata.normalize("NFC", answer)
    )
    kept = " ".join(visible.split()).strip(_LAST)
    while begun := _FRONT[language].match(kept):
        kept = kept[begun.end() :]
    if kept.casefold() in HESITATIONS[language]:
        return ""
    if len(kept) > LONGEST:
        kept = (kept[: LONGEST + 1].rpartition(" ")[0] or kept[:LONGEST]).rstrip(_LAST)
    return kept


def allowed(answer: str, blocklist: Iterable[str]) -> bool:
    """Whether nothing of the crew's `blocklist` stands in the answer.

    An entry is a word or several in a row, without regard to case, accents and punctuation; one that ends
    with * stands for all words that begin so. Letters drawn out, spaced out or written as digits do not help.
    Entries without a letter or digit block nothing.
    """
    texts = {
        _DRAWN_OUT.sub(letters, _plain(answer, shapes))
        for shapes in (_LIKE_LETTERS, {})
        for letters in (r"\1", r"\1\1")
    }
    return not any(wanted in text for wanted in map(_wanted, blocklist) if wanted for text in texts)


@lru_cache(maxsize=10_000)
def _wanted(entry: str) -> str:
    """What is looked for: the entry's words with a space around them; after a stem, none. "" for nothing."""
    plain = _plain(entry, {})
    if not plain.strip():
        return ""
    return plain.rstrip() if entry.rstrip().endswith("*") else plain


def _plain(text: str, shapes: dict[int, int]) -> str:
    """Its words, folded, with a space around each; letters that stand alone in a row are one word."""
    shown = "".join(character for character in text if unicodedata.category(character) != "Cf")
    words = " ".join(_WORD.findall(folded(shown).translate(shapes)))
    return f" {_SPACED_OUT.sub('', words)} "


_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_SPACED_OUT = re.compile(r"(?<=\b\w) (?=\w\b)")
_FRONT = {
    language: re.compile(
        rf"(?:{'|'.join((*sorted(openings.split('|'), key=len, reverse=True), *HESITATIONS[language]))})"
        r"(?![\w'-])[\s.,;:!?…–—-]*(?=\w)",
        re.IGNORECASE,
    )
    for language, openings in _OPENINGS.items()
}
