import contextlib
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ingest.urls import (
    MAX_LENGTH,
    TRACKING_PARAMETERS,
    canonical,
    host,
    join,
    origin,
    shown,
    without_credentials,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("HTTP://Example.COM:80/a", "http://example.com/a"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        (" https://example.com/a\n", "https://example.com/a"),
        ("https://example.com/a#top", "https://example.com/a"),
        ("https://example.com/a/../b/./c", "https://example.com/b/c"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("https://example.com/?utm_source=rss&utm_medium=feed", "https://example.com/"),
        ("https://example.com/?b=2&utm_source=rss&a=1", "https://example.com/?b=2&a=1"),
        ("https://example.com/?FBCLID=x&id=7", "https://example.com/?id=7"),
        ("https://example.com/?utm%5Fsource=x", "https://example.com/"),
        ("https://example.com/?at_medium=RSS&at_campaign=KARANGA", "https://example.com/"),
        ("https://example.com/?a=1&&b", "https://example.com/?a=1&b"),
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com/?ref=home&source=7", "https://example.com/?ref=home&source=7"),
        ("https://example.com/?q=utm_source", "https://example.com/?q=utm_source"),
    ],
)
def test_one_spelling_for_each_url(written: str, expected: str) -> None:
    assert canonical(written) == expected


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "nonsense",
        "/a/b",
        "//example.com/",
        "http://",
        "ftp://example.com/",
        "javascript:alert(1)",
        "file:///x",
        "http://[::",
        "mailto:a@example.com",
        "data:text/html,x",
        "http://a\ud800.example/",
        "urn:uuid:1",
        "http://a b.example/",
        "http://a..b/",
        f"http://{'a' * 64}.example/",
    ],
)
def test_anything_but_a_web_address_is_refused_by_name(bad: str) -> None:
    for function in (canonical, host):
        with pytest.raises(ValueError, match="not a") as caught:
            function(bad)
        assert repr(shown(bad)) in str(caught.value)


def test_an_endless_url_is_refused() -> None:
    with pytest.raises(ValueError, match=f"more than {MAX_LENGTH}") as caught:
        canonical("https://example.com/" + "a" * MAX_LENGTH)
    assert len(str(caught.value)) < 300


def test_host() -> None:
    assert host("https://News.Example.COM:8080/a") == "news.example.com"
    assert host("http://user:pw@example.com@evil.example/") == "evil.example"
    assert host("http://[::1]:80/") == "[::1]"


@pytest.mark.parametrize(
    ("base", "link", "expected"),
    [
        ("https://example.com/a/b", "c", "https://example.com/a/c"),
        ("https://example.com/a/b", "/c?d#e", "https://example.com/c?d#e"),
        ("https://example.com/a", "//other.example/x", "https://other.example/x"),
        ("https://example.com/a", "http://other.example/x", "http://other.example/x"),
        ("https://example.com/a?b", "?c", "https://example.com/a?c"),
        ("https://example.com/a/b/c", "../x", "https://example.com/a/x"),
    ],
)
def test_join(base: str, link: str, expected: str) -> None:
    assert join(base, link) == expected


@pytest.mark.parametrize("link", ["mailto:a@b.example", "javascript:x", "http://[", "tag:x,2020:1", "\ud800"])
def test_join_refuses_anything_but_a_web_address(link: str) -> None:
    if link == "\ud800":
        with pytest.raises(ValueError, match="not a URL"):
            join("https://example.com/", link)
        return
    with pytest.raises(ValueError, match="not a") as caught:
        join("https://example.com/", link)
    assert shown(link) in str(caught.value)


SECRET = "s3cret"


@pytest.mark.parametrize(
    "url",
    [
        f"http://me:{SECRET}@example.org/a@b",
        f"http://{SECRET}@example.org",
        f"http:\\\\me:{SECRET}@example.org/",
        f"http:me:{SECRET}@example.org/",
        f"//me:{SECRET}@example.org/",
        f"http://me:a@{SECRET}@exa mple.org/",
        f" http://me:{SECRET}@example.org/",
        f"ht\ntp:/\t/me:{SECRET}@example.org/",
        f"me:{SECRET}@example.org/",
        f"{SECRET}:@example.org/",
        f"redis://me:{SECRET}@example.org/",
    ],
)
def test_credentials_are_not_shown(url: str) -> None:
    assert SECRET not in shown(url)
    assert "org" in shown(url)


@pytest.mark.parametrize("url", ["http://example.org/@user?mail=a@b#@", "http://example.org?mail=a@b"])
def test_an_at_sign_elsewhere_stays(url: str) -> None:
    assert without_credentials(url) == url


def test_messages_show_no_credentials_and_stay_short() -> None:
    assert shown("https://user:secret@example.com/a") == "https://example.com/a"
    assert shown("https://example.com/@user") == "https://example.com/@user"
    assert len(shown("https://example.com/" + "a" * 5000)) < 210
    with pytest.raises(ValueError, match="not an http") as caught:
        canonical("ftp://user:secret@example.com/")
    assert "secret" not in str(caught.value)


