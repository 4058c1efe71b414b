"""Names folded for search and for look-alikes: accents, case and order do not matter (pure)."""

import unicodedata


def fold(text: str) -> str:
    """Lower case, without accents, words separated by single spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.lower().split())


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
