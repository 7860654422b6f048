"""The parts of a sitemap index, as one feed."""

from datetime import UTC, datetime

import pytest

from ingest.formats.feeds import parse_feed
from ingest.formats.items import ParsedFeed
from ingest.formats.sitemap_parts import ReadPart, parse_part, with_parts
from ingest.http.response import Response
from stream.errors import Reject, RetryLater

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
INDEX = ParsedFeed(
    title="",
    language="",
    link="",
    items=(),
    parts=("http://a.example/1", "http://a.example/2"),
    read_by="sitemap",
)


def sitemap(*urls: str) -> bytes:
    pages = "".join(
        f"<url><loc>{url}</loc><n:news><n:publication><n:name>A</n:name></n:publication>"
        f"<n:publication_date>2026-11-24T0{number}:00:00Z</n:publication_date></n:news></url>"
        for number, url in enumerate(urls)
    )
    return f'<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{pages}</urlset>'.encode()


async def parse(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
    return parse_feed(body, content_type, charset, url, now=NOW)


def reading(pages: dict[str, bytes | int | Exception]) -> ReadPart:
    async def read(url: str) -> ParsedFeed:
        found = pages[url]
        if isinstance(found, Exception):
            raise found
        response = Response(
            url=url,
            status=found if isinstance(found, int) else 200,
            headers={},
            content_type="application/xml",
            charset="",
            body=found if isinstance(found, bytes) else b"",
            permanent=False,
        )
        return await parse_part(response, parse)

    return read


async def test_the_items_of_all_parts_each_once_the_latest_first() -> None:
    read = reading(
        {
            "http://a.example/1": sitemap("http://a.example/a", "http://a.example/b"),
            "http://a.example/2": sitemap("http://a.example/b", "http://a.example/c", "http://a.example/d"),
        }
    )
    feed = await with_parts(INDEX, read)
    assert [item.url[-1] for item in feed.items] == ["d", "b", "c", "a"]
    assert (feed.title, feed.incomplete) == ("A", False)


@pytest.mark.parametrize("problem", [404, RetryLater("timeout", "x"), b"<html>"])
async def test_an_unavailable_part_makes_it_incomplete(problem: bytes | int | Exception) -> None:
    read = reading({"http://a.example/1": sitemap("http://a.example/a"), "http://a.example/2": problem})
    feed = await with_parts(INDEX, read)
    assert len(feed.items) == 1
    assert feed.incomplete


async def test_without_any_part_the_error_is_raised() -> None:
    with pytest.raises(Reject) as caught:
        await with_parts(INDEX, reading({"http://a.example/1": 404, "http://a.example/2": 410}))
    assert caught.value.kind == "http-410"


async def test_a_feed_without_parts_stays_as_it_is() -> None:
    feed = await parse(sitemap("http://a.example/a"), "", "", "http://a.example/1")
    assert await with_parts(feed, reading({})) is feed
