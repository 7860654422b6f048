"""Draws the Kibana dashboard: asks a real Elasticsearch what each panel would show of the demo world.

    python -m docs.pictures.dashboard http://127.0.0.1:9200

Writes docs/pictures/dashboard.svg, and fails if a panel would be empty. There is no Kibana: the searches are those that it
makes of the panels (bench/material/kibana_charts.py), and the drawing is ours. Texts, names, topics, stories and alerts are
what wirewatch makes of the demo world's articles. Made up are their times (the last eight days), how long each took, which
sources fell silent, and the quarantine. Everything is written under a prefix of its own and deleted.
"""

import argparse
import asyncio
import random
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from alerts.alerter import messages
from alerts.channels.elasticsearch import MAPPING as ALERTS
from alerts.channels.elasticsearch import document as in_index
from alerts.decision import Firing
from alerts.definitions import Definition, definition_of
from alerts.message import mention_of
from bench.material.kibana_charts import searches
from demo.world import bundled
from docs.pictures.panels import draw, is_empty
from enrich.enrich import Enricher
from enrich.names.gazetteer import default_gazetteer
from enrich.relate import Relater
from enrich.topics import load_topics
from index.elasticsearch.notes import Notes
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.settings import alias_of
from index.elasticsearch.store import ElasticsearchStore
from kibana.health import CHECKED, QUARANTINE, SOURCES
from kibana.names import Names, Topic
from kibana.objects import Objects, generate
from query.article import prepare_enriched
from query.match import matches
from stream.messages import Article, Enriched, article_id
from wirewatch.topics import STORIES

PICTURE = Path(__file__).with_name("dashboard.svg")
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
SPAN = timedelta(days=8)
TITLE = "News: what each panel of the Kibana dashboard shows of the demo world (drawn by wirewatch; times are made up)"
QUERIES = {"peace-talks": '"peace talks"', "aleppo": "aleppo", "moscow": "lavrov OR putin"}
"""Alerts, by name."""


