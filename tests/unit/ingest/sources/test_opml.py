from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples.places import ROOT

from ingest.sources.feed import Feed
from ingest.sources.opml import add, feeds_in, read_opml, remove, write_opml
from ingest.urls import host
from stream.errors import ConfigError

NAME = "feeds.opml"
A = Feed(url="https://a.example/rss", title="Alpha", language="en", folder="World")
B = Feed(url="https://b.example/rss?x=1&y=2", title="Beta & sons", folder="World")
C = Feed(url="https://c.example/rss", title="Γάμμα")


def opml(body: str, head: str = '<?xml version="1.0"?>') -> bytes:
    return f'{head}<opml version="1.0"><head><title>x</title></head><body>{body}</body></opml>'.encode()


def read(body: str) -> list[Feed]:
    return list(read_opml(opml(body), NAME).feeds)


def read_back(feeds: list[Feed]) -> list[Feed]:
    return list(feeds_in(write_opml(feeds), NAME).feeds)


def test_folders_become_paths() -> None:
    feeds = read(
        '<outline text="World"><outline text="Europe"><outline text="A" xmlUrl="https://a.example/" language="de"/></outline>'
        '<outline text="B" xmlUrl="https://b.example/"/></outline><outline text="C" xmlUrl="https://c.example/"/>'
    )
    assert feeds == [
        Feed(url="https://a.example/", title="A", language="de", folder="World/Europe"),
        Feed(url="https://b.example/", title="B", folder="World"),
        Feed(url="https://c.example/", title="C"),
    ]


@pytest.mark.parametrize(
    ("outline", "expected"),
    [
        (
            '<outline title="T" text="t" xmlUrl="https://a.example/"/>',
            Feed(url="https://a.example/", title="T"),
        ),
        ('<outline TEXT="T" xmlurl=" https://a.example/ "/>', Feed(url="https://a.example/", title="T")),
        (
            '<outline text="T" type="rss" url="https://a.example/"/>',
            Feed(url="https://a.example/", title="T"),
        ),
        ('<outline text="T" xmlUrl="feed://a.example/x"/>', Feed(url="http://a.example/x", title="T")),
        ('<outline text="T" xmlUrl="feed:https://a.example/x"/>', Feed(url="https://a.example/x", title="T")),
        (
            '<outline text="A & B" xmlUrl="https://a.example/?a=1&b=2"/>',
            Feed(url="https://a.example/?a=1&b=2", title="A & B"),
        ),
        (
            '<outline text="A &amp;amp; B" xmlUrl="https://a.example/"/>',
            Feed(url="https://a.example/", title="A & B"),
        ),
        (
            '<outline text="T" category="/News/World,/x" xmlUrl="https://a.example/"/>',
            Feed(
                url="https://a.example/",
                title="T",
                folder="News/World",
                others=(("category", "/News/World,/x"),),
            ),
        ),
        ('<outline xmlUrl="https://a.example/"/>', Feed(url="https://a.example/")),
        ('<OUTLINE text="T" xmlUrl="https://a.example/"/>', Feed(url="https://a.example/", title="T")),
    ],
)
def test_real_life_outlines(outline: str, expected: Feed) -> None:
    assert read(outline) == [expected]


def test_links_that_are_not_feeds_are_skipped() -> None:
    assert read(
        '<outline type="link" text="x" url="https://x.example/"/><outline text="A" xmlUrl="https://a.example/"/>'
    ) == [Feed(url="https://a.example/", title="A")]


