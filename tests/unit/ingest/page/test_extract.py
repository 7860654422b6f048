from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ingest.page.extract import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_SUMMARY,
    MAX_TEXT,
    MAX_TITLE,
    extract,
    reset_caches,
)
from query.tokens import terms
from stream.errors import Reject
from stream.messages import Article, Entry, FurtherPage, Page, article_id

NOW = datetime(2016, 3, 15, 12, tzinfo=UTC)
URL = "https://news.example/world/2016/03/14/withdrawal.html"
SENTENCES = (
    "The president announced on Monday that most of the forces would leave the country within days.",
    "Diplomats in the city said that the talks had begun in a better mood than anybody had expected.",
    "A spokesman for the opposition welcomed the decision but asked for proof of it on the ground.",
    "The envoy is to meet both delegations again on Wednesday, and to report to the council after that.",
    "Aid convoys reached two of the besieged towns for the first time since the winter, officials said.",
)
JSON_LD = (
    '<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"x"},'
    '{"@type":["NewsArticle"],"headline":"Forces to leave","datePublished":"2016-03-14T18:05:00+03:00",'
    '"author":[{"@type":"Person","name":"Ann Writer"},{"name":"Bo Scribe"}],"publisher":{"name":"The News"},'
    '"image":{"url":"/pic.jpg"}}]}</script>'
)


def page(
    body: str | bytes,
    *,
    charset: str = "utf-8",
    url: str = URL,
    content_type: str = "text/html",
    **entry: object,
) -> Page:
    known = {"title": "Forces to leave", "guid": url, "url": url, "seen": NOW - timedelta(minutes=1), **entry}
    return Page(
        entry=Entry(feed="https://news.example/feed", source="News", key="news.example", **known),  # type: ignore[arg-type]
        url=url,
        content_type=content_type,
        charset=charset,
        body=body.encode() if isinstance(body, str) else body,
        fetched=NOW,
        key=article_id(url),
    )


def html(
    head: str = "", *, lines: tuple[str, ...] = SENTENCES, lang: str = "en", h1: str = "Forces to leave"
) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<!doctype html><html lang={lang}><head><title>Forces to leave | The News</title>{head}</head><body>"
        f"<nav><a href=/>Home</a></nav><article><h1>{h1}</h1>{paragraphs}</article></body></html>"
    )


def read(body: str | bytes, **known: object) -> Article:
    return extract(page(body, **known), NOW)  # type: ignore[arg-type]


def reason(body: str | bytes) -> Reject:
    with pytest.raises(Reject) as caught:
        read(body)
    assert URL in caught.value.reason
    return caught.value


def test_article_of_an_ordinary_page() -> None:
    article = read(html(JSON_LD + '<meta property="og:description" content="In short.">'))
    assert article.text == "\n".join(SENTENCES)
    assert article.title == "Forces to leave"
    assert article.author == "Ann Writer, Bo Scribe"
    assert article.site_name == "The News"
    assert article.summary == "In short."
    assert article.image == "https://news.example/pic.jpg"
    assert article.declared_language == "en"
    assert article.published == datetime(2016, 3, 14, 15, 5, tzinfo=UTC)
    assert (article.published_from, article.published_precision) == ("json-ld", "second")
    assert (article.title_from, article.author_from, article.content_status) == ("heading", "json-ld", "full")
    assert article.word_count == sum(len(line.split()) for line in SENTENCES)
    assert (article.url, article.id) == (URL, article_id(URL))
    assert (article.source, article.feed) == ("News", "https://news.example/feed")
    assert (article.seen, article.fetched, article.extracted) == (NOW - timedelta(minutes=1), NOW, NOW)


def test_an_endless_text_is_cut_between_words_and_says_so() -> None:
    said = "The envoy said on Friday that the talks would be resumed. " * 500
    paragraphs = "".join(f"<p>Day {day}. {said}</p>" for day in range(40))
    article = read(f"<html><body><article><h1>Talks</h1>{paragraphs}</article></body></html>")
    assert MAX_TEXT - 100 < len(article.text) <= MAX_TEXT
    assert article.cut_from > 1_100_000
    assert article.text.split()[-1] in said.split()
    assert article.word_count == len(terms(article.text))


