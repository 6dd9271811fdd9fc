"""Whole numbers in words, in four languages: recognisers write 8 where the line says eight."""

from collections.abc import Callable

GREATEST = 9999
"""What is greater is left in digits."""


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_EN = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_EN_TENS = _listed("twenty thirty forty fifty sixty seventy eighty ninety")
_FR = _listed(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf"
)
_FR_TENS = _listed("vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt")
_DE = _listed(
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
)
_DE_TENS = _listed("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
_NL = _listed(
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien"
)
_NL_TENS = _listed("twintig dertig veertig vijftig zestig zeventig tachtig negentig")


def number_words(number: int, language: str) -> str:
    """`number`, 0..9999, as words of "en", "fr", "de" or "nl". Years are said as years: nineteen eighty-four.

    Raises ValueError for other numbers, KeyError for other languages.
    """
    if not 0 <= number <= GREATEST:
        raise ValueError(f"expected a number from 0 to {GREATEST}, not {number}")
    return _SAY[language](number)


def _english(number: int) -> str:
    if number < 20:
        return _EN[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _EN_TENS[tens - 2] + (f"-{_EN[ones]}" if ones else "")
    if 1100 <= number < 2000 or 2010 <= number < 2100:
        century, rest = divmod(number, 100)
        said = "hundred" if not rest else f"oh {_EN[rest]}" if rest < 10 else _english(rest)
        return f"{_english(century)} {said}"
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, size)
    joint = " and " if rest < 100 else " "
    return f"{_EN[head]} {name}" + (joint + _english(rest) if rest else "")


def _french(number: int) -> str:
    if number < 20:
        return _FR[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        if tens in (7, 9):
            ones += 10
        name = _FR_TENS[tens - 2]
        if not ones:
            return name + ("s" if tens == 8 else "")
        return f"{name} et {_FR[ones]}" if ones in (1, 11) and tens < 8 else f"{name}-{_FR[ones]}"
    size, name = (1000, "mille") if number >= 1000 else (100, "cent")
    head, rest = divmod(number, size)
    said = name if head == 1 else f"{_FR[head]} {name}"
    if rest:
        return f"{said} {_french(rest)}"
    return said + ("s" if size == 100 and head > 1 else "")


def _german(number: int) -> str:
    if number < 20:
        return _DE[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        head = "ein" if ones == 1 else _DE[ones]
        return (f"{head}und" if ones else "") + _DE_TENS[tens - 2]
    hundreds = number < 1000 or 1100 <= number < 2000
    size, name = (100, "hundert") if hundreds else (1000, "tausend")
    many, rest = divmod(number, size)
    return ("" if many == 1 else _DE[many]) + name + (_german(rest) if rest else "")


def _dutch(number: int) -> str:
    if number < 20:
        return _NL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        joint = "ën" if ones in (2, 3) else "en"
        return (_NL[ones] + joint if ones else "") + _NL_TENS[tens - 2]
    if number < 1000 or 1100 <= number < 2000:
        head, rest = divmod(number, 100)
        return ("" if head == 1 else _NL[head]) + "honderd" + (_dutch(rest) if rest else "")
    head, rest = divmod(number, 1000)
    return ("" if head == 1 else _NL[head]) + "duizend" + (f" {_dutch(rest)}" if rest else "")


_SAY: dict[str, Callable[[int], str]] = {"en": _english, "fr": _french, "de": _german, "nl": _dutch}
