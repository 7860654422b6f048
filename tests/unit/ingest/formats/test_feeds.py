import io
import re
import tarfile
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import msgspec
import pytest
from endless import must_end
from hypothesis import given, settings
from hypothesis import strategies as st
from samples.places import DATA

from ingest.formats.feeds import parse_feed
from ingest.formats.items import MAX_GUID, MAX_ITEMS, MAX_SUMMARY, MAX_TITLE, Item, ParsedFeed
from stream.errors import Reject

URL = "https://feeds.example/news.xml"
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
  <title>Harbour &amp; Quay</title><link>https://harbour.example/</link><language>en-GB</language><ttl>30</ttl>
  <atom:link href="https://feeds.example/news.xml" rel="self" type="application/rss+xml"/>
  <item>
    <title>Ferry &amp;amp; tug &lt;b&gt;collide&lt;/b&gt;</title>
    <link>https://harbour.example/ferry?id=1</link>
    <guid isPermaLink="false">h-1</guid>
    <pubDate>Mon, 14 Mar 2016 09:30:00 +0100</pubDate>
    <dc:creator>Ann Lee</dc:creator><dc:creator>Bo Ek</dc:creator>
    <description><![CDATA[<p>Nobody was hurt.</p><p>The port&nbsp;closed.</p><script>alert(1)</script>]]></description>
    <content:encoded><![CDATA[<p>Nobody was hurt when &lt;two&gt; vessels met.</p>]]></content:encoded>
  </item>
  <item><title>Second</title><guid>https://harbour.example/second</guid></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://kurier.example/blog/">
  <title type="html">Der &lt;i&gt;Kurier&lt;/i&gt;</title>
  <link rel="self" href="https://feeds.example/atom"/><link href="https://kurier.example/"/>
  <author><name>Redaktion</name></author>
  <entry>
    <title>Gipfel in Genf</title><id>tag:kurier.example,2016:1</id>
    <link rel="enclosure" href="https://kurier.example/a.mp3"/><link rel="alternate" type="text/html" href="genf"/>
    <published>2016-03-14T10:00:00Z</published><updated>2016-03-15T10:00:00Z</updated>
    <summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Die <b>Parteien</b><p>reden.</p></div></summary>
    <content type="text">1 &lt; 2</content>
  </entry>
  <entry>
    <title>Nur geändert</title><id>tag:kurier.example,2016:2</id><link href="/zwei"/>
    <author><name>Eva Maier</name></author><updated>2016-03-13T10:00:00+02:00</updated>
  </entry>
</feed>"""

ATOM_03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Old</title>
<link rel="alternate" type="text/html" href="https://old.example/"/>
<entry><title>One</title><id>o1</id><link rel="alternate" type="text/html" href="https://old.example/1"/>
<issued>2004-05-06T07:08:09Z</issued>
<content type="text/html" mode="escaped">&lt;p&gt;Text&lt;/p&gt;</content></entry></feed>"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://rdf.example/"><title>RDF news</title><link>https://rdf.example/</link><dc:language>fr</dc:language></channel>
<item rdf:about="https://rdf.example/1"><title>Un</title><link>https://rdf.example/1</link>
<dc:date>2016-03-14T08:00:00+01:00</dc:date><description>Premier</description></item>
<item rdf:about="https://rdf.example/2"><title>Deux</title><link>https://rdf.example/2</link></item>
</rdf:RDF>"""

RSS_091 = """<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>Old RSS</title><link>http://old.example/</link>
<item><title>Caf&eacute;</title><link>http://old.example/1</link></item></channel></rss>"""

FEEDBURNER = """<link>https://proxy.example/1</link>
<o:origLink xmlns:o="http://rssnamespace.org/feedburner/ext/1.0">https://a.example/1</o:origLink>"""

JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "JSON & news",
    "home_page_url": "https://json.example/",
    "language": "en",
    "authors": [{"name": "The desk"}],
    "items": [
        {
            "id": 17,
            "url": "/a",
            "title": "a < b",
            "content_html": "<p>Hello <i>you</i></p>",
            "date_published": "2016-03-14T10:00:00-05:00",
            "authors": [{"name": "Ann"}, {"name": "Bo"}],
        },
        {
            "id": "2",
            "external_url": "https://other.example/x",
            "content_text": "1 < 2",
            "date_modified": "2016-03-13T00:00:00Z",
        },
    ],
}


def read(
    body: str | bytes, content_type: str = "application/xml", charset: str = "", url: str = URL
) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(data, content_type, charset, url, now=NOW)


def rss(items: str, head: str = "", *, declaration: str = '<?xml version="1.0"?>') -> str:
    return f"{declaration}<rss version='2.0'><channel><title>T</title>{head}{items}</channel></rss>"


def only(body: str | bytes, **options: str) -> Item:
    (item,) = read(body, **options).items
    return item


def outcome(body: bytes) -> str:
    """`read`, or the kind of the error."""
    try:
        read(body)
    except Reject as error:
        return error.kind
    return "read"


def titles(feed: ParsedFeed) -> list[str]:
    return [item.title for item in feed.items]


# Formats


def test_rss_2() -> None:
    feed = read(RSS)
    assert (feed.title, feed.language, feed.link, feed.ttl) == (
        "Harbour & Quay",
        "en-GB",
        "https://harbour.example/",
        1800,
    )
    assert (feed.read_by, feed.incomplete) == ("lxml", False)
    first, second = feed.items
    assert first == Item(
        guid="h-1",
        url="https://harbour.example/ferry?id=1",
        title="Ferry & tug collide",
        summary="Nobody was hurt. The port closed.",
        author="Ann Lee, Bo Ek",
        published=datetime(2016, 3, 14, 8, 30, tzinfo=UTC),
        content_html="<p>Nobody was hurt when &lt;two&gt; vessels met.</p>",
    )
    assert (second.guid, second.url, second.published) == ("https://harbour.example/second",) * 2 + (None,)


def test_atom_1() -> None:
    feed = read(ATOM)
    assert (feed.title, feed.language, feed.link) == ("Der Kurier", "de", "https://kurier.example/")
    first, second = feed.items
    assert first == Item(
        guid="tag:kurier.example,2016:1",
        url="https://kurier.example/blog/genf",
        title="Gipfel in Genf",
        summary="Die Parteien reden.",
        author="Redaktion",
        published=datetime(2016, 3, 14, 10, tzinfo=UTC),
        content_html="1 &lt; 2",
    )
    assert (second.url, second.author) == ("https://kurier.example/zwei", "Eva Maier")
    assert second.published == datetime(2016, 3, 13, 8, tzinfo=UTC)


