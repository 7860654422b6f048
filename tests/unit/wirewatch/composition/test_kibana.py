"""Links to Kibana, and where they appear."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from samples.alerts import NOW, alert, article, mention, source_mention
from servers.rison_reader import read_rison

from alerts.channels.elasticsearch import MAPPING
from alerts.channels.elasticsearch import document as in_index
from alerts.forms import HTML
from alerts.message import body
from alerts.results import alert_document
from index.elasticsearch.settings import Elasticsearch
from index.results import hit_document
from index.store import Document, Hit, Search
from kibana.links import Discover
from kibana.settings import Kibana
from query.parse import parse
from wirewatch.composition.kibana import archive_in_kibana, hit_in_kibana, linking, search_in_kibana
from wirewatch.config import Config

CONFIG = Config(
    elasticsearch=Elasticsearch(hosts=("http://search.example:9200",)),
    kibana=Kibana(url="https://kibana.example"),
)
ARCHIVE = Discover("https://kibana.example", "wirewatch-articles")


def states(address: str) -> dict[str, Any]:
    found = parse_qs(urlsplit(address).fragment.removeprefix("/?"), strict_parsing=True)
    return {name: read_rison(value) for name, (value,) in found.items()}


def asked(address: str) -> str:
    return str(states(address)["_a"]["query"]["query"])


def test_there_is_an_archive_in_kibana_where_both_are_configured() -> None:
    assert archive_in_kibana(CONFIG) == ARCHIVE
    assert archive_in_kibana(Config(kibana=CONFIG.kibana)) is None
    assert archive_in_kibana(Config(elasticsearch=CONFIG.elasticsearch)) is None


def test_an_alert_links_to_its_stories_and_to_what_its_query_finds() -> None:
    late = mention(2, story="s", published=NOW + timedelta(hours=1))
    linked = linking(CONFIG)(alert(mentions=(mention(1), late)))
    assert asked(linked.kibana) == '"peace talks"'
    assert states(linked.kibana)["_g"]["time"] == {"from": "2026-03-14T12:00:00.000Z", "to": "now+1d"}
    one, other = linked.mentions
    assert asked(one.kibana) == f'story : "{one.article}" or id : "{one.article}"'
    assert asked(other.kibana) == 'story : "s" or id : "s"'


def test_an_alert_about_sources_links_to_nothing() -> None:
    told = alert(query="", mentions=(source_mention(),))
    assert linking(CONFIG)(told) == told


def test_without_kibana_an_alert_stays_as_it_is() -> None:
    assert linking(Config())(alert()) == alert()
    assert "Kibana" not in body(alert())


def test_the_links_are_in_the_message_and_in_the_documents() -> None:
    linked = linking(CONFIG)(alert())
    text = body(linked)
    (of_article, of_query) = [line for line in text.splitlines() if "n Kibana: " in line]
    assert asked(of_article.partition(": ")[2]).startswith("story : ")
    assert asked(of_query.partition(": ")[2]) == '"peace talks"'
    assert body(linked, HTML).count('<a href="https://kibana.example/app/discover#') == 2
    document = alert_document(linked)
    assert (document.kibana, document.hits[0].article.kibana) == (linked.kibana, linked.mentions[0].kibana)
    assert set(in_index(linked)) <= set(MAPPING["properties"])


def test_an_address_that_is_too_long_to_be_followed_is_left_out() -> None:
    linked = linking(CONFIG)(alert(query=" OR ".join(f"word{number}" for number in range(300))))
    assert body(linked).count("Kibana") == 1


def test_an_alert_of_an_older_wirewatch_is_read() -> None:
    old = msgspec.to_builtins(alert())
    del old["kibana"], old["mentions"][0]["kibana"]
    assert msgspec.convert(old, type(alert())) == alert()


@pytest.mark.parametrize(
    ("search", "kql"),
    [
        (Search(), ""),
        (Search(query=parse("syria OR talks")), "syria or talks"),
        (Search(topics=("peace-talks",)), 'topic : "peace talks"'),
        (
            Search(query=parse("a OR b"), sources=('The "Herald"', "Radio"), languages=("en",)),
            '(a or b) and (terms.source : "the herald" or terms.source : radio) and lang : en',
        ),
    ],
)
def test_a_search_with_its_filters(search: Search, kql: str) -> None:
    assert asked(search_in_kibana(search, ARCHIVE)) == kql


def test_a_filter_without_a_word_has_no_link() -> None:
    assert search_in_kibana(Search(sources=("!?",)), ARCHIVE) == ""


def test_a_hit() -> None:
    found = hit_document(Hit(Document(article(), NOW), 0.0, ()), None)
    linked = hit_in_kibana(found, ARCHIVE)
    assert asked(str(linked.article.kibana)) == f'id : "{found.article.id}"'
    assert hit_in_kibana(found, None) == found