def main() -> None:
    """Fill the indices, ask, draw, and delete them."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("elasticsearch", metavar="URL")
    address: str = options.parse_args().elasticsearch
    topics = load_topics(files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml")
    prefix = f"wwpicture-{uuid.uuid4().hex[:8]}"
    names = Names(articles=alias_of(prefix), prefix=prefix)
    objects = generate(names, tuple(Topic(id=one.id, name=one.name) for one in topics))
    with cleaned(address, prefix) as client:
        fill(Settings(hosts=(address,), prefix=prefix), names, list(asyncio.run(articles())))
        client.indices.refresh(index=f"{prefix}-*")
        empty = write_picture(client, objects)
    print(f"wrote {PICTURE}")
    if empty:
        sys.exit(f"empty panels: {', '.join(empty)}")


@contextmanager
def cleaned(address: str, prefix: str) -> Iterator[Elasticsearch]:
    """The server; what begins with the prefix is deleted at the end."""
    with Elasticsearch(address) as client:
        try:
            yield client
        finally:
            for index in client.indices.get(index=f"{prefix}-*"):
                client.indices.delete(index=index)
            for template in client.indices.get_index_template(name=f"{prefix}-*")["index_templates"]:
                client.indices.delete_index_template(name=template["name"])


def write_picture(client: Elasticsearch, objects: Objects) -> list[str]:
    """Draw what the server answers to each panel; returns the ids of the empty ones."""
    drawn, empty = [], []
    for panel in objects.dashboard["panels"]:
        asked = searches(objects, panel, NOW)
        if not asked:
            drawn.append((panel, None, {}))
            continue
        (search,) = asked
        answer = dict(client.search(index=search.index, body=search.body))
        drawn.append((panel, search, answer))
        if is_empty(search, answer):
            empty.append(panel["id"])
    PICTURE.write_text(draw(TITLE, drawn), "utf-8")
    return empty


async def articles() -> list[Enriched]:
    """The demo world's articles, tagged and related, first seen in this order over the last eight days."""
    topics = load_topics(files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml")
    enrich = Enricher(topics, default_gazetteer(), lambda: NOW)
    relate = Relater(timedelta(days=30), 10_000, list, STORIES, lambda: NOW)
    chance = random.Random(8)
    world = sorted(bundled().articles, key=lambda one: one.published)
    found = []
    for number, one in enumerate(world):
        seen = NOW - SPAN + number * (SPAN - timedelta(hours=1)) / len(world)
        published = seen - timedelta(minutes=chance.choice((2, 4, 7, 11, 19, 40, 300)))
        url = f"https://{one.outlet.host}/{one.slug}"
        article = Article(
            id=article_id(url),
            url=url,
            feed=f"https://{one.outlet.host}/feed",
            source=one.outlet.name,
            title=one.title,
            text="\n".join(block.text for block in one.blocks),
            declared_language=one.outlet.language,
            published=published,
            published_from="meta",
            seen=seen,
            fetched=seen,
            extracted=seen,
            backfill=number < len(world) // 10,
        )
        found.append((await relate(enrich(article)))[0])
    return found


def fill(settings: Settings, names: Names, found: Sequence[Enriched]) -> None:
    """Store articles, each some seconds after it was first seen, and the alerts that they fire; sources and failures."""
    chance, clock = random.Random(8), [NOW]
    with ElasticsearchStore.open(settings, now=lambda: clock[0]) as store:
        for one in found:
            clock[0] = one.article.seen + timedelta(seconds=chance.lognormvariate(1, 0.7))
            store.add(one)
            store.flush()
    with closing(Notes(settings, names.alerts, ALERTS)) as notes:
        for definition in (
            definition_of({"name": name, "query": query}, "") for name, query in QUERIES.items()
        ):
            for alert in fired(definition, found):
                notes.put(alert.key, in_index(alert))
    for index, mapping, documents in (
        (names.sources, SOURCES, sources()),
        (names.quarantine, QUARANTINE, failures()),
    ):
        with closing(Notes(settings, index, mapping)) as notes:
            checked = {str(number): {CHECKED: NOW.isoformat(), **one} for number, one in enumerate(documents)}
            notes.put_all(checked, CHECKED, NOW.isoformat())


def fired(definition: Definition, found: Sequence[Enriched]) -> Iterator[Any]:
    """One alert for each story that a query finds, when its first article was seen."""
    told: set[str] = set()
    assert definition.tree is not None
    for one in found:
        prepared = prepare_enriched(one)
        if one.article.backfill or one.story in told or not matches(definition.tree, prepared):
            continue
        told.add(one.story)
        mention = mention_of(one, definition.tree, prepared)
        firing = Firing(
            definition=definition,
            story=one.story,
            mentions=(mention,),
            more=0,
            reason="the first article of its story",
        )
        yield from messages(firing, None, one.article.seen + timedelta(seconds=5))


def sources() -> Iterator[dict[str, Any]]:
    """How the outlets of the demo world do: two are silent, one fails."""
    dark = {
        2: ("silent", 30, "nothing new for 1 day 6 hours; 14 items were expected (11 a day)"),
        5: ("silent", 9, "nothing new for 9 hours; 12 items were expected (32 a day)"),
        8: ("failing", 52, "answered without a feed (HTTP 503 Service Unavailable), 26 times in a row"),
    }
    for number, outlet in enumerate(bundled().outlets):
        status, hours, reason = dark.get(number, ("well", 0, ""))
        yield {
            "url": f"https://{outlet.host}/feed",
            "name": outlet.name,
            "folder": outlet.folder,
            "status": status,
            "since": (NOW - timedelta(hours=hours)).isoformat() if hours else None,
            "reason": reason,
            "last_item": (NOW - timedelta(hours=hours or 1)).isoformat(),
            "per_day": {2: 11.2, 5: 32.0}.get(number, 6.5),
        }


def failures() -> Iterator[dict[str, Any]]:
    """What is in the quarantine."""
    for shelf, stage, kind, messages_ in (
        ("quarantine", "fetch", "http-404", 7),
        ("quarantine", "extract", "no-article", 5),
        ("quarantine", "fetch", "not-html", 2),
        ("retries", "fetch", "http-503", 3),
    ):
        yield {"shelf": shelf, "stage": stage, "kind": kind, "messages": messages_, "example": ""}


if __name__ == "__main__":
    main()