def test_atom_03() -> None:
    item = only(ATOM_03)
    assert (item.guid, item.url, item.content_html) == ("o1", "https://old.example/1", "<p>Text</p>")
    assert item.published == datetime(2004, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_rss_1() -> None:
    feed = read(RDF)
    assert (feed.title, feed.language, feed.read_by) == ("RDF news", "fr", "lxml")
    assert [(item.guid, item.url, item.title) for item in feed.items] == [
        ("https://rdf.example/1", "https://rdf.example/1", "Un"),
        ("https://rdf.example/2", "https://rdf.example/2", "Deux"),
    ]
    assert feed.items[0].published == datetime(2016, 3, 14, 7, tzinfo=UTC)


def test_rss_091_with_a_document_type() -> None:
    feed = read(RSS_091)
    assert (titles(feed), feed.read_by) == (["Café"], "repaired")


def test_json_feed() -> None:
    feed = read(msgspec.json.encode(JSON), "application/feed+json")
    assert (feed.title, feed.language, feed.link, feed.read_by) == (
        "JSON & news",
        "en",
        "https://json.example/",
        "json",
    )
    first, second = feed.items
    assert first == Item(
        guid="17",
        url="https://json.example/a",
        title="a < b",
        summary="Hello you",
        author="Ann, Bo",
        published=datetime(2016, 3, 14, 15, tzinfo=UTC),
        content_html="<p>Hello <i>you</i></p>",
    )
    assert (second.url, second.author, second.summary) == ("https://other.example/x", "The desk", "1 < 2")
    assert second.content_html == "1 &lt; 2"


def test_invalid_json_items_make_the_feed_incomplete() -> None:
    feed = read(msgspec.json.encode({**JSON, "items": [*JSON["items"], 7]}))
    assert (len(feed.items), feed.incomplete) == (2, True)


def test_a_json_feed_without_version_is_known_by_its_addresses() -> None:
    feed = {"home_page_url": "https://a.example/", "items": [{"id": "1", "url": "/1"}]}
    assert only(msgspec.json.encode(feed)).url == "https://a.example/1"
    with pytest.raises(Reject, match="JSON of another kind"):
        read(msgspec.json.encode({"items": [{"id": "1", "url": "/1"}]}))


def test_capital_letters_are_read() -> None:
    feed = read(rss("<item><title>x</title><link>https://a.example/1</link></item>").upper())
    assert [item.url for item in feed.items] == ["https://a.example/1"]


def test_an_item_of_rss_1_without_a_link_is_at_its_rdf_address() -> None:
    rdf = 'xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    item = '<item rdf:about="https://a.example/1"><title>x</title></item>'
    assert only(f"<rdf:RDF {rdf}>{item}</rdf:RDF>").url == "https://a.example/1"


def test_utf_16_that_is_declared_but_not_sent() -> None:
    item = "<item><title>Żółw</title><link>https://a.example/1</link></item>"
    body = f'<?xml version="1.0" encoding="utf-16"?><rss version="2.0"><channel>{item}</channel></rss>'
    assert only(body).title == "Żółw"


def test_a_feed_without_items_is_a_feed() -> None:
    assert read(rss("")).items == ()
    assert read("<rss/>").items == ()
    assert read('<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>').items == ()


# Fields


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<link>https://a.example/1</link><guid>https://a.example/2</guid>", "https://a.example/1"),
        ("<link>https://a.example/?a=1&amp;b=2</link>", "https://a.example/?a=1&b=2"),
        ("<link>\n  https://a.example/1\n</link>", "https://a.example/1"),
        ("<link/><guid>https://a.example/2</guid>", "https://a.example/2"),
        ("<guid isPermaLink='false'>https://a.example/2</guid>", "https://a.example/2"),
        (
            "<link>https://a.example/1</link><guid isPermaLink='false'>https://a.example/2</guid>",
            "https://a.example/1",
        ),
        ("<link/>https://a.example/1", "https://a.example/1"),
        ("<guid>1234</guid>", ""),
        ("<link>news/1</link>", "https://site.example/de/news/1"),
        ("<link>//b.example/1</link>", "https://b.example/1"),
        ("<link>site.example/news/1</link>", "https://site.example/news/1"),
        ("<link>www.site.example/news/1</link>", "https://www.site.example/news/1"),
        ("<link>b.example/news/1</link>", "https://site.example/de/b.example/news/1"),
        ("<link>mailto:a@b.example</link>", ""),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>http://[</link>", ""),
        ("<link xmlns='http://www.w3.org/2005/Atom' href='https://a.example/3'/>", "https://a.example/3"),
        (FEEDBURNER, "https://a.example/1"),
    ],
)
def test_the_address_of_an_item(written: str, expected: str) -> None:
    item = only(rss(f"<item>{written}</item>", "<link>https://site.example/de/</link>"))
    assert item.url == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 14 Mar 2016 09:30:00 +0100", "2016-03-14T08:30:00"),
        ("Mon, 14 Mar 2016 09:30:00", "2016-03-14T09:30:00"),
        ("Mon, 14 Mar 2016 09:30:00 GMT", "2016-03-14T09:30:00"),
        ("Mon, 14 Mar 2016 09:30:00 EST", "2016-03-14T14:30:00"),
        ("Mon, 14 Mar 2016 09:30:00 CET", "2016-03-14T08:30:00"),
        ("Mon, 14 Mar 2016 09:30:00 MSK", "2016-03-14T06:30:00"),
        ("14 Mar 16 09:30 +0000", "2016-03-14T09:30:00"),
        ("2016-03-14", "2016-03-14T00:00:00"),
        ("2016-03-14T09:30:00+02:00", "2016-03-14T07:30:00"),
        ("2016-03-14 09:30:00", "2016-03-14T09:30:00"),
        ("Mon Mar 14 09:30:00 2016", "2016-03-14T09:30:00"),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("2026-03-16T11:59:00Z", "2026-03-16T11:59:00"),
        ("2026-03-16T12:01:00Z", None),
        ("yesterday", None),
        ("Mon, 32 Mar 2016 09:30:00 GMT", None),
        ("Mon, 14 Mar 2016 09:30:00 +999999", None),
        ("9" * 100_000, None),
        ("", None),
    ],
)
def test_dates(written: str, expected: str | None) -> None:
    published = only(rss(f"<item><title>x</title><pubDate>{written}</pubDate></item>")).published
    assert published == (datetime.fromisoformat(f"{expected}+00:00") if expected else None)


