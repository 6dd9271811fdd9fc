"""How a word roughly sounds, as a short key: words that recognisers take for one another have the same key.

Coarse on purpose, and only ever compared within one language: vowels fall into few classes, silent letters
and doubled ones go. Rules are plain replacements, made in their order; ^ and $ stand for the word's ends.
"""

import re
from functools import lru_cache

_RULES = {
    "en": (
        "^kn ^n|^wr ^r|^wh ^w|^ps ^s|^hour ^our|^one$ ^wun$|^won$ ^wun$|^son$ ^sun$|^two$ ^tu$|"
        "^too$ ^tu$|^to$ ^tu$|^four$ ^for$|^ate$ ^at$|^eight$ ^at$|^the ^Te|mb$ m$|ing$ in$|tch C|"
        "dge j|eigh a|augh o|ough o|igh i|gh |ph f|ck k|sch sk|ch C|sh S|tion$ Sn$|th T|ce se|ci si|"
        "cy si|c k|q k|x ks|z s|uy i|ould$ ud$|alk ok|es$ s$|ed$ t$|d$ t$|e$ $|ea i|ee i|ie i|ei i|"
        "ey i|ay a|ai a|oo u|ou u|ow o|oa o|ew u|ue u|aw o|au o|y i|e i"
    ),
    "fr": (
        "eaux$ o$|eau o|aux$ o$|au o|aient$ e$|oient$ wa$|ait$ e$|ais$ e$|est$ e$|et$ e$|ez$ e$|er$ e$|"
        "ees$ e$|ee$ e$|ent$ e$|ain in|ein in|aim in|ai e|ei e|oi wa|ou u|qu k|ph f|ch S|gn N|"
        "tion sion|ge je|gi ji|ce se|ci si|cy si|c k|gu g|en an|em an|am an|om on|h |z s|y i|x$ $|"
        "ts$ $|ds$ $|s$ $|t$ $|d$ $|p$ $|es$ $|e$ $"
    ),
    "de": (
        "sch S|chs ks|ch X|ph f|pf f|v f|w v|tz z|ts z|ck k|dt$ t$|d$ t$|b$ p$|ig$ iX$|g$ k$|aeu oi|"
        "eu oi|ie i|ih i|ah a|eh e|oh o|uh u|ai ei|ae e|th t|qu kv|c k|y ue|en$ n$|e$ $"
    ),
    "nl": (
        "sch sg|ch g|ij ei|ou au|ck k|dt$ t$|d$ t$|b$ p$|ph f|th t|v f|z s|qu kw|x ks|ce se|ci si|c k|"
        "uw u|en$ e$|ie i|y i|oe u"
    ),
}

_TABLES = {
    language: tuple((old, new) for old, _, new in (rule.partition(" ") for rule in rules.split("|")))
    for language, rules in _RULES.items()
}
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=20_000)
def sound(word: str, language: str) -> str:
    """The key of a word as `normalised` gives it, never empty; `language` is one of LANGUAGES."""
    marked = f"^{word}$"
    for old, new in _TABLES[language]:
        marked = marked.replace(old, new)
    return _TWICE.sub(r"\1", marked.strip("^$")) or word