def test_endless_titles_and_summaries_are_cut() -> None:
    article = read(html(f'<meta property="og:description" content="{"word " * 9_000}">', h1="long " * 900))
    assert len(article.title) <= MAX_TITLE
    assert len(article.summary) <= MAX_SUMMARY


def test_what_the_page_does_not_say_comes_from_the_feed() -> None:
    published = datetime(2016, 3, 14, 9, tzinfo=UTC)
    article = read(html(lang='""'), author="F. Eed", summary="Short.", published=published, language="en-GB")
    assert (article.author, article.summary, article.declared_language) == ("F. Eed", "Short.", "en")
    assert (article.published, article.published_from) == (published, "feed")


@pytest.mark.parametrize(
    ("head", "url", "published", "source"),
    [
        (
            '<meta property="article:published_time" content="2016-03-13T08:00:00Z">',
            URL,
            "2016-03-13T08:00",
            "meta",
        ),
        (JSON_LD.replace("2016-03-14T18", "2026-03-14T18"), URL, "2016-03-14T00:00", "url"),
        (JSON_LD.replace("2016-03-14T18", "1970-01-01T18"), "https://news.example/a-story", None, ""),
        ("", "https://news.example/a-story", None, ""),
        ("", URL, "2016-03-14T00:00", "url"),
    ],
)
def test_date_is_the_best_available(head: str, url: str, published: str | None, source: str) -> None:
    article = read(html(head), url=url)
    assert article.published == (datetime.fromisoformat(published).replace(tzinfo=UTC) if published else None)
    assert article.published_from == source


def test_visible_date_is_the_last_resort() -> None:
    body = html().replace("<article>", '<article><time datetime="2016-03-12">12 March 2016</time>')
    article = read(body, url="https://news.example/a-story")
    assert (article.published, article.published_from) == (datetime(2016, 3, 12, tzinfo=UTC), "page")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/world/withdrawal?utm_source=rss", "https://news.example/world/withdrawal"),
        ("https://www.news.example/w", "https://www.news.example/w"),
        ("https://elsewhere.example/w", URL),
        ("https://news.example/", URL),
        ("javascript:alert(1)", URL),
    ],
)
def test_canonical_url_is_trusted_only_on_its_own_site(link: str, expected: str) -> None:
    assert read(html(f'<link rel="canonical" href="{link}">')).url == expected


def test_furniture_goes_and_sentences_stay() -> None:
    lines = (
        "Share",
        SENTENCES[0],
        "Advertisement",
        *SENTENCES[1:],
        "Envoy: no other plan but a return to war",
    )
    assert read(html(lines=lines)).text == "\n".join(SENTENCES)


@pytest.mark.parametrize("declared", ["utf-8", "", "iso-8859-1", "no-such-charset"])
def test_windows_1252_is_read_whatever_is_declared(declared: str) -> None:
    lines = (
        "L’Élysée a déclaré que les négociations reprendraient à Genève dès lundi, après l’annonce du retrait.",
        *SENTENCES,
    )
    body = html('<meta charset="utf-8">', lines=lines, lang="fr").encode("cp1252")
    assert extract(page(body, charset=declared), NOW).text.startswith(lines[0])


@pytest.mark.parametrize("start", [b"%PDF-1.7 ", b"\x89PNG\r\n", b"PK\x03\x04", b"plain \x00 bytes"])
def test_other_bytes_than_html_are_refused(start: bytes) -> None:
    assert reason(start + b"x" * 2000).kind == "not-html"


@pytest.mark.parametrize("body", ["", "no element at all", '{"json": true}'])
def test_text_without_elements_is_refused(body: str) -> None:
    assert reason(body).kind == "not-html"


