"""How hard a text is to read: the Flesch-Kincaid grade of English, the INFLESZ (Szigriszt) ease of Spanish."""

import re
from collections.abc import Iterable

HOLES = re.compile(r"%\(\w+\)s|\{[\w.]+\}|<[^>]+>|https?://\S+")
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
STRONG, WEAK = "aeoáéóíú", "iuü"


def grade(texts: Iterable[str]) -> float:
    """The school grade of the United States in which it is read: grade 7 at twelve."""
    count, words = _counted(texts)
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / count + 11.8 * syllables / len(words) - 15.59


def ease_es(texts: Iterable[str]) -> float:
    """From 0 to 100, higher is easier."""
    count, words = _counted(texts)
    syllables = sum(map(_syllables_es, words))
    return 206.835 - 62.3 * syllables / len(words) - len(words) / count


def _counted(texts: Iterable[str]) -> tuple[int, list[str]]:
    """How many sentences, and every word."""
    sentences = [
        part
        for text in texts
        for part in re.split(r"[.!?]+(?=\s|$)", HOLES.sub("it", text))
        if WORD.search(part)
    ]
    return len(sentences), [word for part in sentences for word in WORD.findall(part)]


def _syllables(word: str) -> int:
    bare = re.sub(r"(?:[^laeiouy]es|ed|[^laeiouy]e)$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]{1,2}", bare.removeprefix("y"))))


def _syllables_es(word: str) -> int:
    """Each strong vowel is one; a weak one only where no strong one stands beside it."""
    text = word.lower().replace("qu", "q").replace("gue", "ge").replace("gui", "gi")
    return max(1, len(re.findall(rf"[{WEAK}y]?[{STRONG}][{WEAK}]?|[{WEAK}]{{1,2}}", text)))