def test_a_feed_twice_counts_once_with_all_that_is_known() -> None:
    feeds = read(
        '<outline xmlUrl="https://a.example/rss"/><outline text="Folder"><outline text="A" language="en" '
        'xmlUrl="https://A.example:443/rss#x"/></outline>'
    )
    assert feeds == [Feed(url="https://a.example/rss", title="A", language="en", folder="Folder")]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_charsets(codec: str) -> None:
    data = opml(
        '<outline text="Café" xmlUrl="https://a.example/"/>',
        f'<?xml version="1.0" encoding="{codec.replace("-sig", "")}"?>',
    )
    assert read_opml(data.decode().encode(codec), NAME).feeds[0].title == "Café"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "an empty file"),
        (b"\n", "an empty file"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"<html></html>", "a web page"),
        (b"<?xml version='1.0'?><rss version='2.0'/>", "'rss'"),
        (b"[feeds]\nurl = 1", "[feeds]"),
        (b"%PDF-1.7", "%PDF"),
        (opml(""), "without feeds"),
        (opml('<outline text="x"/>'), "without feeds"),
        (opml('<outline text="A" xmlUrl="https://a.example/"/>')[:-9], "damaged or cut off"),
        (opml('\n<outline text="x" xmlUrl="javascript:x"/>', "<!-- x -->\n\n"), "line 4, 'x': not an http"),
        (opml('<outline text="x" xmlUrl="nonsense"/>' * 9), "(and 4 more)"),
        (opml("<outline>" * 300 + "</outline>" * 300), "damaged"),
        (b"<opml>" + b" " * 20_000_001, "bytes"),
    ],
)
def test_anything_but_a_feed_list_is_refused_by_name(data: bytes, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_opml(data, NAME)
    assert str(caught.value).startswith(f"{NAME}: ")
    assert says in str(caught.value)


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP-SECRET")
    head = f'<!DOCTYPE opml [<!ENTITY a "{"b" * 1000}"><!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    listed = read_opml(opml('<outline text="&a;&x;" xmlUrl="https://a.example/"/>', head), NAME)
    assert list(listed.feeds) == [Feed(url="https://a.example/", title="&a;&x;")]


def test_what_is_written_is_read_back() -> None:
    assert read_back([A, B, C]) == [A, B, C]
    assert write_opml([A, B]).count(b'<outline text="World" title="World">') == 1


_words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co"), exclude_characters="<&/"),
    max_size=10,
)
_feeds = st.lists(
    st.builds(
        Feed,
        url=st.from_regex(
            r"https://[a-z]{1,8}\.example/[a-z0-9]{0,8}(\?[a-z]{1,3}=[0-9]&b)?", fullmatch=True
        ),
        title=_words.filter(bool),
        language=st.sampled_from(["", "en", "pt-BR"]),
        folder=_words,
    ),
    unique_by=lambda feed: host(feed.url),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(_feeds)
def test_any_list_is_read_back(feeds: list[Feed]) -> None:
    assert read_back(feeds) == feeds


def test_add_puts_a_feed_beside_those_of_its_folder() -> None:
    new = Feed(url="https://n.example/", folder="World")
    assert add([A, B, C], new) == [A, B, new, C]
    assert add([A], C) == [A, C]
    assert add([], A) == [A]


def test_add_refuses_what_is_there() -> None:
    with pytest.raises(ConfigError, match="'Alpha'"):
        add([A, B], Feed(url="https://A.example/rss#x"))


def test_remove() -> None:
    assert remove([A, B, C], "https://B.example/rss?x=1&y=2") == [A, C]
    assert remove([A, B, C], " alpha ") == [B, C]
    with pytest.raises(ConfigError, match="'delta'"):
        remove([A, B, C], "delta")
    twin = Feed(url="https://t.example/", title="alpha")
    with pytest.raises(ConfigError, match="2 feeds called") as caught:
        remove([A, twin], "Alpha")
    assert twin.url in str(caught.value)


def test_the_default_list() -> None:
    path = ROOT / "wirewatch" / "defaults" / "feeds.opml"
    feeds = read_opml(path.read_bytes(), path.name).feeds
    assert 40 <= len(feeds) <= 50
    assert len({feed.url for feed in feeds}) == path.read_text("utf-8").count("xmlUrl=")
    assert all(feed.title and feed.folder and len(feed.language) == 2 for feed in feeds)
    assert {"en", "fr", "de", "es", "ar", "ru", "pt"} <= {feed.language for feed in feeds}
    assert all(feed.url.startswith("https://") for feed in feeds)


OTHERS_LIST = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Exported by a reader -->
<opml version="1.1" xmlns:fz="urn:forumzilla:"><head><title>Subscriptions</title><ownerName>N</ownerName></head><body>
  <!-- the desk's own -->
  <outline title="World" text="World" isOpen="true">
    <outline title="Europe" text="Europe">
      <outline type="rss" text="Alpha" title="Alpha" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/"
        description="News &amp; views" category="/World/Europe,/Press" fz:options="{&quot;check&quot;:1}" updateInterval="60"/>
    </outline>
    <outline type="link" text="A page" url="https://a.example/about"/>
  </outline>
  <outline type="atom" text="Beta" xmlUrl="https://b.example/rss" category="/Tech"/>
</body></opml>"""


def test_other_readers_data_is_kept_when_the_list_is_written() -> None:
    alpha, beta = read_opml(OTHERS_LIST.encode(), NAME).feeds
    assert (alpha.title, alpha.folder, alpha.site) == ("Alpha", "World/Europe", "https://a.example/")
    assert dict(alpha.others) == {
        "description": "News & views",
        "category": "/World/Europe,/Press",
        "{urn:forumzilla:}options": '{"check":1}',
        "updateInterval": "60",
    }
    assert (beta.folder, dict(beta.others)) == ("Tech", {"category": "/Tech"})
    written = write_opml([alpha, beta])
    assert read_back([alpha, beta]) == [alpha, beta]
    for kept in (b'htmlUrl="https://a.example/"', b'description="News &amp; views"', b'updateInterval="60"'):
        assert kept in written


def test_other_readers_data_is_bounded() -> None:
    many = "".join(f'a{n}="x" ' for n in range(100))
    [feed] = read(f'<outline xmlUrl="https://a.example/" {many} long="{"x" * 3000}"/>')
    assert len(feed.others) == 30
    [feed] = read(f'<outline xmlUrl="https://a.example/" long="{"x" * 3000}"/>')
    assert feed.others == ()


def test_an_attribute_can_not_take_the_place_of_ours() -> None:
    feed = Feed(url="https://a.example/", title="A", others=(("xmlUrl", "https://evil.example/"),))
    assert [one.url for one in read_back([feed])] == ["https://a.example/"]


def test_a_list_may_be_empty_while_it_is_edited() -> None:
    assert read_back([]) == []
    with pytest.raises(ConfigError, match="without feeds"):
        read_opml(write_opml([]), NAME)


def test_folders_are_nested_when_they_are_written() -> None:
    places = [
        "World",
        "World/Europe",
        "World/Europe",
        "World",
        "",
        "World/Asia/East",
        "World/Asia",
        "a//b",
        "/",
    ]
    feeds = [
        Feed(url=f"https://{n}.example/", title=str(n), folder=folder) for n, folder in enumerate(places)
    ]
    written = write_opml(feeds)
    assert read_back(feeds) == feeds
    assert written.count(b'text="World"') == 2
    assert written.count(b'text="Europe"') == 1
    assert written.count(b'text="Asia"') == 1


FOLDERS = (
    '<outline text="News"><outline text="A" xmlUrl="https://a.example/"/><outline text="B" xmlUrl="https://b.example/"/></outline>'
    '<outline text="Syria"><outline text="A" xmlUrl="https://a.example/"/><outline text="C" xmlUrl="https://c.example/"/>'
    '<outline text="North"><outline text="A" xmlUrl="https://A.example/"/></outline></outline>'
)


def test_a_feed_in_several_folders_stays_in_all_of_them() -> None:
    first, *others = read(FOLDERS)
    assert (first.folder, first.more_folders) == ("News", ("Syria", "Syria/North"))
    assert [(one.title, one.folder, one.more_folders) for one in others] == [
        ("B", "News", ()),
        ("C", "Syria", ()),
    ]
    written = write_opml([first, *others])
    assert written.count(b'xmlUrl="https://a.example/"') == 3
    assert written.count(b'text="Syria"') == 1
    assert read_back([first, *others]) == [first, *others]
    assert remove([first, *others], "https://a.example/") == others


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["World", "World/Asia", "Press", "Sport"])),
        min_size=1,
        max_size=20,
    )
)
def test_whatever_the_folders_none_is_lost(placed: list[tuple[int, str]]) -> None:
    rows = [Feed(url=f"https://{n}.example/", title=str(n), folder=folder) for n, folder in placed]
    feeds = read_back(rows)
    assert {(one.url, folder) for one in feeds for folder in (one.folder, *one.more_folders)} == {
        (one.url, one.folder) for one in rows
    }
    again = {one.url: {one.folder, *one.more_folders} for one in read_back(feeds)}
    assert again == {one.url: {one.folder, *one.more_folders} for one in feeds}


FRESHRSS = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:frss="https://freshrss.org/opml"><head><title>FreshRSS</title></head><body>
<outline text="Desk">
<outline text="Alpha" type="rss" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/"/>
<outline text="Scraped" type="HTML+XPath" xmlUrl="https://s.example/news" frss:xPathItem="//article" frss:xPathTitle="h2"/>
<outline text="Dots" type="JSON+DotNotation" xmlUrl="https://d.example/api" frss:jsonItem="items"/>
<outline text="Broken" type="rss" xmlUrl="htp://b.example/rss"/>
<outline text="Empty" type="rss" xmlUrl=""/>
<outline text="Page" type="link" url="https://p.example/about"/>
<outline text="JSON" type="JSONFeed" xmlUrl="https://j.example/feed.json"/>
</outline></body></opml>"""


def test_rows_that_cannot_be_polled_are_named_and_block_no_others() -> None:
    listed = read_opml(FRESHRSS.encode(), NAME)
    assert [one.title for one in listed.feeds] == ["Alpha", "JSON"]
    said = [str(one) for one in listed.refused]
    for start, line in zip(
        (
            "line 5, 'Scraped': type 'HTML+XPath' is a page that FreshRSS scrapes, not a feed",
            "line 6, 'Dots': type 'JSON+DotNotation'",
            "line 7, 'Broken': not an http",
            "line 8, 'Empty': it has no feed address (xmlUrl), and no page",
            "line 9, 'Page': it has no feed address (xmlUrl), only the page https://p.example/about",
        ),
        said,
        strict=True,
    ):
        assert line.startswith(start)


def test_rows_that_can_not_be_polled_go_back_into_the_list_as_they_were() -> None:
    listed = read_opml(FRESHRSS.encode(), NAME)
    written = write_opml(listed.feeds, listed.refused)
    again = read_opml(written, NAME)
    assert again.feeds == listed.feeds
    assert [(one.title, one.folder, one.attributes) for one in again.refused] == [
        (one.title, one.folder, one.attributes) for one in listed.refused
    ]
    assert b'xPathItem="//article"' in written


def test_a_paused_feed_and_its_country_are_kept() -> None:
    feed = Feed(url="https://a.example/rss", title="A", country="SY", paused=True)
    written = write_opml([feed])
    assert b'isComment="true"' in written
    assert read_opml(written, "x").feeds == (feed,)
    text = '<opml><body><outline xmlUrl="https://a.example/rss" country="Syria" isComment="false"/></body></opml>'
    assert read_opml(text.encode(), "x").feeds == (Feed(url="https://a.example/rss"),)