def test_a_bad_date_gives_way_to_a_good_one() -> None:
    item = only(
        rss(
            "<item xmlns:dc='http://purl.org/dc/elements/1.1/'><title>x</title>"
            "<pubDate>soon</pubDate><dc:date>2016-03-14</dc:date></item>"
        )
    )
    assert item.published == datetime(2016, 3, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<author>ann@a.example (Ann Lee)</author>", "Ann Lee"),
        ("<author>Ann Lee</author>", "Ann Lee"),
        ("<author>ann@a.example</author>", "ann@a.example"),
        (
            "<author></author><itunes:author xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>Bo</itunes:author>",
            "Bo",
        ),
        ("", ""),
    ],
)
def test_authors(written: str, expected: str) -> None:
    assert only(rss(f"<item><title>x</title>{written}</item>")).author == expected


def test_sizes_are_bounded_and_long_ids_stay_distinct() -> None:
    long = "word " * 20_000
    body = "".join(
        f"<item><title>{long}</title><description>{long}</description><guid isPermaLink='false'>{long}{n}</guid></item>"
        for n in (1, 2)
    )
    first, second = read(rss(body)).items
    assert len(first.title) <= MAX_TITLE
    assert len(first.summary) <= MAX_SUMMARY
    assert len(first.guid) <= MAX_GUID
    assert first.guid != second.guid


def test_media_group_gives_a_summary() -> None:
    item = only(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><entry><title>V</title><id>v</id>'
        "<media:group><media:title>no</media:title><media:description>About it</media:description></media:group></entry></feed>"
    )
    assert (item.title, item.summary) == ("V", "About it")


# Charsets


@pytest.mark.parametrize(
    ("codec", "declared", "charset"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8-sig", "utf-8", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("utf-16-be", "utf-16", ""),
        ("windows-1252", "iso-8859-1", ""),
        ("windows-1252", "utf-8", "windows-1252"),
        ("windows-1252", "us-ascii", ""),
        ("utf-8", "iso-8859-1", ""),
        ("utf-8", "utf-8", "iso-8859-1"),
        ("utf-8", "utf-8", "no-such-charset"),
    ],
)
def test_western_charsets(codec: str, declared: str, charset: str) -> None:
    text = rss(
        "<item><title>Café – “naïve”</title></item>",
        declaration=f'<?xml version="1.0" encoding="{declared}"?>',
    )
    assert only(text.encode(codec), charset=charset).title == "Café – “naïve”"


