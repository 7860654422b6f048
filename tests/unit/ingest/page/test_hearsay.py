"""What another site's feed says about a page is hearsay: it does not change that page's article."""

from datetime import timedelta

import msgspec
import pytest
from unit.ingest.page.test_extract import NOW, SENTENCES, html, page

from ingest.page.extract import extract
from ingest.page.own_text import page_of_feed, page_of_item
from stream.errors import Reject
from stream.messages import Entry, Page, article_id

VICTIM = "https://victim.example/2016/story"
LIES = " ".join(["The minister has confessed to it all, and nobody will be surprised."] * 60)
EVIL = Entry(
    feed="https://evil.example/feed?api_key=s3cret",
    source="Evil Times",
    guid="lie-1",
    url=VICTIM,
    title="The minister has confessed",
    summary="He did.",
    author="Mallory",
    language="de",
    published=NOW - timedelta(days=400),
    content=f"<p>{LIES}</p>",
    seen=NOW,
    key="victim.example",
)


def served(body: str, url: str = VICTIM, entry: Entry = EVIL) -> Page:
    return msgspec.structs.replace(page(body, url=url), entry=entry)


def test_a_longer_text_of_another_sites_feed_does_not_replace_the_pages() -> None:
    article = extract(served(html()), NOW)
    assert (article.url, article.text) == (VICTIM, "\n".join(SENTENCES))
    assert (article.source, article.hearsay, article.instead_of) == ("victim.example", True, "")


def test_nor_do_its_title_date_author_or_language() -> None:
    bare = f"<html><body><article>{''.join(f'<p>{line}</p>' for line in SENTENCES)}</article></body></html>"
    article = extract(served(bare), NOW)
    assert (article.author, article.summary, article.declared_language) == ("", "", "")
    assert article.published is None
    assert "confessed" not in article.title


@pytest.mark.parametrize("site", ["https://victim.example/", "https://www.victim.example/en/"])
def test_a_feed_that_the_users_list_gives_to_the_site_speaks_for_it(site: str) -> None:
    article = extract(served(html(), entry=msgspec.structs.replace(EVIL, site=site)), NOW)
    assert (article.source, article.hearsay, article.text) == ("Evil Times", False, LIES)


def test_a_redirect_to_another_site_makes_it_hearsay() -> None:
    own = msgspec.structs.replace(EVIL, url="https://evil.example/go")
    article = extract(served(html(), entry=own), NOW)
    assert (article.url, article.text, article.hearsay) == (VICTIM, "\n".join(SENTENCES), True)


def test_the_text_for_a_dead_link_to_another_site_gets_an_address_in_the_feed() -> None:
    dead = page_of_feed(EVIL, Reject("http-404", f"{VICTIM} does not exist, or no longer exists"), NOW)
    article = extract(dead, NOW)
    assert article.url.startswith("https://evil.example/feed#item-")
    assert "s3cret" not in article.url
    assert article.id == article_id(article.url) != article_id(VICTIM)
    assert (article.quotes, article.source, article.text) == (VICTIM, "Evil Times", LIES)
    assert article.instead_of.startswith("http-404: ")


def test_a_page_of_another_site_without_text_is_quoted_too() -> None:
    script = "<html><body><noscript>Please enable JavaScript to continue.</noscript></body></html>"
    article = extract(served(script), NOW)
    assert article.url.startswith("https://evil.example/feed#item-")
    assert (article.quotes, article.text) == (VICTIM, LIES)


def test_two_items_of_a_feed_never_share_an_address() -> None:
    error = Reject("http-404", "gone")
    one, two = (page_of_feed(msgspec.structs.replace(EVIL, guid=guid), error, NOW).url for guid in ("1", "2"))
    assert one != two


def test_a_link_in_the_feeds_own_text_is_not_a_canonical_address() -> None:
    lying = (
        f'<link rel="canonical" href="https://evil.example/other"><meta property="og:url" content="{VICTIM}">'
    )
    own = msgspec.structs.replace(
        EVIL, url="https://evil.example/a", content=f"{lying}<p>{LIES}</p>", title="A headline"
    )
    article = extract(page_of_feed(own, Reject("http-404", "gone"), NOW), NOW)
    assert article.url == "https://evil.example/a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("<p>The bridge is closed.</p>", "The bridge is closed."), ("", "Closed from Monday on.")],
)
def test_an_item_that_lives_in_its_feed_is_an_article_however_short(text: str, expected: str) -> None:
    own = msgspec.structs.replace(
        EVIL,
        url="https://evil.example/notices",
        address="https://evil.example/notices#n7",
        title="Bridge closed",
        summary="Closed from Monday on.",
        content=text,
    )

    article = extract(page_of_item(own, NOW), NOW)
    assert (article.url, article.text, article.title) == (
        "https://evil.example/notices#n7",
        expected,
        "Bridge closed",
    )
    assert article.instead_of.startswith("no-page: ")
