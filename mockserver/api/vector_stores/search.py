"""Search: a match of words, scored by a formula, the same every time. No model is asked.

The score of a chunk is the share of the query's words that it has, from 0 to 1:

    sum over the words w of the query:  rarity(w) * n / (n + 0.5)     divided by
    sum over the words w of the query:  rarity(w)

n is how often the chunk has w. rarity(w) is ln(1 + N / (1 + c)), where c of the N chunks that are
searched have w. Words are compared without case, accents and the endings of plurals. Words such as
"the" do not count, unless the query has no others.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining, normalize

SATURATION = 0.5
"""How much of a word's weight the first mention in a chunk leaves to further ones."""

_WORD = re.compile(r"\w+")
_COMMON = """
a an and any are as at be but by can did do does for from get had has have how i if in is it its
many may me much my need of on or our please she so some tell that the their them then there these
they this to us was we were what when where which who why will with would you your
"""


class Chunk(NamedTuple):
    """A chunk of a file, with how often it has each word."""

    file_id: str
    text: str
    words: Counter[str]


def words_of(text: str) -> list[str]:
    """Return the words of a text, as they are compared."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(sign for sign in normalize("NFKD", plain) if not combining(sign))
    return [_stem(word) for word in _WORD.findall(plain)]


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """Return a word without the ending of a plural."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_STOP_WORDS = frozenset(map(_stem, _COMMON.split()))


def query_words(query: str) -> list[str]:
    """Return the words of a query that count, each once."""
    words = list(dict.fromkeys(words_of(query)))
    return [word for word in words if word not in _STOP_WORDS] or words


def scores(query: str, chunks: Sequence[Chunk]) -> list[float]:
    """Return the score of each chunk for a query, from 0 to 1, to four places."""
    words = query_words(query)
    have = {word: sum(1 for chunk in chunks if word in chunk.words) for word in words}
    rarity = {word: math.log(1 + len(chunks) / (1 + count)) for word, count in have.items()}
    whole = sum(rarity.values())
    if not whole:
        return [0.0] * len(chunks)
    return [
        round(
            sum(
                rarity[word] * chunk.words[word] / (chunk.words[word] + SATURATION)
                for word in words
                if word in chunk.words
            )
            / whole,
            4,
        )
        for chunk in chunks
    ]


def best(
    queries: Iterable[str], chunks: Sequence[Chunk], most: int, threshold: float = 0.0
) -> list[tuple[float, Chunk]]:
    """Return the chunks with the best scores, at most `most`, none below `threshold`.

    Of several queries the best score of each chunk counts. Chunks of one score stay in their order:
    that of their files, and in them that of the text.
    """
    found = [0.0] * len(chunks)
    for query in queries:
        found = [max(pair) for pair in zip(found, scores(query, chunks), strict=True)]
    ranked = sorted(zip(found, chunks, strict=True), key=lambda one: -one[0])
    return [(score, chunk) for score, chunk in ranked if score >= threshold][:most]