@pytest.mark.parametrize(
    ("codec", "title"),
    [
        ("windows-1251", "Мирные переговоры в Женеве"),
        ("shift_jis", "和平交渉"),
        ("gb18030", "和平谈判"),
        ("windows-1256", "محادثات السلام"),
    ],
)
def test_other_charsets_by_the_declaration(codec: str, title: str) -> None:
    text = rss(
        f"<item><title>{title}</title></item>", declaration=f'<?xml version="1.0" encoding="{codec}"?>'
    )
    feed = read(text.encode(codec))
    assert (titles(feed), feed.read_by) == ([title], "lxml")


# What real feeds get wrong


@pytest.mark.parametrize(
    "broken",
    [
        rss("<item><title>Salt & Pepper</title><link>https://a.example/?a=1&b=2</link></item>"),
        rss("<item><title>Salt &nbsp;&amp; Pepper</title><link>https://a.example/?a=1&amp;b=2</link></item>"),
        rss(
            "<item><title>Salt \x02&amp; Pepper&#0;&#x1F;</title><link>https://a.example/?a=1&amp;b=2</link></item>"
        ),
        rss(
            "<item><title>Salt &amp; Pepper</title><link>https://a.example/?a=1&amp;b=2</link><media:x>1</media:x></item>"
        ),
        "\n<br/>"
        + rss("<item><title>Salt &amp; Pepper</title><link>https://a.example/?a=1&amp;b=2</link></item>"),
        "<!-- <rss> -->"
        + rss("<item><title>Salt &amp; Pepper</title><link>https://a.example/?a=1&amp;b=2</link></item>"),
        rss("<item><title>Salt &amp; Pepper</title><link>https://a.example/?a=1&amp;b=2</link></item>")
        + "<!-- x --><div>junk</div>",
        rss("<item><title><![CDATA[Salt & Pepper]]></title><link>https://a.example/?a=1&b=2</link></item>"),
    ],
)
def test_common_faults_are_repaired(broken: str) -> None:
    feed = read(broken)
    assert feed.read_by == "repaired"
    assert [(item.title, item.url) for item in feed.items] == [
        ("Salt & Pepper", "https://a.example/?a=1&b=2")
    ]


def test_undeclared_prefixes_that_are_known_are_read() -> None:
    assert only(rss("<item><title>x</title><dc:creator>Ann</dc:creator></item>")).author == "Ann"


def test_cdata_is_left_alone_by_repairs() -> None:
    item = only(
        rss(
            "<item><title>a & b</title><description><![CDATA[<p>x &amp;lt; y &copy;</p>]]></description></item>"
        )
    )
    assert (item.title, item.summary) == ("a & b", "x &lt; y ©")


def test_what_cannot_be_repaired_goes_to_feedparser() -> None:
    feed = read(
        rss(
            "<item><title>One</title><b>x</item><item><title>Two</title><link>https://a.example/2</link></item>"
        )
    )
    assert (feed.read_by, titles(feed)) == ("feedparser", ["One", "Two"])
    assert feed.items[1].url == "https://a.example/2"


def test_items_that_no_reader_finds_are_not_lost_in_silence() -> None:
    with pytest.raises(Reject, match=r"none of its items \(2\)") as caught:
        read(
            "<rss x:version=2.0><x:channel><x:item><x:title>A</x:title></x:item><x:item></x:item></x:channel></rss>"
        )
    assert caught.value.kind == "feed-unreadable"


def test_a_feed_that_is_cut_off_gives_the_items_before_the_cut() -> None:
    whole = rss(
        "".join(f"<item><title>{n}</title><link>https://a.example/{n}</link></item>" for n in range(5))
    )
    feed = read(whole[: whole.index("<title>4")])
    assert (titles(feed), feed.incomplete, feed.read_by) == (list("0123"), True, "repaired")
    for other, expected in ((ATOM, 1), (RDF, 2)):  # RDF gives an item's address first
        feed = read(other[: other.rindex("<link")])
        assert (len(feed.items), feed.incomplete) == (expected, True)


