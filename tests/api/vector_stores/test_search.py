"""Search: the scores of words, and what is found in a small corpus."""

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.api.vector_stores.search import Chunk, best, query_words, scores, words_of

CORPUS = {
    "returns.md": "Returns. You may return an item within 30 days of delivery. Items must be "
    "unused and in their original packaging. Refunds go to the card that you paid with, within "
    "five working days.",
    "shipping.md": "Shipping. Orders leave our warehouse within two working days. Delivery in "
    "Europe takes three to five days, overseas up to two weeks. Express shipping costs 15 euros.",
    "warranty.md": "Warranty. Every bicycle has a warranty of two years, every battery of three. "
    "The warranty covers faults of material. It does not cover wear of tyres, chains and brake "
    "pads.",
    "battery.md": "Charging the battery. Charge the battery at room temperature. A full charge "
    "takes four hours. Never leave a damaged battery on the charger. Store it half full in winter.",
    "brakes.md": "Adjusting the brakes. Turn the barrel adjuster until the pads sit two "
    "millimetres from the rim. Replace worn pads at once. Squeaking brakes are often dirty: clean "
    "the rim with alcohol.",
    "tyres.md": "Fixing a flat tyre. Remove the wheel, lift the tyre off with two levers, and find "
    "the hole in the tube. Patch the hole or put in a new tube. Inflate to the pressure on the "
    "sidewall.",
    "hours.md": "Opening hours. Our workshop in Zürich is open Monday to Friday from nine to six, "
    "and on Saturday until four. It is closed on public holidays.",
    "privacy.md": "Privacy. We keep your address and your orders for ten years, as the law "
    "demands. We never sell your data. Write to privacy@example.com to have your account deleted.",
}
"""What a shop for bicycles tells its customers."""

GOLDEN = {
    "How do I return an item?": ("returns.md", 0.8),
    "When do I get my refund?": ("returns.md", 0.6667),
    "How long does delivery take?": ("shipping.md", 0.3612),
    "What does express shipping cost?": ("shipping.md", 0.7111),
    "Is wear of the tyres covered by the warranty?": ("warranty.md", 0.4942),
    "How many years of warranty does a battery have?": ("warranty.md", 0.7395),
    "How do I charge the battery?": ("battery.md", 0.8255),
    "May I leave a damaged battery on the charger?": ("battery.md", 0.7092),
    "My brakes are squeaking": ("brakes.md", 0.7262),
    "When should I replace brake pads?": ("brakes.md", 0.4921),
    "How do I fix a flat tyre?": ("tyres.md", 0.4137),
    "What pressure do my tyres need?": ("tyres.md", 0.7262),
    "When are you open on Saturday?": ("hours.md", 0.6667),
    "Are you closed on holidays?": ("hours.md", 0.6667),
    "ZURICH workshop": ("hours.md", 0.6667),
    "Do you sell my data?": ("privacy.md", 0.6667),
    "Delete my account": ("privacy.md", 0.2819),
    "original packaging": ("returns.md", 0.6667),
    "two working days": ("shipping.md", 0.7513),
    "chain": ("warranty.md", 0.6667),
}


def chunk(name: str, text: str) -> Chunk:
    return Chunk(name, text, Counter(words_of(text)))


CHUNKS = [chunk(name, text) for name, text in CORPUS.items()]


@pytest.mark.parametrize("query", GOLDEN)
def test_a_question_finds_what_a_person_would_look_at(query: str) -> None:
    [(score, found)] = best([query], CHUNKS, most=1)

    assert (found.file_id, score) == GOLDEN[query]


def test_the_scores_are_those_of_another_process() -> None:
    code = "import sys; from tests.api.vector_stores.test_search import *; "
    code += "sys.stdout.write(repr([scores(query, CHUNKS) for query in GOLDEN]))"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )

    assert told.stdout == repr([scores(query, CHUNKS) for query in GOLDEN])


# ── The formula ──────────────────────────────────────────────────────────────────


def test_a_word_that_is_said_once_counts_two_thirds_and_more_often_more() -> None:
    def score(text: str) -> float:
        return scores("tea", [chunk("a", text)])[0]

    assert [score("tea " * times) for times in range(4)] == [0.0, 0.6667, 0.8, 0.8571]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    rare, common, neither = scores(
        "green tea", [chunk("a", "green"), chunk("b", "tea"), chunk("c", "tea pot")]
    )

    assert rare > common > 0
    assert common == neither


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ZÜRICH", "zurich"),
        ("batteries", "battery"),
        ("boxes", "box"),
        ("brakes", "Brake!"),
        ("glasses", "glass"),
        ("Straße", "STRASSE"),
        ("ﬁnd", "find"),
        ("你好", "你好"),
    ],
)
def test_words_are_compared_without_case_accents_and_plurals(query: str, text: str) -> None:
    assert scores(query, [chunk("a", text)]) == [0.6667]


@pytest.mark.parametrize(("word", "other"), [("bus", "bu"), ("class", "clas"), ("this", "thi")])
def test_not_every_s_is_a_plural(word: str, other: str) -> None:
    assert scores(word, [chunk("a", other)]) == [0.0]


def test_words_that_are_everywhere_do_not_count_unless_there_are_no_others() -> None:
    assert query_words("What does the battery do?") == ["battery"]
    assert query_words("Who are you?") == ["who", "are", "you"]


def test_without_any_word_nothing_fits() -> None:
    assert scores("?!", CHUNKS) == [0.0] * len(CHUNKS)
    assert best(["tea"], [], most=10) == []


def test_of_several_queries_the_best_counts() -> None:
    alone = [best([query], CHUNKS, most=1)[0] for query in ("flat tyre", "sell data")]

    both = best(["flat tyre", "sell data"], CHUNKS, most=2)

    assert sorted(both) == sorted(alone)


def test_what_does_not_fit_comes_last_in_its_order_unless_a_threshold_drops_it() -> None:
    found = best(["data"], CHUNKS, most=10)

    assert [one.file_id for _, one in found] == [
        "privacy.md",
        *(name for name in CORPUS if name != "privacy.md"),
    ]
    assert [one.file_id for _, one in best(["data"], CHUNKS, 10, 0.1)] == ["privacy.md"]


words = st.sampled_from(["tea", "green", "pot", "the", "你好", "café", ""])
sentences = st.lists(words, max_size=30).map(" ".join)


@given(st.one_of(sentences, st.text()), st.lists(st.one_of(sentences, st.text()), max_size=8))
def test_every_score_is_from_0_to_1_and_the_order_is_stable(query: str, texts: list[str]) -> None:
    made = [chunk(f"{at}", text) for at, text in enumerate(texts)]

    found = best([query], made, most=len(made))

    assert all(0 <= score <= 1 for score, _ in found)
    assert found == sorted(found, key=lambda one: (-one[0], int(one[1].file_id)))


@given(sentences, st.lists(sentences, min_size=1, max_size=5), words)
def test_one_more_mention_never_lowers_a_score(query: str, texts: list[str], word: str) -> None:
    before = scores(query, [chunk("a", text) for text in [f"{word} {texts[0]}", *texts[1:]]])[0]
    after = scores(query, [chunk("a", text) for text in [f"{word} {word} {texts[0]}", *texts[1:]]])

    assert after[0] >= before
