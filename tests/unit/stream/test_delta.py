"""Differences by words, and the versions that they restore."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import pytest
from growth import work
from hypothesis import given
from hypothesis import strategies as st

from stream.delta import Patch, difference, hunks, patched
from stream.messages import Article, text_digest
from stream.versions import MOST_VERSIONS, numbers, superseded, texts

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
WORDS = st.lists(st.sampled_from(["talks", "Monday", "12", "\n", ".", "北", "é", "ab", " "]), max_size=40)
TEXTS = st.one_of(st.text(max_size=200), WORDS.map(" ".join), WORDS.map("".join))


@given(TEXTS, TEXTS)
def test_a_text_is_restored_by_its_difference_from_another(text: str, other: str) -> None:
    assert patched(text, difference(text, other)) == other


def test_only_the_words_that_differ_are_kept() -> None:
    new = "The talks were postponed, the envoy said.\nTwelve were hurt."
    old = "The talks will resume on Monday, the envoy said.\nTwelve were hurt."
    assert difference(new, old) == (Patch(10, 24, "will resume on Monday"),)


def test_a_paragraph_that_is_added_begins_with_its_line() -> None:
    old = "He has not said no."
    new = f"{old}\nCorrection: it was ten."
    assert [new[hunk.start : hunk.end] for hunk in hunks(new, old)] == ["\nCorrection: it was ten."]
    assert [new[hunk.other_start : hunk.other_end] for hunk in hunks(old, new)] == [
        "\nCorrection: it was ten."
    ]


def test_words_with_a_common_beginning_are_replaced_whole() -> None:
    assert difference("the Mondays", "the Monday") == (Patch(4, 11, "Monday"),)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: ("ab " * n, "ba " * n),
        lambda n: ("a\nb\n" * n, "b\na\n" * n),
        lambda n: ("".join(f"{i} " for i in range(n)), "".join(f"{-i} " for i in range(n))),
        lambda n: ("x" * n + "y", "x" * n + "z"),
        lambda n: ("\n".join(f"{i} a" for i in range(n)), "\n".join(f"{i} b" for i in range(n))),
    ],
)
def test_the_time_grows_with_the_texts(make: Callable[[int], tuple[str, str]]) -> None:
    counts = [work(partial(hunks, *make(n))) for n in (2_000, 4_000, 8_000)]
    assert counts[2] < 3 * counts[1] + 100_000, counts


def article(text: str, number: int) -> Article:
    return Article(
        id="1" * 32, url="http://a.example/1", feed="f", source="A", title=f"Title {number}", text=text, seen=NOW,
        fetched=NOW + timedelta(hours=number), extracted=NOW, version=number,
    )  # fmt: skip


def history(*written: str) -> Article:
    """An article that was rewritten many times."""
    current = article(written[0], 0)
    for number, text in enumerate(written[1:], 1):
        later = article(text, number)
        current = msgspec.structs.replace(later, earlier=superseded(current, later, ()))
    return current


def test_every_version_is_restored() -> None:
    written = ["one two three", "one 2 three", "one 2 three\nfour", "zero one 2 three\nfour"]
    current = history(*written)
    assert list(texts(current)) == written[::-1]
    assert [version.digest for version in current.earlier] == [
        text_digest(f"Title {number}", text) for number, text in enumerate(written[:-1])
    ]
    assert numbers(current) == [0, 1, 2]


def test_of_very_many_versions_the_first_and_the_last_are_kept() -> None:
    written = [f"Count {number} of the votes." for number in range(MOST_VERSIONS + 6)]
    current = history(*written)
    kept = numbers(current)
    assert len(kept) == MOST_VERSIONS
    assert kept[0] == 0
    assert kept[-1] == len(written) - 2
    assert list(texts(current))[::-1] == [*(written[number] for number in kept), written[-1]]


def test_rewrites_of_long_texts_do_not_pile_up() -> None:
    written = [chr(97 + number) * 300_000 for number in range(4)]
    current = history(*written)
    assert list(texts(current)) == [written[3], written[2], written[0]] or len(current.earlier) == 1
    assert list(texts(current))[-1] == written[0]