# Things that are not feeds


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"", "feed-empty", "an empty body"),
        (b" \r\n\t", "feed-empty", "an empty body"),
        (b"\xef\xbb\xbf", "feed-empty", "an empty body"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "feed-is-html", "web page"),
        (b"<html><head><title>x</title></head></html>", "feed-is-html", "web page"),
        (
            b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
            "feed-is-html",
            "web page",
        ),
        (b"<!doctype html><title>no html tag</title>", "feed-is-html", "web page"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "feed-unreadable", "a PDF"),
        (b"\x7fELF" + bytes(range(256)).replace(b"<", b"\x00") * 12, "feed-unreadable", "a binary file"),
        (b'<?xml version="1.0"?><gpx><url/></gpx>', "feed-unreadable", "'gpx'"),
        (b'<opml version="2.0"><body/></opml>', "feed-unreadable", "'opml'"),
        (b'{"a": 1}', "feed-unreadable", "JSON of another kind"),
        (b"[1, 2]", "feed-unreadable", "JSON of another kind"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "feed-unreadable", "damaged JSON"),
        (b"[" * 100_000, "feed-unreadable", "nested too deeply"),
        (b"just some words", "feed-unreadable", "plain text"),
    ],
)
def test_anything_but_a_feed_is_refused_by_name(body: bytes, kind: str, says: str) -> None:
    with pytest.raises(Reject) as caught:
        parse_feed(body, "text/plain", "", "https://user:secret@feeds.example/x")
    assert caught.value.kind == kind
    assert "https://feeds.example/x" in caught.value.reason
    assert says in caught.value.reason


# Hostile feeds


def test_entities_of_the_document_are_never_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP-SECRET")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        "<rss><channel><item><title>&l11;&x;</title><link>https://a.example/</link></item></channel></rss>"
    )
    with must_end():
        item = only(body)
    assert "TOP-SECRET" not in str(item)
    assert len(item.title) < 100


@pytest.mark.parametrize(
    "body",
    [
        rss("<item>" + "<b>" * 100_000),
        rss("<item><title>" + "<" * 200_000 + "</title></item>"),
        rss("<item><title>" + "&" * 200_000 + "</title></item>"),
        rss("<item><description>" + escape("<b>" * 50_000) + "</description></item>"),
        rss("<item><description>" + escape("<!--" * 50_000) + "</description></item>"),
        "<!--" * 300_000,
        "<!-- -->" * 200_000,
        "<rss><!--" + "</item>" * 200_000,
        "<?xml " + " encoding" * 100_000 + "?><rss/>",
        rss("<item><title>x</title></item><![CDATA[" * 20_000),
    ],
)
def test_a_hostile_feed_stalls_nothing(body: str) -> None:
    with must_end():
        assert outcome(body.encode()) in ("read", "feed-unreadable")


def test_endless_items_are_bounded_and_reported() -> None:
    feed = read(rss("<item/>" * (MAX_ITEMS + 5)))
    assert (len(feed.items), feed.incomplete) == (MAX_ITEMS, True)


def test_a_body_that_names_a_file_is_not_opened() -> None:
    with pytest.raises(Reject):
        read("/etc/passwd")


# Properties

_UNCERTAIN = re.compile(r"(?:</link>|/>)<$")
_ITEM_ADDRESS = re.compile(r"<link>https://a.example/[0-9]+</link>|<link href=[^>]*/>")
_text = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=30
)