def test_page_without_text_is_refused() -> None:
    assert (
        reason("<html><head><title>x</title></head><body><nav><a href=/>Share</a></nav></body></html>").kind
        == "no-text"
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>" + " " * MAX_BYTES, "too-large"),
        ("<html><body>" + "<div>" * 900_000, "too-deep"),
        ("<html><body>" + "<p><a>" * 100_000, "too-deep"),
        ("<html><body>" + "<div>" * (MAX_DEPTH + 1) + SENTENCES[0], "too-deep"),
        ("<html><body>" + "<p><a>x</a></p>" * (MAX_ELEMENTS // 2 + 1), "too-complex"),
    ],
    ids=["large", "deep divs", "open links", "just too deep", "many elements"],
)
def test_hostile_page_is_refused_before_it_costs_much(body: str, kind: str) -> None:
    assert reason(body).kind == kind


@pytest.mark.parametrize(
    "script",
    [
        "[" * 100_000,
        "{",
        '{"@type": 3}',
        '[[{"@type":"NewsArticle","author":7,"image":[],"headline":{}}]]',
        '"x"',
    ],
)
def test_odd_json_ld_does_no_harm(script: str) -> None:
    article = read(html(f'<script type="application/ld+json">{script}</script>'))
    assert (article.title, article.author) == ("Forces to leave", "")


def test_same_page_gives_the_same_article_after_the_caches_are_reset() -> None:
    before = read(html(JSON_LD))
    reset_caches()
    assert read(html(JSON_LD)) == before


def test_nothing_is_logged_about_a_broken_page(caplog: pytest.LogCaptureFixture) -> None:
    reason("no element at all")
    assert not caplog.records


WRAPPED = SENTENCES[1].replace(" that ", "\n  that ")
PLAIN = f"Forces to leave\n\n{SENTENCES[0]}\n\n{WRAPPED}\n"


def test_a_plain_text_page_is_read_by_its_paragraphs() -> None:
    article = read(PLAIN, content_type="text/plain", author="Ann Writer", language="en-GB")
    assert article.text == "\n".join(SENTENCES[:2])
    assert (article.title, article.author, article.declared_language) == (
        "Forces to leave",
        "Ann Writer",
        "en",
    )
    assert (article.published, article.published_from) == (datetime(2016, 3, 14, tzinfo=UTC), "url")
    assert (article.url, article.id) == (URL, article_id(URL))


def test_markup_in_a_plain_text_page_is_text() -> None:
    assert "a <b>bold</b> x < y" in read("He wrote: a <b>bold</b> x < y.", content_type="text/plain").text


def test_a_plain_text_page_in_another_charset() -> None:
    assert read("Größe".encode("cp1252"), content_type="text/plain", charset="iso-8859-1").text == "Größe"


def test_html_that_is_served_as_plain_text_is_html() -> None:
    assert read(html(), content_type="text/plain").text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    ("body", "kind"), [("Forces to leave\n", "no-text"), (b"%PDF-1.7", "not-html"), (b"a\0b", "not-html")]
)
def test_a_plain_text_page_without_an_article_is_refused(body: str | bytes, kind: str) -> None:
    with pytest.raises(Reject) as caught:
        read(body, content_type="text/plain")
    assert caught.value.kind == kind


def test_boxes_inside_the_article_are_left_out() -> None:
    box = "<section class=subscribe><h2>The morning briefing</h2><p>Ten stories in your inbox at half past six.</p></section>"
    body = html().replace("</article>", f"{box}</article>")
    assert read(body).text == "\n".join(SENTENCES)


def test_an_article_whose_container_is_named_like_a_box_is_read() -> None:
    body = f"<html><body><h1>Forces to leave</h1><div class='subscription'><p>{SENTENCES[0]}</p></div></body></html>"
    assert read(body).text == SENTENCES[0]


def test_modified_date_and_its_source() -> None:
    head = (
        '<meta property="article:modified_time" content="2016-03-15T08:00:00Z">'
        '<meta property="article:section" content="World">'
    )
    article = read(html(head))
    assert (article.modified, article.modified_from) == (datetime(2016, 3, 15, 8, tzinfo=UTC), "meta")
    assert article.section == "World"
    nothing = read(html())
    assert (nothing.modified, nothing.modified_from, nothing.section) == (None, "", "")


def test_links_of_the_text_only() -> None:
    linked = SENTENCES[0].replace("forces", '<a href="/forces?utm_source=x">forces</a>')
    article = read(html(lines=(linked, *SENTENCES[1:])))
    assert article.text == "\n".join(SENTENCES)
    assert article.links == ("https://news.example/forces",)


