"""Names folded for search and for look-alikes: accents, case and order do not matter (pure)."""

import unicodedata

_PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")


def fold(text: str) -> str:
    """Lower case, without accents, words separated by single spaces."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


def spellings(text: str) -> tuple[str, ...]:
    """Every folded way to write a name: Müller is muller and mueller, O'Neil is o neil and oneil."""
    lower = unicodedata.normalize("NFC", text.lower())
    ways = (lower, lower.translate(_WRITTEN_OUT), lower.translate(_APOSTROPHES))
    return tuple(dict.fromkeys(way for way in map(fold, ways) if way))


def words(*texts: str) -> tuple[str, ...]:
    """Every word of these names in each of its spellings, once."""
    return tuple(dict.fromkeys(w for text in texts for way in spellings(text) for w in way.split()))


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


_CODES = {c: d for d, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1) for c in letters}


def sound(name: str) -> str:
    """American Soundex of the folded name, or the folded name itself in scripts it does not know."""
    letters = [c for c in fold(name) if c.isalpha()]
    if not letters or not letters[0].isascii():
        return fold(name)
    coded, last = letters[0], _CODES.get(letters[0])
    for letter in letters[1:]:
        code = _CODES.get(letter)
        if code and code != last:
            coded += str(code)
        if letter not in "hw":
            last = code
    return (coded + "000")[:4]


def sounds(*names: str) -> tuple[str, ...]:
    """How each word of these names sounds, and each name as one word."""
    wholes = [fold(name).replace(" ", "") for name in names]
    return tuple(dict.fromkeys(sound(w) for w in (*words(*names), *wholes) if w))