@settings(deadline=None)
@given(st.lists(_text, max_size=8), st.sampled_from(["rss", "atom", "rdf", "json"]))
def test_every_item_of_every_format_comes_back(names: list[str], form: str) -> None:
    feed = read(_written(names, form))
    assert len(feed.items) == len(names)
    assert [item.url for item in feed.items] == [f"https://a.example/{n}" for n in range(len(names))]
    if form == "json":  # titles are plain text there; elsewhere they may be markup
        assert titles(feed) == names


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1500), st.sampled_from(["rss", "atom", "rdf"]))
def test_a_cut_anywhere_gives_the_items_whose_address_is_before_it(cut: int, form: str) -> None:
    whole = _written([f"name {n}" for n in range(12)], form)
    # A last `<` may begin another element with the item's address.
    addresses = _ITEM_ADDRESS.findall(whole[:cut])[: -1 if _UNCERTAIN.search(whole[:cut]) else None]
    if not addresses:
        assert outcome(whole[:cut].encode()) in ("feed-empty", "feed-unreadable")
        return
    feed = read(whole[:cut])
    assert titles(feed) == [f"name {n}" for n in range(len(addresses))]
    assert feed.incomplete == (cut < len(whole))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([RSS, ATOM, RDF, RSS_091, ATOM_03]),
    st.integers(0, 2000),
    st.binary(max_size=8),
    st.integers(0, 20),
)
def test_damage_anywhere_gives_a_feed_or_a_reject(feed: str, place: int, junk: bytes, removed: int) -> None:
    body = feed.encode()
    damaged = body[:place] + junk + body[place + removed :]
    if outcome(damaged) in ("feed-empty", "feed-is-html", "feed-unreadable"):
        return
    found = read(damaged)
    msgspec.msgpack.encode(found)  # it can be encoded for other processes
    assert all(item.url == "" or item.url.startswith("http") for item in found.items)
    assert all(item.published is None or item.published <= NOW + timedelta(days=1) for item in found.items)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_feed_or_a_reject(body: bytes) -> None:
    with pytest.raises(Reject):
        parse_feed(body, "", "", URL, now=NOW)


def _written(names: list[str], form: str) -> str:
    rows = [(escape(name), f"https://a.example/{n}") for n, name in enumerate(names)]
    if form == "json":
        items = [
            {"id": str(n), "title": name, "url": f"https://a.example/{n}"} for n, name in enumerate(names)
        ]
        return msgspec.json.encode({**JSON, "items": items}).decode()
    if form == "atom":
        entries = "".join(f'<entry><title>{t}</title><link href="{u}"/></entry>' for t, u in rows)
        return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'
    items_text = "".join(f"<item><title>{t}</title><link>{u}</link></item>" for t, u in rows)
    if form == "rdf":
        return (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            f"<channel><title>x</title></channel>{items_text}</rdf:RDF>"
        )
    return rss(items_text)


# Real feeds

ARCHIVE = DATA / "feeds.tar.xz"


@pytest.mark.skipif(not ARCHIVE.exists(), reason="../shared/data/feeds.tar.xz is not there")
def test_real_feeds_are_read_whole() -> None:
    counts: dict[str, int] = {}
    items = 0
    with tarfile.open(fileobj=io.BytesIO(ARCHIVE.read_bytes())) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None:
                continue
            try:
                feed = parse_feed(file.read(), "", "", URL, now=NOW)
            except Reject as error:
                counts[error.kind] = counts.get(error.kind, 0) + 1
                continue
            counts[feed.read_by] = counts.get(feed.read_by, 0) + 1
            items += len(feed.items)
            assert not feed.incomplete
    # feedparser finds 6,555; it can't read the JSON Feed, which has 10, and finds no item in the one that is refused.
    assert items == 6565
    assert counts == {"lxml": 193, "repaired": 5, "json": 1, "feed-unreadable": 1}


def test_hours_and_days_that_are_skipped() -> None:
    about = """<skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>x</hour><hour>99</hour></skipHours>
        <skipDays><day>Sunday</day><day>monday</day><day>Someday</day></skipDays>"""
    body = f"<rss version='2.0'><channel><title>T</title>{about}<item><link>https://a.example/1</link></item></channel></rss>"
    feed = parse_feed(body.encode(), "", "", "https://a.example/")
    assert (feed.skip_hours, feed.skip_days) == ((0, 7), (0, 6))
