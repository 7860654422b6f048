"""The articles and the generated queries of the parity suite."""

import html
import re
import tarfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies as st
from samples.places import DATA

from demo.world import bundled
from enrich.enrich import Enricher
from enrich.names.gazetteer import default_gazetteer
from stream.messages import Article, Enriched, article_id
from wirewatch.config import Paths
from wirewatch.lists.topics import news_topics

REUTERS = DATA / "reuters21578.tar.xz"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def article(url: str, title: str, text: str, **fields: object) -> Article:
    given = {"feed": "", "source": "Wire", "seen": NOON, "fetched": NOON, "extracted": NOON, **fields}
    return Article(id=article_id(url), url=url, title=title, text=text, **given)  # type: ignore[arg-type]


def demo_world() -> list[Article]:
    return [
        article(
            f"https://{one.outlet.host}/{one.slug}",
            one.title,
            "\n".join(block.text for block in one.blocks),
            source=one.outlet.name,
            author=one.author,
            published=one.published,
            published_from="meta",
            declared_language=one.outlet.language,
        )
        for one in bundled().articles
    ]


def reuters(count: int) -> list[Article]:
    """The first texts of Reuters-21578; none if it is absent."""
    if not REUTERS.exists():
        return []
    with tarfile.open(REUTERS) as archive:
        file = archive.extractfile("reuters/reut2-000.sgm")
        assert file
        stories = re.findall(r"<REUTERS.*?</REUTERS>", file.read().decode("latin-1"), re.DOTALL)
    parts = (
        re.search(r"<DATE>\s*(.*?)\.\d+</DATE>.*?<TITLE>(.*?)</TITLE>.*?<BODY>(.*?)</BODY>", story, re.DOTALL)
        for story in stories
    )
    found = [part for part in parts if part]
    return [
        article(
            f"https://reuters.example/{number}",
            html.unescape(part[2]),
            html.unescape(part[3]),
            source="Reuters",
            published=datetime.strptime(part[1], "%d-%b-%Y %H:%M:%S").replace(tzinfo=UTC),
            published_from="meta",
        )
        for number, part in enumerate(found[:count])
    ]


def enriched(articles: Sequence[Article]) -> list[Enriched]:
    """Articles as the enrich stage produces them, with the default topics."""
    topics = news_topics(Paths(data=Path(), feeds=Path(), topics=None))
    return list(map(Enricher(topics, default_gazetteer(), lambda: NOON), articles))


T = TypeVar("T")


def one_of(values: Sequence[T]) -> st.SearchStrategy[T]:
    """One of many (`sampled_from` would list them all in its repr)."""
    return st.integers(0, len(values) - 1).map(lambda index: values[index])


