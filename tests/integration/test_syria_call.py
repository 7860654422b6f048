"""A real news page, from its HTML to its tags. Its text is a third party's: it is read from beside the checkout."""

from datetime import UTC, datetime
from html import escape
from importlib.resources import files

import pytest
from samples.places import DATA

from enrich.enrich import Enricher
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import RULES, SHIPPED, recogniser
from enrich.topics import load_topics
from ingest.page.extract import extract
from stream.messages import Enriched, Entry, Page, Span, article_id

SAMPLE = DATA / "syria-call.txt"
NOW = datetime(2016, 3, 15, 12, tzinfo=UTC)
URL = "https://news.example/putin-obama-call"
TITLE = "Putin, Obama Hold Phone Call On Syria Crisis"
RELATED = "UN Syria envoy: Only Plan B to talks is 'return to war'"
FURNITURE = {"Share", "Advertisement", RELATED, TITLE}

if not SAMPLE.exists():
    pytest.skip("the sample page is not there", allow_module_level=True)

LINES = [line.strip() for line in SAMPLE.read_text("utf-8").splitlines() if line.strip()]
SENTENCES = [line for line in LINES if line not in FURNITURE]


def as_page() -> Page:
    """The lines as on a news page, with furniture around them."""
    marked = "".join(
        f"<h1>{escape(line)}</h1>" if line == TITLE else f"<p>{escape(line)}</p>" for line in LINES
    )
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE} - Example News</title></head><body>'
        f'<nav><a href="/">Home</a> <a href="/world">World</a></nav><main><article>{marked}</article></main>'
        "<footer><p>All rights reserved</p></footer></body></html>"
    )
    entry = Entry(
        feed="f", source="Example News", guid=URL, url=URL, title=TITLE, seen=NOW, key="news.example"
    )
    return Page(
        entry=entry,
        url=URL,
        content_type="text/html",
        charset="",
        body=body.encode(),
        fetched=NOW,
        key=article_id(URL),
    )


@pytest.fixture(scope="module", params=[SHIPPED, RULES])
def enriched(request: pytest.FixtureRequest) -> Enriched:
    topics = load_topics(files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml")
    return Enricher(topics, default_gazetteer(), lambda: NOW, recogniser(request.param))(
        extract(as_page(), NOW)
    )


def shown(enriched: Enriched, spans: tuple[Span, ...]) -> list[str]:
    fields = {"title": enriched.article.title, "text": enriched.article.text}
    return [fields[span.field][span.start : span.end] for span in spans]


def test_sample_is_the_expected_one() -> None:
    assert LINES[0] == "Share"
    assert LINES.count("Advertisement") == 2
    assert LINES[-1] == RELATED
    assert len(SENTENCES) == 16


def test_text_has_every_sentence_and_no_furniture(enriched: Enriched) -> None:
    assert enriched.article.title == TITLE
    assert enriched.article.text.split("\n") == [" ".join(line.split()) for line in SENTENCES]


@pytest.mark.parametrize(
    ("topic", "some"),
    [
        ("syria", {"Syria", "Syrian", "Assad regime"}),
        ("russia", {"Putin", "Russian", "Moscow", "Kremlin"}),
        ("peace-talks", {"peace talks", "truce", "peace process", "political settlement"}),
    ],
)
def test_topics_show_what_made_them_match(enriched: Enriched, topic: str, some: set[str]) -> None:
    found = {tag.topic: tag for tag in enriched.topics}[topic]
    assert some <= set(shown(enriched, found.spans))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "person",
            {
                "Vladimir Putin": "Vladimir Putin", "Barack Obama": "Obama", "Bashar al-Assad": "Bashar Assad",
                # The text has only his surname, so the person stays open.
                "Alloush": "Alloush", "Vitaly Churkin": "Vitaly Churkin", "Josh Earnest": "Josh Earnest",
                "Max Fisher": "Max Fisher",
            },
        ),
        ("place", {"Geneva": "Geneva", "Moscow": "Moscow", "Turkey": "Turkey",
         "Syria": "Syria", "Russia": "Russian Federation"}),
        (
            "organisation",
            {
                "NATO": "North Atlantic Treaty Organisation", "UN Security Council": "UN Security Council",
                "Kremlin": "Kremlin",
                "White House": "White House",
            },
        ),
    ],
)  # fmt: skip
def test_entities_are_found(enriched: Enriched, kind: str, names: dict[str, str]) -> None:
    spans = {
        entity.name: shown(enriched, entity.spans) for entity in enriched.entities if entity.type == kind
    }
    assert not {name: mention for name, mention in names.items() if mention not in spans.get(name, [])}


def test_no_other_people_and_no_demonyms(enriched: Enriched) -> None:
    assert sum(entity.type == "person" for entity in enriched.entities) == 7
    assert not {"Russian", "Syrian"} & {
        text for entity in enriched.entities for text in shown(enriched, entity.spans)
    }


def test_cruiser_is_not_a_place(enriched: Enriched) -> None:
    text = enriched.article.text
    ship = text.index("cruiser Moscow") + len("cruiser ")
    moscow = next(entity for entity in enriched.entities if entity.name == "Moscow")
    assert [span.start for span in moscow.spans] == [text.index("Moscow’s"), text.index("in Moscow.") + 3]
    assert ship not in {span.start for span in moscow.spans}


def test_everything_else_of_the_article(enriched: Enriched) -> None:
    assert enriched.language == "en"
    assert (enriched.article.published, enriched.article.published_from) == (None, "")
    assert enriched.article.url == URL