_names = st.one_of(st.sampled_from(sorted(TRACKING_PARAMETERS)), st.text(max_size=5))
_urls = st.builds(
    lambda scheme, name, path, query, fragment: (
        f"{scheme}://{name}.Example/{path}?{'&'.join(f'{k}={v}' for k, v in query)}#{fragment}"
    ),
    st.sampled_from(["http", "https", "HTTP"]),
    st.from_regex(r"[a-zA-Z0-9]{1,10}", fullmatch=True),
    st.text(max_size=20),
    st.lists(st.tuples(_names, st.text(max_size=5)), max_size=5),
    st.text(max_size=5),
)


@given(_urls)
@example("http://0.example/??#")
def test_canonical_is_idempotent_and_keeps_the_host(url: str) -> None:
    try:
        once = canonical(url)
    except ValueError:
        assume(False)
    assert canonical(once) == once
    assert host(once) == host(url)
    assert "#" not in once
    assert not any(f"{sep}{name}=" in once for name in ("fbclid", "utm_source") for sep in "?&")


@given(_urls, st.sampled_from(sorted(TRACKING_PARAMETERS)))
def test_a_tracking_parameter_changes_nothing(url: str, name: str) -> None:
    plain = url.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0]
    assert canonical(f"{plain}?{name}=1&x=2") == canonical(f"{plain}?x=2")


@given(st.text())
def test_any_text_is_a_url_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert canonical(text).startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://a.example/rss?token=s3cret&page=2", "https://a.example/rss?token=...&page=2"),
        ("https://a.example/rss?x=1&API_KEY=s3cret", "https://a.example/rss?x=1&API_KEY=..."),
        ("https://a.example/rss?X-Amz-Signature=s3cret#top", "https://a.example/rss?X-Amz-Signature=...#top"),
        ("https://a.example/rss?user_token=s3cret", "https://a.example/rss?user_token=..."),
        ("https://a.example/rss?keyword=oil&passage=2", "https://a.example/rss?keyword=oil&passage=2"),
        ("https://u:p@a.example/?password=s3cret", "https://a.example/?password=..."),
    ],
)
def test_secrets_in_parameters_are_not_shown(url: str, said: str) -> None:
    assert shown(url) == said


@pytest.mark.parametrize(
    ("url", "page"),
    [
        (
            "https://www.google.com/url?rct=j&sa=t&url=https%3A%2F%2Fa.example%2Fb%3Fc%3D1&ct=ga",
            "https://a.example/b?c=1",
        ),
        ("https://www.google.co.uk/url?q=https://a.example/b&sa=U", "https://a.example/b"),
        ("https://www.google.com/amp/s/a.example/b/amp", "https://a.example/b/amp"),
        ("https://www.google.de/amp/a.example/b", "http://a.example/b"),
        ("https://a-example.cdn.ampproject.org/c/s/a.example/b?x=1&utm_source=y", "https://a.example/b?x=1"),
        ("https://a-example.cdn.ampproject.org/v/s/a.example/b", "https://a.example/b"),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fb%3Ffbclid%3D1&h=x",
            "https://a.example/b",
        ),
        (
            "https://www.google.com/url?url=https%3A%2F%2Fa-example.cdn.ampproject.org%2Fc%2Fs%2Fa.example%2Fb",
            "https://a.example/b",
        ),
        (
            "https://www.google.com/url?url=javascript:alert(1)",
            "https://www.google.com/url?url=javascript:alert(1)",
        ),
        ("https://www.google.com/url?url=http://[", "https://www.google.com/url?url=http://["),
        ("https://www.google.com/url", "https://www.google.com/url"),
        ("https://a.example/url?url=https://b.example/", "https://a.example/url?url=https://b.example/"),
        (
            "https://notgoogle.com/url?url=https://b.example/",
            "https://notgoogle.com/url?url=https://b.example/",
        ),
        (
            "https://google.com.evil.example/url?q=https://b.example/",
            "https://google.com.evil.example/url?q=https://b.example/",
        ),
        ("https://feedproxy.google.com/~r/a/~3/x/", "https://feedproxy.google.com/~r/a/~3/x/"),
    ],
)
def test_the_page_behind_a_link_counter(url: str, page: str) -> None:
    assert canonical(url) == page


def test_a_page_in_link_counters_without_end() -> None:
    url = "https://a.example/b"
    for _ in range(5):
        url = f"https://www.google.com/url?q={quote(url, safe='')}"
    assert canonical(url).startswith("https://www.google.com/url?q=https")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://u:p@A.example:443/b?c", "https://a.example"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_origins(url: str, place: str) -> None:
    assert origin(url) == place