def test_the_reason_for_an_unavailable_page_is_kept_with_the_article() -> None:
    why = "http-403: https://news.example/a denies access (HTTP 403 Forbidden)"
    article = extract(msgspec.structs.replace(page(html()), instead_of=why), NOW)
    assert article.instead_of == why
    assert read(html()).instead_of == ""


def test_title_and_author_of_the_feed_say_so() -> None:
    body = html(h1="").replace("<title>Forces to leave | The News</title>", "")
    article = read(body, author="F. Eed", backfill=True)
    assert (article.title, article.title_from) == ("Forces to leave", "feed")
    assert (article.author, article.author_from) == ("F. Eed", "feed")
    assert article.backfill


@pytest.mark.parametrize(
    "body",
    [
        "<p class='" + "x y " * 400_000 + f"'>{SENTENCES[0]}",
        f"<title>{' -' * 100_000}</title><p>{SENTENCES[0]}",
        f"<h1>Talks</h1><p>{' ' * 1_000_000}{SENTENCES[0]}",
        f"<h1>Talks{' ' * 1_000_000}</h1><p>{SENTENCES[0]}",
        f"<h1>Talks</h1><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}{'-' * 1_000_000} x</p>",
        f"<script type='application/ld+json'>{'[' * 100_000}</script><p>{SENTENCES[0]}",
    ],
    ids=["long attribute", "long title", "white space", "long headline", "dashes", "deep JSON"],
)
def test_long_stretches_of_nothing_do_no_harm(body: str) -> None:
    assert SENTENCES[0] in read(f"<html><body>{body}</body></html>").text


def test_a_date_that_contradicts_the_feeds_is_kept_beside_it() -> None:
    head = '<meta property="article:published_time" content="2012-05-01T08:00:00Z">'
    feed = datetime(2016, 3, 15, 11, tzinfo=UTC)
    article = read(html(head), published=feed)
    assert (article.published, article.published_from) == (datetime(2012, 5, 1, 8, tzinfo=UTC), "meta")
    assert (article.published_doubt, article.published_doubt_from, article.time) == (feed, "feed", feed)


def test_an_old_date_of_news_is_doubted_and_that_of_backfill_is_not() -> None:
    head = '<meta property="article:published_time" content="2012-05-01T08:00:00Z">'
    fresh, backfill = read(html(head)), read(html(head), backfill=True)
    assert (fresh.published_doubt, fresh.published_doubt_from, fresh.time) == (fresh.seen, "seen", fresh.seen)
    assert (backfill.published_doubt, backfill.time) == (None, datetime(2012, 5, 1, 8, tzinfo=UTC))


def sheets(*bodies: str) -> Page:
    further = tuple(
        FurtherPage(url=f"{URL}?page={number}", content_type="text/html", charset="utf-8", body=body.encode())
        for number, body in enumerate(bodies[1:], 2)
    )
    return msgspec.structs.replace(page(bodies[0]), further=further)


def next_link(number: int) -> str:
    return f'<link rel="next" href="?page={number}">'


def test_the_pages_of_an_article_are_one_text() -> None:
    first = html(next_link(2), lines=SENTENCES[:3])
    article = extract(sheets(first, html(lines=(SENTENCES[0], *SENTENCES[3:]))), NOW)
    assert article.text == "\n".join(SENTENCES)
    assert (article.content_status, article.url) == ("full", URL)


@pytest.mark.parametrize("bodies", [(next_link(2),), (next_link(2), next_link(3))])
def test_an_article_without_its_last_page_is_partial(bodies: tuple[str, ...]) -> None:
    assert extract(sheets(*map(html, bodies)), NOW).content_status == "part"
    other = '<link rel="next" href="/world/2016/03/15/the-next-article.html">'
    assert extract(sheets(html(other)), NOW).content_status == "full"


def test_an_unreadable_further_page_makes_the_article_partial() -> None:
    article = extract(sheets(html(next_link(2)), "%PDF-1.4"), NOW)
    assert (article.content_status, article.text) == ("part", "\n".join(SENTENCES))
