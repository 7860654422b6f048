"""A made-up archive of any size: the same articles each time, spread over a year.

Words are drawn by Zipf's law from a made-up vocabulary, with the names of real places and subjects among them, so that posting
lists, facets and snippets are as long as those of news. A third of the articles are copies or further reports of a story.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count

import msgspec

from stream.messages import Article, Enriched, Entity, Span, TopicTag, article_id

START = datetime(2025, 3, 1, tzinfo=UTC)
PERIOD = timedelta(days=365)
OUTLETS = tuple(
    f"{kind} {place}"
    for place in ("Leeds", "Aden", "Lima", "Graz", "Oran", "Pune", "Bern", "Cork")
    for kind in ("The Courier of", "Radio", "Tribune of", "The Evening Post of", "Wire")
)
TOPICS = (
    "syria",
    "peace-talks",
    "sanctions",
    "floods",
    "elections",
    "energy",
    "cyber",
    "migration",
    "trade",
    "health",
)
LANGUAGES = ("en", "en", "en", "en", "de", "fr", "es", "ar")
SUBJECTS = (
    "syria",
    "peace talks",
    "sanctions",
    "ceasefire",
    "Geneva",
    "Damascus",
    "election",
    "flood",
    "pipeline",
    "minister",
    "parliament",
    "central bank",
    "earthquake",
    "border",
    "refugees",
    "tanker",
    "strike",
    "court",
    "vaccine",
    "summit",
)
QUERIES = (
    "syria",
    '"peace talks"',
    "topic:sanctions",
    "ceasefire AND Geneva",
    "sanction* AND NOT flood",
    "election OR parliament",
    'source:"Radio Leeds" AND minister',
    '"central bank" AND lang:en',
    "tanker pipeline",
    "title:earthquake",
    "Damascus refugees",
    "",
)
"""The queries of the archive's readers."""
_WORDS_OF_A_TEXT = 260
_PEOPLE, _ORGANISATIONS, _PLACES = 900, 300, 200


def articles(number: int, words: int = _WORDS_OF_A_TEXT) -> Iterator[Enriched]:
    """This many articles in order of time, of about `words` words each."""
    chance = random.Random(17)
    vocabulary = _vocabulary(chance)
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(vocabulary))))
    story = ""
    for at in range(number):
        said = chance.choices(vocabulary, cum_weights=weights, k=words + chance.randrange(words * 3 // 10))
        one = _article(chance, said, START + PERIOD * at / number, at)
        story = story if story and chance.random() < 1 / 3 else one.article.id
        yield _with_story(one, story)


def _vocabulary(chance: random.Random) -> Sequence[str]:
    made: dict[str, None] = {}
    for _ in count():
        made[
            "".join(
                chance.choice("bdfgklmnprstv") + chance.choice("aeiou") for _ in range(chance.randint(1, 5))
            )
        ] = None
        if len(made) == 30_000:
            return tuple(made)
    raise AssertionError


def _article(chance: random.Random, words: list[str], time: datetime, at: int) -> Enriched:
    for subject in chance.sample(SUBJECTS, 3):
        words[chance.randrange(len(words))] = subject
    headline = [chance.choice(SUBJECTS), *words[:6]]
    title = " ".join(headline).capitalize()
    lines = [" ".join(words[start : start + 40]).capitalize() + "." for start in range(0, len(words), 40)]
    outlet = OUTLETS[min(int(chance.expovariate(0.1)), len(OUTLETS) - 1)]
    url = f"https://{outlet.replace(' ', '').casefold()}.example/{time:%Y/%m/%d}/{at}"
    article = Article(
        id=article_id(url), url=url, feed=f"{url.rsplit('/', 4)[0]}/feed", source=outlet, title=title, text="\n".join(lines),
        author=f"{_name(chance, 400, 'Reporter')}", section=chance.choice(("World", "Business", "Politics", "Sport")),
        published=time, published_from="json-ld", published_precision="second", word_count=len(words), content_status="full",
        seen=time + timedelta(minutes=5), fetched=time + timedelta(minutes=6), extracted=time + timedelta(minutes=6),
    )  # fmt: skip
    return Enriched(
        article=article,
        language=chance.choice(LANGUAGES),
        topics=tuple(_topic(topic) for topic in chance.sample(TOPICS, chance.randrange(3))),
        entities=tuple(_entities(chance, len(article.text))),
        enriched=time + timedelta(minutes=7),
    )


def _name(chance: random.Random, many: int, kind: str) -> str:
    return f"{kind} {min(int(chance.expovariate(8 / many)), many - 1)}"


def _topic(topic: str) -> TopicTag:
    return TopicTag(
        topic=topic, name=topic.replace("-", " ").capitalize(), clause=topic, spans=(Span("title", 0, 5),)
    )


def _entities(chance: random.Random, length: int) -> Iterator[Entity]:
    kinds = (
        ("person", _PEOPLE, "Person"),
        ("organisation", _ORGANISATIONS, "Agency"),
        ("place", _PLACES, "Town"),
    )
    for type_, many, shown in kinds:
        for name in sorted({_name(chance, many, shown) for _ in range(chance.randrange(1, 5))}):
            start = chance.randrange(length - 10)
            yield Entity(name=name, type=type_, spans=(Span("text", start, start + 8),))


def _with_story(one: Enriched, story: str) -> Enriched:
    return msgspec.structs.replace(one, story=story, copy_of=one.article.id)
