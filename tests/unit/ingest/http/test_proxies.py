"""Which proxy a request goes through."""

import pytest

from ingest.http.proxies import NO_PROXIES, Proxies, Proxy, choose_proxies, parse_proxy

CORP = Proxy("http", "proxy.example", 3128)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxy.example:3128", CORP),
        ("proxy.example:3128", CORP),
        (" HTTP://proxy.example:3128/ ", CORP),
        ("http://proxy.example", Proxy("http", "proxy.example", 80)),
        ("socks5://10.0.0.1", Proxy("socks5", "10.0.0.1", 1080)),
        ("socks5h://[::1]:9050", Proxy("socks5", "::1", 9050, resolves=True)),
        ("http://me%40corp:p%3Aw@proxy.example:3128", Proxy("http", "proxy.example", 3128, "me@corp", "p:w")),
    ],
)
def test_urls_of_proxies(url: str, expected: Proxy) -> None:
    assert parse_proxy(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://u:secret@p.example",
        "ftp://u:secret@p.example",
        "http://",
        "http://u:secret@p.example:x",
        "http://u:secret@p.example/path",
    ],
)
def test_an_invalid_proxy_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(ValueError, match="expected a URL like") as caught:
        parse_proxy(url)
    assert "secret" not in str(caught.value)


def test_a_proxy_never_shows_its_password() -> None:
    proxy = parse_proxy("http://me:secret@[::1]:3128")
    assert repr(proxy) == "Proxy(http://[::1]:3128)"
    assert "secret" not in f"{proxy} {proxy.name} {Proxies(proxy, proxy)}"


@pytest.mark.parametrize(
    ("exempt", "host", "port", "direct"),
    [
        ("*", "a.example", 80, True),
        ("a.example", "a.example", 80, True),
        ("a.example", "A.example.", 80, True),
        ("a.example", "www.a.example", 80, True),
        (".a.example", "www.a.example", 80, True),
        (".a.example", "a.example", 80, True),
        ("*.a.example", "www.a.example", 80, True),
        ("a.example", "nota.example", 80, False),
        ("a.example", "a.example.org", 80, False),
        ("a.example:8080", "a.example", 8080, True),
        ("a.example:8080", "a.example", 80, False),
        ("10.0.0.1", "10.0.0.1", 80, True),
        ("10.0.0.0/8", "10.9.8.7", 80, True),
        ("10.0.0.0/8", "11.9.8.7", 80, False),
        ("10.0.0.0/8", "10.example", 80, False),
        ("fd00::/8", "[fd00::1]", 80, True),
        ("[fd00::1]:80", "[fd00::1]", 80, True),
        ("::1", "[::1]", 80, True),
        ("10.0.0.0/8", "[::1]", 80, False),
    ],
)
def test_hosts_that_are_reached_directly(exempt: str, host: str, port: int, direct: bool) -> None:
    proxies = Proxies(CORP, CORP, (exempt,))
    assert (proxies.to("http", host, port) is None) is direct


def test_the_environment_is_read_as_other_tools_read_it() -> None:
    environment = {
        "HTTP_PROXY": "http://one.example:1",
        "https_proxy": "two.example:2",
        "HTTPS_PROXY": "http://three.example:3",
        "ALL_PROXY": "socks5://four.example:4",
        "NO_PROXY": "a.example, .b.example  10.0.0.0/8",
    }
    found = choose_proxies("", ["own.example"], environment, resolves=False)
    assert found.http == Proxy("http", "one.example", 1)
    assert found.https == Proxy("http", "two.example", 2)
    assert found.exempt == ("own.example", "a.example", ".b.example", "10.0.0.0/8")
    only_all = choose_proxies("", (), {"ALL_PROXY": "socks5://four.example:4"}, resolves=True)
    assert only_all.http == only_all.https == Proxy("socks5", "four.example", 4, resolves=True)
    assert choose_proxies("", (), {"HTTP_PROXY": ""}, resolves=False) == NO_PROXIES


def test_the_configuration_overrides_the_environment() -> None:
    environment = {"HTTP_PROXY": "http://one.example:1", "NO_PROXY": "a.example"}
    assert choose_proxies("none", (), environment, resolves=False) == NO_PROXIES
    expected = Proxies(CORP, CORP, ("a.example",))
    assert choose_proxies("http://proxy.example:3128", (), environment, resolves=False) == expected


def test_a_bad_variable_is_named_and_its_password_is_not() -> None:
    with pytest.raises(ValueError, match=r"^HTTPS_PROXY: expected a URL like") as caught:
        choose_proxies("", (), {"HTTPS_PROXY": "https://u:secret@p.example"}, resolves=False)
    assert "secret" not in str(caught.value)
