import pytest

from ingest.sites import same_site, site_of


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://feeds.bbci.co.uk/news/rss.xml", "bbci.co.uk"),
        ("https://www.harbour.example/a", "harbour.example"),
        ("https://evil.wordpress.com/a", "evil.wordpress.com"),
        ("https://www.evil.wordpress.com/a", "evil.wordpress.com"),
        ("https://wordpress.com/a", "wordpress.com"),
        ("https://evil.github.io/a", "evil.github.io"),
        ("http://127.0.0.1:8799/a", "127.0.0.1"),
        ("http://[::1]/a", "[::1]"),
        ("http://localhost/a", "localhost"),
        ("https://xn--e1afmkfd.xn--p1ai/a", "xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_the_site_of_a_url(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://rss.courier.co.uk/a", "https://news.courier.co.uk/b", True),
        ("https://evil.co.uk/a", "https://courier.co.uk/b", False),
        ("https://evil.substack.com/a", "https://victim.substack.com/b", False),
        ("https://evil.substack.com/a", "https://substack.com/b", False),
        ("https://127.0.0.1/a", "https://127.0.0.2/b", False),
        ("https://10.0.0.1/a", "https://1.0.0.1/b", False),
    ],
)
def test_same_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same