class Queries:
    """Query strings with words drawn from a corpus: likely ones, and ones that no analyst would write."""

    def __init__(self, corpus: Sequence[Enriched]) -> None:
        texts = [text for one in corpus for text in (one.article.title, one.article.text)]
        words = [re.findall(r"[^\s\"“”*?\\]*\w[^\s\"“”*?\\]*", text) for text in texts]
        self._texts = [found for found in words if len(found) > 12]
        self._simple = sorted(
            {word for found in words for word in found if re.fullmatch(r"[^\W_]{3,}", word)}
        )
        values = {
            "source": sorted({one.article.source for one in corpus}),
            "lang": sorted({one.language for one in corpus}),
            "topic": sorted({tag.topic for one in corpus for tag in one.topics}),
            "entity": sorted({entity.name for one in corpus for entity in one.entities}),
            "author": sorted({one.article.author for one in corpus}),
        }
        self._values = {
            field: [value for value in found if re.search(r"\w", value)] for field, found in values.items()
        }
        self._days = sorted({f"{one.article.published:%Y-%m-%d}" for one in corpus if one.article.published})

    def strategy(self) -> st.SearchStrategy[str]:
        leaf = st.one_of(
            self._word(), self._word(), self._prefix(), self._wildcard(), self._phrase(), self._near(),
            self._value(), self._range(),
        )  # fmt: skip
        return st.recursive(leaf, _combined, max_leaves=6)

    def _field(self) -> st.SearchStrategy[str]:
        return st.sampled_from(["", "", "", "", "title:", "text:", "url:"])

    def _word(self) -> st.SearchStrategy[str]:
        words = one_of(self._texts).flatmap(one_of)
        return st.builds(lambda field, word: f'{field}"{word}"', self._field(), words)

    def _prefix(self) -> st.SearchStrategy[str]:
        def made(field: str, word: str, length: int) -> str:
            return f"{field}{word[:length]}*"

        return st.builds(made, self._field(), one_of(self._simple).filter(is_spaced), st.integers(1, 5))

    def _wildcard(self) -> st.SearchStrategy[str]:
        def made(field: str, word: str, at: int, mark: str, lead: str) -> str:
            at = at % (len(word) - 1)
            return f"{field}{lead}{word[:at]}{mark}{word[at + 1 :]}"

        spaced = one_of(self._simple).filter(is_spaced)
        marks = st.sampled_from(["?", "*"])
        return st.builds(
            made, self._field(), spaced, st.integers(0, 20), marks, st.sampled_from(["", "", "*"])
        )

    def _stretch(self, most: int) -> st.SearchStrategy[list[str]]:
        def cut(words: list[str], start: int, length: int) -> list[str]:
            start %= len(words) - length
            return words[start : start + length]

        return st.builds(cut, one_of(self._texts), st.integers(0, 500), st.integers(2, most))

    def _phrase(self) -> st.SearchStrategy[str]:
        return st.builds(lambda field, words: f'{field}"{" ".join(words)}"', self._field(), self._stretch(4))

    def _near(self) -> st.SearchStrategy[str]:
        """Some words of a passage, in any order, with a distance that may be too small."""

        def made(field: str, words: list[str], size: int, slop: int) -> str:
            return f'{field}"{" ".join(words[:size])}"~{slop}'

        shuffled = self._stretch(9).flatmap(st.permutations)
        return st.builds(made, self._field(), shuffled, st.integers(2, 4), st.integers(1, 8))

    def _value(self) -> st.SearchStrategy[str]:
        def made(field: str, value: str, part: int) -> str:
            if part and is_spaced(value) and re.match(r"\w{3}", value):
                return f"{field}:{value[:3]}*"
            return f'{field}:"{value}"'

        fields = st.sampled_from(sorted(name for name, values in self._values.items() if values))
        one = fields.flatmap(lambda name: st.tuples(st.just(name), one_of(self._values[name])))
        return st.builds(lambda pair, part: made(*pair, part), one, st.integers(0, 2))

    def _range(self) -> st.SearchStrategy[str]:
        def made(days: list[str], opening: str, closing: str) -> str:
            first, last = sorted(days)
            return f"published:{opening}{first} TO {last}{closing}" if first != last else f"published:{first}"

        days = st.lists(one_of(self._days), min_size=2, max_size=2)
        compared = st.builds(
            lambda sign, day: f"published:{sign}{day}",
            st.sampled_from([">", ">=", "<", "<=", ""]),
            one_of(self._days),
        )
        return st.builds(made, days, st.sampled_from("["), st.sampled_from("]}")) | compared


def is_spaced(word: str) -> bool:
    """Whether a word is in a script with spaces between words: only those have wildcards."""
    return not re.search("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]", word)


def _combined(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joints = st.sampled_from(
        [" AND ", " OR ", " ", " AND NOT ", " OR NOT ", " && ", " || ", " -", " +", " NOT "]
    )

    def made(first: str, joint: str, second: str, bracketed: bool, boost: str) -> str:
        if joint == " +":
            return f"(+({first}) +({second}))"
        return f"({first}{joint}{second}){boost}" if bracketed else f"{first}{joint}{second}"

    return st.builds(made, part, joints, part, st.booleans(), st.sampled_from(["", "^2"]))
